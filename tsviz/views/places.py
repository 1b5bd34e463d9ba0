"""Source files and frames as rows: a document names each once, however many nodes point there."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from tsviz.cells import find_cell
from tsviz.frontends import is_library, is_printed, read_source
from tsviz.location import CallSite, FileRange, Location, SourceFile, iter_frames
from tsviz.protocol import Column, tables
from tsviz.views.sharing import share_path

Intern = Callable[[str], int]
"""A text → its row in the document's strings."""


class Places:
    """The files and frames that some locations lead to; frames get their rows as they are met."""

    def __init__(
        self, locations: Iterable[Location], sources: Mapping[str, SourceFile], intern: Intern
    ) -> None:
        paths = dict.fromkeys(sources)
        paths.update((frame.file, None) for place in locations for frame in iter_frames(place))
        ordered = sorted(paths, key=lambda path: (is_printed(path), is_library(path), path))
        self.files: Mapping[str, int] = {path: row for row, path in enumerate(ordered)}
        self._sources = sources
        self._intern = intern
        self._known: dict[tuple[FileRange, int], int] = {}
        self._rows: list[tuple[FileRange, int]] = []
        self._by_identity: dict[int, tuple[Location, int]] = {}

    def row(self, location: Location) -> int:
        """The row of a location's innermost known frame, -1 where there is none.

        Equal chains share rows, and chains that share their outer part walk it once.
        """
        inner: list[CallSite] = []
        while isinstance(location, CallSite) and id(location) not in self._by_identity:
            inner.append(location)
            location = location.caller
        known = self._by_identity.get(id(location))
        row = known[1] if known is not None else -1
        if known is None and isinstance(location, FileRange):
            row = self._frame_row(location, -1)
        for site in reversed(inner):
            if isinstance(site.callee, FileRange):
                row = self._frame_row(site.callee, row)
            self._by_identity[id(site)] = (site, row)  # kept, so that the id stays its own
        return row

    def row_of(self, frame: FileRange | None, chain: int) -> int:
        """The row of `frame` on the chain of callers that starts at the row `chain`."""
        while chain >= 0 and frame is not None:
            here, caller = self._rows[chain]
            if here == frame:
                return chain
            chain = caller
        return -1

    def _frame_row(self, frame: FileRange, caller: int) -> int:
        row = self._known.setdefault((frame, caller), len(self._rows))
        if row == len(self._rows):
            self._rows.append((frame, caller))
        return row

    def frames_payload(self) -> tables.FramesPayload:
        """All frames met so far."""
        rows = self._rows
        return tables.FramesPayload(
            file=Column.of("i32", (self.files[frame.file] for frame, _ in rows)),
            line=Column.of("i32", (frame.line for frame, _ in rows)),
            col=Column.of("i32", (frame.col for frame, _ in rows)),
            end_line=Column.of("i32", (frame.end_line for frame, _ in rows)),
            end_col=Column.of("i32", (frame.end_col for frame, _ in rows)),
            function=Column.of("i32", (self._intern(frame.function) for frame, _ in rows)),
            caller=Column.of("i32", (caller for _, caller in rows)),
        )

    def iter_files(self, *, shared: bool) -> Iterator[tables.SourceFilePayload]:
        """The files with their texts; shared ones under paths without the machine."""
        for path in self.files:
            yield file_payload(path, self._sources.get(path), shared=shared)


def file_payload(
    path: str, source: SourceFile | None = None, *, shared: bool = False
) -> tables.SourceFilePayload:
    """A file with its text.

    Args:
        source: it as it was captured; by default it is read now.
        shared: whether it leaves this machine.
    """
    known = source or read_source(path)
    return tables.SourceFilePayload(
        path=share_path(path) if shared else path,
        title=title_of(path),
        origin=known.origin,
        digest=known.digest,
        library=is_library(path) or is_printed(path),
        text=tables.PackedLines.of_text(known.text),
    )


def title_of(path: str) -> str:
    """The short name of a file, for a tab: `resnet.py`, `Cell 4`, `printed: __torch__.py`."""
    cell = find_cell(path)
    if cell is not None:
        return cell.title
    name = path.replace("\\", "/").rpartition("/")[2] or path
    return f"printed: {name}" if is_printed(path) else name
