"""What differs between programs."""

from tsviz.comparison.differences import (
    AttributeDiff,
    ContentsDiff,
    FunctionDiff,
    Kind,
    ModuleDiff,
    NodeDiff,
    ProgramDiff,
    WeightDiff,
    WeightsDiff,
)
from tsviz.comparison.programs import diff

__all__ = [
    "AttributeDiff",
    "ContentsDiff",
    "FunctionDiff",
    "Kind",
    "ModuleDiff",
    "NodeDiff",
    "ProgramDiff",
    "WeightDiff",
    "WeightsDiff",
    "diff",
]
