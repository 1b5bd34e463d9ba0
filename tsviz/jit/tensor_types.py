"""Types of tensors of which only a part is known, from their text: PyTorch's parser reads few.

`Long(*, strides=[1], requires_grad=0, device=cpu)`, `Tensor(2, *)`, `BoolTensor(device=cpu)`.
"""

import re
from collections.abc import Sequence
from typing import Protocol, Self, cast

import torch

from tsviz.jit.internals import JitType, internals
from tsviz.jit.making import set_type
from tsviz.jit.walking import print_graph

_TEXT = re.compile(r"(?P<dtype>[A-Z][A-Za-z0-9]*?)?(?:Tensor)?(?:\((?P<inside>.*)\))?")
_STRIDES = re.compile(r"strides=\[([\d, ]*)\]")
_DTYPES = {
    "Byte": torch.uint8,
    "Char": torch.int8,
    "ComplexFloat": torch.complex64,
    "ComplexDouble": torch.complex128,
}


class _TensorType(JitType, Protocol):
    def with_sizes(self, sizes: Sequence[int | None]) -> Self: ...
    def with_dtype(self, dtype: torch.dtype) -> Self: ...
    def with_device(self, device: torch.device) -> Self: ...


class _Types(Protocol):
    def get(self) -> _TensorType: ...
    def create_from_tensor(self, tensor: torch.Tensor) -> _TensorType: ...


_types = cast("_Types", torch._C.TensorType)


def find_tensor_type(text: str) -> JitType | None:
    """The type that is printed so, or `None` if it cannot be made."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    try:
        kind = _make(match["dtype"] or "", match["inside"] or "")
    except (
        RuntimeError,
        TypeError,
        ValueError,
    ):  # of a device or number that this PyTorch does not have
        return None
    return kind if kind is not None and _printed(kind) == text else None


def _make(dtype_name: str, inside: str) -> _TensorType | None:
    dtype = _DTYPES.get(dtype_name, getattr(torch, dtype_name.lower(), None))
    strides = _STRIDES.search(inside)
    rest = _STRIDES.sub("", inside)
    items = [item.strip() for item in rest.split(",") if item.strip()]
    facts = dict(item.split("=", 1) for item in items if "=" in item)
    sizes = [None if item == "*" else int(item) for item in items if "=" not in item]
    device = torch.device(facts["device"]) if "device" in facts else None
    if strides:
        known = [int(stride) for stride in strides[1].split(",")]
        if len(known) != len(sizes) or not isinstance(dtype, torch.dtype) or device is None:
            return None
        return _strided(dtype, sizes, known, device, facts.get("requires_grad") == "1")
    kind = _types.get()
    if isinstance(dtype, torch.dtype):
        kind = kind.with_dtype(dtype)
    if device is not None:
        kind = kind.with_device(device)
    return kind.with_sizes(sizes) if sizes else kind


def _strided(
    dtype: torch.dtype,
    sizes: list[int | None],
    strides: list[int],
    device: torch.device,
    requires_grad: bool,
) -> _TensorType:
    """Strides and gradients are known to a type only if it is that of a tensor."""
    shape = [1] * len(sizes)
    example = torch.empty_strided(shape, strides, dtype=dtype, device="meta")
    kind = _types.create_from_tensor(example.requires_grad_(requires_grad))
    return kind.with_device(device).with_sizes(sizes)


def _printed(kind: JitType) -> str:
    graph = internals.parse_ir("graph(%x : Tensor):\n  return (%x)\n")
    set_type(next(iter(graph.inputs())), kind)
    return print_graph(graph).partition("%x : ")[2].partition("):\n")[0]
