"""`%tsdebug --profile`: a program measured."""

from typing import TYPE_CHECKING

import tsviz
from tsviz.magic.grammar import Request
from tsviz.magic.progress import steps_told
from tsviz.magic.shell import Shell

if TYPE_CHECKING:
    from tsviz.frontends import Program
    from tsviz.profiler import Profile

_RUNS = "10"


def profile_program(shell: Shell, request: Request, program: "Program") -> "Profile":
    """Profiles, and says how far it is.

    Raises:
        TsvizError: as `tsviz.profile`.
    """
    runs, nodes = int(request.value("runs", _RUNS)), request.value("nodes", "ops")
    with steps_told(shell, "profiling") as tell:
        return tsviz.profile(program, runs=runs, nodes=nodes, progress=tell)
