"""What the files of answers are made of."""

from collections.abc import Callable
from dataclasses import dataclass

from tsviz.course.content import Misconception


@dataclass(frozen=True)
class Slip:
    """A typical wrong answer, and the misconception that its hint must name."""

    title: str
    make: Callable[[], object]
    misconception: Misconception
