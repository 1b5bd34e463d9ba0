"""Numbers as typed columns in one binary blob.

A graph of 50,000 nodes is sent as a handful of flat arrays, not as 50,000 objects: the browser
maps them with typed arrays and parses nothing. `Column` is what a payload dataclass holds;
`encode` replaces each by a small reference into the blob.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal, cast

DType = Literal["u8", "i32", "f64"]
_ALIGNMENT = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A flat array of numbers, little-endian on the wire.

    Attributes:
        dtype: `u8`, `i32` or `f64` (f64 uses NaN for "not known").
    """

    dtype: DType
    data: "array[int] | array[float]"  # quoted: not subscriptable before Python 3.12

    @classmethod
    def of(cls, dtype: DType, numbers: Iterable[float]) -> "Column":
        """Builds a column from any iterable of numbers.

        Raises:
            TypeError: a float for a column of integers.
            OverflowError: a number that the column cannot hold.
        """
        if dtype == "f64":
            return cls(dtype, array("d", numbers))
        return cls(dtype, array("B" if dtype == "u8" else "i", cast("Iterable[int]", numbers)))

    def __len__(self) -> int:
        return len(self.data)


def encode(payload: object) -> tuple[object, bytes]:
    """Turns a payload dataclass into JSON-ready data and one blob.

    Returns:
        The payload as dicts, lists and scalars, in which each `Column` has become
        `{"dtype", "at", "length"}` (`at` in bytes, a multiple of 8), and the blob.
    """
    blob = bytearray()
    return _plain(payload, blob), bytes(blob)


def _plain(value: object, blob: bytearray) -> object:
    if isinstance(value, Column):
        blob.extend(b"\0" * (-len(blob) % _ALIGNMENT))
        at = len(blob)
        blob.extend(value.data.tobytes())
        return {"dtype": value.dtype, "at": at, "length": len(value.data)}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), blob) for f in fields(value)}
    if isinstance(value, dict):
        entries = cast("Mapping[object, object]", value)
        return {str(key): _plain(item, blob) for key, item in entries.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, blob) for item in cast("Sequence[object]", value)]
    return value
