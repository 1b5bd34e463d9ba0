"""How a backward graph was made, as the log of PyTorch's autodiff tells it.

Differentiating walks the forward graph from its end. For each node it appends a `prim::GradOf` with
the gradient formula inside, and notes for each value which value is its gradient: `grad_map`. A
value that the backward graph needs is captured, and gets a gradient of its own from outside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tsviz.jit.log_messages import Message

AUTODIFF = "autodiff"
"""The C++ file that differentiates graphs."""

_Pair = tuple[str, str]
_FORWARD, _BACKWARD = "grad_desc.f:", "backward graph:"
_SEED = re.compile(r"^Adding output_grad (\S+) for (\S+)$")
_ENTRY = re.compile(r"^grad_map\[(.+)\] = (?:(%)?(\S+))")
_CAPTURE = "Capturing a temporary"
_PARAMS = re.compile(r"^ *block0\((.*)\):$")
_VALUE = re.compile(r"%([^\s,():]+)")
_DEFINED = re.compile(r"%([^\s,():]+) :")
_RETURNS = re.compile(r"^ *-> \((.*)\)$")


@dataclass(frozen=True, slots=True)
class Differentiation:
    """One graph and its gradient; all names are those that the log gives to values.

    Attributes:
        forward: the text of what was differentiated.
        backward: the text of its gradient, as it was before values were captured as arguments.
        seeds: pairs of a result and the parameter of the backward graph that is its gradient.
        entries: pairs of a value and its gradient, in the order in which they were found; the
            gradient is "" where it is added to one that the value had.
        sums: pairs of a captured value and the sum of its gradients from inside and outside.
    """

    forward: str
    backward: str
    seeds: tuple[_Pair, ...]
    entries: tuple[_Pair, ...]
    sums: tuple[_Pair, ...]


def read_differentiation(messages: Sequence[Message]) -> Differentiation | None:
    """Puts the messages of autodiff together.

    Args:
        messages: those since the last differentiation.

    Returns:
        `None` until the last of a differentiation is there.
    """
    if not messages or not messages[-1].title.startswith(_BACKWARD):
        return None
    forward = ""
    seeds, entries, sums = list[_Pair](), list[_Pair](), list[_Pair]()
    found = entries
    for message in messages:
        title = message.title
        if title.startswith(_FORWARD):
            forward = message.text
        elif title.startswith(_CAPTURE):
            found = sums
        elif seed := _SEED.match(title):
            seeds.append((seed[2], seed[1]))
        elif entry := _ENTRY.match(title):
            value, is_node, gradient = entry.groups()
            found.append((value, "" if is_node and found is entries else gradient))
    backward = _as_graph(messages[-1].rows)
    return Differentiation(forward, backward, tuple(seeds), tuple(entries), tuple(sums))


def _as_graph(rows: Sequence[str]) -> str:
    """A graph from the block of a node `prim::Reverse`; what it uses of the forward graph is given.

    Returns:
        "" if the rows are no such block.
    """
    params, returns = _PARAMS.match(rows[0]), _RETURNS.match(rows[-1])
    if params is None or returns is None:
        return ""
    defined = {match[1] for row in rows for match in _DEFINED.finditer(row)}
    used = dict.fromkeys(match[1] for row in rows for match in _VALUE.finditer(row))
    outside = [f"%{name} : Tensor" for name in used if name not in defined]
    given = ", ".join(filter(None, [params[1], *outside]))
    return "\n".join([f"graph({given}):", *rows[1:-1], f"  return ({returns[1]})"])
