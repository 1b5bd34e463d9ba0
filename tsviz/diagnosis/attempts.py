"""How much is tried: a count, so that it comes to an end for large models; Ctrl-C ends it early."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with how many attempts were made, of how many at most; what it raises stops."""

MOST = 200
"""Compilations, traces and comparisons of a model and its parts."""


class NoneLeftError(Exception):
    """All attempts are used up."""


@dataclass
class Attempts:
    """Counts what is tried.

    Attributes:
        progress: is told of each.
        made: how many there were.
        most: how many there may be.
        is_interrupted: whether someone stopped it.
    """

    progress: Progress | None = None
    made: int = 0
    most: int = MOST
    is_interrupted: bool = False

    def begin(self) -> None:
        """Counts one more.

        Raises:
            NoneLeftError: there were enough.
        """
        if self.made >= self.most:
            raise NoneLeftError
        if self.progress is not None:
            self.progress(self.made, self.most)
        self.made += 1
