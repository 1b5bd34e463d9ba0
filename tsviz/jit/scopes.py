"""In which call of a module the nodes of a trace stand.

Tracing keeps the modules that a node ran in: `__module.layer1/__module.layer1.0`. Only what reads
attributes has no such note. Reads stand where they are needed: in the innermost call around their
user that is a call of a module which holds what is read.
"""

from tsviz.ir import Graph, Node, Reading
from tsviz.jit.evidence import CallStack

Modules = tuple[str, ...]
"""The modules that are being called, as paths, from the root ("") in."""

_READ = "prim::GetAttr"
_STEP = "__module."
_ROOT: Modules = ("",)


def read_scopes(read: Reading) -> list[CallStack] | None:
    """For every node of a trace, in printed order, the calls around it.

    They have no places: what a trace knows of them lies in the ranges of its nodes.

    Returns:
        `None` where there are no notes, as in archives, or they cannot be read, as those of modules
        that have a slash in their name.
    """
    noted = {text: _modules(text) for text in dict.fromkeys(read.scopes.values())}
    if not noted or not all(noted.values()):
        return None
    nodes = read.graph.nodes.values()
    around = {identity: noted[text] for identity, text in read.scopes.items()}
    around |= _find_readers(read.graph, around)
    stacks: dict[Modules, CallStack] = {}
    found: list[CallStack] = []
    for node in nodes:
        modules = around.get(node.id, _ROOT)
        stack = stacks.get(modules)
        if stack is None:
            depth = len(modules) - 1
            stack = stacks[modules] = CallStack((), modules[-1], not depth, depth)
        found.append(stack)
    return found


def _modules(scope: str) -> Modules:
    """The modules that a note names; () if it cannot be read."""
    steps = scope.split("/")
    if not all(step.startswith(_STEP) for step in steps):
        return ()
    return ("", *(step[len(_STEP) :] for step in steps))


def _find_readers(graph: Graph, around: dict[int, Modules]) -> dict[int, Modules]:
    """Node → the calls around it, for all that read attributes."""
    reads = [node for node in graph.nodes.values() if node.op == _READ]
    users = _first_users(graph, {node.outputs[0] for node in reads})
    paths = _paths(graph, reads)
    called = _called(around)
    found: dict[int, Modules] = {}
    for node in reversed(reads):  # users come after what they use
        path = paths[node.outputs[0]]
        user = users.get(node.outputs[0])
        if user is None:  # of a module without weights, or never called
            modules = called.get(path) or called.get(path.rpartition(".")[0], _ROOT)
        else:
            modules = found.get(user) or around.get(user, _ROOT)
        while len(modules) > 1 and not path.startswith(f"{modules[-1]}."):
            modules = modules[:-1]
        found[node.id] = modules
    return found


def _called(around: dict[int, Modules]) -> dict[str, Modules]:
    """Path → the first call of that module, with the calls around it."""
    called: dict[str, Modules] = {}
    for modules in dict.fromkeys(around.values()):
        for depth in range(1, len(modules) + 1):
            called.setdefault(modules[depth - 1], modules[:depth])
    return called


def _first_users(graph: Graph, values: set[int]) -> dict[int, int]:
    users: dict[int, int] = {}
    for node in graph.nodes.values():
        for value in node.inputs:
            if value in values:
                users.setdefault(value, node.id)
    return users


def _paths(graph: Graph, reads: list[Node]) -> dict[int, str]:
    """Value → the path of what was read."""
    paths = dict.fromkeys(graph.block.params[:1], "")
    for node in reads:
        base, name = paths.get(node.inputs[0], ""), str(node.get_attribute("name"))
        paths[node.outputs[0]] = f"{base}.{name}" if base else name
    return paths
