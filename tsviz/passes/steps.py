"""What the titles in the executor's log say: which pass ran, and in which phase.

A title tells what has just run, and what runs next: `After DecomposeOps, before ConstantPooling`.
Not every pass has a graph of its own; then the graph after two of them names the second, and the
title before it the first.
"""

import re
from dataclasses import dataclass

PREOPTIMIZE = (
    "Inline + Peephole + ConstantPropagationImmutableTypes + Autocast + ConstantPooling"
    " + EraseShapeInformation"
)
"""What runs before the executor sees the graph, and is not logged by it."""

FIRST_TITLE = "Before inlining"
"""How the first title of an executor begins, which it has once."""

_AFTER = re.compile(r"^After (.+?)(?:, [Bb]efore (.+?))?(?: \(.*\))?:?$")
_BEFORE = re.compile(r"^Before (.+?)(?: \(.*\))?:?$")
_PHASE = re.compile(r"\(beginning of (\w+)\)")
BACKWARD_TITLE = "Backward graph"
"""How the title of a graph begins that autodiff has made."""

_PARTS = (
    *("Forward graph", BACKWARD_TITLE, "getPlanFor"),
    "After UpdateDifferentiableGraphRequiresGrad",
)
_STAGES = {
    "runProfilingInsensitiveOptimizations": "before profiling",
    "runPreAutodiffPassPipeline": "after profiling",
    "runNoGradOptimizations": "no gradients",
    "runDiffGraphPasses": "gradients",
    "runNooptPassPipeline": "not optimised",
    "runOptimization": "legacy, all graphs",
    "runNondiffOptimization": "legacy, no gradients",
}
_GRADIENTS = ("CreateAutodiffSubgraphs", "guardDifferentiableGraph")
_GUARDED, _PACK = "After guardDifferentiableGraph", "packGradient"
_NEXT_PART = "Optimizing diff node"
_NOT_RUN = (
    "InsertGuards",  # named in a title, and gone from PyTorch
    "Inliner",  # the title after it says `Inline`
    "NoGrad",  # the name of what follows, not of a pass
    "RemoveListMutation",  # runs only if a loop was unrolled, and then has a graph of its own
)


@dataclass(frozen=True, slots=True)
class Step:
    """One graph of the log.

    Attributes:
        name: the passes since the graph before it, "" where none ran: a copy was made.
        stage: the phase.
        following: what runs next, as the title says, or "".
    """

    name: str
    stage: str
    following: str = ""


_NAMED = (
    ("Profiled Graph", Step("InsertProfileNodes", "profiling")),
    ("Before runProfilingOptimizations", Step("RemoveProfileCounter", "after profiling")),
    ("After runProfilingOptimizations", Step("EliminateDeadCode", "last")),
    ("Optimized Graph", Step("ReplaceFallbackGraph + FinalOptimizations", "last")),
    ("Optimizing the following function", Step("", "legacy")),
    ("After compileSpec optimizations", Step("", "last")),
    ("NoOpt Graph", Step("RemoveExpands", "not optimised")),
    (_GUARDED, Step("guardDifferentiableGraph", "gradients", _PACK)),
    ("Could not guardDifferentiableGraph", Step("guardDifferentiableGraph", "gradients")),
)
"""What ran, by the source of the executor, where the title does not say."""


def find_step(title: str, last: Step | None) -> Step | None:
    """What a title says, after the step before it; `None` for a graph that is only a part."""
    if title.startswith(_PARTS):
        return None
    phase = _PHASE.search(title)
    stage = _STAGES.get(phase[1], "") if phase else ""
    stage = stage or (last.stage if last is not None else "after profiling")
    for words, named in _NAMED:
        if title.startswith(words):
            return named
    if title.startswith(_NEXT_PART):
        return Step(last.following if last is not None else "", "gradients")
    if before := _BEFORE.match(title):
        return Step("", stage, before[1])
    after = _AFTER.match(title)
    if after is None:
        return Step(title.rstrip(":"), stage)
    name, following = after[1].strip(), after[2] or ""
    stage = "gradients" if name.startswith(_GRADIENTS) else stage
    if last is not None and last.following not in ("", name, *_NOT_RUN):
        name = f"{last.following} + {name}"
    return Step(name, stage, following)
