"""Runs to a breakpoint: heard nowhere else, with the same values where they are held."""

import pytest
import torch
from torch import nn

from tests.debugger.driving import (
    Calls,
    Mismatches,
    Noisy,
    bits,
    finished,
    started,
)
from tests.debugger.test_back import frame
from tsviz.debugger import Status
from tsviz.debugger.run import Run
from tsviz.errors import DebugError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


class Loops(nn.Module):
    def forward(self, x: torch.Tensor, times: int) -> torch.Tensor:
        for _ in range(times):
            x = x + 1
        return x * 2


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What runs hear, one item a call of Python."""
    calls: list[str] = []
    for name in ("arrive", "see"):
        whole = getattr(Run, name)

        def call(self: Run, *args: object, whole=whole, name: str = name) -> object:  # type: ignore[no-untyped-def]
            calls.append(name)
            return whole(self, *args)

        monkeypatch.setattr(Run, name, call)
    return calls


def test_a_breakpoint_that_is_never_met_costs_its_own_tap(heard: list[str]):
    with started(Loops(), (torch.ones(2), 100)) as session:
        session.break_at("aten::mul", when="False")
        heard.clear()
        assert finished(session).tolist() == [202.0, 202.0]
        assert heard == ["arrive"]
        assert session.state.position == 202  # the loop, 100 heads, 100 bodies, the mul


def test_members_of_what_a_condition_names_are_looked_at(heard: list[str]):
    with started(Loops(), (torch.ones(2), 9)) as session:
        (looped,) = (node for node in session.program.graph.iter_nodes() if node.op == "prim::Loop")
        name = session.program.graph.values[looped.blocks[0].params[1]].name
        session.break_at("aten::add", when=f"%{name}.sum() > 10")
        heard.clear()
        session.continue_()
        session.wait()
        assert session.evaluate(f"%{name}.tolist()") == [6.0, 6.0]
        assert session.state.reason == "breakpoint 1"


def test_a_number_is_no_member():
    with started(Loops(), (torch.ones(2), 9)) as session:
        session.break_at("aten::add", when="%x.77.sum() > 10")
        session.continue_()
        assert "no value is called `%x.77.sum` here" in session.wait().reason


def test_a_condition_costs_the_values_it_names(heard: list[str]):
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.break_at("aten::mul", when="y.sum() > 1e9 or isnan(%shifted.1)")
        heard.clear()
        finished(session)
        assert heard.count("arrive") == 1
        assert 2 <= heard.count("see") <= 4


def test_a_loop_without_end_tells_of_itself_now_and_then(heard: list[str]):
    with started(Loops(), (torch.ones(2), 10_000)) as session:
        heard.clear()
        finished(session)
        assert heard == ["arrive"] * (2 * 10_000 // 4096)


def test_values_are_those_of_a_run_that_is_stepped():
    roads: list[object] = []
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        while session.state.is_held:
            if session.state.node.op == "aten::relu_":  # type: ignore[union-attr]
                roads.append(frame(session))
            session.step()
            session.wait()
        end = bits(session.result)
        session.goto(1)
        session.wait()
        session.break_at("aten::relu_")
        met: list[object] = []
        while session.state.is_held:
            session.continue_()
            if session.wait().is_held:
                met.append(frame(session))
        assert met == roads
        assert bits(session.result) == end
        assert session.breakpoints._all[1].hits == len(roads)
        assert session.state.notes == ()


def test_a_condition_on_what_comes_out_holds_after_its_node():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.break_at("aten::mul", when="out.numel() > 0")
        session.continue_()
        state = session.wait()
        assert (state.after, state.reason) == (True, "breakpoint 1")
        assert session.evaluate("out").equal(session.evaluate("y") * 2)  # type: ignore[union-attr]


def test_what_fails_is_seen_with_all_its_values():
    with started(Mismatches(), (torch.ones(2, 3),)) as session:
        session.continue_()
        state = session.wait()
        assert state.status is Status.FAILED
        assert all(not view.note for view in session.values())
        assert len(session.values()) >= 2


def test_what_prints_prints_once(capfd: pytest.CaptureFixture[str]):
    class Prints(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            print("here")  # noqa: T201
            return x * 2

    with started(Prints(), (torch.ones(2),)) as session:
        session.break_at("aten::mul")
        session.continue_()
        assert session.wait().is_held
        finished(session)
    assert capfd.readouterr().out == "here\n"


def test_after_the_end_values_that_nobody_asked_for_are_gone():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        finished(session)
        with pytest.raises(DebugError) as caught:
            session.evaluate("%shifted.1")
        assert str(caught.value) == (
            "error[TSV-D05]: %shifted.1 was not kept while the program ran on\n"
            "  help: `back()` runs it again, and keeps what it computes"
        )
        session.back()
        session.wait()
        assert session.evaluate("%shifted.1").tolist() == [[2.0] * 3]  # type: ignore[union-attr]


def test_what_must_not_run_twice_keeps_its_values():
    class Doubles(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    traced = torch.jit.trace(lambda x: Doubles.apply(x) + 1, torch.ones(2), check_trace=False)
    with started(traced, (torch.ones(2),)) as session:
        session.break_at("aten::add")
        session.continue_()
        assert session.wait().reason == "breakpoint 1"
        assert session.evaluate("inputs[0]").tolist() == [2.0, 2.0]  # type: ignore[union-attr]


# ── copies ──────────────────────────────────────────────────────────────────────────────────────


def test_weights_are_copied_once_a_session(monkeypatch: pytest.MonkeyPatch):
    model = torch.jit.script(Calls().eval())
    with started(model, (torch.ones(1, 3),)) as session:
        kept = session._start.native
        for _ in range(2):
            session.restart()
            session.wait()
            assert session._run.native is kept
            assert kept is not model
    with started(Noisy(), (torch.ones(2, 4),)) as session:
        assert session._run.native is not session._start.native


def test_who_writes_into_a_result_writes_into_no_later_run():
    @torch.jit.script
    def returns(x: torch.Tensor):
        return x, x[1:]

    x = torch.zeros(2)
    with started(returns, (x,)) as session:
        for part in finished(session):
            part.add_(1)
        session.restart()
        session.wait()
        assert [part.tolist() for part in finished(session)] == [[0.0, 0.0], [0.0]]
    assert x.tolist() == [0.0, 0.0]


def test_an_expression_that_writes_into_weights_does_so_for_one_run():
    model = Calls().eval()
    with started(model, (torch.ones(1, 3),)) as session:
        expected = finished(session).clone()
        session.goto(1)
        session.wait()
        session.evaluate("self.head.bias.add_(1)")
        session.restart()
        session.wait()
        assert finished(session).equal(expected)


def test_gradients_of_a_result_reach_no_weight_of_the_user():
    model = nn.Linear(2, 1)
    with started(torch.jit.script(model), (torch.ones(1, 2),)) as session:
        finished(session).sum().backward()
    assert model.weight.grad is None
