"""Which ways a run of Python takes: read from the instructions that ran.

Each instruction belongs to a range of the source, and so do the tests, branches and loop targets of
the sites in it.
"""

import dis
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType
from typing import Any, cast

from tsviz.comparison.events import Chosen, Decision, Events, Leak, Store
from tsviz.comparison.sites import DECIDED, LOOPS, Part, Site, SiteKind, Span, file_range, sites_of
from tsviz.frontends.lines import is_library, is_standard, is_torch, is_tsviz
from tsviz.location import FileRange

CALLED = (FunctionType, BuiltinFunctionType, type)
"""What is called by a name that Python picked. Modules and methods have a state of their own."""
Region = tuple[tuple[int, int], ...]
"""(site, part) of all sites that an instruction lies in; part -1: in none of its parts."""


@dataclass(frozen=True, slots=True)
class CodeMap:
    """What the instructions of a function belong to.

    Attributes:
        regions: by instruction, at every second byte; `None` where Python says no place: such
            an instruction, as the jump back that ends a branch in a loop or skips it, belongs to
            what ran before it.
        spans: by instruction, `None` where Python does not say.
        stores: offset of an instruction that sets an attribute → the attribute's name.
        names: offset of an instruction that sets a local name → that name.
    """

    file: str
    function: str
    sites: tuple[Site, ...]
    regions: tuple[Region | None, ...]
    spans: tuple[Span | None, ...]
    stores: Mapping[int, str]
    names: Mapping[int, str]

    def place(self, offset: int) -> FileRange:
        """The source range of an instruction."""
        span = self.spans[offset // 2] if 0 <= offset // 2 < len(self.spans) else None
        return file_range(self.file, span or (1, 0, 1, 0), _lines(self.file), self.function)


def _lines(file: str) -> list[str]:
    return linecache.getlines(file)


@lru_cache(maxsize=4096)
def _map_of(code: CodeType, file: str) -> CodeMap:
    """That of a function; the file is told since code is equal to the same code of another file."""
    sites = sites_of(code)
    spans = _spans(code)
    known: dict[Span | None, Region | None] = {None: None}
    for span in spans:
        if span not in known:
            known[span] = tuple(_regions(sites, cast("Span", span)))
    regions = tuple(known[span] for span in spans)
    stores = dict(_storing(code, "STORE_ATTR"))
    names = dict(_storing(code, "STORE_FAST"))
    return CodeMap(file, code.co_name, sites, regions, spans, stores, names)


def _storing(code: CodeType, instruction: str) -> Iterator[tuple[int, str]]:
    for made in dis.get_instructions(code):
        if made.opname == instruction:
            yield made.offset, str(made.argval)


def _spans(code: CodeType) -> tuple[Span | None, ...]:
    """The range of each instruction, at every second byte.

    What jumps on a condition belongs to the instruction before it, which made the condition: Python
    may say of it the whole statement, or an operand that came before.
    """
    spans = list(map(_whole, code.co_positions()))
    for made in dis.get_instructions(code):
        at = made.offset // 2
        if at and "JUMP" in made.opname and "IF" in made.opname:
            spans[at] = spans[at - 1]
    return tuple(spans)


def _whole(place: tuple[int | None, int | None, int | None, int | None]) -> Span | None:
    line, end_line, col, end_col = place
    if line is None or end_line is None or col is None or end_col is None:
        return None
    return line, col, end_line, end_col


def _regions(sites: tuple[Site, ...], span: Span) -> Iterator[tuple[int, int]]:
    for at, site in enumerate(sites):
        if _holds(site.span, span):
            parts = (n for n, (_, part) in enumerate(site.parts) if _holds(part, span))
            yield at, next(parts, -1)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


class Frames:
    """Listens to the calls of functions outside PyTorch, and to all their instructions."""

    def __init__(self, events: Events, packages: frozenset[str]) -> None:
        self._events = events
        self._packages = packages
        self._known: dict[str, bool] = {}
        self.running: dict[FrameType, Way] = {}

    def find(self) -> tuple[FileRange, Site | None] | None:
        """The place of the model's code that runs, and the site whose test that is part of."""
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] (documented, for this)
        while frame is not None:
            local = self.running.get(frame)
            if local is not None:
                return local.map.place(frame.f_lasti), local.testing()
            frame = frame.f_back
        return None

    def called(self, frame: FrameType, event: str, _: object) -> "Callable[..., Any] | None":
        """What Python calls for every function that begins."""
        code = frame.f_code
        is_watched = self._known.get(code.co_filename)
        if is_watched is None:
            is_watched = is_model_code(code.co_filename, self._packages)
            self._known[code.co_filename] = is_watched
        if not is_watched:
            return None
        read = _map_of(code, code.co_filename)
        self._events.codes[code] = None
        self._events.sites.update(dict.fromkeys(read.sites))
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        self.running[frame] = local = Way(read, self._events, self.running)
        return local.heard


def is_model_code(file: str, packages: frozenset[str]) -> bool:
    """Whether code of this file is the model's: the user's own, or of a package it is made of.

    Args:
        packages: folders of the installed packages that the model's classes are from.
    """
    if is_torch(file) or is_standard(file) or is_tsviz(file) or file.startswith("<frozen"):
        return False
    return not is_library(file) or file.startswith(tuple(packages))


class Way:
    """One call of a function."""

    def __init__(self, read: CodeMap, events: Events, running: "dict[FrameType, Way]") -> None:
        self.map = read
        self.region: Region = ()
        self._events = events
        self._running = running
        self._counts: dict[int, list[int]] = {}
        self._named: int | None = None

    def heard(self, frame: FrameType, event: str, _: object) -> "Callable[..., Any]":
        """What Python calls for everything that happens in the function."""
        if event == "opcode":
            offset = frame.f_lasti
            region = self.map.regions[offset // 2]
            if region is not None and region is not self.region:
                self._move(region)
            if self._named is not None:
                self._has_named(self._named, frame)
            self._named = offset if offset in self.map.names else None
            if offset in self.map.stores:
                self._events.stores.append(Store(self.map.place(offset), self.map.stores[offset]))
        elif event == "return":
            self._leave()
            self._running.pop(frame, None)
        return self.heard

    def _has_named(self, offset: int, frame: FrameType) -> None:
        """Notes which function or class a local name stands for since the instruction before."""
        held = frame.f_locals.get(self.map.names[offset])
        if isinstance(held, CALLED):
            chosen = Chosen(str(getattr(held, "__qualname__", held.__name__)))
            self._events.add(Leak(self.map.place(offset), "=", chosen))

    def _move(self, region: Region) -> None:
        before, now = dict(self.region), dict(region)
        self.region = region
        for at, part in before.items():
            if now.get(at) != part:
                self._left(at, part, now.get(at))
        for at, part in now.items():
            if part >= 0 and before.get(at) != part:
                self._entered(at, part)

    def _entered(self, at: int, part: int) -> None:
        if self.map.sites[at].parts[part][0] in (Part.TARGET, Part.OTHER):
            self._counts.setdefault(at, []).append(part)

    def _left(self, at: int, part: int, to: int | None) -> None:
        site = self.map.sites[at]
        if site.kind in DECIDED and part >= 0 and site.parts[part][0] is Part.TEST:
            self._decide(at, to)
        elif to is None:
            self._close(at)

    def _decide(self, at: int, to: int | None) -> None:
        site = self.map.sites[at]
        if site.kind is SiteKind.ASSERT:
            if self._counts.get(at) is not None:
                return  # what raises the error stands in the test, too
            self._counts[at] = []
            outcome = to is None
        else:
            outcome = to is not None and to >= 0 and site.parts[to][0] is Part.THEN
        self._events.add(Decision(site, outcome))
        if to is None:
            self._counts.pop(at, None)

    def _close(self, at: int) -> None:
        site = self.map.sites[at]
        parts = self._counts.pop(at, [])
        if site.kind in DECIDED:
            return
        if site.kind is SiteKind.COMPREHENSION and not parts:
            return  # it runs in a function of its own
        outcome = len(parts) if site.kind in LOOPS else tuple(sorted(set(parts)))
        self._events.add(Decision(site, outcome))

    def _leave(self) -> None:
        for at, _ in self.region:
            self._close(at)
        self.region = ()

    def testing(self) -> Site | None:
        """The innermost site whose test or head is being computed."""
        for at, part in reversed(self.region):
            site = self.map.sites[at]
            if site.kind in LOOPS - DECIDED and part == -1:
                return site
            if site.kind in DECIDED and part >= 0 and site.parts[part][0] is Part.TEST:
                return site
        return None
