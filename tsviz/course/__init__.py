"""The course: predictions and exercises of the notebooks, answered by running PyTorch.

from tsviz.course import check, predict, reveal

predict("02.a", "b")     # commit to an answer,
reveal("02.a")           # look at what happens, then see whether you were right
check("02.1", my_model)  # an exercise: your model is run on inputs you have not seen
"""

from tsviz.course.asking import predict, reveal
from tsviz.course.cards import Card, State
from tsviz.course.checking import check
from tsviz.course.lessons import get_lesson, iter_lessons

__all__ = ["Card", "State", "check", "get_lesson", "iter_lessons", "predict", "reveal"]
