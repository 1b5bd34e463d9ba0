"""What the executor did in each run of a warm-up, in a few words."""

from collections.abc import Iterator

from tsviz.passes import PassTrace

_PROFILE = "profiling"


def warm_up_words(trace: PassTrace) -> Iterator[str]:
    """For each run: compiles, observes types, specialises, or nothing any more."""
    seen = False
    for run in trace.runs:
        records = [record for record in trace if record.run == run.number]
        if not records:
            yield "runs its plan"
            continue
        words = ["compiles anew" if seen else "compiles"]
        own = [record for record in records if record.parent < 0]
        if any(record.stage == _PROFILE for record in own):
            words.append("observes types")
        elif seen:
            words[0] = "specialises"
        parts = f", {run.parts} parts" if run.parts > 1 else ", 1 part" if run.parts else ""
        seen = True
        yield f"{' and '.join(words)} ({run.steps} steps{parts})"
