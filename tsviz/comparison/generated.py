"""Inputs that the user's own generator makes, or a strategy of Hypothesis."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from tsviz.comparison.candidates import Candidate
from tsviz.comparison.domain import Generate, is_strategy
from tsviz.comparison.subject import Case
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.program import Inputs

MOST_DRAWN = 200


def iter_generated(given: object, example: Case) -> Iterator[Candidate]:
    """The example, then what is generated.

    Raises:
        UsageError: `TSV-V19` what is generated is no tuple of arguments.
    """
    yield Candidate(example, words="the example")
    yield Candidate(replace(example, calls=2), words="a second call")
    made = _drawn(given) if is_strategy(given) else map(cast("Generate", given), range(MOST_DRAWN))
    for number, args in enumerate(made):
        if not isinstance(args, (tuple, list)):
            got = type(args).__name__
            message = f"expected a generator of tuples of arguments, got a value of type {got}"
            raise UsageError(Diagnostic("TSV-V19", message, help="return (x,) instead of x"))
        inputs = Inputs(tuple(cast("Sequence[object]", args)))
        words = f"with input {number} of your generator"
        yield Candidate(replace(example, inputs=inputs), words=words, is_written=False)


def _drawn(strategy: object) -> list[object]:
    """What Hypothesis draws, the same each time."""
    import hypothesis

    drawn: list[object] = []
    loose: Any = hypothesis.settings(
        max_examples=MOST_DRAWN,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=cast("Any", list(hypothesis.HealthCheck)),
    )

    def keep(args: object) -> None:
        drawn.append(args)

    loose(hypothesis.given(cast("Any", strategy))(keep))()
    return drawn
