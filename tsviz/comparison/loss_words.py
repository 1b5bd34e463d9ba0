"""The sentences of findings: what happened for the example, what the variant always does."""

import linecache

from tsviz.comparison.changes import Spot
from tsviz.comparison.findings import Loss
from tsviz.comparison.sites import LOOPS, SiteKind
from tsviz.comparison.suspects import Proof
from tsviz.location import FileRange

_LONGEST = 60


def sentence_of(spot: Spot, before: tuple[object, ...]) -> str:
    """What was recorded at a spot, and what the trace does instead.

    Args:
        before: what was decided there for the example, or taken out of tensors.
    """
    site = spot.site
    if site is None:
        said = f"`{source_text(spot.place)}`"
        was = f" was {_value(before)} for your input" if before else " left its tensor"
        return f"{said}{was}; the trace holds that as a constant"
    condition = f"`{shortened(site.condition)}`"
    if site.kind is SiteKind.ASSERT:
        return f"`assert {shortened(site.condition)}` is not in the trace"
    if site.kind in LOOPS:
        count = _count(before)
        times = f"{count} times" if count is not None else "as often as for your input"
        return f"the loop over {condition} is unrolled: the trace always runs it {times}"
    if site.kind is SiteKind.TRY:
        return f"the `try` around {condition} is not in the trace, only what ran for your input"
    was = f" was {_truth(before)} for your input" if before else ""
    return f"{condition}{was}; the trace always takes that branch"


def _truth(values: tuple[object, ...]) -> str:
    distinct = list(dict.fromkeys(values))
    return str(distinct[0]) if len(distinct) == 1 else f"{_value(values)} in turn"


def _count(values: tuple[object, ...]) -> int | None:
    """Iterations: of a `while`, how often its test was true."""
    if values and all(isinstance(value, bool) for value in values):
        return sum(map(bool, values))
    counts = [value for value in values if isinstance(value, int)]
    return counts[0] if len(counts) == 1 else None


def _value(values: tuple[object, ...]) -> str:
    distinct = list(dict.fromkeys(map(repr, values)))
    return shortened(", ".join(distinct[:4]) + (", …" if len(distinct) > 4 else ""))


def consequence_of(proof: Proof | None) -> str:
    """What follows on one input."""
    if proof is None:
        return ""
    words = proof.candidate.words
    given = {"the example": "on your input itself", "other values": "with other values"}
    where = given.get(
        words, words if words.startswith(("a ", "after", "other", "with")) else f"if {words}"
    )
    return (
        f"{where}, {proof.gap.words}"
        if proof.gap.words.startswith("it ")
        else (f"{where}, its result is {proof.gap.words}")
    )


REMEDIES = {
    Loss.BRANCH: "script what holds the branch (`torch.jit.script`), or use `torch.where`",
    Loss.LOOP: "script what holds the loop (`torch.jit.script`)",
    Loss.ASSERT: "check inputs before the call, or script what holds the `assert`",
    Loss.TRY: "TorchScript has no `try`: decide with a condition, and script it",
    Loss.VALUE: "keep it a tensor (`x.shape[0]` without `int()` or `len()`), or script this part",
    Loss.MODE: "call `model.eval()` before tracing",
    Loss.RANDOM: "draw with `torch.rand`, which the trace records as an operation",
    Loss.STATE: "change buffers in place (`self.buffer.add_(…)`), or pass the state in and out",
    Loss.RESULT: "compare the values on the way, with both programs in the explorer",
    Loss.UNMADE: "",
}


def remedy_of(loss: Loss, before: tuple[object, ...]) -> str:
    """What to do about a spot.

    Args:
        before: what was decided there for the example, or taken out of tensors.
    """
    is_fraction = loss is Loss.VALUE and any(isinstance(value, float) for value in before)
    return _KEEP_TENSOR if is_fraction else REMEDIES[loss]


_KEEP_TENSOR = "keep it a tensor (without `float()` or `.item()`), or script this part"


def state_sentence(name: str) -> str:
    """For a buffer or attribute that only Python changes."""
    return f"each call changes `{name}`; the trace keeps what it was while tracing"


def mode_sentence(place: FileRange | None) -> str:
    """For what was recorded in train mode."""
    what = f"`{source_text(place)}`" if place is not None else "a part"
    return f"{what} was traced in train mode and stays in it, whatever `eval()` says"


def random_sentence(place: FileRange | None) -> str:
    """For numbers that PyTorch does not draw."""
    what = f"`{source_text(place)}`" if place is not None else "a part"
    return f"{what} depends on random numbers of Python or NumPy; the trace holds what was drawn"


def value_sentence(place: FileRange | None) -> str:
    """For a constant that came from the inputs in a way that was not seen."""
    if place is None:
        return "results differ, and where they part is not known"
    return f"`{source_text(place)}` holds a constant that is another for other inputs"


def source_text(place: FileRange) -> str:
    """The source under a range, in one line."""
    lines = linecache.getlines(place.file)[place.line - 1 : place.end_line]
    if not lines:
        return str(place)
    if place.is_whole_line:
        return shortened(lines[0].strip())
    lines[-1] = lines[-1][: place.end_col]
    lines[0] = lines[0][place.col :]
    return shortened(" ".join(" ".join(lines).split()))


def shortened(text: str) -> str:
    """A text that is not too long for a sentence."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
