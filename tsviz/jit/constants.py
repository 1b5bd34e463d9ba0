"""From a printed constant to the value it stands for."""

import ast
import re
from typing import Any

import torch

from tsviz.ir import Attribute, Opaque, SubgraphRef, TensorRef
from tsviz.ir.types import intern_type

_TENSOR = re.compile(r"^\{(.*)\}$")
_ANNOTATED = re.compile(r"^annotate\(.*, (\[\])\)$")  # an empty list
_DTYPES = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
    "u8": torch.uint8, "i8": torch.int8, "i16": torch.int16, "i32": torch.int32,
    "i64": torch.int64, "bool": torch.bool,
}  # fmt: skip


class Unreadable(Exception):  # noqa: N818 (an answer: the text does not say all)
    """The text does not say what the constant is."""


def constant_value(attribute: Attribute | None, kind: str) -> Any:
    """The value of a constant.

    Args:
        attribute: as it was printed, `None` where nothing was.
        kind: the text of its type.

    Raises:
        Unreadable: the text does not say.
    """
    if attribute is None:
        if kind == "NoneType" or kind.endswith("?"):
            return None
        raise Unreadable(f"a constant of type {kind} is printed without its value")
    if isinstance(attribute, TensorRef):
        return _tensor(attribute, kind)
    if isinstance(attribute, Opaque):
        return _opaque(attribute.text, kind)
    if isinstance(attribute, SubgraphRef):
        raise Unreadable("it holds a graph")
    if isinstance(attribute, tuple):
        inner = kind[:-2] if kind.endswith("[]") else "Any"
        return [constant_value(item, inner) for item in attribute]
    return _plain(attribute, kind)


def _plain(value: str | float | complex, kind: str) -> Any:
    if kind == "bool":
        return bool(value)
    if kind == "Device" and isinstance(value, str):
        return torch.device(value)
    if kind == "float" and isinstance(value, (int, float)):
        return float(value)
    return value


def _tensor(reference: TensorRef, kind: str) -> torch.Tensor:
    """A tensor of one number; larger ones are not printed whole, or not exactly."""
    match = _TENSOR.match(reference.text)
    facts = intern_type(kind).tensor
    dtype = _DTYPES.get(facts.dtype) if facts is not None else None
    if match is None or dtype is None:
        raise Unreadable("the numbers of a tensor are not in the text")
    return torch.tensor(float(match[1]), dtype=torch.float64).to(dtype)


def _opaque(text: str, kind: str) -> Any:
    try:
        value = ast.literal_eval(_ANNOTATED.sub(r"\1", text))
    except (ValueError, SyntaxError):
        raise Unreadable(f"a constant of type {kind} is printed as {text}") from None
    return value
