"""What PyTorch's compiler prints about its own work, read from file descriptor 2.

With logging on, the C++ side prints the whole graph after each of its steps, those included that
have no Python binding. It prints to the descriptor, below Python's `sys.stderr`, so the descriptor
is turned away for that long; what others wrote meanwhile is passed on afterwards.

Every line bears the file and line of the C++ source. Executors nest: a plan holds functions that
are compiled by executors of their own, and folding constants runs small graphs. Their lines stand
among those of the executor around them, from `Running … 0x…` to a last, named graph.
"""

import os
import re
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from threading import RLock

from tsviz.jit.internals import internals

EXECUTOR = "profiling_graph_executor_impl"
"""The C++ file that compiles and runs plans."""

_LINE = re.compile(r"^\[(?:DEBUG|DUMP|UPDATE) ([\w./]+):(\d+)\] ?(.*)$")
_INSIDE = re.compile(r"^(?: |graph\(|with |$)")  # how lines of a graph begin
_RUNNING = re.compile(r"^Running \w+ (0x[0-9a-f]+)")
_FIRST = ("Before inlining", "Before runProfilingOptimizations", "Before LowerGradOf (beginning")
_LAST = ("Profiled Graph", "Optimized Graph", "NoOpt Graph")
_NOT_OPTIMISING = "Before LowerGradOf (beginning"
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
    """

    file: str
    title: str
    text: str
    executor: str = ""
    around: tuple[str, ...] = ()


@dataclass(slots=True)
class Log:
    """What was printed in a block; complete when the block has ended."""

    text: str = ""

    def dumps(self) -> list[Dump]:
        """The graphs in it, without those of graphs that were run to fold constants."""
        return list(_iter_dumps(_iter_messages(self.text)))


@contextmanager
def executor_log(*files: str) -> Generator[Log]:
    """Has the compiler print its graphs while the block runs.

    Args:
        files: the C++ files that shall print.
    """
    log = Log()
    with _lock, _turned_away(log):
        before = internals._jit_get_logging_option()
        internals._jit_set_logging_option(":".join(f">>{file}" for file in files))
        try:
            yield log
        finally:
            internals._jit_set_logging_option(before)


@contextmanager
def _turned_away(log: Log) -> Generator[None]:
    """Turns descriptor 2 into a file; what is not the compiler's is written to it afterwards."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 2)
            try:
                yield
            finally:
                sys.stderr.flush()
                os.dup2(kept, 2)
                file.seek(0)
                log.text, rest = _split(file.read().decode("utf-8", "replace"))
                os.write(2, rest.encode())
    finally:
        os.close(kept)


def _split(text: str) -> tuple[str, str]:
    """The compiler's lines, and all others."""
    if not text:
        return "", ""
    ours, others = list[str](), list[str]()
    for line in text.splitlines(keepends=True):
        (ours if line[0] == "[" and _LINE.match(line.rstrip("\n")) else others).append(line)
    return "".join(ours), "".join(others)


# ── messages ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Message:
    file: str
    title: str
    rows: list[str] = field(default_factory=list[str])


def _iter_messages(text: str) -> Iterator[_Message]:
    """The messages: every line of one bears the same mark, and a graph begins on a line of its own.

    Where the compiler forgot to end the title's line, it is ended here.
    """
    lines = (match for line in text.split("\n") if (match := _LINE.match(line)))
    for mark, group in groupby(lines, key=lambda match: match.group(1, 2)):
        message: _Message | None = None
        for match in group:
            row = match[3]
            if message is not None and _INSIDE.match(row):
                message.rows.append(row)
                continue
            if message is not None:
                yield message
            title, found, rest = row.partition("graph(")
            rows = [found + rest] if found else []
            message = _Message(mark[0].rpartition("/")[2].partition(".")[0], title.strip(), rows)
        if message is not None:
            yield message


@dataclass(slots=True)
class _Section:
    """The work of one executor on one plan."""

    address: str
    has_dumps: bool = False
    is_folding: bool = False


def _iter_dumps(messages: Iterator[_Message]) -> Iterator[Dump]:
    stack: list[_Section] = []
    for message in messages:
        running = _RUNNING.match(message.title)
        if running:
            _drop_idle(stack)
            stack.append(_Section(running[1]))
            continue
        if not message.rows:
            continue
        if message.file != EXECUTOR:
            yield Dump(message.file, message.title, "\n".join(message.rows))
            continue
        if not message.title.startswith(_FIRST):
            _drop_idle(stack)
        elif stack:
            stack[-1].has_dumps = True
            stack[-1].is_folding |= len(stack) > 1 and message.title.startswith(_NOT_OPTIMISING)
        if not any(section.is_folding for section in stack):
            addresses = [section.address for section in stack]
            text = "\n".join(message.rows)
            executor = addresses.pop() if addresses else ""
            yield Dump(message.file, message.title, text, executor, tuple(addresses))
        if stack and message.title.startswith(_LAST):
            stack.pop()


def _drop_idle(stack: list[_Section]) -> None:
    """Forgets executors that ran a plan they had."""
    while stack and not stack[-1].has_dumps:
        stack.pop()
