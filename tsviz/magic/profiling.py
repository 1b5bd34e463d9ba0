"""`%tsdebug --profile`: a target measured."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tsviz
from tsviz.errors import Diagnostic, UsageError
from tsviz.magic.grammar import Request
from tsviz.magic.shell import Shell
from tsviz.magic.telling import changing_line, is_notebook

if TYPE_CHECKING:
    from tsviz.frontends import Program
    from tsviz.profiler import Profile, Progress

_RUNS = "10"
_HOW = ("runs", "nodes")


def check_profile(request: Request) -> None:
    """Refuses options that say how to profile where nothing is, and those that do not go with it.

    Raises:
        UsageError: `TSV-M24` a profile was not asked for; `TSV-M25` a wrong number of runs;
            `TSV-M26` passes were asked for, too.
    """
    if not request.has("profile"):
        _check_alone(request)
        return
    if request.has("passes"):
        message = "expected `--profile` or `--passes`, got both: each runs the model by itself"
        help = "leave `--passes` out: the explorer's button Passes records them"
        raise UsageError(Diagnostic("TSV-M26", message, help=help))
    runs = request.value("runs", _RUNS)
    if not (runs.isdecimal() and int(runs) > 0):
        message = f"expected `--runs` to be a whole number from 1 on, got `{runs}`"
        raise UsageError(Diagnostic("TSV-M25", message))


def _check_alone(request: Request) -> None:
    found = next((name for name in _HOW if request.has(name)), "")
    if found:
        message = f"`--{found}` says how to profile, and takes `--profile` before the target"
        help = f"%tsdebug --profile --{found}={request.value(found)} …"
        raise UsageError(Diagnostic("TSV-M24", message, help=help))


def profile_program(shell: Shell, request: Request, program: "Program") -> "Profile":
    """Profiles, and says how far it is.

    Raises:
        TsvizError: as `tsviz.profile`.
    """
    runs, nodes = int(request.value("runs", _RUNS)), request.value("nodes", "ops")
    with _progress(shell) as progress:
        return tsviz.profile(program, runs=runs, nodes=nodes, progress=progress)


@contextmanager
def _progress(shell: Shell) -> "Generator[Progress | None]":
    """In a notebook a line that changes, in a terminal a bar."""
    if not is_notebook(shell):
        from tsviz.terminal import runs_bar

        with runs_bar() as progress:
            yield progress
        return
    with changing_line("profiling") as tell:
        yield lambda done, total, words: tell(
            f"{words}: {done} of {total} runs; interrupting keeps what was measured"
        )
