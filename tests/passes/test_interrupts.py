"""An interrupt in the middle of a recording leaves PyTorch and the model as they were."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest
import torch
from torch import Tensor

import tsviz
from tsviz.jit.recording import Recorder, Runtime

EVERY_SWITCH = Runtime(grad=False, executor="legacy", fuse_on_cpu=True, profiled_runs=2, depth=3)


class Alarm:
    """Interrupts when it is asked for the n-th time; copies of a model share it."""

    def __init__(self) -> None:
        self.left, self.ring = 0, raises

    def set(self, left: int, ring: Callable[[], None]) -> None:
        self.left, self.ring = left, ring

    def ask(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.ring()


def raises() -> None:
    raise KeyboardInterrupt


def is_signalled() -> None:
    signal.raise_signal(signal.SIGINT)


alarm = Alarm()


class Interrupted(torch.nn.Module):
    """Calls Python in every run, and changes a buffer before."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("runs", torch.zeros(1))

    @torch.jit.ignore
    def look(self, x: Tensor) -> Tensor:
        alarm.ask()
        return x

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        return self.look(torch.rand(2) + x).tanh()


@dataclass(frozen=True)
class State:
    """All that a recording sets and has to set back."""

    logging: str
    stderr: tuple[int, int]
    profiling_executor: bool
    profiling_mode: bool
    profiled_runs: int
    strategy: tuple[tuple[str, int], ...]
    fuse_on_cpu: bool
    needs_llvm: bool
    grad: bool
    random: tuple[int, ...]

    @classmethod
    def now(cls) -> "State":
        described = os.fstat(2)
        return cls(
            torch._C._jit_get_logging_option(),
            (described.st_dev, described.st_ino),
            _read(torch._C._jit_set_profiling_executor, True),
            _read(torch._C._jit_set_profiling_mode, True),
            torch._C._jit_get_num_profiled_runs(),
            tuple(_read(torch._C._jit_set_fusion_strategy, [("STATIC", 1)])),
            torch._C._jit_can_fuse_on_cpu(),
            torch._C._jit_get_te_must_use_llvm_cpu(),
            torch.is_grad_enabled(),
            tuple(torch.get_rng_state().tolist()),
        )


def _read(setter: Callable[..., object], value: object) -> object:
    """What a switch is, of which PyTorch binds the setter alone."""
    was = setter(value)
    setter(was)
    return was


@pytest.fixture(autouse=True)
def python_s_own_handler() -> Iterator[None]:
    """A shell that starts a process in the background has it ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def scaled(x: Tensor) -> Tensor:
    return x * 2 + 1


@contextmanager
def unchanged(model: Interrupted) -> Iterator[None]:
    before, runs = State.now(), model.runs.clone()
    yield
    assert State.now() == before
    assert torch.equal(model.runs, runs)


@pytest.mark.parametrize("mode", [Runtime(), Runtime(grad=True), EVERY_SWITCH], ids=str)
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("interrupt", [raises, is_signalled])
def test_a_warm_up_that_is_interrupted(interrupt: Callable[[], None], at: int, mode: Runtime):
    """PyTorch makes an error of what Python code in a graph raises; it stays an interrupt."""
    model = Interrupted()
    program = tsviz.capture(model, (torch.ones(2),))
    alarm.set(at, interrupt)
    with unchanged(model), pytest.raises(KeyboardInterrupt):
        tsviz.run_passes(program, pipeline=mode)
    assert len(tsviz.run_passes(program)) > 0, "the next one records all the same"


def test_blame_that_is_interrupted():
    model = Interrupted()
    program = tsviz.capture(model, (torch.ones(2),))
    trace = tsviz.run_passes(program, pipeline=["inline", "peephole"])
    alarm.set(2, raises)
    with unchanged(model), pytest.raises(KeyboardInterrupt):
        trace.blame()


WATCHED = """
import os, signal, sys, threading, warnings
warnings.simplefilter("ignore")
signal.signal(signal.SIGINT, signal.default_int_handler)
import tsviz
from tests.passes.test_interrupts import State
from tsviz.examples import get

example = get("resnet-tiny")
program = tsviz.capture(example.build(), example.inputs(), via="script")
before, weights = State.now(), {n: t.clone() for n, t in program.native.state_dict().items()}

def interrupt() -> None:
    while os.fstat(2).st_ino == before.stderr[1]:
        pass
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
try:
    tsviz.run_passes(program, pipeline=PIPELINE)
except KeyboardInterrupt:
    same = all(t.equal(weights[n]) for n, t in program.native.state_dict().items())
    goes_on = len(tsviz.run_passes(program, pipeline=PIPELINE)) > 0
    print("interrupted", State.now() == before, same, goes_on)
os.write(2, b"stderr is back")
"""


@pytest.mark.parametrize("pipeline", ["freeze", "optimize", "runtime"])
def test_ctrl_c_in_a_process_of_its_own(pipeline: str):
    """The signal comes as soon as stderr is turned away: in the middle of the recording."""
    code = WATCHED.replace("PIPELINE", repr(pipeline))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout == "interrupted True True True\n", ran.stderr
    assert ran.stderr.endswith("stderr is back")


class Interrupter:
    """Sends Ctrl-C before the n-th line of what sets and sets back; counts the lines.

    Attributes:
        seen: how many lines there were.
    """

    WATCHED = ("contextlib.py", "interrupts.py", "executor_log.py", "recording.py", "tempfile.py")

    def __init__(self, at: int) -> None:
        self._at = at
        self.seen = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> "Interrupter | None":
        if Path(frame.f_code.co_filename).name not in self.WATCHED:
            return None
        if event == "line":
            self.seen += 1
            if self.seen == self._at:
                sys.settrace(None)
                signal.raise_signal(signal.SIGINT)
        return self


def interrupted(recorder: Recorder, at: int) -> Interrupter:
    """The first run of a recording, interrupted before the line `at`."""
    interrupter = Interrupter(at)
    sys.settrace(interrupter)
    try:
        next(recorder.iter_runs(EVERY_SWITCH))
    finally:
        sys.settrace(None)
    return interrupter


def test_ctrl_c_before_any_line_that_sets_or_sets_back():
    program = tsviz.capture(torch.jit.script(scaled), (torch.ones(2),))
    before = State.now()

    def recorder() -> Recorder:
        return Recorder(program.native, "forward", (torch.ones(2),), {})

    lines = interrupted(recorder(), at=0).seen
    assert lines > 100
    for at in range(1, lines + 1):
        with pytest.raises(KeyboardInterrupt):
            interrupted(recorder(), at)
        assert State.now() == before, f"line {at} of {lines}"
