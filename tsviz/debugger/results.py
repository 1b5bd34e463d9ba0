"""What nodes that must not run twice have given, so that a repeated run takes it from here."""

from collections.abc import Container

import torch
from torch.utils._pytree import tree_leaves

from tsviz.debugger.held import Held
from tsviz.ir import Node

_SCALARS = (int, float, bool, str, complex)


class Results:
    """The results of such nodes, by the position of the node.

    A result stands for the node where it is all that the node did to the program: it wrote into
    none of its inputs, and no gradient flows through it.

    Args:
        limit: so many bytes are kept; what comes later is not.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[int, tuple[object, ...]] = {}
        self._inputs: list[tuple[torch.Tensor, int]] = []
        self._open: tuple[int, int] | None = None
        self._found: list[object] = []

    def begin(self, position: int, node: Node, held: Held, constants: Container[int]) -> None:
        """The run is before such a node.

        Args:
            held: the values that were seen; a node that takes others may write into them.
            constants: ids of the values that are constants of the graph.
        """
        taken = [value for value in node.inputs if value not in constants]
        is_seen = all(value in held and not held.is_gone(value) for value in taken)
        self._open, self._found = None, []
        if position in self._kept or not is_seen:
            return
        leaves = tree_leaves([held.get(value) for value in taken])
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        if not any(tensor.is_inference() for tensor in tensors):
            self._inputs = [(tensor, tensor._version) for tensor in tensors]
            self._open = position, len(node.outputs)

    def see(self, position: int, what: object) -> None:
        """A value was computed; maybe by such a node."""
        if self._open is None:
            return
        expected, outputs = self._open
        if position != expected or not self._is_all(what):
            self._open = None
            return
        self._found.append(_copied(what))
        if len(self._found) == outputs:
            self._kept[position] = tuple(self._found)
            self._limit -= sum(map(_size, self._found))
            self._open = None

    def _is_all(self, what: object) -> bool:
        if any(tensor._version != was for tensor, was in self._inputs):
            return False
        if isinstance(what, torch.Tensor):
            return not what.requires_grad and _size(what) <= self._limit
        return isinstance(what, _SCALARS)

    def __contains__(self, position: int) -> bool:
        return position in self._kept

    def get(self, position: int, at: int) -> object:
        """What the node of a position gave, a copy."""
        return _copied(self._kept[position][at])

    def cut(self, position: int) -> None:
        """Forgets what came after a position was reached."""
        self._kept = {at: found for at, found in self._kept.items() if at <= position}


def _copied(what: object) -> object:
    return what.clone() if isinstance(what, torch.Tensor) else what


def _size(what: object) -> int:
    return what.numel() * what.element_size() if isinstance(what, torch.Tensor) else 0
