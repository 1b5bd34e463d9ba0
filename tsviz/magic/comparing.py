"""`%tsdebug --compare`: a target held against its Python code."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tsviz
from tsviz.errors import Diagnostic, UsageError
from tsviz.magic.evaluation import Evaluated
from tsviz.magic.grammar import Request
from tsviz.magic.shell import Shell
from tsviz.magic.telling import changing_line, is_notebook

if TYPE_CHECKING:
    from tsviz.comparison import Comparison, Progress

_WITH_IT = ("compare", "text")


def check_options(request: Request) -> None:
    """Refuses options that are about something else.

    Raises:
        UsageError: `TSV-M22` there is one.
    """
    other = next((name for name in request.options if name not in _WITH_IT), "")
    if not other:
        return
    message = f"`--compare` compares what tracing and scripting make, and takes no `--{other}`"
    help = f"leave `--{other}` out"
    if other == "method":
        help = f"write the method as the target: model.{request.value('method')}(x)"
    raise UsageError(Diagnostic("TSV-M22", message, help=help))


def compare_evaluated(shell: Shell, evaluated: Evaluated) -> "Comparison":
    """Compares, and says how far it is.

    Raises:
        UsageError: `TSV-M23` the target is a file, and as `tsviz.compare`.
        CaptureError: as `tsviz.compare`.
    """
    if isinstance(evaluated.value, str):
        message = f"expected a model with its Python code, got the file `{evaluated.value}`"
        help = "name what it was made of: %tsdebug --compare model(x)"
        raise UsageError(Diagnostic("TSV-M23", message, help=help))
    with _progress(shell) as progress:
        return tsviz.compare(
            evaluated.value, evaluated.args or (), evaluated.kwargs, progress=progress
        )


@contextmanager
def _progress(shell: Shell) -> "Generator[Progress | None]":
    """In a notebook a line that changes, in a terminal a bar."""
    if not is_notebook(shell):
        from tsviz.terminal import tries_bar

        with tries_bar() as progress:
            yield progress
        return
    with changing_line("comparing") as tell:
        yield lambda tried, of: tell(
            f"{tried} of {of} inputs tried; interrupting keeps what was found"
        )
