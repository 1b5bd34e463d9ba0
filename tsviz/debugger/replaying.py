"""Going back: whether a run may be repeated, and how far.

PyTorch's interpreter keeps its frames on C++'s own stack: a run cannot go on from the midst of an
earlier one, however much of it was saved. So going back runs the program again from its start, as
far as there, with the random numbers and all it had to begin with. That costs about a plain run:
nothing is copied that the program cannot write into, and on the way nobody is asked.
`python -m benchmarks.debugger` measures it.
"""

import torch

from tsviz.debugger.effects import why_once
from tsviz.debugger.past import Past
from tsviz.debugger.places import Places
from tsviz.errors import DebugError, Diagnostic


def check_replay(places: Places, past: Past, position: int) -> None:
    """Refuses to run again what must not run twice.

    Args:
        position: how far it would run; the node there would not.

    Raises:
        DebugError: `TSV-D31` a node on the way must not, `TSV-D32` the order of forks does not come
            again.
    """
    ran = [node for at, node in past.effects if at < position and at not in past.results]
    if ran:
        raise refusal(places, ran[0], "cannot go back")
    if past.unordered and position > 1:
        message = (
            "cannot go back: forks inside forks ran beside each other, and their order does not "
            "come again"
        )
        threads = torch.get_num_interop_threads()
        help = f"call `torch.set_num_interop_threads(n)` first, with more than {threads}"
        raise DebugError(Diagnostic("TSV-D32", message, help=help))


def refusal(places: Places, number: int, what: str) -> DebugError:
    """`TSV-D31`: what cannot be done because of a node that must not run twice."""
    node = places.node(number)
    message = f"{what}: `{node.op}` would run again, and it {why_once(node)}"
    location = places.graph.link(node).location
    help = "`tsviz.debug` begins a new session"
    sources = tuple(places.program.sources.values())
    return DebugError(Diagnostic("TSV-D31", message, location, help=help), sources)


def position_before(places: Places, past: Past, position: int, by: str) -> int:
    """The first position of the node, line or module that came before; 0 if there is none."""
    if by == "node":
        return position - 1
    key = places.stack if by == "line" else places.scope
    keys = [key(abs(number)) for number in past.trail[:position]]
    here = keys[-1] if len(keys) == position else None  # else it is at its end
    at = position - 1
    while at > 0 and (keys[at - 1] == here or (by == "line" and not keys[at - 1])):
        at -= 1
    while at > 1 and keys[at - 2] == keys[at - 1]:
        at -= 1
    return at
