"""The lessons by name."""

from difflib import get_close_matches

from tsviz.errors import Diagnostic, UsageError
from tsviz.passes.lessons import (
    calls,
    constants,
    frozen,
    gradients,
    in_place,
    joining,
    loops,
    tidying,
    types,
    writing_out,
)
from tsviz.passes.lessons.running import Lesson
from tsviz.passes.sentences import lesson_of

_THEMES = (
    *(tidying, constants, calls, loops, joining, writing_out, in_place, types, gradients),
    frozen,
)
LESSONS = {one.name: one for theme in _THEMES for one in theme.LESSONS}
"""Every lesson, by the name of its pass."""


def lesson(name: str) -> Lesson:
    """The lesson on a pass: a few lines of Python, and the real pass at work on them.

    It prints as a page; `lesson(name).trace` is the recording, which `tsviz.explore` opens.

    Args:
        name: of a pass of `tsviz.passes.catalog`, or of a step of a recording that is one of these.

    Raises:
        UsageError: `TSV-U18` no such pass.
    """
    found = LESSONS.get(lesson_of(name))
    if found is not None:
        return found
    close = [f"`{one}`" for one in get_close_matches(name, LESSONS, n=3)]
    help = f"did you mean {' or '.join(close)}?" if close else "`tsviz passes` lists them"
    raise UsageError(Diagnostic("TSV-U18", f"expected the name of a pass, got `{name}`", help=help))
