"""Reads IR text: what PyTorch prints, what tsviz prints, what a bug report quotes.

Text is also the fast way in for live graphs (`str(graph)` costs a twentieth of asking the
bindings node by node), so the common line takes one regular expression and a dictionary look-up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tsviz.errors import CaptureError, Diagnostic
from tsviz.ir.graph import (
    Attribute,
    Block,
    Graph,
    Node,
    SubgraphRef,
    Value,
    fresh_id,
    rewrite_block,
)
from tsviz.ir.literals import as_float, parse_literal, split_list
from tsviz.ir.types import Type, intern_type
from tsviz.ir.verify import HAVE_BLOCKS, find_block_fault
from tsviz.location import FileRange, Origin, SourceFile

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
_FLOATS = ("float", "float[]")
_GROUP = re.compile(r"_\d+$")


_AS_PRINTED = "paste it as PyTorch printed it, with no line cut off, wrapped or left out"


@dataclass(slots=True)
class Reading:
    """A parsed graph and what its lines said beside the structure.

    Attributes:
        comments: node id → text after `#`.
        scopes: node id → text after `scope:`.
    """

    graph: Graph
    comments: dict[int, str] = field(default_factory=dict[int, str])
    scopes: dict[int, str] = field(default_factory=dict[int, str])


def read_graph(text: str, name: str = "graph") -> Reading:
    """Parses one graph with its subgraphs.

    Lines before the first `graph(` are passed over, so that a log may be pasted whole.

    Raises:
        CaptureError: `TSV-C20` there is no graph; `TSV-C21` a line is not understood, or the text
            breaks off; `TSV-C22` a value is not defined where it is used, or defined twice;
            `TSV-C25` the blocks of a node do not fit it.
    """
    return _Parser(text).read(name)


def comment_place(comment: str) -> FileRange | None:
    """The start of the range that a trailing comment `file:line:col` names."""
    match = _COMMENT_PLACE.match(comment)
    if match is None or match["line"] == "0":
        return None
    line, col = int(match["line"]), int(match["col"])
    return FileRange(match["file"], line, col, line, col)


@dataclass(slots=True)
class _Owner:
    """A node whose blocks are being read, and the block it stands in, which is read on after.

    Attributes:
        node: without outputs and blocks yet.
        row: its line.
        params, siblings: of the block it stands in.
        defined: how many values were in reach before its blocks.
    """

    node: Node
    outputs: str
    row: int
    blocks: list[Block]
    params: tuple[int, ...]
    siblings: list[Node]
    defined: int


@dataclass(slots=True)
class _Section:
    """A graph whose `with prim::X_0 = graph(…)` sections are being read.

    Attributes:
        name: `prim::X_0`, "" for the outermost.
        rows: the lines of its nodes that may have a section, by the name of that.
    """

    name: str
    block: Block
    rows: dict[str, int]
    found: dict[str, Block] = field(default_factory=dict[str, Block])


class _Parser:
    """One pass over the lines; what is open lies on stacks, so that nesting has no limit."""

    def __init__(self, text: str) -> None:
        self.lines = [*text.replace("\r\n", "\n").split("\n"), ""]  # so that a next line exists
        self.row = 0
        self.values: dict[int, Value] = {}
        self.types: dict[int, Type] = {}
        self.comments: dict[int, str] = {}
        self.scopes: dict[int, str] = {}
        self.names: dict[str, int] = {}
        self.ended: set[str] = set()
        self.groups: dict[str, int] = {}
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
        block = self._sections()
        graph = Graph(name, "torchscript", block, self.values, self.types)
        return Reading(graph, self.comments, self.scopes)

    # ── graphs and blocks ────────────────────────────────────────────────────────────────────

    def _sections(self) -> Block:
        """Reads a graph and the sections after it, each hung under the node it belongs to."""
        stack = [self._section("")]
        while True:
            top = stack[-1]
            name = self._next_section()
            if name in top.rows and name not in top.found:
                stack.append(self._section(name))
                continue
            stack.pop()
            block = self._attached(top)
            if not stack:
                return block
            stack[-1].found[top.name] = block

    def _attached(self, section: _Section) -> Block:
        """The block of a section with the subgraphs that were found for its nodes."""
        if not section.found:
            return section.block

        def attach(node: Node) -> Node:
            if node.op not in section.found:
                return node
            self.row = section.rows[node.op]
            attributes = (*node.attributes, ("Subgraph", SubgraphRef(len(node.blocks))))
            blocks = (*node.blocks, section.found[node.op])
            op = _GROUP.sub("", node.op)
            return self._checked(replace(node, op=op, attributes=attributes, blocks=blocks))

        after = self.row
        block = rewrite_block(section.block, attach)
        self.row = after
        return block

    def _section(self, name: str) -> _Section:
        self.names, self.ended, self.heads, self.groups = {}, set(), {}, {}
        params = self._params(self._signature())
        self.row += 1
        return _Section(name, self._body(params), self.groups)

    def _next_section(self) -> str:
        """Moves to the next `with …` section and returns its name, "" where there is none."""
        row = self.row
        while row < len(self.lines) and not self.lines[row].strip():
            row += 1
        match = _SUBGRAPH.match(self.lines[row]) if row < len(self.lines) else None
        if match is None:
            return ""
        self.row = row
        return match["name"]

    def _signature(self) -> str:
        """Joins the lines of `graph(%a : T,⏎ %b : T):` and returns what is between the parens.

        Moves to the last of them.
        """
        text = self.lines[self.row].split("graph(", 1)[1]
        while not text.rstrip().endswith((":", "{")):
            self.row += 1
            if self.row == len(self.lines):
                raise self._broken_off()
            text += " " + self.lines[self.row].strip()
        return text.strip().rstrip(":{ ").removesuffix(")")

    def _params(self, text: str) -> tuple[int, ...]:
        return tuple(self._define(*declared) for declared in _declarations(text))

    def _define(self, name: str, type_text: str) -> int:
        if name in self.names or name in self.ended:
            message = f"expected every value to be defined once, %{name} is defined again"
            raise self._error("TSV-C22", message, f"%{name}")
        identity = fresh_id()
        self.names[name] = identity
        self.values[identity] = Value(identity, name)
        self.types[identity] = intern_type(type_text)
        return identity

    def _body(self, params: tuple[int, ...]) -> Block:
        """Reads on to the `return` of a graph, through all blocks on the way."""
        nodes: list[Node] = []
        owners: list[_Owner] = []
        lines = self.lines
        while self.row < len(lines) - 1:
            line = lines[self.row]
            match = _FAST.match(line)
            if match is not None and lines[self.row + 1].lstrip()[:5] != "block":
                nodes.append(self._fast_node(match))
                self.row += 1
            elif not line.strip():
                self.row += 1
            elif match := _RETURN.match(line):
                block = Block(params, tuple(nodes), self._uses(match["values"]))
                self.row += 1
                if not owners:
                    return block
                params, nodes = self._leave(owners, block)
            else:
                owners.append(self._slow_node(line, params, nodes))
                params, nodes = self._enter_or_close(owners)
        raise self._broken_off()

    def _leave(self, owners: list[_Owner], block: Block) -> tuple[tuple[int, ...], list[Node]]:
        """Ends the innermost block: what it defined is out of reach from here on."""
        owner = owners[-1]
        owner.blocks.append(block)
        while len(self.names) > owner.defined:
            self.ended.add(self.names.popitem()[0])
        if self.lines[self.row].strip() == "}":
            self.row += 1
        return self._enter_or_close(owners)

    def _enter_or_close(self, owners: list[_Owner]) -> tuple[tuple[int, ...], list[Node]]:
        """Begins the next block of the innermost owner, or completes the owner if there is none.

        Returns:
            The parameters and the nodes so far of the block that is read on.
        """
        match = _BLOCK.match(self.lines[self.row])
        if match is not None:
            params = self._params(match["params"])
            self.row += 1
            return params, []
        owner = owners.pop()
        after, self.row = self.row, owner.row
        outputs = self._params(owner.outputs)
        node = replace(owner.node, outputs=outputs, blocks=tuple(owner.blocks))
        owner.siblings.append(self._checked(node))
        self.row = after
        return owner.params, owner.siblings

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
        if type_text in _FLOATS and op == "prim::Constant":
            attributes = _as_floats(attributes)
        node = Node(identity, op, "", inputs, (self._define(name, type_text),), attributes)
        return self._checked(node) if op in HAVE_BLOCKS else node

    def _slow_node(self, line: str, params: tuple[int, ...], siblings: list[Node]) -> _Owner:
        match = _NODE.match(line) or _ODDLY_NAMED.match(line)
        if match is None:
            raise self._error("TSV-C21", "expected a line of IR as PyTorch prints it, got another")
        inputs = self._uses(match["ins"])
        identity = fresh_id()
        op, attributes = self._head(match["head"])
        if match["scope"]:
            self.scopes[identity] = match["scope"]
        if match["comment"]:
            self.comments[identity] = match["comment"]
        self.row += 1
        outputs = match["outs"] or ""
        if outputs.partition(" : ")[2] in _FLOATS and op == "prim::Constant":
            attributes = _as_floats(attributes)
        node = Node(identity, op, "", inputs, (), attributes)
        return _Owner(node, outputs, self.row - 1, [], params, siblings, len(self.names))

    def _head(self, head: str) -> tuple[str, tuple[tuple[str, Attribute], ...]]:
        known = self.heads.get(head)
        if known is None:
            known = self.heads[head] = _parse_head(head)
            if _GROUP.search(known[0]):
                self.groups[known[0]] = self.row
        return known

    def _uses(self, text: str) -> tuple[int, ...]:
        if not text:
            return ()
        names = self.names
        try:
            return tuple([names[name] for name in text[1:].split(", %")])
        except KeyError as missing:
            name = str(missing.args[0])
            known = "its block has ended" if name in self.ended else "no line above defines it"
            message = f"expected a value that is defined here, got %{name}: {known}"
            raise self._error("TSV-C22", message, f"%{name}") from None

    # ── what is wrong ────────────────────────────────────────────────────────────────────────

    def _checked(self, node: Node) -> Node:
        if fault := find_block_fault(node):
            raise self._error("TSV-C25", fault)
        return node

    def _broken_off(self) -> CaptureError:
        self.row = max(row for row, line in enumerate(self.lines) if line.strip())
        message = "expected the text to go on to `return (…)`, it ends before"
        return self._error("TSV-C21", message)

    def _error(self, code: str, message: str, part: str = "") -> CaptureError:
        """The error about `part` of the current line, or about all of it."""
        line = self.lines[self.row]
        found = re.search(rf"{re.escape(part)}(?![\w.])", line) if part else None
        start, end = found.span() if found else (0, 0)
        place = FileRange("<IR text>", self.row + 1, start, self.row + 1, end)
        source = SourceFile(place.file, "\n".join(self.lines), Origin.MISSING)
        return CaptureError(Diagnostic(code, message, place, help=_AS_PRINTED), (source,))


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


def _as_floats(attributes: tuple[tuple[str, Attribute], ...]) -> tuple[tuple[str, Attribute], ...]:
    return tuple((name, as_float(value)) for name, value in attributes)


def _declarations(text: str) -> Iterable[tuple[str, str]]:
    for item in text.lstrip("%").split(", %") if text else ():
        name, _, type_text = item.strip().rstrip(",").partition(" : ")
        yield name, type_text.strip() or "Tensor"
