"""What a compiled function looks like: its nodes in printed order, and the calls among them.

Read from what PyTorch prints, which costs a tenth of asking node by node. Functions that print the
same but for names and types (the methods of a hundred equal modules) share one outline.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tsviz.ir import Block, Graph, Node, SubgraphRef, Use, comment_place, read_graph
from tsviz.jit.ranges import is_known_file

CONSTANT = "prim::Constant"
_CALL_METHOD = "prim::CallMethod"
_CALL_FUNCTION = "prim::CallFunction"
_CALLS = (_CALL_FUNCTION, _CALL_METHOD)
_READ = "prim::GetAttr"
# a value, with its type where it is defined, and the module that a traced node ran in
_NAMED = re.compile(r"%[^\s,()]+(?: : (.*?) = )?|, scope: [^#\n]*")


class Item(NamedTuple):
    """A node, or a bracket around a block (`{` `}`) or a subgraph (`<` `>`).

    Attributes:
        kind: what the node does and where that is written.
        moved: the value of a constant, by which it is known wherever passes move it, and where that
            is written; "" for what keeps its place.
        call: which of the function's calls this is, -1 for other nodes and calls that stay.
        at: which of the function's nodes this is, -1 for none of them.
        path: the calls within the function through which the node came into it; `None` where they
            are not known.
    """

    kind: str
    moved: str = ""
    call: int = -1
    at: int = -1
    path: tuple[int, ...] | None = ()


@dataclass(frozen=True)
class Outline:
    """The items of a graph.

    Attributes:
        graph: one graph that looks like this.
        comments: node id → what it says about its place.
        items: in printed order.
    """

    graph: Graph
    comments: dict[int, str]
    items: tuple[Item, ...] = field(repr=False)

    @cached_property
    def calls(self) -> list[int]:
        """Which nodes are calls that inlining replaces."""
        return [item.at for item in self.items if item.call >= 0]

    @cached_property
    def call_numbers(self) -> dict[int, int]:
        """Node → which call it is, for calls that inlining replaces."""
        return {at: number for number, at in enumerate(self.calls)}

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes in printed order."""
        return tuple(self.graph.nodes.values())

    @cached_property
    def indices(self) -> dict[int, int]:
        """Node id → which of the nodes it is."""
        return {node.id: at for at, node in enumerate(self.nodes)}

    def parameter(self, call: Node, use: Use) -> int:
        """The value that stands for an argument of a call of this function."""
        return self.graph.block.params[use.index - (call.op == _CALL_FUNCTION)]

    @cached_property
    def first_placed(self) -> int:
        """The first node that has a place, -1 if there is none."""
        comments = (self.comments.get(node.id, "") for node in self.nodes)
        return next((at for at, comment in enumerate(comments) if _is_place(comment)), -1)

    @cached_property
    def is_placed(self) -> bool:
        """Whether every node has a place."""
        return all(_is_place(self.comments.get(node.id, "")) for node in self.nodes)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that its nodes are written in."""
        places = (comment_place(comment) for comment in self.comments.values())
        files = {place.file: None for place in places if place is not None}
        return tuple(file for file in files if is_known_file(file) and not file.startswith("code/"))

    @cached_property
    def module_paths(self) -> list[str]:
        """By call: the path of the submodule that a method is called of, "" for other calls."""
        return [self._module_path(self.nodes[at].inputs[0]) for at in self.calls]

    def _module_path(self, value: int) -> str:
        producers = self.graph.producers
        names: list[str] = []
        while (node := producers.get(value)) is not None and node.op == _READ:
            names.append(str(node.get_attribute("name")))
            value = node.inputs[0]
        return ".".join(reversed(names))

    @cached_property
    def has_subgraphs(self) -> bool:
        """Whether some node holds a graph, which is printed below."""
        return any(item.kind == "<" for item in self.items)

    def comment(self, index: int) -> str:
        """What a node says about its place."""
        return self.comments.get(self.nodes[index].id, "")


def _is_place(comment: str) -> bool:
    """Whether a comment leads to a file; what PyTorch expands itself comes from `<string>`."""
    place = comment_place(comment)
    return place is not None and is_known_file(place.file)


class Outlines:
    """Reads outlines, equal ones once.

    Args:
        forks: whether calls in what a function forks count as replaced by what they call, too.
    """

    def __init__(self, *, forks: bool) -> None:
        self._forks = forks
        self._known: dict[str, tuple[Outline, list[int]]] = {}

    def read(self, text: str) -> tuple[Outline, list[str]]:
        """The outline of a graph as PyTorch prints it, and what it calls methods of.

        Returns:
            The second by call: the type of the object, "" where no line defines it.
        """
        body = text.partition("):\n")[2]
        parts = _NAMED.split(body)
        key = "".join(parts[::2])
        known = self._known.get(key)
        if known is None:
            outline = read_outline(text, forks=self._forks)
            known = self._known[key] = (outline, _receivers(outline, body))
        outline, receivers = known
        return outline, [parts[2 * at + 1] if at >= 0 else "" for at in receivers]


def _receivers(outline: Outline, body: str) -> list[int]:
    """By call: which named part of the text defines the object, -1 for none."""
    if outline.has_subgraphs:  # each numbers its values anew
        return [-1] * len(outline.calls)
    named = enumerate(_NAMED.finditer(body))
    defined = {part[0].partition(" ")[0]: at for at, part in named if part[1]}
    values = outline.graph.values

    def find(call: Node) -> int:
        name = f"%{values[call.inputs[0]].name}"
        return defined.get(name, -1) if call.op == _CALL_METHOD else -1

    return [find(outline.nodes[at]) for at in outline.calls]


def read_outline(text: str, *, forks: bool = False) -> Outline:
    """The outline of one graph as PyTorch prints it."""
    reading = read_graph(text)
    return outline_of(reading.graph, reading.comments, forks=forks)


def outline_of(graph: Graph, comments: dict[int, str], *, forks: bool = False) -> Outline:
    """The outline of a graph that was read."""
    items: list[Item] = []
    call = subgraphs = 0
    index = -1
    for step in iter_steps(graph.block):
        if isinstance(step, str):
            subgraphs += (step == "<") - (step == ">")
            items.append(Item(step))
            continue
        index += 1
        kind, moved = identify(step, comments.get(step.id, ""), keeps_place=subgraphs > 0)
        replaced = step.op in _CALLS and (forks or not subgraphs)
        items.append(Item(kind, moved, call if replaced else -1, index))
        call += replaced
    return Outline(graph, comments, tuple(items))


def identify(node: Node, comment: str, *, keeps_place: bool) -> tuple[str, str]:
    """The `kind` and `moved` of the item of a node.

    Args:
        comment: what it says about its place.
        keeps_place: whether constants do, too, as in a subgraph.
    """
    if node.op == CONSTANT:
        known = f"{node.attributes} # {comment}"
        return (f"{CONSTANT} {known}", "") if keeps_place else (CONSTANT, known)
    name = node.attributes[0][1] if node.op == _READ else ""
    return f"{node.op} {name} # {comment}", ""


def iter_steps(block: Block) -> Iterator[Node | str]:
    """All nodes in printed order, with `{` `}` around blocks and `<` `>` around subgraphs."""
    stack: list[Iterator[Node | str]] = [iter(block.nodes)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        yield step
        if not isinstance(step, str) and step.blocks:
            stack.append(_inner_steps(step))


def _inner_steps(node: Node) -> Iterator[Node | str]:
    subgraphs = [value.index for _, value in node.attributes if isinstance(value, SubgraphRef)]
    for index, block in enumerate(node.blocks):
        opening, closing = "<>" if index in subgraphs else "{}"
        yield opening
        yield from block.nodes
        yield closing
