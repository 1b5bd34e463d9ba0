"""A compiled function takes no module: modules are compiled with the model that holds them.

What a function does with one can be a method of it. Of a decorated method the argument is `self`:
the wrapper is compiled in the method's place, and hands the module on like any value.

    def apply(layer, x):                    class Net(nn.Module):
        return layer(x) * 2                     def apply(self, x):
                                                    return self.layer(x) * 2
"""

from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen

NAME = "module-argument"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Arguments that are modules."""
    for argument in function.arguments():
        kind = world.given(function, argument.arg)
        if kind is None or not is_module(kind):
            continue
        cause = f"`{argument.arg}` is a module ({kind}), which a compiled function cannot take"
        advice = "make it a method of the module that holds the other one"
        if argument.arg == "self":
            advice = "leave the decorator out, and do what it does around the compiled model"
        place = function.place(argument)
        yield Finding(NAME, function, place, cause, advice, names=(argument.arg,))


def is_module(kind: Seen) -> bool:
    """Whether a type is that of a module."""
    return isinstance(kind.kind, type) and issubclass(kind.kind, torch.nn.Module)
