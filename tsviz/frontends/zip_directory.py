"""The directory of an archive, checked before anything in it is read.

A zip file can be written so that two programs see different records in it: by two entries of one
name, two root folders, names that differ in case only, bytes before or after it. What tsviz looks
at must be what PyTorch loads, so an archive that leaves room for doubt is refused. So is one that
would fill the memory, and one whose names lead out of the folder it would be unpacked into.
PyTorch writes none of these.
"""

import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from tsviz.errors import ArchiveError, Diagnostic
from tsviz.reading_ahead import MODEL_SUFFIXES

MOST_RECORDS = 50_000
MOST_TEXT = 16 * 2**20
"""Bytes of one record that is read whole: code, source positions, a pickle."""
_MOST_TEXT_IN_ALL = 256 * 2**20
_MOST_DIRECTORY = 64 * 2**20
_MOST_GROWTH = 20
_FREE_GROWTH = 64 * 2**20

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
FETCH_AGAIN = "fetch or save the file again"
_SAVE_AGAIN = "if you trust it, torch.jit.save(torch.jit.load(path), path) writes it anew"


class Directory:
    """The records of an archive, by their names below its root folder."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        entries = file.infolist()
        _check_names(path, entries)
        _check_sizes(path, entries)
        self.path = path
        self.records = {entry.filename.partition("/")[2]: entry for entry in entries}
        self._file = file
        self._left = _MOST_TEXT_IN_ALL
        self._reading: tuple[str, IO[bytes]] | None = None

    def read(self, name: str) -> bytes:
        """The bytes of one record.

        Raises:
            ArchiveError: `TSV-A06` it is damaged; `TSV-A08` it is too large to be what it claims.
        """
        entry = self.records[name]
        self._left -= entry.file_size
        if entry.file_size > MOST_TEXT or self._left < 0:
            raise _bomb(self.path, f"`{name}` takes {mebibytes(entry.file_size)} more")
        return b"".join(self.iter_parts(name))

    def iter_parts(self, name: str) -> Iterator[bytes]:
        """The bytes of one record piece by piece, however large it is.

        Raises:
            ArchiveError: `TSV-A06` it is damaged, which may show at its end only.
        """
        with self._damage_told(name), self._file.open(self.records[name]) as record:
            while part := record.read(2**20):
                yield part

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Some bytes of one record; cheap where they follow those that were read last.

        Raises:
            ArchiveError: `TSV-A06` it is damaged, or they are not there.
        """
        with self._damage_told(name):
            if self._reading is None or self._reading[0] != name:
                self._reading = (name, self._file.open(self.records[name]))
            record = self._reading[1]
            record.seek(start)
            data = record.read(size)
            if len(data) < size:
                raise EOFError("it breaks off")
        return data

    @contextmanager
    def _damage_told(self, name: str) -> Generator[None]:
        try:
            yield
        except _DAMAGE as error:
            message = f"`{name}` in `{self.path}` is damaged: {error}"
            raise archive_error("TSV-A06", message, help=FETCH_AGAIN) from error

    def find_damaged(self, most: int) -> str | None:
        """The first record whose checksum is wrong, or `None`.

        Args:
            most: bytes to read; records beyond it are not checked.
        """
        for name, entry in self.records.items():
            most -= entry.file_size
            if most < 0:
                return None
            try:
                for _ in self.iter_parts(name):
                    pass
            except ArchiveError:
                return name
        return None


@contextmanager
def open_directory(path: Path) -> Generator[Directory | None]:
    """Opens the directory of an archive; yields `None` where the file is no zip file.

    Raises:
        ArchiveError: `TSV-A01` no such file; `TSV-A02` a folder; `TSV-A03` an empty file;
            `TSV-A05` it breaks off; `TSV-A07` it is not as PyTorch writes it; `TSV-A08` it would
            fill the memory.
    """
    with open_file(path) as stream:
        if not _check_ends(path, stream):
            yield None
            return
        try:
            with zipfile.ZipFile(stream) as file:
                yield Directory(path, file)
        except zipfile.BadZipFile as error:
            message = f"the directory at the end of `{path}` is damaged: {error}"
            raise archive_error("TSV-A06", message, help=FETCH_AGAIN) from error


def archive_error(code: str, message: str, *notes: str, help: str = "") -> ArchiveError:
    """An `ArchiveError` about the file as a whole."""
    return ArchiveError(Diagnostic(code, message, notes=notes, help=help))


def open_file(path: Path) -> BinaryIO:
    """Opens a file for reading.

    Raises:
        ArchiveError: `TSV-A01` it is not there or cannot be read; `TSV-A02` it is a folder.
    """
    if path.is_dir():
        raise archive_error(
            "TSV-A02",
            f"expected a file, got the folder `{path}`",
            help="open the file that the folder was unpacked from",
        )
    try:
        stream = path.open("rb")
    except FileNotFoundError as error:
        message = f"expected a file, found nothing at `{path}`"
        raise archive_error("TSV-A01", message, help=_nearby(path)) from error
    except OSError as error:
        message = f"`{path}` cannot be read: {error.strerror}"
        raise archive_error("TSV-A01", message) from error
    return stream


def _nearby(path: Path) -> str:
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"there is no folder `{folder}`"
    models = sorted(file.name for file in folder.iterdir() if file.suffix in MODEL_SUFFIXES)
    return f"models in that folder: {', '.join(models[:8])}" if models else ""


# ── where the directory lies ────────────────────────────────────────────────────────────────────


def _check_ends(path: Path, stream: BinaryIO) -> bool:
    """Whether this is a zip file; if so, its directory lies where every reader looks for it."""
    size = path.stat().st_size
    if size == 0:
        raise archive_error("TSV-A03", f"expected an archive, `{path}` is empty", help=FETCH_AGAIN)
    starts = stream.read(4) == b"PK\3\4"
    at = size - _END.size
    end = _read_at(stream, at, _END)
    if end is None or end[0] != b"PK\5\6":
        if zipfile.is_zipfile(stream):
            raise doubtful(path, "something follows its directory")
        if starts:
            message = f"`{path}` breaks off: it begins as a zip file and has no directory"
            raise archive_error("TSV-A05", message, help=FETCH_AGAIN)
        return False
    _, *disks, count, length, offset, comment = end
    locator = _read_at(stream, at - _LOCATOR64.size, _LOCATOR64)
    if locator is not None and locator[0] == b"PK\6\7":
        at -= _LOCATOR64.size + _END64.size
        end64 = _read_at(stream, at, _END64)
        if end64 is None or end64[0] != b"PK\6\6" or locator[2] != at:
            raise doubtful(path, "its directory has two ends that disagree")
        count, length, offset = end64[7:]
    if not starts or any(disks[:2]) or comment or offset + length != at:
        raise doubtful(path, "its directory does not lie where it says")
    if count > MOST_RECORDS or length > _MOST_DIRECTORY:
        raise _bomb(path, f"its directory of {count} records takes {mebibytes(length)}")
    return True


def _read_at(stream: BinaryIO, at: int, layout: struct.Struct) -> tuple[Any, ...] | None:
    if at < 0:
        return None
    stream.seek(at)
    return layout.unpack(stream.read(layout.size))


# ── what it names ───────────────────────────────────────────────────────────────────────────────


def _check_names(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuses names that two readers may understand differently, or that lead elsewhere."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name != entry.orig_filename or "\\" in name or ".." in PurePosixPath(name).parts:
            raise doubtful(path, f"the name `{entry.orig_filename}` leads elsewhere")
        if not all(name.partition("/")[::2]):
            raise doubtful(path, f"`{name}` lies in no folder")
        if name.lower() in seen:  # PyTorch looks up without regard to case
            raise doubtful(path, f"`{name}` is there twice")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise doubtful(path, f"`{name}` is encrypted or packed in a way PyTorch cannot read")
        seen.add(name.lower())
    roots = sorted({name.partition("/")[0] for name in seen})
    if len(roots) > 1:
        raise doubtful(path, f"it has {len(roots)} root folders: {', '.join(roots[:8])}")


def _check_sizes(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuses what unpacks to many times its size; weights are never packed by PyTorch."""
    size = path.stat().st_size
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _MOST_GROWTH * size + _FREE_GROWTH:
        raise _bomb(path, f"its {mebibytes(size)} unpack to {mebibytes(unpacked)}")


def doubtful(path: Path, reason: str) -> ArchiveError:
    """The error about an archive in which two readers may see different things."""
    message = f"`{path}` is no archive as PyTorch writes it: {reason}"
    note = "two programs could see different contents in it, so nothing in it was read"
    return archive_error("TSV-A07", message, note, help=_SAVE_AGAIN)


def _bomb(path: Path, reason: str) -> ArchiveError:
    message = f"`{path}` would fill the memory: {reason}"
    return archive_error("TSV-A08", message, help=_SAVE_AGAIN)


def mebibytes(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size / 2**20:.1f} MiB"
