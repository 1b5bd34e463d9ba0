"""Which decisions of Python a program keeps, judged by models whose lost line is known."""

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.models.faults import Fault
from tests.models.faults.known.branches import BRANCHES
from tests.models.faults.known.loops import LOOPS
from tsviz.comparison.control_flow import ControlFlow, find_control_flow
from tsviz.comparison.events import Decision
from tsviz.comparison.sites import Site
from tsviz.comparison.subject import Subject
from tsviz.frontends import Inputs

# Python that TorchScript does not compile, and a line in which nothing decides.
NOT_SCRIPTED = {
    *("cholesky-jitter", "end-token", "short-circuit-and", "short-circuit-or"),
    *("depth-by-length", "positives", "recursive-shrink", "sum-of-positive-rows"),
}
FAULTS = [fault for fault in (*BRANCHES, *LOOPS) if fault.name not in NOT_SCRIPTED]


def sites_that_ran(subject: Subject) -> tuple[Site, ...]:
    events = subject.watch(subject.example).order
    return tuple(dict.fromkeys(event.site for event in events if isinstance(event, Decision)))


def control_flow(model: nn.Module, inputs: tuple[object, ...], via: str) -> ControlFlow:
    sites = sites_that_ran(Subject(model, "forward", Inputs(inputs)))
    found = find_control_flow(tsviz.capture(model, inputs, via=via), sites)
    assert {*found.kept, *found.lost} == set(sites)
    assert found.total == len(sites)
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_known_line_is_kept_by_script_and_lost_by_trace(fault: Fault):
    model, inputs = fault.build(), fault.inputs()

    def lines(sites: tuple[Site, ...]) -> set[int]:
        return {site.place.line for site in sites if site.place.file == str(fault.file)}

    scripted = control_flow(model, inputs, "script")
    assert fault.line_number in lines(scripted.kept)
    traced = control_flow(model, inputs, "trace")
    assert fault.line_number in lines(traced.lost)
    assert traced.kept == ()


class Crowded(nn.Module):
    """Several decisions of one line, one of them fixed when the model is compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Identity()

    def forward(self, x: Tensor, ü: Tensor) -> Tensor:  # noqa: PLC2401 (two bytes, one column)
        x = x + 1 if hasattr(self, "first") else x
        return x * 2 if ü.sum() > 0 else (x * 3 if x.sum() > 0 else x)

    def twice(self, x: Tensor) -> Tensor:
        return self.forward(self.forward(x, x), x)


def test_decisions_of_one_line_are_told_apart():
    found = control_flow(Crowded(), (torch.ones(2), -torch.ones(2)), "script")
    assert [site.condition for site in found.kept] == ["ü.sum() > 0", "x.sum() > 0"]
    assert [site.condition for site in found.lost] == ["hasattr(self, 'first')"]


def test_what_is_inlined_twice_is_kept_once():
    model, x = Crowded(), torch.ones(2)
    sites = sites_that_ran(Subject(model, "twice", Inputs((x,))))
    program = tsviz.capture(model.twice, (x,), via="script")
    assert sum(node.op == "prim::If" for node in program.graph.iter_nodes()) == 4
    found = find_control_flow(program, sites)
    assert [site.condition for site in found.kept] == ["ü.sum() > 0"]


def test_hybrid_keeps_what_is_scripted_inside():
    class Around(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Crowded()

        def forward(self, x: Tensor) -> Tensor:
            x = x + 1 if x.sum() > -100 else x
            return self.inner(x, x)

    found = control_flow(Around(), (torch.ones(2),), "hybrid")
    assert [site.condition for site in found.kept] == ["ü.sum() > 0"]
    assert [site.condition for site in found.lost] == [
        "x.sum() > -100",
        "hasattr(self, 'first')",
    ]
