"""What became of a run: a broken graph may raise anything, and that is an answer, too."""

from collections.abc import Callable
from dataclasses import dataclass

from tsviz.errors import PassError
from tsviz.frontends import Program
from tsviz.frontends.failures import describe_failure
from tsviz.jit.running import outcome_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run returned, or raised."""

    result: object = None
    error: Exception | None = None

    @classmethod
    def of(cls, run: Callable[[], object]) -> "Outcome":
        """Runs, and keeps what is raised."""
        return cls(*outcome_of(run))

    @property
    def reason(self) -> str:
        """Why it failed, in a line, or ""."""
        if self.error is None:
            return ""
        if isinstance(self.error, PassError):
            return self.error.diagnostic.message
        text = str(self.error).strip().rpartition("RuntimeError: ")[2]
        return f"{type(self.error).__name__}: {text}"


def first_result(program: Program, run: Callable[[], object]) -> object:
    """What the program itself returns.

    Raises:
        PassError: `TSV-S06` it fails.
    """
    outcome = Outcome.of(run)
    if outcome.error is not None:
        message = f"`{program.title}.{program.method}` fails before any pass"
        found, sources = describe_failure(outcome.error, "TSV-S06", message)
        raise PassError(found, sources) from outcome.error
    return outcome.result
