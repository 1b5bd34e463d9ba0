"""A lesson for every pass of the catalogue: what it does to a few lines of Python, shown live."""

from tsviz.passes.lessons.registry import LESSONS, lesson
from tsviz.passes.lessons.running import Lesson

__all__ = ["LESSONS", "Lesson", "lesson"]
