"""How far the doctor is, for whoever shows it."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with how many steps are done, of how many (0: not known), and what is being done."""


def silent(done: int, of: int, doing: str) -> None:
    """Tells nobody."""
