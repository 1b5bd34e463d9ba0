"""Cells: remembers what each said when it ran, and gives classes defined in them a file.

Later edits of a cell change neither the map from lines to nodes nor the source shown, because the
text is kept per compiled file name, which ipykernel derives from the text itself.
"""

import functools
import inspect
import re
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from tsviz.cells import Cell, add_finder, find_cell, remove_finder

if TYPE_CHECKING:
    from tsviz.magic.shell import Shell

    class _Info(Protocol):
        """What IPython says before it runs a cell."""

        raw_cell: str | None
        transformed_cell: str | None
        cell_id: str | None


_NUMBER = re.compile(r"\d+")


class Cells:
    """The cells that one shell has run since the extension was loaded."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell
        self._sources: dict[str, tuple[str, str]] = {}
        self._ids: dict[str, dict[str, None]] = {}
        self._running: tuple[str, ...] = ()

    def install(self) -> None:
        """Listens to the shell."""
        self._shell.events.register("pre_run_cell", self._before)
        add_finder(self.find)
        class_files.install()

    def uninstall(self) -> None:
        """Undoes `install`."""
        self._shell.events.unregister("pre_run_cell", self._before)
        remove_finder(self.find)
        class_files.uninstall()

    @property
    def running(self) -> Cell | None:
        """The cell that runs now."""
        return next((cell for path in self._running if (cell := self.find(path))), None)

    def find(self, path: str) -> Cell | None:
        """The cell compiled under `path`; the number is IPython's own."""
        known = self._sources.get(path)
        label = self._shell.compile.format_code_name(path)
        if known is None or label is None:
            return None
        source, cell_id = known
        number = _NUMBER.search(label[1])
        return Cell(path, source, cell_id, int(number[0]) if number else 0)

    @property
    def paths(self) -> tuple[str, ...]:
        """The file names of all texts that ran, in the order in which each ran last."""
        return tuple(self._sources)

    def ids(self, path: str) -> tuple[str, ...]:
        """The cells that ran this text, the last one last: equal cells share a file name."""
        return tuple(self._ids.get(path, ()))

    def path_of(self, cell_id: str) -> str:
        """The file name of what a cell ran last, "" where it has run nothing."""
        found = (path for path in reversed(self._sources) if cell_id in self._ids.get(path, ()))
        return next(found, "") if cell_id else ""

    def name_timed_body(self) -> tuple[str, int] | None:
        """The file name for the body of a running `%%time` cell, and the lines above the body."""
        cell = self.running
        first, _, body = (cell.source if cell is not None else "").partition("\n")
        if not first.startswith("%%time"):
            return None
        above = 1 + body[: len(body) - len(body.lstrip())].count("\n")
        return self.cache_body("\n" * above + self._shell.transform_cell(body)), above

    def cache(self, text: str) -> str:
        """Registers a text as part of the running cell, for tracebacks and `inspect`.

        Returns:
            The file name to compile it under.
        """
        number = self.running.number if self.running else self._shell.execution_count
        return self._shell.compile.cache(text, number)

    def cache_body(self, text: str) -> str:
        """Registers the text of the running cell anew, line for line, without its magic.

        IPython knows a `%%` cell as one call that has the body as a string, and so could show no
        line of it.

        Returns:
            The file name to compile it under: where names are made from the raw cell, the cell's.
        """
        cell = self.running
        if cell is None:
            return self.cache(text)
        path = self._shell.compile.cache(text, cell.number, raw_code=cell.source)
        self._sources[path] = (cell.source, cell.cell_id)
        return path

    def _before(self, info: "_Info") -> None:
        raw = info.raw_cell
        if not raw:
            return
        transformed = info.transformed_cell or raw
        # Plain IPython makes the cell's number part of the name. Whether the count was raised
        # before this event depends on its version; `find` knows only the name that got compiled.
        count, name = self._shell.execution_count, self._shell.compile.get_code_name
        self._running = tuple({name(raw, transformed, number) for number in (count - 1, count)})
        for path in self._running:
            self._sources.pop(path, None)  # so that what ran last stands last
            self._sources[path] = (raw, info.cell_id or "")
            self._remember(path, info.cell_id)

    def _remember(self, path: str, cell_id: str | None) -> None:
        """A cell holds one text: the one it ran last."""
        if not cell_id:
            return
        for ids in self._ids.values():
            ids.pop(cell_id, None)
        self._ids.setdefault(path, {})[cell_id] = None


class ClassFiles:
    """Lets `inspect.getfile` answer for classes defined in cells.

    Python finds a class's file through its module's `__file__`, which `__main__` of a notebook has
    not, so `@torch.jit.script class` in a cell fails although the text is known. There is no seam
    for that: PyTorch wraps the same function for `torch.package`. This wrapper asks the original
    first and answers only where that gave up and the class has a method compiled from a known
    cell. Where others have wrapped it in turn, uninstalling leaves it in place and mute.
    """

    def __init__(self) -> None:
        self._users = 0
        self._original: Callable[[Any], str] | None = None
        self._wrapper: Callable[[Any], str] | None = None

    def install(self) -> None:
        """Answers from now on; several shells may ask for it."""
        self._users += 1
        if self._wrapper is not None:
            return
        original = self._original = inspect.getfile

        @functools.wraps(original)
        def getfile(object: Any) -> str:
            try:
                return original(object)
            except OSError:
                path = find_class_cell(object) if self._users else None
                if path is None:
                    raise
                return path

        inspect.getfile = self._wrapper = getfile

    def uninstall(self) -> None:
        """Undoes one `install`."""
        self._users -= 1
        if not self._users and inspect.getfile is self._wrapper and self._original is not None:
            inspect.getfile, self._original, self._wrapper = self._original, None, None


def find_class_cell(target: object) -> str | None:
    """The file name of the cell that a class was defined in, or `None`."""
    if not isinstance(target, type) or target.__module__ != "__main__":
        return None
    for member in vars(target).values():
        function = inspect.unwrap(
            getattr(member, "fget", None) or getattr(member, "__func__", member)
        )
        if isinstance(function, FunctionType) and find_cell(function.__code__.co_filename):
            return function.__code__.co_filename
    return None


class_files = ClassFiles()
