"""Compares the links of a captured program with what a generated program knows to be true."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.frontends.generated import Chain, GeneratedProgram
from tsviz.frontends import Program
from tsviz.ir import Node, TensorRef
from tsviz.location import CallSite, How, Location, Unknown, iter_frames

_NAME = re.compile(r"[a-z]+_\d{5}")


@dataclass(slots=True)
class Verdict:
    """What the marks of one or more programs say.

    Attributes:
        right, wrong: nodes whose true line is known, by how their link was known.
        missing: nodes whose true line is known and that have no link.
        certain_faults: every wrong link that claims to be exact or a call, in words.
    """

    right: Counter[How] = field(default_factory=Counter[How])
    wrong: Counter[How] = field(default_factory=Counter[How])
    missing: int = 0
    certain_faults: list[str] = field(default_factory=list[str])

    def add(self, other: "Verdict") -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missing += other.missing
        self.certain_faults += other.certain_faults


def judge(truth: GeneratedProgram, program: Program, file: str, *, recorded: bool) -> Verdict:
    """Checks every node that carries a mark or takes a value that does.

    A link is wrong if its model line is not one of the statement's, and, unless it is inferred, if
    the calls around it are none that lead there.

    Args:
        recorded: whether the program was traced: then a number handed to a function is recorded
            where that uses it.
        file: where the text of `truth` was written.
    """
    ways: dict[str, set[Chain]] = {}
    for mark, chain in truth.chains:
        ways.setdefault(mark, set()).add(chain[1:])
    verdict = Verdict()
    for node, name in _iter_marked(truth, program):
        if recorded and not truth.marks[name].operand and node.op == "prim::Constant":
            continue
        link, line = program.graph.link(node), program.model_line(node)
        frames = iter_frames(link.location)
        chain = tuple(f.line for f in frames if f.file == file and f.function != "<listcomp>")
        lines, known = truth.marks[name].lines, ways.get(name)
        if line is None:
            verdict.missing += 1
        elif (
            line.file != file
            or line.line not in lines
            or not (link.how is How.INFERRED or _leads(chain, link.location, known))
        ):
            verdict.wrong[link.how] += 1
        else:
            verdict.right[link.how] += 1
            continue
        if line is not None and link.how is not How.INFERRED:
            verdict.certain_faults.append(
                f"{node.op} with {name}, written on {lines}, called through "
                f"{sorted(known or ())}, is {link.how} at {chain}: {link.location}"
            )
    return verdict


def _leads(chain: Chain, location: Location, ways: set[Chain] | None) -> bool:
    """Whether some way leads to a mark through the calls of a chain."""
    if ways is None:
        return True
    while isinstance(location, CallSite):
        location = location.caller
    known = chain[1:]
    if isinstance(location, Unknown):  # not all calls are known
        return any(way[: len(known)] == known for way in ways)
    return known in ways


def _iter_marked(truth: GeneratedProgram, program: Program) -> Iterator[tuple[Node, str]]:
    """Nodes whose true line is known, with the mark that tells it."""
    graph, marked = program.graph, dict[int, str]()
    for node in graph.iter_nodes():
        name = _mark_of(node, [graph.values[out].name for out in node.outputs])
        if name not in truth.marks:
            name = next((marked[value] for value in node.inputs if value in marked), "")
            if not name or node.op == "prim::fork":  # a fork takes what is used inside it
                continue
        yield node, name
        if truth.marks[name].operand and node.op in ("prim::Constant", "prim::GetAttr"):
            marked |= dict.fromkeys(node.outputs, name)


def _mark_of(node: Node, outputs: list[str]) -> str:
    if node.op == "prim::GetAttr":
        return str(node.get_attribute("name"))
    if node.op != "prim::Constant":
        return ""
    value = node.find_attribute("value")
    if isinstance(value, float):
        return f"{abs(value):.4f}"
    if not isinstance(value, TensorRef):
        return ""
    name = _NAME.findall(outputs[0]) if outputs[0].startswith("self.") else ()
    return name[-1] if name else value.text.strip("{}-")
