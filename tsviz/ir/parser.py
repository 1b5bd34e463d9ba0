"""Reads IR text: what PyTorch prints, what tsviz prints, what a bug report quotes.

Text is also the fast way in for live graphs (`str(graph)` costs a twentieth of asking the
bindings node by node), so the common line takes one regular expression and a dictionary look-up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tsviz.errors import CaptureError, Diagnostic
from tsviz.ir.graph import Attribute, Block, Graph, Node, SubgraphRef, Value, fresh_id
from tsviz.ir.literals import parse_literal, split_list
from tsviz.ir.types import Type, intern_type
from tsviz.location import FileRange

_STRING = r'"(?:\\.|[^"\\])*"'


def _balanced(opening: str, closing: str, depth: int) -> str:
    """A pattern for bracketed text with quoted strings and `depth` levels of the same brackets."""
    plain = rf'[^"{opening}{closing}]'
    inner = ""
    for _ in range(depth):
        inner = rf"{opening}(?:{_STRING}|{plain}{'|' + inner if inner else ''})*{closing}"
    return inner


_ATTRIBUTES = _balanced(r"\[", r"\]", 5)
_SCALAR_ARGS = _balanced(r"\(", r"\)", 3)
_HEAD = rf"(?P<head>\^?[A-Za-z_][\w:.<>-]*(?:{_ATTRIBUTES})?(?:{_SCALAR_ARGS}(?=\())?)"
_OUTPUTS_AND_HEAD = rf"^ *(?:(?P<outs>%.*?) )?(?:= )?{_HEAD}"
_END = r"(?:, scope: (?P<scope>.*?))?(?: # (?P<comment>.*))?$"
_NODE = re.compile(rf"{_OUTPUTS_AND_HEAD}\((?P<ins>(?:%[^\s,()]+(?:, )?)*)\){_END}")
# a value is named after the attribute it was read from, which may be called anything
_ODDLY_NAMED = re.compile(rf"{_OUTPUTS_AND_HEAD}\((?P<ins>%.*?)\){_END}")
_FAST = re.compile(
    r"^ *%([^\s,]+) : ([^%=\"]+|[A-Z]\w+\([^%\"]*?\)) = ([A-Za-z_][\w:]*(?:\[[^\[\]]*?\])?)"
    r"\(((?:%[^\s,()]+(?:, )?)*)\)(?:, scope: (.*?))?(?: # (.*))?$"
)
_SIGNATURE = re.compile(r"^ *graph\(")
_SUBGRAPH = re.compile(r"^ *with (?P<name>\S+) = graph\(")
_BLOCK = re.compile(r"^ *block\d+\((?P<params>.*)\)(?::| \{)$")
_RETURN = re.compile(r"^ *(?:return|->) \((?P<values>.*)\)$")
_COMMENT_PLACE = re.compile(r"^(?P<file>.+):(?P<line>\d+):(?P<col>\d+)$")
_ATTRIBUTE = re.compile(r"^(?P<name>[A-Za-z_]\w*)=(?P<value>.*)$", re.DOTALL)
_GROUP = re.compile(r"_\d+$")


@dataclass(slots=True)
class Reading:
    """A parsed graph and what its lines said beside the structure.

    Attributes:
        nodes: all nodes in printed order.
        comments: node id → text after `#`.
        scopes: node id → text after `scope:`.
    """

    graph: Graph
    nodes: list[Node] = field(default_factory=list[Node])
    comments: dict[int, str] = field(default_factory=dict[int, str])
    scopes: dict[int, str] = field(default_factory=dict[int, str])


def read_graph(text: str, name: str = "graph") -> Reading:
    """Parses one graph with its subgraphs.

    Lines before the first `graph(` are passed over, so that a log may be pasted whole.

    Raises:
        CaptureError: `TSV-C20` there is no graph; `TSV-C21` a line is not understood;
            `TSV-C22` a value is used before it is defined.
    """
    return _Parser(text).read(name)


def comment_place(comment: str) -> FileRange | None:
    """The start of the range that a trailing comment `file:line:col` names."""
    match = _COMMENT_PLACE.match(comment)
    if match is None or match["line"] == "0":
        return None
    line, col = int(match["line"]), int(match["col"])
    return FileRange(match["file"], line, col, line, col)


class _Parser:
    """One pass over the lines; blocks and subgraphs by recursive descent."""

    def __init__(self, text: str) -> None:
        self.lines = [*text.replace("\r\n", "\n").split("\n"), ""]  # so that a next line exists
        self.row = 0
        self.values: dict[int, Value] = {}
        self.types: dict[int, Type] = {}
        self.comments: dict[int, str] = {}
        self.scopes: dict[int, str] = {}
        self.order: list[Node | None] = []
        self.names: dict[str, int] = {}
        self.heads: dict[str, tuple[str, tuple[tuple[str, Attribute], ...]]] = {}

    def read(self, name: str) -> Reading:
        while self.row < len(self.lines) and not _SIGNATURE.match(self.lines[self.row]):
            self.row += 1
        if self.row == len(self.lines):
            raise CaptureError(
                Diagnostic(
                    "TSV-C20",
                    "expected IR text with a line `graph(…):`, found none",
                    help="paste what `print(model.graph)` shows, from `graph(` on",
                )
            )
        block = self._graph()
        graph = Graph(name, "torchscript", block, self.values, self.types)
        nodes = [node for node in self.order if node is not None]
        return Reading(graph, nodes, self.comments, self.scopes)

    # ── graphs and blocks ────────────────────────────────────────────────────────────────────

    def _graph(self) -> Block:
        outer, self.names = self.names, {}
        params = self._params(self._signature())
        start = len(self.order)
        nodes, returns = self._body()
        nodes = self._attach_subgraphs(nodes, start)
        self.names = outer
        return Block(params, tuple(nodes), returns)

    def _signature(self) -> str:
        """Joins the lines of `graph(%a : T,⏎ %b : T):` and returns what is between the parens."""
        text = self.lines[self.row].split("graph(", 1)[1]
        self.row += 1
        while not text.rstrip().endswith((":", "{")) and self.row < len(self.lines):
            text += " " + self.lines[self.row].strip()
            self.row += 1
        return text.strip().rstrip(":{ ").removesuffix(")")

    def _params(self, text: str) -> tuple[int, ...]:
        return tuple(self._define(*declared) for declared in _declarations(text))

    def _define(self, name: str, type_text: str) -> int:
        if name in self.names:
            raise self._error("TSV-C22", f"the value %{name} is defined twice")
        identity = fresh_id()
        self.names[name] = identity
        self.values[identity] = Value(identity, name)
        self.types[identity] = intern_type(type_text)
        return identity

    def _body(self) -> tuple[list[Node], tuple[int, ...]]:
        nodes: list[Node] = []
        lines, order = self.lines, self.order
        while self.row < len(lines) - 1:
            line = lines[self.row]
            match = _FAST.match(line)
            if match is not None and lines[self.row + 1].lstrip()[:5] != "block":
                self.row += 1
                node = self._fast_node(match)
                order.append(node)
                nodes.append(node)
                continue
            if not line.strip():
                self.row += 1
            elif match := _RETURN.match(line):
                self.row += 1
                return nodes, self._uses(match["values"])
            else:
                nodes.append(self._slow_node(line))
        raise self._error("TSV-C21", "the text ends before `return (…)`")

    def _blocks(self) -> tuple[Block, ...]:
        blocks: list[Block] = []
        while self.row < len(self.lines) and (match := _BLOCK.match(self.lines[self.row])):
            self.row += 1
            params = self._params(match["params"])
            nodes, returns = self._body()
            blocks.append(Block(params, tuple(nodes), returns))
            if self.row < len(self.lines) and self.lines[self.row].strip() == "}":
                self.row += 1
        return tuple(blocks)

    def _attach_subgraphs(self, nodes: list[Node], start: int) -> list[Node]:
        """Reads the `with prim::X_0 = graph(…)` sections and hangs each under its node."""
        found: dict[str, Block] = {}
        orders: dict[str, list[Node | None]] = {}
        own = self.order
        wanted = {node.op for node in own[start:] if node is not None and _GROUP.search(node.op)}
        while (name := self._next_subgraph()) in wanted:
            wanted.discard(name)
            self.order = []
            found[name] = self._graph()
            orders[name] = self.order
        self.order = own
        if not found:
            return nodes
        tail = own[start:]
        del own[start:]
        replaced = {node.id: _with_subgraph(node, found) for node in tail if node is not None}
        for node in tail:
            if node is not None:
                own.append(replaced[node.id] if node.op in found else node)
                own.extend(orders.get(node.op, ()))
        return [_rebuilt(node, found) for node in nodes]

    def _next_subgraph(self) -> str:
        """Moves to the next `with …` section and returns its name, "" where there is none."""
        row = self.row
        while row < len(self.lines) and not self.lines[row].strip():
            row += 1
        match = _SUBGRAPH.match(self.lines[row]) if row < len(self.lines) else None
        if match is None:
            return ""
        self.row = row
        return match["name"]

    # ── nodes ────────────────────────────────────────────────────────────────────────────────

    def _fast_node(self, match: re.Match[str]) -> Node:
        name, type_text, head, ins, scope, comment = match.groups()
        inputs = self._uses(ins) if ins else ()
        identity = fresh_id()
        op, attributes = self._head(head)
        if scope:
            self.scopes[identity] = scope
        if comment:
            self.comments[identity] = comment
        return Node(identity, op, "", inputs, (self._define(name, type_text),), attributes)

    def _slow_node(self, line: str) -> Node:
        match = _NODE.match(line) or _ODDLY_NAMED.match(line)
        if match is None:
            raise self._error("TSV-C21", "this line is not IR as PyTorch prints it")
        self.row += 1
        inputs = self._uses(match["ins"])
        identity = fresh_id()
        at = len(self.order)
        self.order.append(None)
        op, attributes = self._head(match["head"])
        if match["scope"]:
            self.scopes[identity] = match["scope"]
        if match["comment"]:
            self.comments[identity] = match["comment"]
        outputs = self._params(match["outs"] or "")
        blocks = self._blocks()
        node = Node(identity, op, "", inputs, outputs, attributes, blocks)
        self.order[at] = node
        return node

    def _head(self, head: str) -> tuple[str, tuple[tuple[str, Attribute], ...]]:
        known = self.heads.get(head)
        if known is None:
            known = self.heads[head] = _parse_head(head)
        return known

    def _uses(self, text: str) -> tuple[int, ...]:
        if not text:
            return ()
        names = self.names
        try:
            return tuple([names[name] for name in text[1:].split(", %")])
        except KeyError as missing:
            raise self._error(
                "TSV-C22", f"the value %{missing.args[0]} is used before it is defined"
            ) from None

    def _error(self, code: str, message: str) -> CaptureError:
        row = min(self.row, len(self.lines) - 2)
        place = FileRange("<IR text>", row + 1)
        shown = self.lines[row].strip()
        notes = (f"the line is: {shown[:200]}",) if shown else ()
        return CaptureError(Diagnostic(code, message, place, notes))


def _parse_head(head: str) -> tuple[str, tuple[tuple[str, Attribute], ...]]:
    at = min((head.find(c) for c in "[(" if c in head), default=len(head))
    op, rest = head[:at], head[at:]
    attributes: list[tuple[str, Attribute]] = []
    if rest.startswith("["):
        closing = len(rest) if rest.endswith("]") else rest.rindex("](") + 1
        for item in split_list(rest[1 : closing - 1]):
            match = _ATTRIBUTE.match(item)
            if match is not None:
                attributes.append((match["name"], parse_literal(match["value"])))
        rest = rest[closing:]
    if rest:
        attributes.append(("scalar_args", parse_literal(f"[{rest[1:-1]}]")))
    return op, tuple(attributes)


def _declarations(text: str) -> Iterable[tuple[str, str]]:
    for item in text.lstrip("%").split(", %") if text else ():
        name, _, type_text = item.strip().rstrip(",").partition(" : ")
        yield name, type_text.strip() or "Tensor"


def _with_subgraph(node: Node, found: dict[str, Block]) -> Node:
    if node.op not in found:
        return node
    return Node(
        node.id,
        _GROUP.sub("", node.op),
        node.overload,
        node.inputs,
        node.outputs,
        (*node.attributes, ("Subgraph", SubgraphRef(len(node.blocks)))),
        (*node.blocks, found[node.op]),
    )


def _rebuilt(node: Node, found: dict[str, Block]) -> Node:
    """`node` with every subgraph attached, in its own blocks too; itself if nothing changed."""
    blocks = tuple(
        Block(block.params, tuple(_rebuilt(inner, found) for inner in block.nodes), block.returns)
        for block in node.blocks
    )
    if blocks != node.blocks:
        node = Node(
            node.id, node.op, node.overload, node.inputs, node.outputs, node.attributes, blocks
        )
    return _with_subgraph(node, found)
