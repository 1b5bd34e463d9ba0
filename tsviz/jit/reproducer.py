"""Scripts that show on their own, with PyTorch alone, that two graphs compute something else."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import torch

from tsviz.jit.internals import internals, jit
from tsviz.jit.random_numbers import kept_random_state, seed

_SCRIPT = '''\
"""{title}

Prints how far the results of two graphs are from each other, and exits with 1 if they differ.
Needs PyTorch only (written with {version}) and `{inputs}` beside this file.
"""

import sys
from copy import deepcopy
from pathlib import Path

import torch

BEFORE = {before}

AFTER = {after}


def run(text, inputs):
    graph = torch._C.parse_ir(text, parse_tensor_constants=True)
    function = torch._C._create_function_from_graph("piece", graph)
    torch.manual_seed({seed})
    with torch.no_grad(), torch.jit.optimized_execution(False):
        return function(*deepcopy(inputs))


inputs = torch.load(Path(__file__).with_name({inputs!r}), weights_only=True)
before, after = run(BEFORE, inputs), run(AFTER, inputs)
try:
    torch.testing.assert_close(after, before, rtol={rtol!r}, atol={atol!r}, equal_nan=True)
except AssertionError as difference:
    print(difference)
    sys.exit(1)
print("no difference")
'''


def run_text(text: str, inputs: Sequence[object], number: int) -> object:
    """Runs a graph as the script does.

    Raises:
        Exception: PyTorch cannot read the text, or running it fails.
    """
    graph = internals.parse_ir(text, True)
    function = internals._create_function_from_graph("piece", graph)
    with kept_random_state([]), torch.no_grad(), jit.optimized_execution(False):
        seed(number)
        return function(*deepcopy(inputs))


def write_script(
    path: Path,
    title: str,
    texts: Sequence[str],
    inputs: Sequence[object],
    number: int,
    tolerance: tuple[float, float],
) -> Path:
    """Writes the script, and its inputs beside it.

    Args:
        title: one line on what it shows.
        texts: the graph before and after.
        number: the random seed.
        tolerance: relative and absolute.

    Returns:
        The path of the inputs.
    """
    beside = path.with_suffix(".inputs.pt")
    torch.save(list(inputs), beside)
    before, after = map(_quote, texts)
    script = _SCRIPT.format(
        title=title.replace("\\", "/").replace('"""', "'''"),
        version=torch.__version__,
        inputs=beside.name,
        before=before,
        after=after,
        seed=number,
        rtol=tolerance[0],
        atol=tolerance[1],
    )
    path.write_text(script, encoding="utf-8")
    return beside


def _quote(text: str) -> str:
    is_plain = '"""' not in text and not text.endswith(('"', "\\"))
    return f'r"""{text.strip()}\n"""' if is_plain else repr(text)
