"""What a program may write into: what is copied for a run stands on it."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

import tsviz
from tsviz.jit.writing import Writes, find_writes

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

NOTHING, ALL = Writes(False, False, False), Writes(True, True, False)


class Reads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.Sequential(nn.Conv1d(2, 2, 1), nn.BatchNorm1d(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x).relu_().add_(1)


class ThroughAView(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            self.weight.view(-1)[1:].add_(1)
        return x + self.weight


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.held = [torch.ones(1)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.held[0].add_(1)
        return x + self.held[0]


class Counts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1
        return x + self.count


def inside(xs: list[torch.Tensor]) -> torch.Tensor:
    xs[0].add_(1)
    return xs[0]


def out(x: torch.Tensor) -> torch.Tensor:
    return torch.add(x, 1, out=x)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: torch.jit.script(Reads().eval()), NOTHING),
        (lambda: torch.jit.script(Reads().train()), ALL),
        (lambda: torch.jit.script(ThroughAView()), ALL),
        (lambda: torch.jit.script(Listed()), Writes(True, True, False)),
        (lambda: torch.jit.script(Counts()), Writes(True, False, False)),
        (lambda: torch.jit.script(inside), ALL),
        (lambda: torch.jit.trace(out, torch.ones(2)), Writes(False, True, False)),
    ],
)
def test_writes(build: Callable[[], object], expected: Writes):
    assert find_writes(build(), "forward") == expected


def test_a_tensor_of_the_graph():
    kept = torch.zeros(2)
    traced = torch.jit.trace(lambda x: kept.add_(x) * 1, torch.ones(2), check_trace=False)
    assert find_writes(traced, "forward") == Writes(False, False, True)


def test_hooks_may_write_into_anything():
    class Hooked(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + 1

    def hook(self, given: tuple[torch.Tensor]) -> tuple[torch.Tensor]:  # type: ignore[no-untyped-def]
        given[0].add_(1)
        return given

    model = Hooked()
    model.register_forward_pre_hook(hook)
    assert find_writes(torch.jit.script(model), "forward") == Writes()


def test_the_program_stays_as_it_is():
    program = tsviz.capture(Reads().eval(), (torch.ones(1, 2, 3),))
    before = str(program.get_native().inlined_graph)  # type: ignore[attr-defined]
    find_writes(program.get_native(), "forward")
    assert str(program.get_native().inlined_graph) == before  # type: ignore[attr-defined]
