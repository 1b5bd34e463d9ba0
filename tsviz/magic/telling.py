"""How far long work is, told while it goes on."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

from IPython.display import DisplayHandle

from tsviz.magic.shell import Shell


def is_notebook(shell: Shell) -> bool:
    """Whether a kernel runs the cells, and not a terminal."""
    return getattr(shell, "kernel", None) is not None


@contextmanager
def changing_line(first: str) -> Generator[Callable[[str], None]]:
    """A line in a notebook's output that changes, and is gone in the end."""
    line: Any = DisplayHandle()  # untyped
    line.display(_text(first), raw=True)
    try:
        yield partial(_tell, line)
    finally:
        line.update(_text(""), raw=True)


def _tell(line: Any, words: str) -> None:
    line.update(_text(words), raw=True)


def _text(text: str) -> dict[str, str]:
    return {"text/plain": text}
