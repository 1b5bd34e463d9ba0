"""Changing what code outside of the user's files does, from outside: marks, and names put anew.

PyTorch finds functions by the names in the module of the caller. So another function can stand in
where the caller finds it, and `torch.jit.unused` marks a function wherever it was written.
"""

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import cast

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.seen import Seen, render
from tsviz.diagnosis.values import default_type
from tsviz.jit import reachable

_MAIN = "__main__"


def full_name(function: Function) -> str | None:
    """How a function is reached, such as `package.Block.debug`; `None` where it is not."""
    module, name = function.python.__module__, function.python.__qualname__
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not (function.wrapper or function.python):
        return None
    return name if module == _MAIN else f"{module}.{name}"


def imports_for(names: list[str]) -> list[str]:
    """The imports that full names need."""
    modules = {_module_of(name) for name in names}
    return [f"import {module}" for module in sorted(modules - {"", "torch"})]


def _module_of(name: str) -> str:
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        if ".".join(parts[:count]) in sys.modules:
            return ".".join(parts[:count])
    return ""


def bindings(world: World, function: Function) -> list[str]:
    """The full names under which callers find a function."""
    wanted = (function.python, function.wrapper or function.python)
    found = dict.fromkeys(name for name in (full_name(function),) if name is not None)
    for caller in world.functions.values():
        for name in caller.python.__code__.co_names:
            held = caller.python.__globals__.get(name)
            if held is wanted[0] or held is wanted[1]:
                module = caller.python.__module__
                found[name if module == _MAIN else f"{module}.{name}"] = None
    return list(found)


# ── marks ───────────────────────────────────────────────────────────────────────────────────────


def unused_copy(function: Function) -> FunctionType:
    """A copy that PyTorch compiles no body of: calling it raises."""
    return reachable.unused_copy(cast("FunctionType", function.python))


# ── typed functions ─────────────────────────────────────────────────────────────────────────────


def signature_of(world: World, function: Function) -> tuple[str, str, str] | None:
    """Arguments with the types that eager showed, how they are passed on, and the result's type.

    `None` where TorchScript has no such type, or none was seen.
    """
    result = world.returned(function)
    returned = _annotation(result) if result is not None else None
    taken: list[str] = []
    defaults = function.defaults()
    for argument in function.arguments():
        kind = world.given(function, argument.arg)
        text = _annotation(kind) if kind is not None else None
        if text is None:
            return None
        default = defaults.get(argument.arg)
        known = default_type(default) is not None and default is not None
        shown = f" = {function.segment(default)}" if known and default is not None else ""
        taken.append(f"{argument.arg}: {text}{shown}")
    given = getattr(function.tree, "args", None)
    if returned is None or given is None or given.vararg or given.kwarg or given.kwonlyargs:
        return None
    passed = ", ".join(argument.arg for argument in function.arguments())
    return ", ".join(taken), passed, returned


def _annotation(kind: Seen) -> str | None:
    """A type as it is written where only `torch` is imported."""
    if not kind.is_expressible or kind.is_open:
        return None
    return render(kind, lambda part: "torch.Tensor" if part.name == "Tensor" else None)


def typed_function(world: World, function: Function, called: str) -> list[str] | None:
    """Lines of a function that calls another one in Python, with the types that eager showed."""
    found = signature_of(world, function)
    if found is None:
        return None
    taken, passed, returned = found
    return [
        *("@torch.jit.ignore", f"def {function.python.__name__}({taken}) -> {returned}:"),
        f"    return {called}({passed})",
    ]


def iter_rebound(world: World, function: Function, made: str) -> Iterator[str]:
    """Lines that put a function where callers find another one."""
    for name in bindings(world, function):
        if name != made:
            yield f"{name} = {made}"
