"""What a cell shows when something goes wrong.

A mistake in the line or in the model is a diagnostic, without a stack of tsviz's frames; failing
code of the user's keeps its own traceback and fails the cell; what tsviz did not expect is a line
to report. `sys.last_value` and the like, which `%debug` and `%tb` use, change only for the
user's own errors.
"""

import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tsviz.cells import find_cell
from tsviz.errors import Diagnostic, TsvizError
from tsviz.location import CallSite, FileRange, Location, Origin, SourceFile, iter_frames
from tsviz.magic.evaluation import UserCodeFailed
from tsviz.magic.shell import Shell

T = TypeVar("T")

_PACKAGE = Path(__file__).parent.parent
_MARK = re.compile(r"TorchScript|<--- HERE")


def guarded(shell: Shell, action: Callable[[], T]) -> T | None:
    """Runs `action`.

    Returns:
        Its result, or `None` after a failure was shown.

    Raises:
        Exception: what the user's own code raised.
    """
    try:
        return action()
    except UserCodeFailed as failed:
        user = failed
    except TsvizError as error:
        show_diagnostic(error.diagnostic, error.sources)
        return None
    except Exception as error:  # noqa: BLE001 (traceback hook: our own stack helps no user)
        show_diagnostic(unexpected(error))
        return None
    _hide_outer_frames(shell, user)
    raise user.original


def show_diagnostic(diagnostic: Diagnostic, sources: tuple[SourceFile, ...] = ()) -> None:
    """Prints a diagnostic to stderr, with the cell's name and line where it points into a cell."""
    from rich.console import Console

    from tsviz.terminal import diagnostic_text

    frames = tuple(iter_frames(diagnostic.location))
    known = {source.path for source in sources}
    found = [*sources, *(_source(frame.file) for frame in frames[:1] if frame.file not in known)]
    named = replace(diagnostic, location=with_cell_names(diagnostic.location))
    renamed = tuple(replace(source, path=_name(source.path)) for source in found)
    console = Console(stderr=True, force_jupyter=False, force_terminal=True, soft_wrap=True)
    console.print(diagnostic_text(named, renamed))


def unexpected(error: Exception) -> Diagnostic:
    """An error that tsviz did not foresee, in one line with what a report needs."""
    frames = [
        f"{Path(frame.filename).relative_to(_PACKAGE.parent).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if _PACKAGE in Path(frame.filename).parents
    ]
    message = f"tsviz failed, which is a mistake of its own: {type(error).__name__}: {error}"
    notes = (f"at {' > '.join(frames[-4:])}",) if frames else ()
    help = "please report it with this text and what `%tsdebug --env` prints"
    return Diagnostic("TSV-X01", message, notes=notes, help=help)


def find_torchscript_error() -> Exception | None:
    """The error the last cell ended with, if TorchScript raised it."""
    error = getattr(sys, "last_value", None)
    if not isinstance(error, Exception):
        return None
    is_its_own = type(error).__module__.startswith("torch.jit")
    return error if is_its_own or _MARK.search(str(error)) else None


def describe_error(error: Exception) -> Diagnostic:
    """What is known about an error that TorchScript raised: its first sentence, place and words."""
    from tsviz.jit.compile_errors import find_place, first_words

    text = str(error).strip()
    diagnostic = Diagnostic("TSV-M30", first_words(text), notes=(f"PyTorch said: {text}",))
    place = find_place(error)
    return replace(diagnostic, location=place) if place is not None else diagnostic


# ── the names of cells ──────────────────────────────────────────────────────────────────────────


def with_cell_names(location: Location) -> Location:
    """The location with `Cell 4` in the place of a cell's made-up file name."""
    if isinstance(location, FileRange):
        return replace(location, file=_name(location.file))
    if isinstance(location, CallSite):
        callee = location.callee
        named = (
            replace(callee, file=_name(callee.file)) if isinstance(callee, FileRange) else callee
        )
        return CallSite(named, with_cell_names(location.caller))
    return location


def _name(path: str) -> str:
    cell = find_cell(path)
    return cell.title if cell is not None else path


def _source(path: str) -> SourceFile:
    from tsviz.frontends import read_source

    cell = find_cell(path)
    return read_source(path) if cell is None else SourceFile(path, cell.source, Origin.CELL)


def _hide_outer_frames(shell: Shell, failed: UserCodeFailed) -> None:
    """Lets IPython show the error from the user's first frame on.

    IPython asks the exception itself (`_render_traceback_`); cutting `__traceback__` would not do,
    because Python puts our frames back while the error passes through them.
    """
    error = failed.original

    def render() -> list[str]:
        return shell.InteractiveTB.structured_traceback(
            type(error), error, failed.traceback, tb_offset=0
        )

    error._render_traceback_ = render  # type: ignore[attr-defined]
