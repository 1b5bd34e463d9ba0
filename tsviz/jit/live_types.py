"""From the text of a type to PyTorch's own object for it."""

import re

import torch

from tsviz.ir import Graph
from tsviz.ir.literals import split_list
from tsviz.jit.internals import JitType, internals, type_of
from tsviz.jit.making import type_constructors
from tsviz.jit.tensor_types import find_tensor_type

_PLAIN = re.compile(r"\bTensor\(.*?\)|AutogradZeroTensor")
"""Tensors of which something is known that the parser cannot read; a run does not need it."""


class LiveTypes:
    """Types by their text: PyTorch's IR parser knows most, a live graph those of classes."""

    def __init__(self) -> None:
        self._known: dict[str, JitType] = {}

    def learn(self, graph: Graph, values: dict[int, torch._C.Value]) -> None:
        """Takes the types of a live graph.

        Args:
            graph: as it was imported.
            values: its live values by id.
        """
        for identity, live in values.items():
            self.learn_type(graph.types[identity].text, type_of(live))

    def learn_type(self, text: str, kind: JitType) -> None:
        """Takes one type that is printed so."""
        self._known.setdefault(text, kind)

    def find(self, text: str) -> JitType | None:
        """The type, or `None` for one of a class that no live graph has."""
        if text not in self._known:
            made = (
                self._compose(text) or find_tensor_type(text) or _parse(_PLAIN.sub("Tensor", text))
            )
            if made is None:
                return None
            self._known[text] = made
        return self._known[text]

    def _compose(self, text: str) -> JitType | None:
        """An optional, a list, a tuple or a dictionary with a class in it."""
        if "__torch__" not in text:
            return None
        for ending, make in (
            ("?", type_constructors.OptionalType),
            ("[]", type_constructors.ListType),
        ):
            if text.endswith(ending):
                inner = self.find(text.removesuffix(ending))
                return None if inner is None else make(inner)
        head, _, rest = text.partition("(")
        if head not in ("", "Dict") or not rest.endswith(")"):
            return None
        found = [self.find(part) for part in split_list(rest[:-1])]
        parts = [part for part in found if part is not None]
        if len(parts) != len(found):
            return None
        if head:
            key, value = parts
            return type_constructors.DictType(key, value)
        return type_constructors.TupleType(parts)


def _parse(text: str) -> JitType | None:
    try:
        graph = internals.parse_ir(f"graph(%x : {text}):\n  return (%x)\n")
    except RuntimeError:
        return None
    return type_of(next(iter(graph.inputs())))
