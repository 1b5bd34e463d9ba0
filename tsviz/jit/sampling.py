"""One run under PyTorch's own profiler: which node each op belongs to, and what it took.

The profiler notes the TorchScript call stack of each op. Where nodes carry tags, the stack names
the node. Only ops that the dispatcher calls are noted, and what a fusion group runs; ops that they
call themselves belong to them.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import torch

from tsviz.jit.marking import Mark, read_mark
from tsviz.jit.stderr import turned_away
from tsviz.jit.tags import read_stack_tag

_MEMORY = "[memory]"
_FORKS_END = 0.02
"""Seconds. A fork is done for who waits for it a moment before its thread has closed its records,
and a profiler that stops in that moment reads what is still being written: the process may crash.
PyTorch says nowhere when they are closed."""

_TORCHSCRIPT, _USER = 2, 7  # scopes of the profiler: a function, and a range by name
_TRANSPARENT = (_TORCHSCRIPT, _USER)
_DRIVER = ("cuda", "cuLaunch", "hip")
_NOISE = ("USDT:", "[W", "WARNING:", "STAGE:")


@dataclass(frozen=True, slots=True)
class Op:
    """One op that a node called, with all that it called itself.

    Attributes:
        name: such as `aten::conv2d`, or `fused_add_relu`.
        tag: of its node, `None` where the stack names none.
        start, end: nanoseconds, on the profiler's clock.
        thread: its number.
        kernels: what it launched on other devices.
        allocated: bytes that it took, those it gave back again included; `None` if not measured.
        peak: the most bytes that the run had taken while it ran, less those given back.
    """

    name: str
    tag: int | None
    start: int
    end: int
    thread: int
    kernels: "tuple[Kernel, ...]" = ()
    allocated: int | None = None
    peak: int | None = None

    @property
    def nanoseconds(self) -> int:
        """Wall time between its beginning and its end."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Kernel:
    """Work of another device.

    Attributes:
        start, end: nanoseconds.
        device: its index.
        stream: of that device.
    """

    name: str
    start: int
    end: int
    device: int
    stream: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A mark that was passed, with when it was entered and left, in nanoseconds."""

    mark: Mark
    start: int
    end: int
    thread: int


@dataclass(frozen=True, slots=True)
class Sampling:
    """What the profiler noted of one run.

    Attributes:
        ops: in the order in which they began.
        passages: marks, in that order.
        stray: work of other devices that no op launched.
    """

    ops: tuple[Op, ...] = ()
    passages: tuple[Passage, ...] = ()
    stray: tuple[Kernel, ...] = ()


class _DeviceTypes(Protocol):
    CPU: object


class _Autograd(Protocol):
    DeviceType: _DeviceTypes

    def _profiler_enabled(self) -> bool: ...


_autograd = cast("_Autograd", torch.autograd)


def find_profiler() -> str:
    """The name of a profiler that is at work, and that another one would disturb, or ""."""
    if _autograd._profiler_enabled():
        return "torch.profiler"
    found = sys.getprofile()
    return "" if found is None else getattr(found, "__qualname__", type(found).__qualname__)


@dataclass(slots=True)
class Session:
    """What comes of a session; complete when its block has ended."""

    sampling: Sampling = field(default_factory=Sampling)


@contextmanager
def sampled(
    *, cuda: bool, memory: bool = False, stacks: bool = True, forks: bool = False
) -> Generator[Session]:
    """Has the profiler note what runs in the block; its own words are kept off the screen.

    Args:
        cuda: whether CUDA devices are recorded, too.
        memory: whether what is allocated is.
        stacks: whether call stacks are, without which ops have no tags.
        forks: whether the program forks; then it waits a moment for their threads at the end.
    """
    session = Session()
    kinds = [torch.profiler.ProfilerActivity.CPU]
    kinds += [torch.profiler.ProfilerActivity.CUDA] * cuda
    profiler = torch.profiler.profile(activities=kinds, with_stack=stacks, profile_memory=memory)
    with noise_turned_away():
        profiler.start()
    try:
        yield session
    finally:
        if forks:
            time.sleep(_FORKS_END)
        with noise_turned_away():
            profiler.stop()
    results = cast("_Profile", profiler).profiler.kineto_results
    session.sampling = _read(results.events())


def noise_turned_away() -> AbstractContextManager[object]:
    """Keeps what the profiler writes of its own beginning and end off the screen."""
    return turned_away(_split_noise)


def _split_noise(text: str) -> tuple[str, str]:
    noise, rest = list[str](), list[str]()
    for line in text.splitlines(keepends=True):
        (noise if line.startswith(_NOISE) else rest).append(line)
    return "".join(noise), "".join(rest)


def with_tags(sampling: Sampling, twin: Sampling) -> Sampling | None:
    """The same with the tags of another run of the program.

    Args:
        twin: the other; its ops have tags.

    Returns:
        `None` where the ops of the two are not the same ones in the same order, or where they ran
        on several threads, whose order is left to chance.
    """
    ops, others = sampling.ops, twin.ops
    if [op.name for op in ops] != [op.name for op in others]:
        return None
    if len({op.thread for op in ops}) > 1:
        return None
    tagged = (replace(op, tag=other.tag) for op, other in zip(ops, others, strict=True))
    return replace(sampling, ops=tuple(tagged))


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


class _Event(Protocol):
    """An event as the profiler gives it."""

    name: Callable[[], str]
    start_ns: Callable[[], int]
    end_ns: Callable[[], int]
    duration_ns: Callable[[], int]
    start_thread_id: Callable[[], int]
    device_type: Callable[[], object]
    device_index: Callable[[], int]
    device_resource_id: Callable[[], int]
    scope: Callable[[], int]
    stack: Callable[[], list[str]]
    nbytes: Callable[[], int]
    correlation_id: Callable[[], int]
    linked_correlation_id: Callable[[], int]
    is_python_function: Callable[[], bool]
    is_user_annotation: Callable[[], bool]


class _Results(Protocol):
    def events(self) -> list[_Event]: ...


class _AutogradProfile(Protocol):
    kineto_results: _Results


class _Profile(Protocol):
    profiler: _AutogradProfile


def _read(events: Iterable[_Event]) -> Sampling:
    cpu = _autograd.DeviceType.CPU
    threads: defaultdict[int, list[_Event]] = defaultdict(list)
    memory: list[_Event] = []
    kernels: list[_Event] = []
    for event in events:
        if event.name() == _MEMORY:
            memory.append(event)
        elif event.device_type() != cpu:
            kernels.append(event)
        elif not event.is_python_function():
            threads[event.start_thread_id()].append(event)
    reader = _Reader()
    for thread, found in threads.items():
        reader.read_thread(thread, found)
    launched = reader.launched(kernels)
    ops = [replace(op, kernels=tuple(launched[at])) for at, op in enumerate(reader.ops)]
    if memory:
        ops = _with_memory(ops, memory)
    ops.sort(key=lambda op: op.start)
    reader.passages.sort(key=lambda passage: passage.start)
    return Sampling(tuple(ops), tuple(reader.passages), tuple(launched[-1]))


class _Reader:
    """Tells the ops that nodes call from those that ops call."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.passages: list[Passage] = []
        self._owners: dict[int, int] = {}

    def read_thread(self, thread: int, events: list[_Event]) -> None:
        """Reads what one thread did."""
        rows = [(event.start_ns(), -event.end_ns(), at) for at, event in enumerate(events)]
        until = -1
        for start, negative, at in sorted(rows):
            event, end = events[at], -negative
            if event.scope() in _TRANSPARENT:
                self._pass(event, start, end, thread)
                continue
            if not _is_op(event):
                continue
            if start >= until:
                until = end
                tag = read_stack_tag(event.stack())
                self.ops.append(Op(event.name(), tag, start, end, thread))
            self._owners[event.correlation_id()] = len(self.ops) - 1

    def _pass(self, event: _Event, start: int, end: int, thread: int) -> None:
        mark = read_mark(event.name())
        if mark is not None:
            self.passages.append(Passage(mark, start, end, thread))

    def launched(self, kernels: list[_Event]) -> Mapping[int, list[Kernel]]:
        """Place of an op → what it launched; -1 for what no op did."""
        found: defaultdict[int, list[Kernel]] = defaultdict(list)
        for event in kernels:
            if event.is_user_annotation():
                continue  # a range by name, drawn on the device's line, too
            kernel = Kernel(
                event.name(),
                event.start_ns(),
                event.end_ns(),
                event.device_index(),
                event.device_resource_id(),
            )
            found[self._owners.get(event.linked_correlation_id(), -1)].append(kernel)
        return found


def _is_op(event: _Event) -> bool:
    """Whether it is none of the driver's calls, which are numbered apart from ops."""
    return event.linked_correlation_id() == 0 and not event.name().startswith(_DRIVER)


def _with_memory(ops: list[Op], memory: list[_Event]) -> list[Op]:
    """The ops with what they allocated; every op has a number then, 0 where nothing was."""
    changes = sorted((one.start_ns(), one.start_thread_id(), one.nbytes()) for one in memory)
    threads: defaultdict[int, list[int]] = defaultdict(list)
    for at in sorted(range(len(ops)), key=lambda at: ops[at].start):
        threads[ops[at].thread].append(at)
    allocated, peaks = [0] * len(ops), [0] * len(ops)
    todo = {thread: iter(places) for thread, places in threads.items()}
    current = {thread: next(places, None) for thread, places in todo.items()}
    held = 0
    for when, thread, size in changes:
        held += size
        at = current.get(thread)
        while at is not None and ops[at].end < when:
            at = current[thread] = next(todo[thread], None)
        if at is not None and ops[at].start <= when:
            allocated[at] += max(size, 0)
            peaks[at] = max(peaks[at], held)
    return [replace(op, allocated=allocated[at], peak=peaks[at]) for at, op in enumerate(ops)]


def iter_busy(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans of time in which anything ran, in order, without overlaps."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is None or start > last[1]:
            if last is not None:
                yield last
            last = start, end
        else:
            last = last[0], max(last[1], end)
    if last is not None:
        yield last
