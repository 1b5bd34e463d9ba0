"""Which nodes of two variants of one model correspond: by Python line first, by structure second.

A traced and a scripted program of the same code differ in ops, in constants and in blocks, but both
know which Python lines their nodes come from, and through which calls. Nodes of one op that the
same calls lead to correspond; what has no line, or lost some of its calls, is found by less and
less. What is left on one side alone is what the other variant lost: above all the lines of a branch
that a trace did not take.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from tsviz.frontends import Program, is_printed, is_torch, iter_model_frames
from tsviz.ir import Node, match_nodes
from tsviz.location import FileRange, How


class Match(StrEnum):
    """By what two nodes were found to correspond, the surest first."""

    CALLS = "calls"
    """The same line, reached through the same calls."""
    LINE = "line"
    """The same line, or the same statement over several lines."""
    STRUCTURE = "structure"
    """What makes and what uses their values; one of them at least has no line."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two nodes that correspond.

    Attributes:
        first, second: their ids.
        line: the model line, as the one that knows columns has it; `None` where neither has one.
        how: by what they were found.
    """

    first: int
    second: int
    line: FileRange | None
    how: Match


@dataclass(frozen=True, slots=True)
class Lone:
    """A node without a counterpart.

    Attributes:
        line: its model line, `None` where it has none.
    """

    node: int
    op: str
    line: FileRange | None


@dataclass(frozen=True, slots=True)
class LostLine:
    """A line with nodes in one variant, and with none in the other.

    Attributes:
        line: all of it.
        is_in_first: which variant has it.
        nodes: the ids of its nodes there, in printed order.
    """

    line: FileRange
    is_in_first: bool
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Alignment:
    """Two variants of one model, node by node.

    Attributes:
        first, second: the variants.
        pairs: in the printed order of the first.
        only_first, only_second: what has no counterpart, in printed order.
    """

    first: Program
    second: Program
    pairs: tuple[Pair, ...]
    only_first: tuple[Lone, ...]
    only_second: tuple[Lone, ...]

    @cached_property
    def counterparts(self) -> Mapping[int, int]:
        """Id of a node of the first → id of its counterpart."""
        return {pair.first: pair.second for pair in self.pairs}

    def lines(self) -> tuple[LostLine, ...]:
        """The lines that only one variant has nodes of, by file and number.

        Constants and attribute accesses alone make no line: they come and go with every variant.
        """
        paired = {(pair.line.file, pair.line.line) for pair in self.pairs if pair.line is not None}
        first, second = (_by_line(side) for side in (self.only_first, self.only_second))

        def is_idle(is_in_first: bool, nodes: list[int]) -> bool:
            graph = (self.first if is_in_first else self.second).graph
            return all(graph.nodes[node].op in _IDLE for node in nodes)

        gone = [
            LostLine(FileRange(*place), is_in_first, tuple(nodes))
            for is_in_first, side, other in ((True, first, second), (False, second, first))
            for place, nodes in side.items()
            if place not in paired and place not in other and not is_idle(is_in_first, nodes)
        ]
        return tuple(sorted(gone, key=lambda lost: (lost.line.file, lost.line.line)))

    @property
    def summary(self) -> str:
        """How many nodes correspond, and how many do not."""
        names = (f"only in {side.variant}" for side in (self.first, self.second))
        counts = (len(self.only_first), len(self.only_second))
        alone = (f"{count:,} {name}" for count, name in zip(counts, names, strict=True))
        return ", ".join((f"{len(self.pairs):,} pairs", *alone))

    def __repr__(self) -> str:
        return f"<Alignment of {self.first.name}: {self.summary}>"


_IDLE = frozenset({"prim::Constant", "prim::GetAttr"})


def align_variants(first: Program, second: Program) -> Alignment:
    """Finds which nodes of two variants of one model correspond; takes time linear in nodes.

    Args:
        first, second: programs of the same Python code, such as traced and scripted.
    """
    return _Aligning(_Side(first), _Side(second)).result()


def _by_line(nodes: Iterable[Lone]) -> dict[tuple[str, int], list[int]]:
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for lone in nodes:
        if lone.line is not None:
            found[lone.line.file, lone.line.line].append(lone.node)
    return found


_Place = tuple[str, int]
"""File and line."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a node comes from.

    Attributes:
        line: its model line.
        calls: the frames of the model's code that lead to it, innermost first.
    """

    line: FileRange | None
    calls: tuple[_Place, ...]


_NOWHERE = _Origin(None, ())


class _Side:
    """One variant, and where its nodes come from."""

    def __init__(self, program: Program) -> None:
        self.program, self.graph = program, program.graph
        self.origins: dict[int, _Origin] = {}
        known: dict[int, _Origin] = {}  # many nodes share a location, which is slow to hash
        for node in self.graph.nodes.values():
            link = self.graph.link(node)
            if link.how is not How.NONE and id(link.location) not in known:
                frames = tuple(filter(_is_model, iter_model_frames(link.location)))
                line = program.model_line(node)
                calls = tuple((frame.file, frame.line) for frame in frames)
                known[id(link.location)] = _Origin(line, calls)
            is_known = link.how is not How.NONE
            self.origins[node.id] = known[id(link.location)] if is_known else _NOWHERE

    def statements(self, file: str) -> Mapping[int, int]:
        """Line of a file → the first line of the statement that it belongs to."""
        source = self.program.sources.get(file)
        return _statements(source.text if source is not None else "")

    def line(self, node: int) -> FileRange | None:
        return self.origins[node].line

    def lone(self, node: int) -> Lone:
        return Lone(node, self.graph.nodes[node].op, self.line(node))


@lru_cache(maxsize=64)
def _statements(text: str) -> Mapping[int, int]:
    """Of lines in a statement over several; of a compound one only its head counts."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a cell with magics, or a file that is not Python
        return {}
    found: dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body: list[ast.stmt] = getattr(node, "body", [])
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            found.update((line, node.lineno) for line in range(node.lineno + 1, end + 1))
    return found


def _is_model(frame: FileRange) -> bool:
    return _is_model_file(frame.file)


@lru_cache(maxsize=4096)
def _is_model_file(file: str) -> bool:
    return not (is_torch(file) or is_printed(file))


# ── what nodes must have in common, the surest first ────────────────────────────────────────────

_Key = Callable[[_Side, Node, _Origin], Hashable]
"""What a node must have in common with another; only asked of nodes with a line."""


def _whole(side: _Side, node: Node, origin: _Origin) -> Hashable:
    return node.op, node.attributes, origin.calls, side.graph.scope(node)


def _calls_and_scope(side: _Side, node: Node, origin: _Origin) -> Hashable:
    return node.op, origin.calls, side.graph.scope(node)


def _calls(_: _Side, node: Node, origin: _Origin) -> Hashable:
    return node.op, origin.calls


def _line_and_scope(side: _Side, node: Node, origin: _Origin) -> Hashable:
    return node.op, _start(origin), side.graph.scope(node)


def _line(_: _Side, node: Node, origin: _Origin) -> Hashable:
    return node.op, _start(origin)


def _statement(side: _Side, node: Node, origin: _Origin) -> Hashable:
    """Of `x.relu()` over two lines, Python names the second and TorchScript the first."""
    file, line = _start(origin)
    return node.op, file, side.statements(file).get(line, line)


def _start(origin: _Origin) -> _Place:
    assert origin.line is not None
    return origin.line.file, origin.line.line


def _place_and_scope(side: _Side, node: Node, origin: _Origin) -> Hashable:
    return origin.calls, side.graph.scope(node)


def _place(_: _Side, __: Node, origin: _Origin) -> Hashable:
    return origin.calls


_LEVELS: tuple[tuple[_Key, Match], ...] = (
    (_whole, Match.CALLS),
    (_calls_and_scope, Match.CALLS),
    (_calls, Match.CALLS),
    (_line_and_scope, Match.LINE),
    (_line, Match.LINE),
    (_statement, Match.LINE),
)


class _Aligning:
    """The pairs found so far."""

    def __init__(self, first: _Side, second: _Side) -> None:
        self._first, self._second = first, second
        self._found: dict[int, tuple[int, Match]] = {}
        self._taken: set[int] = set()

    def result(self) -> Alignment:
        for key, how in _LEVELS:
            self._pair_by(key, how)
        self._pair_results(_place_and_scope)
        self._pair_results(_place)
        self._pair_by_structure()
        pairs = (
            Pair(node, *self._partner(node)) for node in self._first.graph.nodes if self._has(node)
        )
        return Alignment(
            self._first.program,
            self._second.program,
            tuple(pairs),
            tuple(self._first.lone(n) for n in self._first.graph.nodes if not self._has(n)),
            tuple(self._second.lone(n) for n in self._second.graph.nodes if n not in self._taken),
        )

    def _has(self, node: int) -> bool:
        return node in self._found

    def _partner(self, node: int) -> tuple[int, FileRange | None, Match]:
        other, how = self._found[node]
        mine, theirs = self._first.line(node), self._second.line(other)
        is_vague = mine is None or (mine.is_whole_line and theirs is not None)
        return other, theirs if is_vague else mine, how

    def _pair(self, one: int, other: int, how: Match) -> None:
        self._found[one] = other, how
        self._taken.add(other)

    @cached_property
    def _alike(self) -> Mapping[int, int]:
        """What corresponds by structure alone."""
        return match_nodes(self._first.graph, self._second.graph)

    def _left(self, side: _Side) -> Iterator[Node]:
        done = self._found if side is self._first else self._taken
        return (node for node in side.graph.nodes.values() if node.id not in done)

    def _groups(self, key: _Key) -> Iterator[tuple[list[int], list[int]]]:
        """What is left on both sides, by what it has in common."""
        groups = self._grouped(self._first, key), self._grouped(self._second, key)
        for label, nodes in groups[0].items():
            if label in groups[1]:
                yield nodes, groups[1][label]

    def _grouped(self, side: _Side, key: _Key) -> dict[Hashable, list[int]]:
        found: defaultdict[Hashable, list[int]] = defaultdict(list)
        for node in self._left(side):
            origin = side.origins[node.id]
            if origin.line is not None:
                found[key(side, node, origin)].append(node.id)
        return found

    def _pair_by(self, key: _Key, how: Match) -> None:
        """Pairs what is alike: in order, and where numbers differ by structure before that."""
        for nodes, others in list(self._groups(key)):
            if len(nodes) != len(others):
                among = set(others)
                for node in nodes:
                    if self._alike.get(node) in among:
                        self._pair(node, self._alike[node], how)
            left = (node for node in nodes if node not in self._found)
            free = (other for other in others if other not in self._taken)
            for node, other in zip(left, free, strict=False):
                self._pair(node, other, how)

    def _pair_results(self, key: _Key) -> None:
        """Pairs two ops of one place that alone are left there of those that compute a tensor.

        Tracing calls a convolution by another name than scripting, and so does freezing.
        """
        for nodes, others in list(self._groups(key)):
            mine = [node for node in nodes if _computes_tensor(self._first, node)]
            theirs = [other for other in others if _computes_tensor(self._second, other)]
            if len(mine) == len(theirs) == 1:
                self._pair(mine[0], theirs[0], Match.CALLS)

    def _pair_by_structure(self) -> None:
        """Pairs what is left where the lines do not speak against it."""
        if all(_has_line(side, self._left(side)) for side in (self._first, self._second)):
            return
        for node in list(self._left(self._first)):
            other = self._alike.get(node.id)
            if other is None or other in self._taken:
                continue
            if self._first.line(node.id) is None or self._second.line(other) is None:
                self._pair(node.id, other, Match.STRUCTURE)


def _has_line(side: _Side, nodes: Iterable[Node]) -> bool:
    return all(side.line(node.id) is not None for node in nodes)


_LAYOUTS = frozenset({"aten::to_mkldnn", "aten::to_dense"})


def _computes_tensor(side: _Side, node: int) -> bool:
    found = side.graph.nodes[node]
    if not found.op.startswith(("aten::", "prim::mkldnn")) or found.op in _LAYOUTS:
        return False
    return len(found.outputs) == 1 and side.graph.types[found.outputs[0]].tensor is not None
