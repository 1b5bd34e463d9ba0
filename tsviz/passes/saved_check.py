"""Whether a frozen or optimised module still gives the same after it was saved and loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tsviz.frontends import Program
from tsviz.jit.differences import Difference, difference
from tsviz.jit.freezing import finish
from tsviz.jit.reloading import count_unsavable, reload
from tsviz.jit.running import run_entry
from tsviz.passes.outcomes import Outcome, first_result


@dataclass(frozen=True, slots=True)
class SavedCheck:
    """Results of the program, of what was made of it, and of that after saving and loading.

    Attributes:
        made: how far what was made of the program is from it; `None` where it could not run.
        saved: how far that is from itself, saved and loaded; `None` where it could not be.
        whole: how far it is then from the program; `None` likewise.
        reason: what failed and why, or "".
    """

    made: Difference | None
    saved: Difference | None
    whole: Difference | None
    reason: str = ""

    @property
    def is_same(self) -> bool:
        """Whether all could be done and nothing is out of tolerance."""
        found = (self.made, self.saved, self.whole)
        return all(difference is not None and not difference.beyond for difference in found)

    def __repr__(self) -> str:
        if self.reason:
            return f"<SavedCheck: {self.reason}>"
        return f"<SavedCheck: {'the same' if self.is_same else 'other results'}>"


def check_saved(
    program: Program,
    inputs: tuple[Sequence[object], Mapping[str, object]],
    *,
    optimize: bool,
    rtol: float,
    atol: float,
) -> SavedCheck:
    """Freezes a program's module, saves and loads it, and compares what each returns.

    Args:
        inputs: args and kwargs.
        optimize: for inference, too.

    Raises:
        PassError: `TSV-S06` the program itself fails.
    """
    method = program.method

    def far(expected: object, found: object) -> Difference:
        return difference(expected, found, rtol=rtol, atol=atol)

    first = first_result(program, lambda: run_entry(program.native, method, *inputs))
    native = finish(program.native, method, optimize)
    made = Outcome.of(lambda: run_entry(native, method, *inputs))
    if made.error is not None:
        return SavedCheck(None, None, None, f"it cannot run: {made.reason}")
    away = far(first, made.result)
    loaded = Outcome.of(lambda: reload(native))
    if loaded.error is not None:
        return SavedCheck(away, None, None, _unsavable(native, method, loaded.reason))
    saved = Outcome.of(lambda: run_entry(loaded.result, method, *inputs))
    if saved.error is not None:
        return SavedCheck(away, None, None, f"it cannot run after loading: {saved.reason}")
    return SavedCheck(away, far(made.result, saved.result), far(first, saved.result))


def _unsavable(native: object, method: str, reason: str) -> str:
    count = count_unsavable(native, method)
    if not count:
        return f"it cannot be saved and loaded: {reason}"
    constants = f"{count:,} constants in MKL-DNN's own layout"
    return f"it cannot be saved, because it holds {constants} (PyTorch said: {reason})"
