"""Held where a run first differs from one of another variant."""

import pytest
import torch
from torch import nn

import tsviz
from tests.debugger.driving import Calls, Noisy, bits, finished, started, stepped_through
from tsviz.errors import DebugError, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

X = torch.tensor([1.0, 2.0])


class Forked(nn.Module):
    """Does something else once it is compiled."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        z = y * (3 if torch.jit.is_scripting() else 2)
        return z - 1


@pytest.mark.parametrize("name", ["eager", "trace"])
def test_after_the_first_value_that_differs(name: str):
    with started(Forked(), (X,)) as session:
        session.stop_where_differs(name)
        state = session.wait()
        assert state.node.op == "aten::mul"  # type: ignore[union-attr]
        assert (state.is_held, state.after) == (True, True)
        assert state.reason == f"first difference from {name}, relative 0.333"
        assert session.evaluate("out").tolist() == [6.0, 9.0]  # type: ignore[union-attr]
        assert session.evaluate("y").tolist() == [2.0, 3.0]  # type: ignore[union-attr]
        assert finished(session).tolist() == [5.0, 8.0]


@pytest.mark.parametrize("name", ["eager", "script", "freeze", "plan"])
def test_where_nothing_differs_it_stays(name: str):
    with started(Calls().eval(), (torch.ones(1, 3),)) as session:
        session.step()
        session.wait()
        session.stop_where_differs(name)
        state = session.wait()
        assert (state.position, state.is_held) == (2, True)
        (note,) = state.notes
        assert note.message.startswith(f"nothing differs from {name}: ")
        assert "values equal bit for bit" in note.message


def test_the_same_random_numbers():
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        torch.rand(3)  # the user goes on
        session.stop_where_differs("script")
        assert [note.code for note in session.wait().notes] == ["TSV-D39"]


def test_another_session_and_a_record():
    model = torch.jit.script(Calls().eval())
    with (
        started(model, (torch.ones(1, 3),)) as one,
        started(model, (torch.zeros(1, 3),)) as other,
    ):
        for given in (other, other.record()):
            one.stop_where_differs(given)
            state = one.wait()
            assert state.node.op == "aten::add"  # type: ignore[union-attr]
            assert state.after
            assert other.state.position == 1


def test_the_program_goes_on_as_before():
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        stepped_through(session)
        expected = bits(session.result)
        session.stop_where_differs("plan")
        session.wait()
        assert bits(finished(session)) == expected


def test_unknown_variants():
    with started(Calls(), (torch.ones(1, 3),)) as session, pytest.raises(UsageError) as caught:
        session.stop_where_differs("onnx")
    assert str(caught.value) == (
        "error[TSV-D23]: expected a variant among eager, trace, script, freeze, optimize, plan, "
        "got 'onnx'"
    )


def test_a_program_that_came_compiled():
    compiled = torch.jit.script(Calls())
    with started(compiled, (torch.ones(1, 3),)) as session, pytest.raises(UsageError) as caught:
        session.stop_where_differs("eager")
    assert str(caught.value) == (
        "error[TSV-D24]: expected a program with its model to make 'eager' from, it came compiled\n"
        "  help: give `stop_where_differs` another session or record, or 'plan'"
    )


def test_a_node_that_must_not_run_twice():
    class Doubles(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    traced = torch.jit.trace(Doubles.apply, torch.ones(2), check_trace=False)
    with started(traced, (torch.ones(2),)) as session, pytest.raises(DebugError) as caught:
        session.stop_where_differs("plan")
    assert str(caught.value).startswith(
        "error[TSV-D31]: cannot compare: `^Doubles` would run again"
    )


def test_a_trace_that_is_not_what_python_does():
    class Grows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * float(torch.rand(1)) if torch.jit.is_tracing() else x * 2

    program = tsviz.capture(Grows(), (X,), via="trace")
    with started(program) as session:
        session.stop_where_differs("eager")
        (note,) = session.wait().notes
    assert note.render() == (
        "warning[TSV-D45]: the trace gives another result than Python does, so it cannot stand "
        "for it\n"
        "  help: `tsviz.compare` tells the two apart"
    )


def test_a_variant_that_cannot_be_made():
    class Untyped(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * len({1, 2, 3})

    with started(tsviz.capture(Untyped(), (X,), via="trace")) as session:
        session.stop_where_differs("script")
        (note,) = session.wait().notes
        assert note.severity == "warning"
        assert session.state.is_held


def test_python_that_fails():
    class Refuses(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if not torch.jit.is_tracing():
                raise ValueError("only in a trace")
            return x + 1

    with started(tsviz.capture(Refuses(), (X,), via="trace")) as session:
        session.stop_where_differs("eager")
        (note,) = session.wait().notes
    assert note.render() == (
        "warning[TSV-D44]: cannot compare with eager: ValueError: only in a trace"
    )
