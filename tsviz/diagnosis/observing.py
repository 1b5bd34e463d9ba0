"""What types eager really passes: one run of a copy, watched call by call and line by line.

Python's own trace function is used and put back afterwards, so a debugger or a coverage tool goes
on as before. Only frames of functions that would be compiled are looked into.
"""

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from tsviz.diagnosis.seen import Seen, merge, see
from tsviz.jit.interrupts import held_interrupts

_VISITS = 50
"""How often one line is looked at; loops show their types early."""


@dataclass(slots=True)
class Frames:
    """What the calls of one function showed.

    Attributes:
        calls: how many there were.
        arguments: name → type that was passed.
        names: name → type at any time, arguments included.
        returned: what was returned, `None` where it never returned.
    """

    calls: int = 0
    arguments: dict[str, Seen] = field(default_factory=dict[str, Seen])
    names: dict[str, Seen] = field(default_factory=dict[str, Seen])
    returned: Seen | None = None


@dataclass(slots=True)
class Observation:
    """What one run showed; empty where there was none."""

    frames: dict[CodeType, Frames] = field(default_factory=dict[CodeType, Frames])


@contextmanager
def observed(codes: Iterable[CodeType]) -> Generator[Observation]:
    """Watches what runs inside in this thread."""
    watch = _Watch(frozenset(codes))
    with held_interrupts() as let_through:
        before = sys.gettrace()
        sys.settrace(watch.enter)
        try:
            with let_through():
                yield watch.observation
        finally:
            sys.settrace(before)


class _Watch:
    """Trace functions of Python's."""

    def __init__(self, codes: frozenset[CodeType]) -> None:
        self._codes = codes
        self._visits: dict[tuple[CodeType, int], int] = {}
        self.observation = Observation()

    def enter(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        if event != "call" or code not in self._codes:
            return None
        found = self.observation.frames.setdefault(code, Frames())
        found.calls += 1
        if found.calls <= _VISITS:
            count = code.co_argcount + code.co_kwonlyargcount
            count += bool(code.co_flags & 4) + bool(code.co_flags & 8)  # *args, **kwargs
            _add(found.arguments, frame, code.co_varnames[:count])
            _add(found.names, frame, code.co_varnames[:count])
        return self._step

    def _step(self, frame: FrameType, event: str, value: Any) -> Callable[..., Any]:
        found = self.observation.frames[frame.f_code]
        key = (frame.f_code, frame.f_lineno)
        self._visits[key] = self._visits.get(key, 0) + 1
        if self._visits[key] <= _VISITS:
            _add(found.names, frame, tuple(frame.f_locals))
            if event == "return":
                kind = see(value)
                found.returned = merge(found.returned, kind) if found.returned else kind
        return self._step


def _add(known: dict[str, Seen], frame: FrameType, names: tuple[str, ...]) -> None:
    held = frame.f_locals
    for name in names:
        if name in held:
            kind = see(held[name])
            known[name] = merge(known[name], kind) if name in known else kind
