"""Back and forth: the same frames, bit for bit; what cannot be run again refuses."""

import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.debugger.driving import (
    ForksInside,
    Mismatches,
    Noisy,
    Tells,
    bits,
    finished,
    started,
    stepped_through,
)
from tests.models import ZOO
from tsviz.debugger import Debugger
from tsviz.errors import DebugError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


def frame(session: Debugger) -> object:
    """All that can be seen where a session is held."""
    state = session.wait()
    seen = {view.name: bits(session.evaluate(view.name)) for view in session.values()}
    inside = bits(session.evaluate("self.state_dict()")), session.evaluate("self.count")
    return state.position, state.text, state.iterations, state.frames, seen, inside


@pytest.fixture(scope="module")
def road() -> tuple[Debugger, list[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        session = started(Noisy().train(), (torch.ones(2, 4),))
    frames: list[object] = []
    while session.state.is_held:
        frames.append(frame(session))
        session.step()
        session.wait()
    return session, frames


@settings(max_examples=25)
@given(data=st.data())
def test_back_and_forth_gives_the_same_frames(
    road: tuple[Debugger, list[object]], data: st.DataObject
):
    session, frames = road
    there = data.draw(st.integers(1, len(frames)))
    session.goto(there)
    assert frame(session) == frames[there - 1]
    back = data.draw(st.integers(1, there))
    session.goto(back)
    assert frame(session) == frames[back - 1]
    for at in range(back, min(back + 4, len(frames))):
        session.step()
        assert frame(session) == frames[at]
    assert session.state.notes == ()


WAYS = ("step", "over", "out", "continue", "back", "back line", "goto", "restart")


@settings(max_examples=20)
@given(data=st.data())
def test_whatever_way_it_came_the_frame_is_that_of_its_position(
    road: tuple[Debugger, list[object]], data: st.DataObject
):
    """Breakpoints let values go and run once more; what is seen is the same."""
    session, frames = road
    session.restart()
    session.wait()
    for at in data.draw(st.lists(st.sampled_from(session._past.trail.tolist() or [1]), max_size=2)):
        session.break_at(abs(at))
    for op in data.draw(st.lists(st.sampled_from(("aten::add_", "relu_", "prim::SetAttr")))):
        session.break_at(op)
    for way in data.draw(st.lists(st.sampled_from(WAYS), min_size=1, max_size=6)):
        if not go(session, way, data):
            break
        state = session.wait()
        if state.is_held:
            assert frame(session) == frames[state.position - 1]
        assert state.notes == ()
    session.clear()


def go(session: Debugger, way: str, data: st.DataObject) -> bool:
    """Goes one way, if it can be gone here."""
    state = session.state
    if way in ("step", "over", "out", "continue"):
        if state.is_held:
            getattr(session, "continue_" if way == "continue" else way)()
        return state.is_held
    if way == "goto":
        session.goto(data.draw(st.integers(1, state.furthest)))
    elif way == "restart":
        session.restart()
    elif state.position > 5:
        session.back(way.partition(" ")[2] or "node")
    return True


@pytest.mark.parametrize("name", ["in-place", "edits-its-input", "fork-each", "class-instances"])
def test_back_to_the_start_and_on_gives_the_same_result(name: str):
    with started(ZOO[name].build(), ZOO[name].inputs()) as session:
        first = stepped_through(session), bits(session.result)
        session.goto(1)
        session.wait()
        assert (stepped_through(session), bits(session.result)) == first
        session.back()
        assert session.wait().position == len(first[0])


def test_what_is_printed_is_printed_once(capfd: pytest.CaptureFixture[str]):
    with started(Tells(), (torch.ones(2),)) as session:
        session.run_to("aten::mul")
        session.wait()
        assert capfd.readouterr().out == "once [2]\n"
        session.goto(1)
        session.wait()
        finished(session)
        assert capfd.readouterr().out == ""
        session.restart()
        session.wait()
        finished(session)
        assert capfd.readouterr().out == "once [2]\n"


def test_aliases_survive():
    @torch.jit.script
    def writes(x: torch.Tensor, y: torch.Tensor):
        x.add_(1)
        return y * 1

    x = torch.zeros(3)
    with started(writes, (x, x[1:])) as session:
        assert stepped_through(session)
        assert session.result.tolist() == [1.0, 1.0]
        session.goto(2)
        session.wait()
        assert finished(session).tolist() == [1.0, 1.0]
    assert x.tolist() == [0.0] * 3


def test_a_tensor_in_the_graph_that_is_written_into_stays_the_users():
    kept = torch.zeros(2)

    def adds(x: torch.Tensor):
        return kept.add_(x) * 1

    traced = torch.jit.trace(adds, torch.ones(2), check_trace=False)
    before = kept.clone()
    with started(traced, (torch.ones(2),)) as session:
        first = finished(session)
        session.goto(1)
        session.wait()
        assert finished(session).equal(first)
    assert kept.equal(before)


class Counted(torch.autograd.Function):
    """A function of Python's that can be seen to run."""

    ran = 0

    @staticmethod
    def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
        Counted.ran += 1
        return x * Counted.ran

    @staticmethod
    def backward(ctx: object, grad: torch.Tensor) -> torch.Tensor:
        return grad


class Overwrites(Counted):
    """One that writes into its input."""

    @staticmethod
    def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
        x.add_(1)
        return x * 2


def traced(kind: type[Counted], x: torch.Tensor) -> torch.jit.ScriptFunction:  # type: ignore[type-arg]
    return torch.jit.trace(lambda x: kind.apply(x + 0) * 3, x, check_trace=False)


def test_what_a_function_of_pythons_gave_stands_for_it():
    function = traced(Counted, torch.ones(2))
    with started(function, (torch.ones(2),)) as session:
        Counted.ran = 0
        seen = stepped_through(session)
        assert session.result.tolist() == [3.0, 3.0]
        for position in (1, len(seen), 2):
            session.goto(position)
            assert session.wait().notes == ()
            assert finished(session).tolist() == [3.0, 3.0]
        assert session.record().result.tolist() == [3.0, 3.0]  # type: ignore[union-attr]
        assert Counted.ran == 1
        session.restart()
        session.wait()
        assert finished(session).tolist() == [6.0, 6.0]


def test_who_writes_into_it_changes_no_later_run():
    with started(traced(Counted, torch.ones(2)), (torch.ones(2),)) as session:
        Counted.ran = 0
        session.run_to("aten::mul")
        session.wait()
        session.evaluate("inputs[0].add_(9)")
        session.goto(1)
        session.wait()
        assert finished(session).tolist() == [3.0, 3.0]


@pytest.mark.parametrize(("kind", "has_grad"), [(Counted, True), (Overwrites, False)])
def test_a_function_of_pythons_that_nothing_stands_for_does_not_run_twice(
    kind: type[Counted], has_grad: bool
):
    x = torch.ones(2, requires_grad=has_grad)
    with started(traced(kind, x), (x,)) as session:
        nodes = stepped_through(session)
        with pytest.raises(DebugError) as caught:
            session.goto(len(nodes))
        text = caught.value.diagnostic.render()
        assert text.splitlines()[0].startswith("error[TSV-D31]: cannot go back: `^")
        assert "would run again, and it is a function of Python's" in text
        assert text.splitlines()[-1] == "  help: `tsviz.debug` begins a new session"


def test_a_program_that_does_not_repeat_itself_says_where():
    @torch.jit.script
    def draws(x: torch.Tensor):
        y = torch.empty_like(x).uniform_()
        return y * 2

    with started(draws, (torch.ones(2),)) as session:
        stepped_through(session)
        session._past.marks[1] ^= 1  # as if the first run had drawn something else
        session.goto(3)
        state_now = session.wait()
        (note,) = state_now.notes
        assert (
            note.render()
            .splitlines()[0]
            .startswith("warning[TSV-D36]: not reproducible from `aten::")
        )
        assert "run again, it did not do the same" in note.message


@pytest.mark.parametrize("position", [0, 99])
def test_positions_that_are_not_there(position: int):
    with started(Tells(), (torch.ones(2),)) as session:
        with pytest.raises(DebugError) as caught:
            session.goto(position)
        assert (
            str(caught.value) == f"error[TSV-D30]: expected a position from 1 to 1, got {position}"
        )


def test_forks_inside_forks_keep_their_order():
    with started(ForksInside(), (torch.ones(2),)) as session:
        first = stepped_through(session)
        session.goto(1)
        session.wait()
        assert stepped_through(session) == first
        assert session.result.tolist() == [3.0, 3.0]


def test_more_forks_than_threads_do_not_come_again(monkeypatch: pytest.MonkeyPatch):
    # None, not one: the fork might be over before anybody waits for it.
    monkeypatch.setattr(torch, "get_num_interop_threads", lambda: 0)
    with started(ForksInside(), (torch.ones(2),)) as session:
        assert finished(session).tolist() == [3.0, 3.0]
        with pytest.raises(DebugError) as caught:
            session.goto(2)
        assert str(caught.value) == (
            "error[TSV-D32]: cannot go back: forks inside forks ran beside each other, and their "
            "order does not come again\n"
            "  help: call `torch.set_num_interop_threads(n)` first, with more than 0"
        )


def test_nothing_is_before_the_first():
    with started(Tells(), (torch.ones(2),)) as session:
        for unit in ("node", "line", "module"):
            with pytest.raises(DebugError) as caught:
                session.back(unit)
            assert str(caught.value) == (
                f"error[TSV-D38]: expected a {unit} before this one, got the first"
            )


def test_from_a_failure_back_to_before_it():
    with started(Mismatches(), (torch.ones(2, 3),)) as session:
        session.continue_()
        session.wait()
        session.back()
        state = session.wait()
        assert (state.is_held, state.node.op) == (True, "aten::mm")  # type: ignore[union-attr]
        session.set("y", "torch.eye(3)")
        session.wait()
        assert finished(session).equal(torch.eye(3))
