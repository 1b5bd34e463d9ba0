"""How far long work is: in a notebook a line that changes, in a terminal a bar."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle

from tsviz.magic.shell import Shell

if TYPE_CHECKING:
    from tsviz.terminal import Steps


@contextmanager
def steps_told(shell: Shell, first: str) -> "Generator[Steps | None]":
    """What tells of each step; in a notebook its words and numbers make one line.

    Args:
        first: what stands there before the first step.
    """
    if getattr(shell, "kernel", None) is None:
        from tsviz.terminal import steps_bar

        with steps_bar() as tell:
            yield tell
        return
    line: Any = DisplayHandle()  # untyped
    line.display(_text(first), raw=True)

    def tell_line(done: int, of: int, doing: str) -> None:
        count = f": {done} of {of}" if of else ""
        line.update(_text(f"{doing}{count}; interrupting keeps what was found"), raw=True)

    try:
        yield tell_line
    finally:
        line.update(_text(""), raw=True)


def _text(text: str) -> dict[str, str]:
    return {"text/plain": text}
