"""What PyTorch's compiler does to a program, pass by pass, with the identity of every node."""

from tsviz.jit.recording import Runtime
from tsviz.passes.blame import Blame, Verdict
from tsviz.passes.catalogue import PassInfo, catalog
from tsviz.passes.lessons import Lesson, lesson
from tsviz.passes.narrowing import Divergence
from tsviz.passes.pipeline import PIPELINES, run_passes
from tsviz.passes.records import Action, Cause, Fate, Origin
from tsviz.passes.saved_check import SavedCheck
from tsviz.passes.sentences import describe_pass, lesson_of
from tsviz.passes.trace import Event, Lineage, PassRecord, PassTrace, RunRecord
from tsviz.passes.words import describe_rewrites

__all__ = [
    "PIPELINES",
    "Action",
    "Blame",
    "Cause",
    "Divergence",
    "Event",
    "Fate",
    "Lesson",
    "Lineage",
    "Origin",
    "PassInfo",
    "PassRecord",
    "PassTrace",
    "RunRecord",
    "Runtime",
    "SavedCheck",
    "Verdict",
    "catalog",
    "describe_pass",
    "describe_rewrites",
    "lesson",
    "lesson_of",
    "run_passes",
]
