"""Having PyTorch's compiler tell the types of variables.

A variable that is assigned and optimised away is in no graph. So it is handed to a function that
takes anything: the call stays in the graph, with the value and its type. It is only compiled, never
run.
"""

import re
from types import FunctionType
from typing import Any, Protocol, cast

import torch

from tsviz.jit import natives
from tsviz.jit.internals import find_nodes, jit

_QUALIFIED = re.compile(r"__torch__\.(?:\w+\.)*(\w+)")


class _Call(Protocol):
    """What the bindings have of a call of Python, beside what is annotated."""

    def pyname(self) -> str: ...


def telling_function(name: str) -> FunctionType:
    """A function that compiled code can call with a number and any value."""

    def tell(at: int, value: Any) -> None:
        raise AssertionError("it is compiled, never run")

    tell.__name__ = tell.__qualname__ = name
    return cast("FunctionType", jit.ignore(tell))


def read_told(native: object, method: str, name: str) -> dict[int, tuple[str, ...]]:
    """Number → the types of the values that came with it, as they are written in Python.

    More than one where a function is compiled for modules of several types.
    """
    entry = method if natives.is_script_module(native) else "forward"
    found: dict[int, dict[str, None]] = {}
    graph = natives.inlined_graph(native, entry)  # its nodes live no longer than it
    for node in find_nodes(graph, "prim::PythonOp"):
        if cast("_Call", node).pyname() == name:
            number, value = node.inputs()
            found.setdefault(_number(number), {})[_written(value)] = None
    return {number: tuple(types) for number, types in found.items()}


def _number(value: torch._C.Value) -> int:
    return cast("Any", value).toIValue()


def _written(value: torch._C.Value) -> str:
    """`Optional[Tensor]`; a class of the user's goes by its own name."""
    return _QUALIFIED.sub(r"\1", value.type().annotation_str)
