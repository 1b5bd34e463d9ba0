"""Running models to see what they do, and leaving everything as it was.

Observations and judges run PyTorch in the learner's kernel: they must show the same each time, draw
no random number of the learner's, and say nothing of their own on stderr.
"""

import copy
import io
import logging
import random
import re
import warnings
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, redirect_stderr
from itertools import count
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import torch
from torch import Tensor, nn

from tsviz.course.content import Wrong
from tsviz.course.misconceptions import IN_PLACE
from tsviz.jit.compile_errors import first_words

# Much of this module has no types.
_jit = cast("Any", torch.jit)

CHECK_FAILED: type[Exception] = _jit.TracingCheckError
"""What `torch.jit.trace` raises where its own check finds a difference."""

_BLANK = re.compile(r"\braise NotImplementedError\b.*\n *~+ <--- HERE")
_SEED = 20
_number = count()
_SHOWN = 4


@contextmanager
def untouched() -> Generator[None]:
    """Seeded, silent, without gradients; random states and warning filters come back."""
    state = random.getstate()
    with (
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),  # pyright: ignore[reportUnknownMemberType]
        torch.no_grad(),
    ):
        warnings.simplefilter("ignore")
        torch.default_generator.manual_seed(_SEED)
        random.seed(_SEED)
        try:
            yield
        finally:
            random.setstate(state)


def copied(answer: Any) -> Any:
    """The answer, or a copy where running it could change it."""
    return copy.deepcopy(answer) if isinstance(answer, nn.Module) else answer


def traced(model: Any, *args: Any, **options: Any) -> tuple[Any, tuple[str, ...]]:
    """A trace of `model`, and the warnings that PyTorch gave with it."""
    with warnings.catch_warnings(record=True) as caught:
        # Under "error" or "once" of the surrounding code a warning would be lost here.
        warnings.simplefilter("always")
        made = _jit.trace(model, args, **options)
    found = (warning for warning in caught if issubclass(warning.category, _jit.TracerWarning))
    return made, tuple(str(warning.message) for warning in found)


def scripted(model: Any) -> Any:
    """What `torch.jit.script` makes of `model`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _jit.script(model)


def frozen(model: nn.Module) -> Any:
    """What `torch.jit.freeze` makes of a model in eval mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _jit.freeze(_jit.script(model))


def loaded(path: Path) -> Any:
    """What `torch.jit.load` makes of a file; that runs code of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _jit.load(path)


def exported(model: nn.Module, *args: Any, **options: Any) -> Any:
    """What `torch.export.export` makes of a model; what it says on stderr is not heard."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return cast("Any", torch).export.export(model, args, **options)
    finally:
        logging.disable(before)


def compiled(model: nn.Module, seen: list[object]) -> Any:
    """`torch.compile` up to the C++ compiler, which changes nothing of what is asked here.

    PyTorch keeps graphs with the code they were compiled from, gives up after a few, and remembers
    by the code's name which sizes have varied: so each model has code of its own, with a new name.

    Args:
        seen: takes each graph that is compiled.
    """

    def keep(graph: Any, _: object) -> object:
        seen.append(graph)
        return graph.forward

    forward = type(model).forward
    code = forward.__code__.replace(co_name=f"forward_{next(_number)}")
    own = FunctionType(code, forward.__globals__)
    kind = type(model).__name__
    model = copy.deepcopy(model)
    model.__class__ = type(kind, (type(model),), {"forward": own})
    return cast("Any", torch).compile(model, backend=keep)


def is_compiled(answer: Any) -> bool:
    """Whether an answer is TorchScript, not Python."""
    return isinstance(answer, torch.jit.ScriptModule | torch.jit.ScriptFunction)


def not_compiled(answer: Any) -> Wrong:
    """What is said of an answer that should be TorchScript."""
    kind = type(answer).__name__
    return Wrong(f"this is Python, of type `{kind}`; give what compiling it returned", IN_PLACE)


def refusal(run: Callable[[], object]) -> str:
    """Why PyTorch refuses to compile or run something, in its first line; "" if it does not."""
    try:
        run()
    # What TorchScript's `raise` raises is no RuntimeError.
    except (RuntimeError, torch.jit.Error) as error:
        if says_blank(error):
            raise
        return first_words(str(error))
    return ""


def fails(run: Callable[[], object]) -> bool:
    """Whether something is refused, also by the checks that stand before an exported program."""
    try:
        return bool(refusal(run))
    except (AssertionError, AttributeError):
        return True


def says_blank(error: Exception) -> bool:
    """Whether an error is the `NotImplementedError` of an answer that is not written yet.

    TorchScript raises a class of its own, and shows the line that raised.
    """
    return isinstance(error, NotImplementedError) or bool(_BLANK.search(str(error)))


def same(left: Any, right: Any) -> bool:
    """Whether two results are equal up to rounding, with one shape and dtype."""
    if not (isinstance(left, Tensor) and isinstance(right, Tensor)):
        return bool(type(left) is type(right) and left == right)
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return torch.allclose(left, right, atol=1e-6, equal_nan=True)


def first_difference(
    answer: Callable[..., Any], truth: Callable[..., Any], inputs: Iterable[Any]
) -> str:
    """The first input on which two functions part, in words; "" if they never do."""
    for value in inputs:
        got, expected = answer(value), truth(value)
        if not same(got, expected):
            return f"for {shown(value)} yours gives {shown(got)}, expected {shown(expected)}"
    return ""


def first_graph_difference(
    graph: Callable[..., Any], truth: Callable[..., Any], inputs: Iterable[Any]
) -> str:
    """As `first_difference`, for a compiled answer: that it fails is a difference, too."""
    for value in inputs:
        if why := refusal(lambda value=value: graph(value)):
            return f"for {shown(value)} yours fails: {why}"
        if seen := first_difference(graph, truth, [value]):
            return seen
    return ""


def shown(value: Any) -> str:
    """A value in a few characters: numbers of a small tensor, the shape of a large one."""
    if isinstance(value, tuple):
        return ", ".join(map(shown, cast("tuple[object, ...]", value)))
    if isinstance(value, dict):
        return f"a dict of {', '.join(map(repr, cast('dict[object, object]', value)))}"
    if not isinstance(value, Tensor):
        return f"`{value!r}`"
    if value.numel() > _SHOWN:
        begin = _numbers(value.flatten()[:2])
        return f"a tensor of shape {tuple(value.shape)} that begins with {begin}"
    return _numbers(value)


def _numbers(value: Tensor) -> str:
    plain = cast("Any", value.detach())
    rounded = plain.to(torch.float64).round(decimals=3) if value.is_floating_point() else plain
    return f"`{rounded.tolist()}`"
