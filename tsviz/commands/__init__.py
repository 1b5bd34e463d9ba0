"""The subcommands of `tsviz`: `run(options)` of each says whether it found something."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType

__all__ = ["TargetFailed", "users_own"]


class TargetFailed(Exception):  # noqa: N818 (it carries an error, it is none itself)
    """The user's own code failed.

    Attributes:
        text: its traceback, from the user's first frame on.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@contextmanager
def users_own(skipped: tuple[str, ...]) -> Generator[None]:
    """Marks what is raised inside as the user's.

    Args:
        skipped: leading frames of these files are left out of its traceback.
    """
    try:
        yield
    except Exception as error:
        found = _skip(error.__traceback__, (__file__, *skipped))
        text = "".join(traceback.format_exception(type(error), error, found))
        raise TargetFailed(text) from error


def _skip(found: TracebackType | None, files: tuple[str, ...]) -> TracebackType | None:
    while found is not None and (
        found.tb_frame.f_code.co_filename in files
        or found.tb_frame.f_code.co_filename.startswith("<frozen importlib")
    ):
        found = found.tb_next
    return found
