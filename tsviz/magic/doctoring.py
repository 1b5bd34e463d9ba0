"""`%tsdebug --doctor`: everything that stops a target from being scripted."""

from dataclasses import replace

from rich.console import RenderableType

import tsviz
from tsviz.diagnosis import Diagnosis, Fixes
from tsviz.magic.evaluation import Evaluated
from tsviz.magic.grammar import Request
from tsviz.magic.progress import steps_told
from tsviz.magic.shell import Shell


def diagnose_evaluated(shell: Shell, request: Request, evaluated: Evaluated) -> Diagnosis | Fixes:
    """Diagnoses, and says how far it is; with `--fix` what is to be edited.

    Raises:
        UsageError, CaptureError: as `tsviz.doctor`.
    """
    with steps_told(shell, "examining") as progress:
        found = tsviz.doctor(
            evaluated.value, evaluated.args, evaluated.kwargs or None, progress=progress
        )
    if not request.has("fix"):
        return found
    fixes = found.fixes
    if request.value("fix") == "write":
        fixes = replace(fixes, diff="", written=found.write())
    return fixes


def diagnosed_page(found: Diagnosis | Fixes) -> RenderableType:
    """What `--text` prints."""
    from tsviz.doctor_page import diagnosis_page, fixes_page

    return diagnosis_page(found) if isinstance(found, Diagnosis) else fixes_page(found)
