"""One run of Python code, watched: which ways it took, and what left its tensors for Python.

Two listeners, and nothing of the user's is changed. Python's own trace function, asked for every
instruction of the functions that are not PyTorch's, tells which ranges of the source ran, and so
how each `if`, loop or `assert` went. PyTorch's own override mode sees every call that is made on
tensors: one that returns something other than tensors (a number, a size, a truth) is a *leak*.
While a model is traced, a leak is the one way in which what is computed from the inputs can get
past the trace, into a branch or a constant.

A watched run is slow, and gives the same results.
"""

import dis
import linecache
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, cast

import torch
from torch.overrides import TorchFunctionMode

from tsviz.comparison.sites import (
    DECIDED,
    LOOPS,
    Part,
    Site,
    SiteKind,
    Span,
    file_range,
    sites_of,
)
from tsviz.frontends.lines import is_standard, is_torch
from tsviz.location import FileRange

MOST_EVENTS = 200_000
"""What happens later in a run is not kept."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How a site went, once.

    Attributes:
        outcome: true or false of a test, iterations of a loop, else the numbers of the parts that
            ran.
    """

    site: Site
    outcome: object

    @property
    def key(self) -> object:
        """Equal for the same place in every run."""
        return self.site.place, self.site.kind


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that left its tensors for Python.

    Attributes:
        place: the expression in the user's code.
        name: of what was called, such as `__bool__` or `size`.
        value: what came out, comparable: tensors in containers are `Tensor`.
        raw: the same as it came; `None` where it holds tensors.
        site: the site whose test or loop bound it was part of, if any.
    """

    place: FileRange
    name: str
    value: object
    raw: object = field(default=None, compare=False, repr=False)
    site: Site | None = field(default=None, compare=False)

    @property
    def key(self) -> object:
        """Equal for the same place in every run."""
        return self.place, self.name


@dataclass(frozen=True, slots=True)
class Store:
    """An attribute that was set.

    Attributes:
        place: the assignment's target.
        name: of the attribute.
    """

    place: FileRange
    name: str


@dataclass(slots=True)
class Events:
    """What happened, in its order.

    Attributes:
        order: decisions and leaks.
        stores: attributes that were set.
        codes: all functions that ran.
        sites: of all functions that ran, also those that nothing reached.
        is_whole: whether all was kept.
    """

    order: list[Decision | Leak] = field(default_factory=list["Decision | Leak"])
    stores: list[Store] = field(default_factory=list[Store])
    codes: dict[CodeType, None] = field(default_factory=dict[CodeType, None])
    sites: dict[Site, None] = field(default_factory=dict[Site, None])
    is_whole: bool = True

    def add(self, event: Decision | Leak) -> None:
        """Notes an event, while there is room."""
        if len(self.order) < MOST_EVENTS:
            self.order.append(event)
        else:
            self.is_whole = False

    def by_key(self) -> dict[object, list[Decision | Leak]]:
        """Events by their place, places in the order in which they were first met."""
        found: dict[object, list[Decision | Leak]] = {}
        for event in self.order:
            found.setdefault(event.key, []).append(event)
        return found


@contextmanager
def watched(pins: Mapping[object, list[object]] | None = None) -> Generator[Events]:
    """Watches what this thread runs; an earlier trace function comes back.

    Args:
        pins: by a leak's key, what it gives instead, each time; the last one from then on.
    """
    events = Events()
    frames = _Frames(events)
    previous = sys.gettrace()
    with _Leaks(events, frames, pins or {}):
        sys.settrace(frames.called)
        try:
            yield events
        finally:
            sys.settrace(previous)


# ── which ways were taken ───────────────────────────────────────────────────────────────────────

Region = tuple[tuple[int, int], ...]
"""(site, part) of all sites that an instruction lies in; part -1: in none of its parts."""


@dataclass(frozen=True, slots=True)
class _Map:
    """What the instructions of a function belong to.

    Attributes:
        regions: by instruction, at every second byte.
        spans: by instruction, `None` where Python does not say.
        stores: offset of an instruction that sets an attribute → the attribute's name.
    """

    file: str
    function: str
    sites: tuple[Site, ...]
    regions: tuple[Region, ...]
    spans: tuple[Span | None, ...]
    stores: Mapping[int, str]

    def place(self, offset: int) -> FileRange:
        """The source range of an instruction."""
        span = self.spans[offset // 2] if 0 <= offset // 2 < len(self.spans) else None
        return file_range(self.file, span or (1, 0, 1, 0), _lines(self.file), self.function)


def _lines(file: str) -> list[str]:
    return linecache.getlines(file)


@lru_cache(maxsize=4096)
def _map_of(code: CodeType) -> _Map:
    sites = sites_of(code)
    spans = _spans(code)
    known: dict[Span | None, Region] = {None: ()}
    for span in spans:
        if span not in known:
            known[span] = tuple(_regions(sites, cast("Span", span)))
    regions: list[Region] = []
    for span in spans:  # an instruction without a place belongs to the one before it
        regions.append(known[span] if span is not None or not regions else regions[-1])
    stores = {
        made.offset: str(made.argval)
        for made in dis.get_instructions(code)
        if made.opname == "STORE_ATTR"
    }
    return _Map(code.co_filename, code.co_name, sites, tuple(regions), spans, stores)


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


class _Frames:
    """Listens to the calls of functions outside PyTorch, and to all their instructions."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._known: dict[CodeType, bool] = {}
        self.running: dict[FrameType, _Frame] = {}

    def called(self, frame: FrameType, event: str, _: object) -> "Callable[..., Any] | None":
        """What Python calls for every function that begins."""
        code = frame.f_code
        is_watched = self._known.get(code)
        if is_watched is None:
            is_watched = self._known[code] = is_user_code(code.co_filename)
        if not is_watched:
            return None
        read = _map_of(code)
        self._events.codes[code] = None
        self._events.sites.update(dict.fromkeys(read.sites))
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        self.running[frame] = local = _Frame(read, self._events, self.running)
        return local.heard


@lru_cache(maxsize=4096)
def is_user_code(file: str) -> bool:
    """Whether code of this file is a model's: not Python's, PyTorch's or that of this folder."""
    return not (is_torch(file) or is_standard(file) or file.startswith(("<frozen", _HERE)))


_HERE = __file__.rpartition("comparison")[0] + "comparison"


class _Frame:
    """One call of a function."""

    def __init__(self, read: _Map, events: Events, running: "dict[FrameType, _Frame]") -> None:
        self.map = read
        self.region: Region = ()
        self._events = events
        self._running = running
        self._counts: dict[int, list[int]] = {}

    def heard(self, frame: FrameType, event: str, _: object) -> "Callable[..., Any]":
        """What Python calls for everything that happens in the function."""
        if event == "opcode":
            offset = frame.f_lasti
            region = self.map.regions[offset // 2]
            if region is not self.region:
                self._move(region)
            if offset in self.map.stores:
                self._events.stores.append(Store(self.map.place(offset), self.map.stores[offset]))
        elif event == "return":
            self._leave()
            self._running.pop(frame, None)
        return self.heard

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
            self._decide(site, to)
        elif to is None:
            self._close(at)

    def _decide(self, site: Site, to: int | None) -> None:
        if site.kind is SiteKind.ASSERT:
            outcome = to is None
        else:
            outcome = to is not None and to >= 0 and site.parts[to][0] is Part.THEN
        self._events.add(Decision(site, outcome))

    def _close(self, at: int) -> None:
        site = self.map.sites[at]
        if site.kind in DECIDED:
            return
        parts = self._counts.pop(at, [])
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


# ── what left its tensors ───────────────────────────────────────────────────────────────────────


class _Leaks(TorchFunctionMode):
    """Listens to everything that is called on tensors."""

    def __init__(
        self, events: Events, frames: _Frames, pins: Mapping[object, list[object]]
    ) -> None:
        super().__init__()
        self._events, self._frames, self._pins = events, frames, pins
        self._met: dict[object, int] = {}

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor) or made is None:
            return made
        value, is_plain = comparable(made)
        if value == "Tensor":
            return made
        name = str(getattr(func, "__name__", func))
        if name == "__get__":
            name = getattr(getattr(func, "__self__", None), "__name__", name)
        found = self._find_place()
        if found is None:
            return made
        place, site = found
        leak = Leak(place, name, value, made if is_plain else None, site)
        self._events.add(leak)
        return self._pinned(leak, made)

    def _find_place(self) -> tuple[FileRange, Site | None] | None:
        frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] (documented, for this)
        while frame is not None:
            local = self._frames.running.get(frame)
            if local is not None:
                return local.map.place(frame.f_lasti), local.testing()
            frame = frame.f_back
        return None

    def _pinned(self, leak: Leak, made: object) -> object:
        pins = self._pins.get(leak.key)
        if not pins or leak.raw is None:
            return made
        at = self._met[leak.key] = self._met.get(leak.key, -1) + 1
        return pins[min(at, len(pins) - 1)]


def comparable(value: object) -> tuple[object, bool]:
    """A value that can be compared with that of another run, and whether no tensor is in it."""
    if isinstance(value, torch.Tensor):
        return "Tensor", False
    if isinstance(value, (tuple, list)):
        parts = [comparable(item) for item in cast("tuple[object, ...]", value)]
        if type(value) in (tuple, list, torch.Size) or hasattr(value, "_fields"):
            return tuple(part for part, _ in parts), all(plain for _, plain in parts)
    if isinstance(value, (bool, int, float, complex, str)):
        return (repr(value) if value != value else value), True  # NaN is not itself
    if isinstance(value, (torch.dtype, torch.device, torch.layout)):
        return str(value), True
    if type(value).__module__ == "numpy":
        array: Any = value
        return (str(array.dtype), array.shape, hash(array.tobytes())), True
    return type(value).__qualname__, False
