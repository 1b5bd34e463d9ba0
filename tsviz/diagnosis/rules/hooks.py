"""PyTorch compiles the hooks around `forward` with the module, and holds them to a form.

A hook is a plain function. It takes the module, the inputs as a tuple with a type for each, and,
after `forward`, the result; before it, it says what it returns. Hooks of the gradients are left
out without a word.

    def scale(module, inputs):              def scale(module, inputs: tuple[Tensor]) -> Tensor:
        return inputs[0] * 2                    return inputs[0] * 2
"""

import ast
import functools
import inspect
from collections.abc import Iterator
from types import FunctionType

import torch

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import end_of_head
from tsviz.diagnosis.rules.finding import Finding
from tsviz.jit import natives, reachable

NAME = "hook"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Hooks before `forward` that do not say what they return."""
    if not function.is_hook or not isinstance(function.tree, ast.FunctionDef):
        return
    befores = {
        id(hook)
        for _, part in world.parts
        if not natives.is_compiled(part)
        for hook in reachable.pre_hooks(part)
    }
    wrapper = function.wrapper or function.python
    if id(wrapper) not in befores or function.tree.returns is not None:
        return
    kind = world.returned(function)
    text = function.annotation(kind) if kind is not None else None
    end = end_of_head(function)
    edit = (Change(end, f" -> {text}"),) if text is not None and end is not None else ()
    cause = f"the hook `{function.name}` runs before `forward` and does not say what it returns"
    advice = f"annotate it with `-> {text}`" if text else "annotate what it returns"
    yield Finding(NAME, function, function.head(), cause, advice, edit)


def iter_hooks(world: World) -> Iterator[Finding]:
    """Hooks that are no plain functions, or take what a compiled one does not get."""
    done = set[int]()
    for path, part in world.parts:
        if natives.is_compiled(part):
            continue
        named = set(map(id, reachable.hooks_with_names(part)))
        for hook in reachable.forward_hooks(part):
            is_plain = isinstance(hook, FunctionType) and hook.__name__ != "<lambda>"
            if id(hook) not in done and not (is_plain and id(hook) not in named):
                done.add(id(hook))
                yield from _wrong(world, path, part, hook, by_name=id(hook) in named)


def _wrong(
    world: World, path: str, part: torch.nn.Module, hook: object, *, by_name: bool
) -> Iterator[Finding]:
    function = _function(world, path, hook)
    if function is None:
        return
    what = _what(hook)
    where = f"`{path}`" if path else "the model"
    cause = f"a hook of {where} is {what}, and TorchScript compiles plain functions only"
    if by_name:
        cause = f"a hook of {where} takes arguments by name, which a compiled one does not get"
    advice = "take it away with `handle.remove()` before scripting, and do its work outside"
    head = function.head()
    if isinstance(function.tree, ast.Lambda):
        head = function.place(function.tree)
    yield Finding(NAME, function, head, cause, advice, hook=hook)


def _what(hook: object) -> str:
    if isinstance(hook, FunctionType):
        return "a lambda"
    if inspect.ismethod(hook):
        return "a bound method"
    if isinstance(hook, functools.partial):
        return "a functools.partial"
    return f"an object ({type(hook).__name__})"


def _function(world: World, path: str, hook: object) -> Function | None:
    """The function that a hook comes to, where its source can be looked into."""
    called: object = hook
    if isinstance(hook, functools.partial):
        called = hook.func
    elif inspect.ismethod(hook):
        called = hook.__func__
    elif not isinstance(hook, FunctionType):
        called = inspect.getattr_static(type(hook), "__call__", None)
    return world.look_into(called, path) if isinstance(called, FunctionType) else None
