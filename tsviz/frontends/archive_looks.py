"""What is found in an archive before PyTorch reads it; also ahead, before anybody asks for it."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from tsviz.frontends.archive_errors import would_run
from tsviz.frontends.archive_sources import reconcile
from tsviz.frontends.inspecting import ArchiveContents, inspect_directory, open_archive
from tsviz.frontends.lean_archive import write_lean
from tsviz.frontends.zip_directory import Directory
from tsviz.location import Origin, SourceFile


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Look:
    """A look into an archive of which nothing runs on load.

    Attributes:
        sources: every text it holds: the original one, and TorchScript's own print of it.
        files: what has its graphs; the first is the quickest to read.
    """

    contents: ArchiveContents
    sources: Mapping[str, SourceFile]
    files: tuple[Path, ...]


_Stamp = tuple[Path, int, int, int, int]
_ahead: dict[_Stamp, Future[Look]] = {}
"""At most one, and what the file was when the look began: it may be another one by now."""


def look(directory: Directory, folder: Path) -> Look:
    """Looks into an archive.

    Args:
        directory: of the archive.
        folder: where a copy without weights may be written.

    Raises:
        ArchiveError: as `inspect_directory`; `TSV-A13` something in it would run on load.
    """
    contents = inspect_directory(directory)
    if contents.on_load:
        raise would_run(contents)
    lean = write_lean(directory, folder)
    files = (directory.path,) if lean is None else (lean, directory.path)
    return Look(contents, sources_of(contents), files)


def look_ahead(path: Path) -> None:
    """Begins to look into an archive, in a thread, for a `take_look` that may come.

    What cannot be looked into is left to whoever opens it, and then told.
    """
    stamp = _stamp(path)
    if stamp is None:
        return
    executor = ThreadPoolExecutor(1)
    _ahead.clear()
    _ahead[stamp] = executor.submit(_look_into, path)
    executor.shutdown(wait=False)


def take_look(path: Path) -> Look | None:
    """What was seen ahead, once; `None` where nothing was, or the file is another one now."""
    stamp = _stamp(path)
    future = None if stamp is None else _ahead.pop(stamp, None)
    return None if future is None or future.exception() is not None else future.result()


def _look_into(path: Path) -> Look:
    folder = mkdtemp(prefix="tsviz-")
    with ExitStack() as undone, open_archive(path) as directory:
        undone.callback(rmtree, folder)
        found = look(directory, Path(folder))
        undone.pop_all()
    finalize(found, rmtree, folder)
    return found


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def sources_of(contents: ArchiveContents) -> dict[str, SourceFile]:
    """Every text an archive holds: the original one, and TorchScript's own print of it."""
    printed = {name: SourceFile(name, text, Origin.ARCHIVE) for name, text in contents.code.items()}
    return {**reconcile(contents.stored_sources), **printed}
