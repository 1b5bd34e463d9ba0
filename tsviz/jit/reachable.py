"""Where PyTorch's compiler starts in a module, and what it passes over."""

import copy
import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any, cast

import torch

from tsviz.jit.internals import jit, named_modules
from tsviz.jit.running import outcome_of

_Hook = Callable[..., object]

_LEFT_OUT = ("UNUSED", "IGNORE", "_DROP")
_EXPORTED = "EXPORT"


def is_left_out(function: object) -> bool:
    """Whether `@torch.jit.ignore` or `@torch.jit.unused` keeps a function from being compiled."""
    return _modifier(function) in _LEFT_OUT


def _modifier(function: object) -> str:
    return getattr(getattr(function, "_torchscript_modifier", None), "name", "")


def undecorated(function: FunctionType) -> FunctionType:
    """The function whose source PyTorch reads: `functools.wraps` leads it past a decorator."""
    found = inspect.unwrap(function)
    return found if isinstance(found, FunctionType) else function


def knows_pytorch(function: FunctionType) -> bool:
    """Whether a function's module has anything of PyTorch's; else it was not written for it."""
    return any(
        value is torch or str(getattr(value, "__module__", "")).startswith("torch")
        for value in function.__globals__.values()
    )


def entry_methods(module: torch.nn.Module, method: str) -> tuple[str, ...]:
    """The methods that are compiled whoever calls them: `method` and the exported ones."""
    found = [method] if _has(module, method) else []
    for name in _names(type(module)):
        if _modifier(_static(type(module), name)) == _EXPORTED and name not in found:
            found.append(name)
    return tuple(found)


def _has(module: torch.nn.Module, method: str) -> bool:
    found = _static(type(module), method)
    return found is not None and found is not vars(torch.nn.Module).get(method)


def _names(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        if base is not torch.nn.Module and base is not object:
            yield from vars(base)


def _static(kind: type, name: str) -> object:
    return inspect.getattr_static(kind, name, None)


def accessors_of(module: torch.nn.Module) -> tuple[FunctionType, ...]:
    """The getters and setters of its properties, all of which PyTorch compiles, used or not."""
    unused: Iterable[str] = getattr(module, "__jit_unused_properties__", ())
    left_out = frozenset(unused)
    found: dict[str, tuple[object, ...]] = {}
    for name in _names(type(module)):
        item = _static(type(module), name)
        if isinstance(item, property) and name not in left_out:
            found.setdefault(name, (item.fget, item.fset))
    functions = [function for pair in found.values() for function in pair]
    return tuple(item for item in functions if isinstance(item, FunctionType))


def forward_hooks(module: torch.nn.Module) -> tuple[object, ...]:
    """The hooks before and after `forward`, which PyTorch compiles with it."""
    return tuple(hook for table in _hook_tables(module) for hook in table.values())


def hooks_with_names(module: torch.nn.Module) -> tuple[object, ...]:
    """The hooks that get the arguments by name, too, which compiled ones do not."""
    untyped = cast("Any", module)
    tables = (
        (untyped._forward_pre_hooks, untyped._forward_pre_hooks_with_kwargs),
        (untyped._forward_hooks, untyped._forward_hooks_with_kwargs),
    )
    return tuple(hooks[key] for hooks, marked in tables for key in marked if key in hooks)


def pre_hooks(module: torch.nn.Module) -> tuple[object, ...]:
    """The hooks before `forward`, which return what goes into it."""
    return tuple(_hook_tables(module)[0].values())


def has_backward_hooks(module: torch.nn.Module) -> bool:
    """Whether anything waits for gradients, which compiled modules do not tell of."""
    untyped = cast("Any", module)
    return bool(untyped._backward_hooks or untyped._backward_pre_hooks)


def _hook_tables(module: torch.nn.Module) -> tuple[dict[int, _Hook], dict[int, _Hook]]:
    untyped = cast("Any", module)
    return untyped._forward_pre_hooks, untyped._forward_hooks


_TABLES = ("_parameters", "_buffers", "_modules")


def held_attributes(module: torch.nn.Module) -> dict[str, object]:
    """What a module holds by name: attributes of the instance, parameters, buffers, submodules."""
    held = dict(vars(module))
    for table in _TABLES:
        held |= cast("Mapping[str, object]", held.get(table, {}))
    return held


def exchange_hooks(module: torch.nn.Module, change: Callable[[object], object]) -> None:
    """Replaces each hook of a module made here by what `change` makes of it, or takes it away."""
    for hooks in _hook_tables(module):
        for key, hook in tuple(hooks.items()):
            made = change(hook)
            if made is None:
                del hooks[key]
            else:
                hooks[key] = cast("_Hook", made)


def is_hidden_attribute(name: str) -> bool:
    """Whether an attribute belongs to PyTorch's own bookkeeping in a module."""
    return name.startswith("_") and name in vars(torch.nn.Module())


def ignore_with_types(function: FunctionType) -> FunctionType:
    """Marks a function so that compiled code calls it in Python."""
    return cast("FunctionType", jit.ignore(function))


def unused_copy(function: FunctionType) -> FunctionType:
    """A copy that is marked with `torch.jit.unused`, which would mark the function itself."""
    return cast("FunctionType", jit.unused(_copy(function)))


def scripted_if_tracing(function: FunctionType) -> FunctionType:
    """A function that PyTorch compiles where it is called while tracing."""
    return cast("FunctionType", jit.script_if_tracing(function))


def _copy(function: FunctionType) -> FunctionType:
    code, names = function.__code__, function.__globals__
    made = FunctionType(code, names, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__annotations__, made.__dict__ = dict(function.__annotations__), dict(vars(function))
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    return made


def can_be_saved(native: object) -> bool:
    """Whether a compiled module can be written to a file: one that calls Python cannot."""
    if not isinstance(native, torch.jit.ScriptModule):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return outcome_of(lambda: cast("Any", native).save_to_buffer())[1] is None


def forget_types(kinds: Iterable[type[torch.nn.Module]]) -> None:
    """Takes the compiled types of classes made here out of PyTorch's store."""
    store = jit._recursive.concrete_type_store
    for kind in kinds:
        for known in store.type_store.pop(kind, ()):
            store.methods_compiled.discard(known)


def places_of(model: torch.nn.Module, part: torch.nn.Module) -> tuple[str, ...]:
    """All paths of a submodule; of those that lead over a shared one, the first."""
    found: dict[tuple[int, str], str] = {}
    for path, other in named_modules(model, once=False):
        if other is part and path:
            parent, _, name = path.rpartition(".")
            found.setdefault((id(model.get_submodule(parent)), name), path)
    return tuple(found.values())


def skeleton(module: torch.nn.Module) -> torch.nn.Module:
    """A copy of a tree of modules that shares every tensor and every other value.

    Enough to compile: its classes, submodules and hooks can be exchanged, and no weight is copied.
    """
    return _skeleton(module, {})


def _skeleton(module: torch.nn.Module, done: dict[int, torch.nn.Module]) -> torch.nn.Module:
    if isinstance(module, torch.jit.ScriptModule):
        return module
    known = done.get(id(module))
    if known is not None:
        return known
    made = done[id(module)] = module.__class__.__new__(module.__class__)
    held = {name: _same(value) for name, value in vars(module).items()}
    held["_modules"] = {
        name: child if child is None else _skeleton(child, done)
        for name, child in module._modules.items()
    }
    vars(made).update(held)
    return made


def _same(value: object) -> object:
    """A table of PyTorch's anew, anything else itself."""
    return copy.copy(value) if type(value) in (dict, OrderedDict) else value
