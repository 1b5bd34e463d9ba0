"""What two archives are compared by: code, modules, attributes and tensors, read without loading.

A live model has all this in memory, in another form. It is written to a temporary archive as
PyTorch would save it, so that a live model and the file it was saved to are compared alike.
"""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tsviz.frontends.inspecting import find_code, open_archive, read_origins
from tsviz.frontends.printed_code import PrintedFunction, read_code
from tsviz.frontends.program import Program, TextOnly
from tsviz.frontends.stored_state import StoredArray, StoredState, read_state
from tsviz.frontends.zip_directory import Directory, archive_error
from tsviz.jit.pickles import PickleError, read_pickle

CHUNK = 2**20
_BYTE_ORDER = "byteorder"
_MOST_READINGS = 4
_FREE_READING = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why what a program holds beside its graph cannot be compared, in words."""

    reason: str


class ArchiveState:
    """An open archive.

    Attributes:
        functions: every printed function, one of the same name after the other.
        state: what its pickles hold.
    """

    def __init__(self, directory: Directory) -> None:
        code = find_code(directory)
        self.functions: tuple[PrintedFunction, ...]
        self.functions, classes = read_code(code, read_origins(directory))
        model, constants = (_read_pickle(directory, name) for name in ("data.pkl", "constants.pkl"))
        self.state: StoredState = read_state(directory, model, constants, classes)
        self._directory = directory
        sizes = (entry.file_size for entry in directory.records.values())
        self._left = _MOST_READINGS * sum(sizes) + _FREE_READING

    def iter_span(self, array: StoredArray) -> Iterator[bytes]:
        """The bytes from the first element of a tensor to its last, piece by piece.

        Raises:
            ArchiveError: `TSV-A06` its storage is damaged; `TSV-A25` its tensors lie so much over
                one another that reading them all would take forever.
        """
        start, left = array.offset * array.width, array.span * array.width
        step = CHUNK - CHUNK % max(1, array.width)
        while left > 0:
            size = min(step, left)
            self._left -= size
            if self._left < 0:
                message = f"the tensors in `{self._directory.path}` share their storages too often"
                note = f"to compare them all takes more than {_MOST_READINGS} readings of the file"
                raise archive_error("TSV-A25", message, note)
            yield self._directory.read_range(array.record, start, size)
            start, left = start + size, left - size


def _read_pickle(directory: Directory, name: str) -> object:
    try:
        return read_pickle(directory.read(name)).root
    except PickleError as error:
        message = f"`{name}` in `{directory.path}` is not written as PyTorch writes it"
        raise archive_error("TSV-A26", message, str(error)) from error


def _byte_order(directory: Directory) -> str:
    """What the archive says; one that says nothing comes from PyTorch before 2.1."""
    stated = _BYTE_ORDER in directory.records
    return directory.read(_BYTE_ORDER).decode(errors="replace") if stated else "little"


@contextmanager
def open_state(program: Program) -> Generator[ArchiveState | Unreadable]:
    """Opens the archive that a program was read from, or one that a live program is saved to.

    Raises:
        ArchiveError: `TSV-A06`, `TSV-A12` and `TSV-A23` to `TSV-A26` it is not sound.
    """
    with TemporaryDirectory(prefix="tsviz-") as folder:
        path = _find_archive(program, Path(folder))
        if isinstance(path, Unreadable):
            yield path
            return
        with open_archive(path) as directory:
            is_ours = _byte_order(directory) == sys.byteorder
            foreign = Unreadable("its numbers are written in another byte order")
            yield ArchiveState(directory) if is_ours else foreign


def _find_archive(program: Program, folder: Path) -> Path | Unreadable:
    if program.file is not None:
        changed = Unreadable("its file has changed since it was opened")
        return program.file.path if program.file.is_unchanged else changed
    if isinstance(program.native, TextOnly):
        return Unreadable(f"it is {program.native.reason}")
    from tsviz.jit.archiving import write_archive

    path = folder / "model.pt"
    refused = write_archive(program.native, path)
    return Unreadable(f"PyTorch cannot save it: {refused}") if refused else path
