"""What became of the nodes that a pass took away, read from the graphs before and after it.

A node that is gone has users. What one of them takes in its place tells: an equal node that was
there before (`common`), what the node itself was given (`bypassed`), a constant (`folded`), or a
new node (`replaced`). One that no surviving node used was `dead`.
"""

from collections import defaultdict
from collections.abc import Mapping

from tsviz.ir import Graph, Node, Use
from tsviz.location import How
from tsviz.passes.records import Action, Cause, Fate, Origin

CONSTANT = "prim::Constant"


def find_fates(
    before: Graph, after: Graph, removed: tuple[int, ...], origins: tuple[Origin, ...]
) -> Mapping[int, Fate]:
    """Node id → its fate, for every removed node."""
    search = _Search(before, after, origins)
    return {node: search.fate(before.nodes[node]) for node in removed}


def stands_in(before: Graph, after: Graph, value: int) -> tuple[int, ...]:
    """The values that surviving users of a value take in its place, each once."""
    found = (_taken(before, after, value, use) for use in before.users.get(value, ()))
    return tuple(dict.fromkeys(taken for taken in found if taken is not None and taken != value))


def _taken(before: Graph, after: Graph, value: int, use: Use) -> int | None:
    if use.index >= 0:
        node = after.nodes.get(use.node)
        is_same = node is not None and len(node.inputs) == len(before.nodes[use.node].inputs)
        return node.inputs[use.index] if node is not None and is_same else None
    ours, theirs = _returns(before, use.node), _returns(after, use.node)
    if theirs is None or ours is None or len(ours) != len(theirs):
        return None
    return theirs[ours.index(value)] if value in ours else None


def _returns(graph: Graph, owner: int) -> tuple[int, ...] | None:
    """All that the blocks of a node (0: the graph) return, one after the other."""
    if owner == 0:
        return graph.block.returns
    node = graph.nodes.get(owner)
    return None if node is None else tuple(v for block in node.blocks for v in block.returns)


class _Search:
    def __init__(self, before: Graph, after: Graph, origins: tuple[Origin, ...]) -> None:
        self.before, self.after = before, after
        self.heirs: defaultdict[int, list[Origin]] = defaultdict(list)
        for origin in origins:
            if origin.action is not Action.MOVED:
                for source in origin.sources:
                    self.heirs[source].append(origin)

    def fate(self, node: Node) -> Fate:
        heirs = [heir for heir in self.heirs[node.id] if heir.action is not Action.CREATED]
        if heirs:
            successors = tuple(heir.node for heir in heirs)
            how = How.EXACT if any(heir.how is How.EXACT for heir in heirs) else How.INFERRED
            return Fate(node.id, self._cause(successors), successors, how)
        taken = self._taken(node)
        given = self._given(node)
        if not taken:  # all its users are gone; did theirs take what this one was given?
            gone = (self.before.nodes[use] for use in self._gone_users(node))
            taken = [value for user in gone for value in self._taken(user) if value in given]
        if not taken:
            return Fate(node.id, Cause.DEAD, (), How.INFERRED)
        makers = [self.after.producers.get(value) for value in taken]
        successors = tuple(dict.fromkeys(maker.id for maker in makers if maker is not None))
        if any(value in given for value in taken):
            return Fate(node.id, Cause.BYPASSED, successors, How.INFERRED)
        if any(maker is not None and _is_twin(maker, node) for maker in makers):
            return Fate(node.id, Cause.COMMON, successors, How.INFERRED)
        return Fate(node.id, self._cause(successors), successors, How.INFERRED)

    def _taken(self, node: Node) -> list[int]:
        """The values that surviving users take in place of what a node yielded."""
        return [value for out in node.outputs for value in stands_in(self.before, self.after, out)]

    def _given(self, node: Node) -> set[int]:
        """What a node was given, and what was given to those before it that are gone, too."""
        given, todo = set(node.inputs), [*node.inputs]
        while todo:
            maker = self.before.producers.get(todo.pop())
            if maker is not None and maker.id not in self.after.nodes:
                todo += [value for value in maker.inputs if value not in given]
                given.update(maker.inputs)
        return given

    def _gone_users(self, node: Node) -> list[int]:
        """The users of a node, and theirs, that are gone."""
        found: dict[int, None] = {}
        todo = list(node.outputs)
        while todo:
            for use in self.before.users.get(todo.pop(), ()):
                if use.index >= 0 and use.node not in found and use.node not in self.after.nodes:
                    found[use.node] = None
                    todo += self.before.nodes[use.node].outputs
        return list(found)

    def _cause(self, successors: tuple[int, ...]) -> Cause:
        nodes = [self.after.nodes[identity] for identity in successors]
        is_constant = bool(nodes) and all(node.op == CONSTANT for node in nodes)
        return Cause.FOLDED if is_constant else Cause.REPLACED


def _is_twin(one: Node, other: Node) -> bool:
    return one.op == other.op and one.attributes == other.attributes
