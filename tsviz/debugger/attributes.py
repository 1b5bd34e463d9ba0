"""The attributes of modules that a program reads or writes, as expressions on its own copy."""

import torch

from tsviz.debugger.numerics import fingerprint
from tsviz.ir import Graph

_READ, _WRITE = "prim::GetAttr", "prim::SetAttr"
_CLASS = "__torch__"
_FULLY_MARKED = 1 << 16
"""Of tensors with more numbers not all bits are read to tell whether they changed."""

Mark = int | tuple[int, int, int]
"""Tells one state of an attribute from another: all its bits, or run, memory and version."""


def attribute_expressions(graph: Graph) -> tuple[str, ...]:
    """`self.steps`, `self.layers[0].weight`: first what the program writes, then what it reads."""
    paths = {value: "self" for value in graph.block.params[:1] if is_object(graph, value)}
    read, written = dict[str, None](), dict[str, None]()
    for node in graph.nodes.values():
        if node.op not in (_READ, _WRITE) or node.inputs[0] not in paths:
            continue
        path = _member(paths[node.inputs[0]], str(node.get_attribute("name")))
        if node.op == _WRITE:
            written[path] = None
        elif is_object(graph, node.outputs[0]):
            paths[node.outputs[0]] = path
        else:
            read[path] = None
    return tuple({**written, **read})


def _member(path: str, name: str) -> str:
    return f"{path}[{name}]" if name.isdigit() else f"{path}.{name}"


def is_object(graph: Graph, value: int) -> bool:
    """Whether a value is a module, or another object of a class of TorchScript's."""
    return graph.types[value].text.startswith(_CLASS)


def mark_of(what: object, run: object) -> Mark:
    """Tells one state from another, quickly.

    Args:
        run: what it was seen in; memory and versions mean something within one run only.
    """
    if not isinstance(what, torch.Tensor) or what.numel() <= _FULLY_MARKED:
        return fingerprint(what)
    return (id(run), what.data_ptr() if what.layout is torch.strided else 0, _version(what))


def _version(tensor: torch.Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def differ(one: Mark, other: Mark) -> bool:
    """Whether two marks tell that there was a change; unlike ones tell nothing."""
    if isinstance(one, int) or isinstance(other, int):
        return isinstance(one, int) and isinstance(other, int) and one != other
    return one[0] == other[0] and one != other
