"""Whether a variant survives a file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tsviz.comparison.gaps import gap
from tsviz.comparison.subject import Outcome, Subject, quiet
from tsviz.comparison.variants import Made
from tsviz.jit.running import outcome_of


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a variant that was saved, loaded and run on the example.

    Attributes:
        file_bytes: size of the file; `None` where it could not be written.
        is_loaded: whether it could be read; `None` where there was no file.
        is_same: whether it gave the same then, up to rounding; `None` where it was not loaded.
        reason: what went wrong, or "".
    """

    file_bytes: int | None = None
    is_loaded: bool | None = None
    is_same: bool | None = None
    reason: str = ""


def save_and_load(subject: Subject, made: Made, before: Outcome) -> Saved | None:
    """Saves a variant, loads it and runs it; `None` where there is nothing to save.

    Args:
        before: what it gives for the example.
    """
    save = made.save
    if save is None:
        return None
    with tempfile.TemporaryDirectory(prefix="tsviz-") as folder, quiet():
        path = Path(folder) / "variant.pt"
        _, error = outcome_of(lambda: save(path))
        if error is not None:
            return Saved(reason=f"it cannot be saved: {_reason(error)}")
        size = path.stat().st_size
        run, error = outcome_of(lambda: made.load(path))
        if run is None or error is not None:
            return Saved(size, False, None, f"it cannot be loaded: {_reason(error)}")
        after = run(subject.example)
    apart = gap(before, after)
    reason = f"after loading {apart.words}" if apart.counts else ""
    return Saved(size, True, not apart.counts, reason)


def _reason(error: Exception | None) -> str:
    return Outcome(error=error).reason
