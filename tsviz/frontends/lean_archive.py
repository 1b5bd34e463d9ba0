"""A copy of an archive in which every weight is one number, repeated.

Its graphs are those of the archive, and PyTorch reads them in a fraction of the time: what takes
long is reading weights, which nobody asks for who only looks. A weight keeps its shape and dtype;
its strides become 0, so that the first of its elements stands for all. Tables of constants stay as
they are, because graphs show what is in them.

Nothing is unpickled: the instructions of the pickle are copied, with other numbers in a few.
"""

import pickletools
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from tsviz.errors import ArchiveError
from tsviz.frontends.stored_tensors import width_of
from tsviz.frontends.zip_directory import Directory

_WEIGHTS, _RECORDS = "data.pkl", "data/"
_MAKERS = frozenset({"torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter"})
"""What makes a plain tensor. Sparse and quantised ones are more than their elements."""
_MUCH = 16 * 2**20
_ZERO, _ONE = b"K\x00", b"K\x01"
_STORAGE = "BINPERSID"
_NUMBERS = ("BININT", "BININT1", "BININT2", "LONG1")


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction of a pickle: its name, its argument, and where it stands.

    Attributes:
        again: whether it only recalls what that instruction made before.
    """

    name: str
    value: Any
    begin: int
    end: int
    again: bool = False


class _UnfitError(Exception):
    """It is not written in the one way that is understood here."""


def write_lean(directory: Directory, folder: Path) -> Path | None:
    """Writes the copy into `folder`.

    Returns:
        Its path; `None` where it would save little, where the weights are not written as PyTorch
        writes plain tensors, and where something is damaged.
    """
    sizes = {name: entry.file_size for name, entry in directory.records.items()}
    weights = sum(size for name, size in sizes.items() if name.startswith(_RECORDS))
    if weights < max(_MUCH, sum(sizes.values()) / 2):
        return None
    path = folder / "lean.pt"
    try:
        pickle, kept = _lean(directory.read(_WEIGHTS), sizes)
        with zipfile.ZipFile(path, "w") as copy:
            for name, entry in directory.records.items():
                with copy.open(entry.filename, "w", force_zip64=True) as record:
                    record.writelines(_content(directory, name, pickle, kept))
    except (_UnfitError, ArchiveError):  # damaged: PyTorch may read it all the same
        return None
    return path


def _content(
    directory: Directory, name: str, pickle: bytes, kept: Mapping[str, int]
) -> Iterable[bytes]:
    if name == _WEIGHTS:
        return [pickle]
    parts = directory.iter_parts(name)
    if name.startswith(_RECORDS):
        return [next(parts, b"")[: kept.get(name, 0)]]
    return parts


def _lean(pickle: bytes, sizes: Mapping[str, int]) -> tuple[bytes, dict[str, int]]:
    """The pickle with other numbers; record → how many of its bytes are kept."""
    steps = list(_iter_steps(pickle))
    makers = {step.value for step in steps if step.name == "GLOBAL"}
    _check(not any(str(maker).startswith("torch._utils ") for maker in makers - _MAKERS))
    parts: list[bytes] = []
    kept: dict[str, int] = {}
    done = 0
    for at in (at for at, step in enumerate(steps) if step.name == _STORAGE):
        offset, strides = _find_layout(steps, at + 1)
        edits = [(step, _ZERO) for step in (offset, *strides)]
        if not steps[at].again:
            count, record, width = _find_record(steps[at - 6 : at])
            _check(sizes.get(record, 0) == count.value * width)
            if count.value:  # an empty one may have no record
                kept[record] = width
                edits = [(count, _ONE), *edits]
        for step, number in edits:
            parts += [pickle[done : step.begin], number]
            done = step.end
    return b"".join((*parts, pickle[done:])), kept


def _find_record(steps: list[_Step]) -> tuple[_Step, str, int]:
    """How many elements a storage has, its record, and the bytes of an element.

    Args:
        steps: of `"storage", kind, key, device, count)`.
    """
    _, kind, key, _, count, closed = steps
    width = width_of(str(kind.value).removeprefix("torch "))
    _check(_is_number(count) and closed.name == "TUPLE" and width > 0)
    return count, f"{_RECORDS}{key.value}", width


def _find_layout(steps: list[_Step], at: int) -> tuple[_Step, list[_Step]]:
    """Where a tensor's offset and strides are written: `offset, (size, …), (stride, …)`."""
    offset, opened = steps[at : at + 2]
    sizes = list(takewhile(_is_number, steps[at + 2 :]))
    closed, opened_again = steps[at + 2 + len(sizes) :][:2]
    strides = list(takewhile(_is_number, steps[at + 4 + len(sizes) :]))
    names = [step.name for step in (opened, closed, opened_again)]
    _check(_is_number(offset) and names == ["MARK", "TUPLE", "MARK"])
    _check(len(sizes) == len(strides))
    return offset, strides


def _is_number(step: _Step) -> bool:
    return step.name in _NUMBERS


def _check(is_fit: bool) -> None:
    if not is_fit:
        raise _UnfitError


def _iter_steps(pickle: bytes) -> Iterator[_Step]:
    """The instructions but those that memorise; what was memorised stands where it is used."""
    memo: dict[object, _Step] = {}
    read = [(op.name, argument, at or 0) for op, argument, at in pickletools.genops(pickle)]
    ends = [*(at for _, _, at in read[1:]), len(pickle)]
    step = _Step("", None, 0, 0)
    for (name, argument, begin), end in zip(read, ends, strict=True):
        if name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = step
            continue
        step = _Step(name, argument, begin, end)
        if name in ("BINGET", "LONG_BINGET"):
            _check(argument in memo)
            step = replace(memo[argument], begin=begin, end=end, again=True)
        yield step
