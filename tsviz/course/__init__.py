"""The course: predictions and exercises of the notebooks, answered by running PyTorch.

from tsviz.course import check, predict, reveal

predict("02.a", "b")     # commit to an answer,
reveal("02.a")           # look at what happens, then see whether you were right
check("02.1", my_model)  # an exercise: your model is run on inputs you have not seen
measure_tools(my_model, x, [y])  # what TorchScript, export, compile and ONNX do with a model
"""

from tsviz.course.asking import predict, reveal
from tsviz.course.cards import Card, State
from tsviz.course.checking import check
from tsviz.course.lessons import get_lesson, iter_lessons
from tsviz.course.tool_rows import ToolRow
from tsviz.course.tool_table import ToolTable
from tsviz.course.tools import measure_tools

__all__ = [
    "Card",
    "State",
    "ToolRow",
    "ToolTable",
    "check",
    "get_lesson",
    "iter_lessons",
    "measure_tools",
    "predict",
    "reveal",
]
