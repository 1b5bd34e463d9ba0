"""Typed modules and functions in the place of what the compiler cannot read: it calls them only."""

from types import FunctionType
from typing import cast

from tsviz.diagnosis.code import Function, find_attribute
from tsviz.diagnosis.outside import signature_of
from tsviz.diagnosis.parts import expression
from tsviz.diagnosis.reach import World
from tsviz.jit import natives, reachable


def wrapped_part(world: World, path: str) -> list[str] | None:
    """Lines that put a typed module in the place of a submodule, which then runs in Python.

    The submodule hides behind a function: one that a module holds is compiled, used or not.
    """
    owner = world.owner
    if not natives.is_module(owner):
        return None
    part = owner.get_submodule(path)
    function = world.functions.get(id(find_attribute(part, "forward")))
    found = signature_of(world, function) if function is not None else None
    if found is None:
        return None
    taken, passed, returned = found
    name = path.replace(".", "_")
    places = " = ".join(expression(owner, place) for place in reachable.places_of(owner, part))
    return [
        *("", f"part_{name} = {expression(owner, path)}", "", ""),
        *("@torch.jit.ignore", f"def run_{name}({taken}) -> {returned}:"),
        *(f"    return part_{name}({passed})", "", ""),
        f"class Typed{type(part).__name__}(torch.nn.Module):",
        f"    def forward(self, {taken}) -> {returned}:",
        f"        return run_{name}({passed})",
        *("", "", f"{places} = Typed{type(part).__name__}()"),
    ]


def adapter_of(world: World, function: Function) -> FunctionType | None:
    """A function with the types that eager showed, which calls the real one."""
    annotations: dict[str, object] = {}
    names: dict[str, object] = dict(function.names)
    for argument in function.arguments():
        kind = world.given(function, argument.arg)
        text = function.annotation(kind) if kind is not None else None
        if text is None:
            return None
        annotations[argument.arg] = eval(text, dict(names))  # noqa: S307 (made of types)
    result = world.returned(function)
    text = function.annotation(result) if result is not None else None
    if text is None:
        return None
    annotations["return"] = eval(text, dict(names))  # noqa: S307 (made of types)
    taken = ", ".join(argument.arg for argument in function.arguments())
    name, names["_called"] = function.python.__name__, function.python
    exec(f"def {name}({taken}):\n    return _called({taken})\n", names)  # noqa: S102 (of names)
    made = cast("FunctionType", names[name])
    made.__defaults__ = function.python.__defaults__
    made.__annotations__ = annotations
    return reachable.ignore_with_types(made)
