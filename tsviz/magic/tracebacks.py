"""What a cell shows when something goes wrong.

A mistake in the line or in the model is a diagnostic, without a stack of tsviz's frames; failing
code of the user's keeps its own traceback and fails the cell; what tsviz did not expect is a line
to report. `sys.last_value` and the like, which `%debug` and `%tb` use, change only for the
user's own errors.
"""

import sys
from collections.abc import Callable
from typing import TypeGuard, TypeVar

from tsviz.errors import Diagnostic, TsvizError
from tsviz.location import SourceFile
from tsviz.magic.evaluation import UserCodeFailed
from tsviz.magic.shell import Shell

T = TypeVar("T")


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
        show_diagnostic(shell, error.diagnostic, error.sources)
        return None
    except Exception as error:  # noqa: BLE001 (traceback hook: our own stack helps no user)
        from tsviz.terminal import unexpected

        show_diagnostic(shell, unexpected(error))
        return None
    _hide_outer_frames(shell, user)
    raise user.original


def show_diagnostic(
    shell: Shell, diagnostic: Diagnostic, sources: tuple[SourceFile, ...] = ()
) -> None:
    """Prints a diagnostic to stderr, in colour where the shell's tracebacks are."""
    from rich.console import Console

    from tsviz.terminal import diagnostic_text

    colours = shell.colors.lower() != "nocolor"
    console = Console(stderr=True, force_jupyter=False, force_terminal=colours, soft_wrap=True)
    console.print(diagnostic_text(diagnostic, sources))


def find_torchscript_error() -> Exception | None:
    """The error the last cell ended with, if TorchScript raised it."""
    error = getattr(sys, "last_value", None)
    return error if is_torchscripts(error) else None


def is_torchscripts(error: object) -> TypeGuard[Exception]:
    """Whether TorchScript raised it; imports no torch."""
    if "torch" not in sys.modules or not isinstance(error, Exception):
        return False
    from tsviz.frontends.failures import is_torchscript

    return is_torchscript(error)


def show_post_mortem(shell: Shell, error: Exception) -> None:
    """Shows all that is known about an error that TorchScript raised."""
    from tsviz.frontends.failures import explain

    found = explain(error, deeply=True)
    show_diagnostic(shell, found.diagnostic, found.sources)


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
