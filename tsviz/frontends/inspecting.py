"""What is in an archive, told without loading it: no PyTorch, nothing unpickled, nothing run.

Everything here works on bytes that a stranger may have written: the directory is checked before a
record is read, pickles are read as data, code is looked at as text.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tsviz.errors import ArchiveError
from tsviz.frontends.on_load import find_load_time_code
from tsviz.frontends.other_files import refuse_other_file, refuse_other_zip
from tsviz.frontends.stored_tensors import StoredTensor, find_tensors
from tsviz.frontends.zip_directory import (
    FETCH_AGAIN,
    Directory,
    archive_error,
    doubtful,
    mebibytes,
    open_directory,
)
from tsviz.jit.debug_info import DebugInfo, assemble_sources, read_debug_info
from tsviz.jit.pickles import Global, PickleError, read_pickle
from tsviz.location import FileRange

_PICKLES = {"data.pkl": "", "constants.pkl": "constants"}
_DEBUG_INFO = ".debug_pkl"
_VERSION = ("version", ".data/version")
_NATIVE = "__torch__.torch.classes"
_HARMLESS = frozenset({"torch", "torch._utils", "torch.jit._pickle", "collections", "builtins"})
_OPERATOR = re.compile(r"\bops\.(\w+)\.(\w+)\(")
_OWN_OPERATORS = frozenset({"aten", "prim", "prims", "quantized", "prepacked", "profiler"})
_CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
_DEVICE = re.compile(r'torch\.device\("([^"]*)"\)')


@dataclass(frozen=True)
class ArchiveContents:
    """What an archive holds.

    Attributes:
        path: of the file.
        version: of its format, as it says.
        records: name → size in bytes of every record.
        code: record name → TorchScript's printed code.
        origins: name of a record of code → where it comes from.
        stored_sources: original path → its Python text, blank where the archive has none.
        tensors: every tensor, by the name it is reached by.
        on_load: what would run while PyTorch loads it, in words; () where nothing would.
    """

    path: str
    version: str
    records: Mapping[str, int]
    code: Mapping[str, str]
    origins: Mapping[str, DebugInfo]
    stored_sources: Mapping[str, str]
    tensors: tuple[StoredTensor, ...]
    on_load: tuple[str, ...]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes its code defines, such as `__torch__.model.Net`."""
        return tuple(
            f"{_module(record)}.{name}"
            for record, text in self.code.items()
            for name in _CLASS.findall(text)
        )

    @cached_property
    def operators(self) -> tuple[str, ...]:
        """The operators it calls that are not PyTorch's own, such as `torchvision::nms`."""
        calls = {call for text in self.code.values() for call in _OPERATOR.findall(text)}
        return tuple(sorted(f"{space}::{op}" for space, op in calls if space not in _OWN_OPERATORS))

    @cached_property
    def devices(self) -> tuple[str, ...]:
        """The devices that its code or its tensors name."""
        named = {name for text in self.code.values() for name in _DEVICE.findall(text)}
        return tuple(sorted(named | {tensor.device for tensor in self.tensors}))

    def find_original(self, place: FileRange) -> FileRange | None:
        """The original place of one in the printed code, or `None`."""
        origins = self.origins.get(place.file)
        if origins is None:
            return None
        *before, line = self.code.get(place.file, "").split("\n")[: place.line]
        return origins.find(len("\n".join([*before, line[: place.col]]).encode()))

    @cached_property
    def calls(self) -> dict[tuple[str, int, int], FileRange]:
        """As `tsviz.jit.functions.CallPlaces`."""
        return {
            (record, *end): call
            for record, origins in self.origins.items()
            for end, call in origins.find_calls(self.code.get(record, "")).items()
        }

    @property
    def summary(self) -> str:
        """One line for people."""
        size = sum(tensor.nbytes for tensor in self.tensors)
        lines = sum(text.count("\n") for text in self.code.values())
        classes = f"{len(self.classes)} class{'es' * (len(self.classes) != 1)}"
        tensors = f"{len(self.tensors)} tensor{'s' * (len(self.tensors) != 1)}"
        return f"{classes} in {lines} lines of code, {tensors} of {mebibytes(size)} in all"


def _module(record: str) -> str:
    """`code/__torch__/model.py` → `__torch__.model`."""
    return record.removeprefix("code/").removesuffix(".py").replace("/", ".")


def inspect(path: str | Path) -> ArchiveContents:
    """Looks into an archive without loading it.

    Raises:
        ArchiveError: it is no archive of TorchScript, or no sound one (`TSV-A01` to `TSV-A12`).
    """
    with open_archive(Path(path)) as directory:
        return inspect_directory(directory)


@contextmanager
def open_archive(path: Path) -> Generator[Directory]:
    """Opens the directory of what is an archive of TorchScript by the names of its records.

    Raises:
        ArchiveError: it is none; nothing but pickles that are no part of one has been read.
    """
    with open_directory(path) as directory:
        if directory is None:
            refuse_other_file(path)
        names = directory.records
        for name in names:  # PyTorch looks up without regard to case, so it would find this
            if _is_part(name.lower()) and not _is_part(name):
                raise doubtful(path, f"the name `{name}` should be in lower case")
        if not names.keys() >= _PICKLES.keys() or not any(map(_is_code, names)):
            refuse_other_zip(directory)
        yield directory


def _is_part(name: str) -> bool:
    return name in _PICKLES or _is_code(name)


def _is_code(name: str) -> bool:
    return name.startswith("code/") and name.endswith(".py")


def inspect_directory(directory: Directory) -> ArchiveContents:
    """Looks behind a directory that has been checked.

    Raises:
        ArchiveError: `TSV-A06` a record is damaged; `TSV-A08` one would fill the memory; `TSV-A12`
            its source positions are not as PyTorch writes them.
    """
    records = directory.records
    code = find_code(directory)
    reasons = [reason for name, text in code.items() for reason in find_load_time_code(name, text)]
    tensors: tuple[StoredTensor, ...] = ()
    for name, prefix in _PICKLES.items():
        try:
            pickled = read_pickle(directory.read(name))
        except PickleError as error:
            reasons.append(f"`{name}` is not written as PyTorch writes it: {error}")
            continue
        reasons += _find_active_objects(name, pickled.names)
        tensors += find_tensors(pickled.root, prefix)
    origins = read_origins(directory)
    return ArchiveContents(
        path=str(directory.path),
        version="".join(_text(directory, name).strip() for name in _VERSION if name in records),
        records={name: entry.file_size for name, entry in records.items()},
        code=code,
        origins=origins,
        stored_sources=_assemble(directory, origins),
        tensors=tensors,
        on_load=tuple(reasons),
    )


def _text(directory: Directory, name: str) -> str:
    return directory.read(name).decode("utf-8", "replace")


def _find_active_objects(record: str, names: tuple[Global, ...]) -> Iterator[str]:
    """What the objects in a pickle do when PyTorch makes them anew, in words."""
    native = [f"{n}".removeprefix("__torch__.") for n in names if n.module.startswith(_NATIVE)]
    if native:
        yield f"`{record}` holds objects of C++ classes, which set themselves up: {_some(native)}"
    strange = [
        str(name)
        for name in names
        if name.module not in _HARMLESS and not name.module.startswith("__torch__")
    ]
    if strange:
        yield f"`{record}` names what archives of TorchScript do not hold: {_some(strange)}"


def _some(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:4]) + (", …" if len(names) > 4 else "")


def find_code(directory: Directory) -> dict[str, str]:
    """Record name → TorchScript's printed code."""
    return {name: _text(directory, name) for name in directory.records if _is_code(name)}


def read_origins(directory: Directory) -> dict[str, DebugInfo]:
    """Record of code → where it comes from.

    Raises:
        ArchiveError: `TSV-A12` it is not as PyTorch writes it.
    """
    found: dict[str, DebugInfo] = {}
    for name in directory.records:
        if name.startswith("code/") and name.endswith(_DEBUG_INFO):
            try:
                found[name.removesuffix(_DEBUG_INFO)] = read_debug_info(directory.read(name))
            except PickleError as error:
                raise _unreadable(directory, name, error) from error
    return found


def _assemble(directory: Directory, info: Mapping[str, DebugInfo]) -> dict[str, str]:
    try:
        return assemble_sources(piece for found in info.values() for piece in found.pieces)
    except PickleError as error:
        raise _unreadable(directory, "code/", error) from error


def _unreadable(directory: Directory, name: str, error: PickleError) -> ArchiveError:
    message = (
        f"the source positions in `{name}` of `{directory.path}` are not as PyTorch writes them"
    )
    note = "they were not unpickled, which would run whatever code they name"
    return archive_error("TSV-A12", message, str(error), note, help=FETCH_AGAIN)
