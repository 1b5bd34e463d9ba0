"""`@classmethod` hands over a class, and classes are no values in compiled code.

A plain method reaches the same through `self`; what needs neither is a `@staticmethod`.

    @classmethod                            def scale(self, x):
    def scale(cls, x):                          return x * self.factor
        return x * cls.FACTOR
"""

from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen

NAME = "class-method"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Arguments that are classes."""
    for argument in function.arguments():
        kind = world.given(function, argument.arg)
        if kind is None or not is_class(kind):
            continue
        place = function.place(argument)
        cause = f"`{argument.arg}` is a class, and TorchScript has no classes as values"
        advice = "make it a plain method, and write `self` for the class"
        yield Finding(NAME, function, place, cause, advice, names=(argument.arg,))


def is_class(kind: Seen) -> bool:
    """Whether a type is that of a class."""
    return kind.kind is type or kind.name == "type"
