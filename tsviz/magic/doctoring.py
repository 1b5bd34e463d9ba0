"""`%tsdebug --doctor`: everything that stops a target from being scripted."""

from dataclasses import replace

from rich.console import RenderableType

import tsviz
from tsviz.diagnosis import Diagnosis, Fixes, VariableTypes
from tsviz.magic.evaluation import Evaluated
from tsviz.magic.grammar import Request
from tsviz.magic.progress import steps_told
from tsviz.magic.shell import Shell

Diagnosed = Diagnosis | Fixes | VariableTypes


def diagnose_evaluated(shell: Shell, request: Request, evaluated: Evaluated) -> Diagnosed:
    """Diagnoses, and says how far it is; with `--fix` what is to be edited, with `--types` those.

    Raises:
        UsageError, CaptureError: as `tsviz.doctor`.
    """
    with steps_told(shell, "examining") as progress:
        found = tsviz.doctor(
            evaluated.value, evaluated.args, evaluated.kwargs or None, progress=progress
        )
    if request.has("types"):
        return found.types
    if not request.has("fix"):
        return found
    fixes = found.fixes
    if request.value("fix") == "write":
        fixes = replace(fixes, diff="", written=found.write())
    return fixes


def diagnosed_page(found: Diagnosed) -> RenderableType:
    """What `--text` prints."""
    from tsviz.doctor_page import diagnosis_page, fixes_page
    from tsviz.types_page import types_page

    if isinstance(found, VariableTypes):
        return types_page(found)
    return diagnosis_page(found) if isinstance(found, Diagnosis) else fixes_page(found)
