"""What PyTorch's compiler prints about its own work, read from file descriptor 2.

With logging on, the C++ side prints the whole graph after each of its steps, those included that
have no Python binding. It prints to the descriptor, below Python's `sys.stderr`, so the descriptor
is turned away for that long; what others wrote meanwhile is passed on afterwards.

Every line bears the file and line of the C++ source. Executors nest: a plan holds functions that
are compiled by executors of their own, and folding constants runs small graphs. Their lines stand
among those of the executor around them, from `Running … 0x…` to a last, named graph.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import RLock

from tsviz.jit.autodiff_log import AUTODIFF, Differentiation, read_differentiation
from tsviz.jit.internals import internals
from tsviz.jit.log_messages import Message, iter_messages, split_log
from tsviz.jit.stderr import turned_away

EXECUTOR = "profiling_graph_executor_impl"
"""The C++ file that compiles and runs plans."""

LEGACY = "graph_executor"
"""The C++ file that did so before there was profiling; freezing uses some of it."""

_RUNNING = re.compile(r"^Running \w+ (0x[0-9a-f]+)")
_FIRST = ("Before inlining", "Before runProfilingOptimizations", "Before LowerGradOf (beginning")
_LAST = ("Profiled Graph", "Optimized Graph", "NoOpt Graph")
_NOT_OPTIMISING = "Before LowerGradOf (beginning"
_LEGACY_FIRST = ("Optimizing the following function", "Optimizing diff node")
_LEGACY_LAST = ("After compileSpec optimizations", "Finished optimizing diff node")
_lock = RLock()


@dataclass(frozen=True, slots=True)
class Dump:
    """One graph that the compiler printed.

    Attributes:
        file: the C++ file, without its suffix.
        title: its words, such as `After DecomposeOps, before ConstantPropagation`.
        text: the graph.
        executor: address of the executor that was at work, "" outside of any.
        around: addresses of the executors around that one, outermost first.
        differentiation: how it was made, where it is what autodiff made.
    """

    file: str
    title: str
    text: str
    executor: str = ""
    around: tuple[str, ...] = ()
    differentiation: Differentiation | None = None


@dataclass(slots=True)
class Log:
    """What was printed in a block; complete when the block has ended."""

    text: str = ""

    def dumps(self) -> list[Dump]:
        """The graphs in it, without those of graphs that were run to fold constants."""
        return list(_iter_dumps(iter_messages(self.text)))


@contextmanager
def executor_log(*files: str) -> Generator[Log]:
    """Has the compiler print its graphs while the block runs.

    Args:
        files: the C++ files that shall print.
    """
    log = Log()
    with _lock, turned_away(split_log) as held:
        before = internals._jit_get_logging_option()
        try:
            internals._jit_set_logging_option(":".join(f">>{file}" for file in files))
            yield log
        finally:
            internals._jit_set_logging_option(before)
    log.text = held.text


@dataclass(slots=True)
class _Section:
    """The work of one executor on one plan."""

    address: str
    has_dumps: bool = False
    is_folding: bool = False


def _iter_dumps(messages: Iterator[Message]) -> Iterator[Dump]:
    stack: list[_Section] = []
    legacy: list[str] = []
    numbers = count(1)
    differentiating: list[Message] = []
    for message in messages:
        running = _RUNNING.match(message.title)
        if running:
            _drop_idle(stack)
            stack.append(_Section(running[1]))
        elif message.file == AUTODIFF:
            differentiating.append(message)
            found = read_differentiation(differentiating)
            if found is not None:
                yield _dump(message, [section.address for section in stack], found)
                differentiating = []
        elif message.file == LEGACY:
            yield from _legacy_dump(message, legacy, numbers)
        elif message.rows and message.file != EXECUTOR:
            yield _dump(message, [])
        elif message.rows:
            yield from _executor_dump(message, stack)


def _executor_dump(message: Message, stack: list[_Section]) -> Iterator[Dump]:
    if not message.title.startswith(_FIRST):
        _drop_idle(stack)
    elif stack:
        stack[-1].has_dumps = True
        stack[-1].is_folding |= len(stack) > 1 and message.title.startswith(_NOT_OPTIMISING)
    if not any(section.is_folding for section in stack):
        yield _dump(message, [section.address for section in stack])
    if stack and message.title.startswith(_LAST):
        stack.pop()


def _legacy_dump(message: Message, around: list[str], numbers: Iterator[int]) -> Iterator[Dump]:
    """The legacy executor does not say its address: its sections are numbered."""
    if message.title.startswith(_LEGACY_FIRST):
        around.append(f"legacy {next(numbers)}")
    if message.rows:
        yield _dump(message, around)
    if around and message.title.startswith(_LEGACY_LAST):
        around.pop()


def _dump(message: Message, addresses: list[str], found: Differentiation | None = None) -> Dump:
    text = message.text if found is None else found.backward
    executor = addresses[-1] if addresses else ""
    return Dump(message.file, message.title, text, executor, tuple(addresses[:-1]), found)


def _drop_idle(stack: list[_Section]) -> None:
    """Forgets executors that ran a plan they had."""
    while stack and not stack[-1].has_dumps:
        stack.pop()
