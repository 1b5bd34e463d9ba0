"""What differs between programs."""

from tsviz.comparison.programs import Kind, NodeDiff, ProgramDiff, diff

__all__ = ["Kind", "NodeDiff", "ProgramDiff", "diff"]
