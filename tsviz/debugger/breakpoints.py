"""Breakpoints: where a run is held, on what condition, and how often they were met."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tsviz.debugger.expressions import Expression
from tsviz.debugger.places import UNSTEPPED, Places
from tsviz.errors import DebugError, Diagnostic
from tsviz.ir import Node

if TYPE_CHECKING:
    from tsviz.debugger.run import Run

_LINE = re.compile(r"(?P<file>.*[^:]):(?P<line>\d+)$")


@dataclass(frozen=True, slots=True)
class Spot:
    """What a breakpoint's target stands for.

    Attributes:
        text: the target as it is shown.
        nodes: the nodes that it is about.
        entering: whether it is met on the way into them only, not at each of them.
        line: file and line, where it is one.
    """

    text: str
    nodes: frozenset[int]
    entering: bool = False
    line: tuple[str, int] | None = None


def find_spot(places: Places, target: str | int) -> Spot:
    """Reads a target: `model.py:12`, `aten::relu`, `relu`, `aten::*_`, `%y.1`, a scope, an id, `*`.

    Raises:
        DebugError: `TSV-D10` nothing is of that name.
    """
    graph = places.graph
    if isinstance(target, int):
        if target in graph.nodes:
            return Spot(places.text(target), frozenset((target,)))
        raise _unknown(str(target), [])
    text = target.strip()
    if text == "*":
        return Spot("*", frozenset(graph.nodes))
    line = _LINE.match(text)
    if line is not None and "::" not in text:
        return _line_spot(places, line["file"], int(line["line"]))
    if text.startswith("%"):
        maker = places.makers.get(places.names.get(text[1:], -1), 0)
        if maker:
            return Spot(text, frozenset((maker,)))
        raise _unknown(text, [f"%{name}" for name in places.names])
    named = frozenset(node.id for node in graph.nodes.values() if _is_called(node, text))
    if named:
        return Spot(text, named)
    inside = frozenset(places.in_scope(text))
    if inside:
        return Spot(text, inside, entering=True)
    ops = {node.op for node in graph.nodes.values()}
    raise _unknown(text, [*ops, *(op.partition("::")[2] for op in ops), *graph.scopes.values()])


def _is_called(node: Node, pattern: str) -> bool:
    name = node.op if "::" in pattern else node.op.rpartition("::")[2]
    return fnmatchcase(name, pattern)


def _line_spot(places: Places, file: str, line: int) -> Spot:
    """The nodes of a line, or of the next one that has any."""
    lines: dict[tuple[str, int], set[int]] = {}
    for node in places.graph.nodes.values():
        for path, at, _ in places.stack(node.id) if node.op not in UNSTEPPED else ():
            lines.setdefault((path, at), set()).add(node.id)
    files = sorted({path for path, _ in lines if _ends_with(path, file)})
    if len(files) > 1:
        message = f"expected a file name that fits one file, `{file}` fits {len(files)}"
        raise DebugError(Diagnostic("TSV-D11", message, notes=tuple(files)))
    known = sorted(at for path, at in lines if path in files)
    later = [at for at in known if at >= line]
    if not later:
        message = f"no node comes from line {line} of `{file}`"
        if known:
            raise DebugError(
                Diagnostic("TSV-D12", message, help=f"the last line with nodes is {known[-1]}")
            )
        shown = sorted({path for path, _ in lines})
        notes = tuple(f"nodes come from {path}" for path in shown[:5])
        raise DebugError(Diagnostic("TSV-D12", message, notes=notes))
    found = later[0]
    place = files[0], found
    return Spot(f"{files[0]}:{found}", frozenset(lines[place]), entering=True, line=place)


def _ends_with(path: str, tail: str) -> bool:
    path, tail = path.replace("\\", "/"), tail.replace("\\", "/")
    return path == tail or path.endswith("/" + tail.lstrip("/"))


def _unknown(text: str, names: list[str]) -> DebugError:
    message = f"expected a line, an op, a value, a node or a module path, got `{text}`"
    close = get_close_matches(text, sorted(set(names) - {""}), n=1)
    help = f"did you mean `{close[0]}`?" if close else "write `model.py:12`, `aten::relu`, `%y.1`"
    return DebugError(Diagnostic("TSV-D10", message, help=help))


@dataclass(slots=True)
class Breakpoint:
    """One breakpoint.

    Attributes:
        number: by which it is removed; from 1 on.
        spot: where it is.
        when: a condition, or `None`.
        after: how many times it lets the run pass.
        hits: how often the run met it and the condition held.
        failure: what the condition raised when it was last evaluated, or "".
    """

    number: int
    spot: Spot
    when: Expression | None = None
    after: int = 0
    hits: int = 0
    failure: str = ""

    def __str__(self) -> str:
        condition = f" when {self.when.text}" if self.when is not None else ""
        skipped = f" after {self.after} times" if self.after else ""
        return f"{self.number}: {self.spot.text}{condition}{skipped}"


class Breakpoints:
    """All breakpoints of a session; the gate of its runs.

    Attributes:
        nodes: where the run is asked about before it goes on.
        outputs: the values after which it is.
        values: what their conditions look at.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._all: dict[int, Breakpoint] = {}
        self._next = 1
        self.nodes: frozenset[int] = frozenset()
        self.outputs: frozenset[int] = frozenset()
        self.values: frozenset[int] = frozenset()

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(tuple(self._all.values()))

    def add(self, target: str | int, when: str, after: int) -> Breakpoint:
        """Makes one.

        Raises:
            DebugError: as `find_spot` and `Expression`.
        """
        condition = Expression(when) if when else None
        made = Breakpoint(self._next, find_spot(self._places, target), condition, after)
        self._next += 1
        self._all[made.number] = made
        self._collect()
        return made

    def change(self, number: int, when: str, after: int) -> None:
        """Gives one another condition, and counts it anew.

        Raises:
            DebugError: `TSV-D13` there is none of that number; as `Expression`.
        """
        one = self._get(number)
        one.when = Expression(when) if when else None
        one.after, one.hits, one.failure = after, 0, ""
        self._collect()

    def remove(self, number: int | None) -> None:
        """Removes one, or all.

        Raises:
            DebugError: `TSV-D13` there is none of that number.
        """
        if number is None:
            self._all.clear()
        else:
            del self._all[self._get(number).number]
        self._collect()

    def _get(self, number: int) -> Breakpoint:
        if number not in self._all:
            known = ", ".join(map(str, self._all)) or "none"
            message = f"expected the number of a breakpoint ({known}), got {number}"
            raise DebugError(Diagnostic("TSV-D13", message))
        return self._all[number]

    def reset_hits(self) -> None:
        """Counts anew, as the program does."""
        for one in self._all.values():
            one.hits, one.failure = 0, ""

    def _collect(self) -> None:
        nodes = self._places.graph.nodes
        before = [one for one in self._all.values() if not _is_after(one)]
        after = [one for one in self._all.values() if _is_after(one)]
        self.nodes = frozenset[int]().union(*(one.spot.nodes for one in before))
        watched = (nodes[node] for one in after for node in one.spot.nodes)
        self.outputs = frozenset(node.outputs[-1] for node in watched if node.outputs)
        self.values = frozenset[int]().union(*map(self._looked_at, self._all.values()))

    def _looked_at(self, one: Breakpoint) -> Iterator[int]:
        """The values that a condition names, and those of its nodes where it asks for them."""
        if one.when is None:
            return
        yield from self._places.named(one.when.names)
        nodes = [self._places.node(node) for node in one.spot.nodes]
        if one.when.is_after:
            yield from (value for node in nodes for value in node.outputs)
        if "inputs" in one.when.names:
            yield from (value for node in nodes for value in node.inputs)

    # ── the gate ─────────────────────────────────────────────────────────────────────────────

    def before(self, run: "Run", number: int) -> str:
        """Which breakpoint holds the run before a node."""
        node = abs(number)
        met = [
            one
            for one in self._all.values()
            if node in one.spot.nodes and not _is_after(one) and self._is_entered(one, run)
        ]
        return self._first(run, met)

    def after(self, run: "Run", value: int) -> str:
        """Which breakpoint holds the run now that a value was computed."""
        maker = self._places.makers[value]
        met = [one for one in self._all.values() if maker in one.spot.nodes and _is_after(one)]
        return self._first(run, met)

    def _is_entered(self, one: Breakpoint, run: "Run") -> bool:
        if not one.spot.entering:
            return True
        return abs(run.previous) not in one.spot.nodes or run.number < 0

    def _first(self, run: "Run", met: list[Breakpoint]) -> str:
        """Counts all that were met; the reason of the first that holds, or of a failing one."""
        reason = ""
        for one in met:
            holds = self._holds(one, run)
            one.hits += bool(holds)
            if holds and one.hits > one.after and not reason:
                reason = holds
        return reason

    def _holds(self, one: Breakpoint, run: "Run") -> str:
        if one.when is None:
            return f"breakpoint {one.number}"
        try:
            holds = bool(one.when.evaluate(run))
            one.failure = ""
            return f"breakpoint {one.number}" if holds else ""
        except Exception as error:  # noqa: BLE001 (the user's condition raises any class)
            one.after = 0
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            if isinstance(error, DebugError):
                what = error.diagnostic.message
            one.failure = what
            return f"the condition of breakpoint {one.number}, `{one.when.text}`, failed: {what}"


def _is_after(one: Breakpoint) -> bool:
    return one.when is not None and one.when.is_after
