"""Types of values, kept as the compiler spells them and understood where it helps.

TorchScript has an open set of types (classes, NamedTuples, enums, interfaces …). The text is the
identity of a type; what tsviz needs to know about tensors is read from it on demand.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_SCALARS = {
    "Half": "f16",
    "BFloat16": "bf16",
    "Float": "f32",
    "Double": "f64",
    "Byte": "u8",
    "Char": "i8",
    "Short": "i16",
    "Int": "i32",
    "Long": "i64",
    "Bool": "bool",
    "ComplexHalf": "c32",
    "ComplexFloat": "c64",
    "ComplexDouble": "c128",
    "QInt8": "qi8",
    "QUInt8": "qu8",
    "QInt32": "qi32",
}
_REFINED = re.compile(r"^(?P<scalar>[A-Z]\w*)\((?P<inner>.*)\)(?P<optional>\?)?$")
_MANGLED = re.compile(r"\b___torch_mangle_\d+\.")
_DIMENSION = re.compile(r"^(?:\d+|\*|SS\(-\d+\))$")


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """What a tensor type says.

    Attributes:
        dtype: short name such as `f32`, or "" when the type does not say.
        shape: one entry a dimension, `None` for one that is not fixed; `None` when the rank is
            unknown.
        device: such as `cpu`, or "".
    """

    dtype: str = ""
    shape: tuple[int | None, ...] | None = None
    device: str = ""

    def __str__(self) -> str:
        shape = "" if self.shape is None else f"[{', '.join(_dimension(d) for d in self.shape)}]"
        return (self.dtype or "Tensor") + shape


def _dimension(size: int | None) -> str:
    return "?" if size is None else str(size)


@dataclass(frozen=True, slots=True)
class Type:
    """A type, identified by the compiler's own text for it, such as `List[int]`."""

    text: str

    @property
    def tensor(self) -> TensorFacts | None:
        """What is known of the tensor, or `None` where this is no tensor type."""
        return _tensor_facts(self.text)

    @property
    def unmangled(self) -> str:
        """The text without the numbers by which PyTorch tells classes of one name apart.

        They depend on what else was compiled in the process.
        """
        return _MANGLED.sub("", self.text)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65536)
def intern_type(text: str) -> Type:
    """One shared `Type` for each distinct text."""
    return Type(text)


@lru_cache(maxsize=65536)
def _tensor_facts(text: str) -> TensorFacts | None:
    if text in ("Tensor", "Tensor?", "AutogradZeroTensor"):
        return TensorFacts()
    match = _REFINED.match(text)
    if match is None or match["scalar"] not in (*_SCALARS, "Tensor"):
        return None
    parts = [part.strip() for part in re.split(r",(?![^\[]*\])", match["inner"])]
    device = next((part[7:] for part in parts if part.startswith("device=")), "")
    shape = None
    if parts and parts[0] != "*" and "=" not in parts[0]:
        sizes = [part for part in parts if _DIMENSION.match(part)]
        shape = tuple(int(size) if size.isdigit() else None for size in sizes)
    return TensorFacts(_SCALARS.get(match["scalar"], ""), shape, device)
