"""Which notebook cell a file name stands for.

Python knows a cell by a made-up file name, and so do tracebacks, source ranges and archives. The
running shell knows more: which cell that was, and what it said when it ran. A loaded extension
registers a finder here, so that rooms that must not know IPython can name cells. Standard library
only.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was when it ran.

    Attributes:
        path: the file name its code was compiled under.
        source: its text, magics included.
        cell_id: the front end's id, "" where there is none.
        number: its execution count, 0 where that is not known.
    """

    path: str
    source: str
    cell_id: str = ""
    number: int = 0

    @property
    def title(self) -> str:
        """`Cell 4`, its name for people."""
        return f"Cell {self.number}" if self.number else "Cell"


Finder = Callable[[str], Cell | None]

_finders: list[Finder] = []


def add_finder(finder: Finder) -> None:
    """Asks `finder` from now on."""
    _finders.append(finder)


def remove_finder(finder: Finder) -> None:
    """No longer asks `finder`."""
    _finders.remove(finder)


def find_cell(path: str) -> Cell | None:
    """The cell that was compiled under the file name `path`, or `None`."""
    return next((cell for finder in _finders if (cell := finder(path)) is not None), None)
