"""What types say about values on their way into Python, and about who writes into them."""

from collections.abc import Callable
from typing import Protocol, cast

import torch

from tsviz.jit.internals import JitType, type_of

_HIDDEN = {
    "ClassType": "objects of classes stay inside PyTorch",
    "FunctionType": "functions stay inside PyTorch",
    "FutureType": "it is a future; its value is that of the `aten::wait` on it",
    "InterfaceType": "modules behind an interface stay inside PyTorch",
    "CapsuleType": "it is memory of C++",
    "PyObjectType": "it is an object of Python's that PyTorch does not look into",
}
_CONTAINERS = ("ListType", "DictType")
_PLAIN = (
    *("TensorType", "IntType", "FloatType", "BoolType", "ComplexType", "NumberType", "NoneType"),
    *("StringType", "DeviceObjType", "GeneratorType", "ClassType"),
)


class _Kind(Protocol):
    def kind(self) -> str: ...
    def containedTypes(self) -> "list[_Kind]": ...  # noqa: N802 (PyTorch's name)


class _Argument(Protocol):
    is_write: bool


class _Schema(Protocol):
    is_mutable: bool
    arguments: list[_Argument]


class _Node(Protocol):
    def schema(self) -> str: ...


class _Reader(Protocol):
    def parse_schema(self, text: str) -> _Schema: ...


def why_hidden(kind: JitType) -> str:
    """Why values of a type are not shown to Python, "" if they are."""
    stack = [cast("_Kind", kind)]
    while stack:
        this = stack.pop()
        name = this.kind()
        if name in _HIDDEN:
            return _HIDDEN[name]
        if name != "EnumType":
            stack += this.containedTypes()
    return ""


def scalar_type(name: str) -> JitType:
    """The one type of that name, such as `IntType`."""
    return cast("Callable[[], JitType]", getattr(torch._C, name).get)()


def changes_container(node: torch._C.Node) -> bool:
    """Whether a node writes into the list or dict that is its first input."""
    if type_of(node.inputsAt(0)).kind() not in _CONTAINERS:
        return False
    schema = _schema(node)
    return schema is not None and schema.is_mutable and schema.arguments[0].is_write


def is_mutable(node: torch._C.Node) -> bool:
    """Whether a node declares that it writes into something."""
    schema = _schema(node)
    return schema is not None and schema.is_mutable


def is_plain(kind: JitType) -> bool:
    """Whether nothing lies inside of values of a type, as it does in lists."""
    if kind.kind() == "OptionalType":
        return all(inner.kind() in _PLAIN for inner in cast("_Kind", kind).containedTypes())
    return kind.kind() in _PLAIN


def _schema(node: torch._C.Node) -> _Schema | None:
    text = cast("_Node", node).schema()
    return None if "(no schema)" in text else cast("_Reader", torch._C).parse_schema(text)
