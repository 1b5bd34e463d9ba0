"""All messages, by what PyTorch was doing."""

from enum import StrEnum

from tsviz.frontends.failures.compiling import COMPILING
from tsviz.frontends.failures.files import FREEZING, LOADING, SAVING
from tsviz.frontends.failures.message import Meaning, Message, first_meaning
from tsviz.frontends.failures.running import CALLS, RUNNING
from tsviz.frontends.failures.tracing import TRACING


class Phase(StrEnum):
    """What PyTorch was doing when it raised."""

    RUN = "run"
    CALL = "call"
    COMPILE = "compile"
    TRACE = "trace"
    LOAD = "load"
    SAVE = "save"
    FREEZE = "freeze"


MESSAGES: dict[Phase, tuple[Message, ...]] = {
    Phase.RUN: RUNNING,
    Phase.CALL: CALLS,
    Phase.COMPILE: COMPILING,
    Phase.TRACE: TRACING,
    Phase.LOAD: LOADING,
    Phase.SAVE: SAVING,
    Phase.FREEZE: FREEZING,
}
"""Each name stands once; a trace and a compilation can fail over an op, too."""

_ALSO = {Phase.TRACE: (*RUNNING, *COMPILING), Phase.LOAD: COMPILING, Phase.FREEZE: COMPILING}


def find_meaning(phase: Phase, words: str) -> Meaning | None:
    """What PyTorch's words mean, `None` where the table has no entry for them."""
    return first_meaning((*MESSAGES[phase], *_ALSO.get(phase, ())), words)
