"""Stepping: the same results as without, in the right order, and threads that go away."""

import gc
import signal
import threading
import weakref

import pytest
import torch

import tsviz
from tests.debugger.driving import (
    Calls,
    Divides,
    Forks,
    Gathers,
    Mismatches,
    Noisy,
    Raises,
    RunsForever,
    bits,
    finished,
    plain_run,
    started,
    stepped_through,
)
from tests.models import ZOO
from tsviz.debugger import Status
from tsviz.debugger.faults import read_fault
from tsviz.errors import DebugError, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


@pytest.mark.parametrize("name", ZOO)
def test_a_stepped_run_is_the_plain_run(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    expected, error = plain_run(program)
    assert error is None
    before = torch.get_rng_state()
    with started(program) as session:
        assert stepped_through(session)
        assert bits(session.result) == bits(expected)
    assert torch.get_rng_state().equal(before)


def test_order_in_loops_and_branches():
    @torch.jit.script
    def turns(x: torch.Tensor, n: int):
        for i in range(n):
            if i == 1:  # noqa: SIM108 (a branch is what this is about)
                x = x * 2
            else:
                x = x + 1
        return x.relu()

    with started(turns, (torch.ones(2), 3)) as session:
        seen = stepped_through(session)
        nodes = session.program.nodes_by_id
    ops = ["head" if number < 0 else nodes[number].op for number in seen]
    turn = ["head", "aten::eq", "prim::If"]
    assert ops == [
        "prim::Loop",
        *(*turn, "aten::add"),
        *(*turn, "aten::mul"),
        *(*turn, "aten::add"),
        "aten::relu",
    ]


def test_positions_and_iterations():
    with started(Gathers(), (torch.ones(2),)) as session:
        found = []
        while (state := session.state).is_held:
            if state.node is not None and state.node.op == "aten::mul":
                found.append((state.position, [number for _, number in state.iterations]))
            session.step()
            session.wait()
    assert [numbers for _, numbers in found] == [[1], [2], [3]]
    assert [position for position, _ in found] == [4, 7, 10]


def test_lists_show_what_was_written_into_them():
    with started(Gathers(), (torch.ones(2),)) as session:
        session.run_to("aten::append")
        session.wait()
        assert session.value("found").text == "[]"
        session.over("node")
        session.wait()
        assert session.evaluate("len(found)") == 1


def test_by_line_and_module():
    with started(Calls(), (torch.ones(1, 3),)) as session:

        def names() -> tuple[str, str]:
            state = session.wait()
            text = session.program.sources[state.line.file].slice(state.line) if state.line else ""
            return text, state.scope

        def line() -> str:
            state = session.wait()
            assert state.line is not None
            text = session.program.sources[state.line.file].text
            return text.split("\n")[state.line.line - 1].strip()

        assert line() == "shifted = x + 1"
        session.step("line")
        assert line() == "return self.encoder(shifted)"
        session.out("line")
        assert line() == "z = y * 2"
        session.over("line")
        assert line() == "return self.head(z)"
        session.back("line")
        assert line() == "z = y * 2"
        session.step("module")
        assert names()[1] == "head"
        session.back("module")
        assert names()[1] == ""


def test_modules_are_stepped_over_and_out_of():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.run_to("encoder.0")
        assert session.wait().scope == "encoder.0"
        session.over("module")
        assert session.wait().scope == "encoder.1"
        session.out("module")
        assert session.wait().scope in ("encoder", "")


def test_over_a_node_with_blocks():
    with started(Raises(), (torch.ones(2),)) as session:
        assert session.wait().node.op == "prim::Loop"  # type: ignore[union-attr]
        session.step()
        assert session.wait().is_head
        session.out()
        assert session.wait().status is Status.FAILED


def test_frames_and_scope():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.run_to("aten::linear")
        state = session.wait()
        functions = [frame.function.rpartition(".")[2] for frame in state.frames]
        assert state.scope == "encoder.0"
        assert functions == ["linear", "forward", "forward", "encode", "forward"][-len(functions) :]
        assert functions[-2:] == ["encode", "forward"]


@pytest.mark.parametrize(
    ("model", "op", "kind", "message"),
    [
        (Raises, "prim::RaiseException", "ValueError", "too far"),
        (Mismatches, "aten::mm", "RuntimeError", "mat1 and mat2 shapes cannot be multiplied"),
    ],
)
def test_a_failing_model_fails_at_the_same_node(
    model: type[torch.nn.Module], op: str, kind: str, message: str
):
    program = tsviz.capture(model(), (torch.ones(2, 3),))
    _, error = plain_run(program)
    assert error is not None
    with started(program) as session:
        session.continue_()
        state = session.wait()
        assert state.status is Status.FAILED
        assert (state.node.op, state.fault.kind) == (op, kind)  # type: ignore[union-attr]
        assert state.fault is not None
        assert state.fault.message.startswith(message)
        assert (read_fault(error).kind, read_fault(error).message) == (kind, state.fault.message)
        assert session.value("x").statistics is not None
        assert "too far" in str(state) or "mat1" in str(state)


def test_forks_are_stepped():
    with started(Forks(), (torch.ones(2), False)) as session:
        expected, _ = plain_run(session.program)
        session.run_to("aten::mul")
        state = session.wait()
        assert state.node.op == "aten::mul"  # type: ignore[union-attr]
        assert state.line is not None
        assert session.value("x").statistics is not None
        ops = [session.program.nodes_by_id[abs(i)].op for i in stepped_through(session)]
        assert ops[:3] == ["aten::mul", "aten::relu", "aten::add"]
        assert bits(session.result) == bits(expected)


def test_what_a_fork_raises_is_shown_in_the_fork():
    with started(Forks(), (torch.ones(2), True)) as session:
        session.continue_()
        state = session.wait()
        assert state.node.op == "prim::RaiseException"  # type: ignore[union-attr]
        assert (state.fault.kind, state.fault.message) == ("ValueError", "in the fork")  # type: ignore[union-attr]


def test_an_endless_loop_is_paused_and_stopped():
    session = started(RunsForever(), (torch.ones(2),))
    session.continue_()
    assert session.state.status is Status.RUNNING
    assert str(session.state).startswith("running, ")
    session.pause()
    state = session.wait()
    assert (state.status, state.reason) == (Status.PAUSED, "pause")
    session.continue_()
    session.close()
    assert session.state.status is Status.ENDED


def test_an_endless_loop_without_a_node_is_paused():
    @torch.jit.script
    def spins(x: torch.Tensor):
        while True:
            pass
        return x

    with started(spins, (torch.ones(1),)) as session:
        session.continue_()
        session.pause()
        assert session.wait().is_head


def test_ctrl_c_while_waiting_leaves_the_program_running(interruptible: None):
    with started(RunsForever(), (torch.ones(2),)) as session:
        session.continue_()
        main = threading.main_thread().ident
        assert main is not None
        threading.Timer(0.05, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            session.wait()
        session.pause()
        assert session.wait().status is Status.PAUSED


def threads() -> int:
    return sum(thread.name == "tsviz program" for thread in threading.enumerate())


def test_sessions_leave_no_thread():
    before = threads()
    sessions = [started(Calls(), (torch.ones(1, 3),)) for _ in range(3)]
    assert threads() == before + 3
    for session in sessions:
        session.goto(1)  # another run, and another thread
        session.wait()
        session.close()
    assert threads() == before


def test_an_abandoned_session_leaves_no_thread():
    before = threads()
    session = started(Calls(), (torch.ones(1, 3),))
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None
    assert threads() == before


def test_two_at_once():
    with started(Calls(), (torch.ones(1, 3),)) as one, started(Noisy(), (torch.ones(2, 4),)) as two:
        expected = [bits(plain_run(session.program)[0]) for session in (one, two)]
        while one.state.is_held or two.state.is_held:
            for session in (one, two):
                if session.state.is_held:
                    session.step()
                    session.wait()
        assert [bits(session.result) for session in (one, two)] == expected


def test_the_users_model_inputs_and_random_state_stay():
    model, x = Noisy(), torch.ones(2, 4)
    before = (bits(model.state_dict()), bits(x), model.count, bits(torch.get_rng_state()))
    with started(model, (x,)) as session:
        finished(session)
    assert (bits(model.state_dict()), bits(x), model.count, bits(torch.get_rng_state())) == before


def test_the_users_random_numbers_are_not_the_programs():
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        expected = bits(plain_run(session.program)[0])
        while session.state.is_held:
            session.step()
            session.wait()
            torch.rand(3)
        assert bits(session.result) == expected


class Asks(torch.nn.Module):
    """Returns what its thread knows."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, bool]:
        return torch.mm(x, x), torch.is_grad_enabled()


def test_the_callers_modes_hold_in_the_program():
    model, x = torch.jit.script(Asks()), torch.ones(2, 2)
    with torch.no_grad():
        session = started(model, (x,))
    assert finished(session)[1] is False
    with torch.autocast("cpu", dtype=torch.bfloat16):
        session = started(model, (x,))
    assert finished(session)[0].dtype is torch.bfloat16
    with torch.inference_mode():
        session = started(model, (x,))
    assert finished(session)[0].is_inference()


def test_dispatch_modes_see_the_program_and_nothing_of_the_debuggers():
    from torch.utils._python_dispatch import TorchDispatchMode

    calls: list[str] = []

    class Notes(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            calls.append(str(func))
            return func(*args, **(kwargs or {}))

    model = torch.jit.script(Divides())
    with Notes():
        session = tsviz.debug(model, (torch.ones(2),))
    calls.clear()
    session.break_at("*", when="isnan(out)")
    session.continue_(finite=True)
    assert session.wait().status is Status.FINISHED
    assert [call.split(".")[1] for call in calls] == ["add", "reciprocal", "mul", "add"]


def test_a_change_of_the_users_is_told():
    model, x = torch.jit.script(Calls()), torch.ones(1, 3)
    with started(model, (x,)) as session:
        assert session.step().notes == ()
        x.add_(1)
        model.head.bias.data.add_(1)
        with torch.no_grad():
            model.head.weight.mul_(2)
        notes = session.step().notes
        assert [note.render() for note in notes] == [
            "warning[TSV-D37]: parameter `head.weight`, input 1 changed since the session, which "
            "has copies, began\n  help: `restart()` begins again with what is there now"
        ]
        session.restart()
        assert session.wait().position == 1
        assert session.step().notes == ()
        assert session.evaluate("x").equal(x)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda session: session.step("loop"),
            "error[TSV-D21]: expected by to be one of node, line, module, got 'loop'",
        ),
        (
            lambda session: session.result,
            "error[TSV-D41]: expected a program that is done, it is paused\n"
            "  help: `continue_()` lets it go on",
        ),
    ],
)
def test_wrong_use(act, text: str):  # type: ignore[no-untyped-def]
    with started(Calls(), (torch.ones(1, 3),)) as session:
        with pytest.raises((DebugError, UsageError)) as caught:
            act(session)
        assert str(caught.value) == text


def test_no_inputs():
    with pytest.raises(UsageError) as caught:
        tsviz.debug(torch.jit.script(Calls()))
    assert str(caught.value) == (
        "error[TSV-D20]: expected example inputs, because the program has to run; got none\n"
        "  help: give them: `tsviz.debug(model, (x,))`, or `--args`"
    )


def test_a_running_and_a_finished_program_are_told_apart():
    with started(RunsForever(), (torch.ones(2),)) as session:
        session.continue_()
        with pytest.raises(DebugError) as caught:
            session.step()
        assert str(caught.value) == (
            "error[TSV-D40]: expected a program that is held, it is running\n"
            "  help: `wait()` waits for it, `pause()` holds it before its next node"
        )
    with started(Calls(), (torch.ones(1, 3),)) as session:
        finished(session)
        with pytest.raises(DebugError) as caught:
            session.step()
        assert str(caught.value) == (
            "error[TSV-D42]: expected a program that is held, it has finished\n"
            "  help: `back()` or `goto(position)` goes back, `restart()` begins again"
        )
