"""Functions made of PyTorch's own op samples: stepped, each gives what it gives unstepped."""

import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
import torch

import tsviz
from tests.debugger.driving import bits, plain_run, started, stepped_through
from tests.models.seeding import seeded

pytestmark = pytest.mark.filterwarnings("ignore")

SHARES, EACH = 6, 60
UNSET = ("empty_like", "new_empty", "new_empty_strided", "empty_strided", "empty_permuted")
"""What they return was never written."""


@pytest.fixture(scope="module")
def compiled() -> list[tuple[str, Any, tuple[torch.Tensor, ...]]]:
    """(name, traced function, arguments) of many ops, the first small sample of each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("expecttest", reason="PyTorch's op samples need the package expecttest")
        from torch.testing._internal.common_methods_invocations import op_db

        return list(islice(seeded(lambda: list(functions(op_db)))(), SHARES * EACH))


def functions(ops: list[Any]) -> Iterator[tuple[str, Any, tuple[torch.Tensor, ...]]]:
    for op in ops:
        if torch.float32 not in op.dtypes or op.name in UNSET:
            continue
        try:
            sample = next(iter(op.sample_inputs("cpu", torch.float32)))
            function = torch.jit.trace(call_of(op, sample), sample.input, check_trace=False)
            strided = function(sample.input).layout is torch.strided
        except Exception:  # noqa: BLE001 (not every op has a sample, and not every one is traced)
            continue
        if strided and function.graph.findNode(f"aten::{op.name}") is not None:
            yield f"{op.name} {op.variant_test_name}".strip(), function, (sample.input,)


def call_of(op: Any, sample: Any) -> Callable[[torch.Tensor], Any]:
    return lambda x: op(x, *sample.args, **sample.kwargs)


@pytest.mark.parametrize("share", range(SHARES))
def test_ops(compiled: list[tuple[str, Any, tuple[torch.Tensor, ...]]], share: int):
    assert len(compiled) >= 300
    differing: list[str] = []
    for name, function, args in compiled[share * EACH : (share + 1) * EACH]:
        program = tsviz.capture(function, args)
        expected, error = plain_run(program)
        assert error is None, name
        with started(program) as session:
            stepped_through(session)
            if bits(session.result) != bits(expected):
                differing.append(name)
    assert differing == []
