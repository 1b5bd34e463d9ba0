"""What can be done without editing, where the code is not the user's: only what was tried.

Each is tried on a copy of this model with the user's own edits made, scripted, run with the example
inputs and held against eager's result; what does not come to the same bits is not mentioned.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import FunctionType

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.findings import Obstacle, Owner, Workaround
from tsviz.diagnosis.judging import compile_copy
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import Rebuilt, rebuild
from tsviz.diagnosis.trying import Outcome, compare_outcomes, run_native
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives, reachable
from tsviz.jit.running import outcome_of, run_as_is
from tsviz.location import FileRange

_TRACED = "its branches stay as the example inputs took them"
_IGNORED = "the call runs in Python"
_UNSAVED = f"{_IGNORED}, and the model cannot be saved"


def find_workarounds(
    world: World, obstacles: list[Obstacle], eager: Outcome | None
) -> Iterator[Workaround]:
    """Tries what can be tried on this model."""
    foreign = [found for found in obstacles if found.owner is not Owner.USER]
    is_open = any(found.edit is None for found in obstacles if found.owner is Owner.USER)
    if not foreign or is_open or eager is None or eager.error is not None:
        return
    changes = [change for found in obstacles if found.edit for change in found.edit.changes]
    functions = [found for found in map(world.function_at, _places(foreign)) if found is not None]
    paths = _outermost({path for function in functions for path, _ in function.modules if path})
    if paths and all(function.modules for function in functions):
        copy = rebuild(world, changes, to_run=True)
        if _trace_parts(world, copy, paths) and _is_equal(world, copy, eager):
            code = "\n".join(f"model.{path} = torch.jit.trace(model.{path}, …)" for path in paths)
            yield Workaround(f"trace {', '.join(paths)}, and script the rest", _TRACED, code)
        copy.forget()
    free = [function for function in functions if not function.modules]
    if free and len(free) == len(functions):
        yield from _ignored(world, free, changes, eager)


def _places(obstacles: list[Obstacle]) -> list[FileRange]:
    return [found.location for found in obstacles if isinstance(found.location, FileRange)]


def _outermost(paths: set[str]) -> list[str]:
    return sorted(
        path for path in paths if not any(path.startswith(f"{other}.") for other in paths)
    )


# ── tracing a part ──────────────────────────────────────────────────────────────────────────────


def _trace_parts(world: World, copy: Rebuilt, paths: list[str]) -> bool:
    """Replaces parts of a copy by what tracing makes of them; returns whether that worked."""
    owner = copy.owner
    if not natives.is_module(owner):
        return False
    calls = _calls(world, paths)
    for path in paths:
        if path not in calls:
            return False
        args, kwargs = calls[path]
        part = owner.get_submodule(path)
        native, error = outcome_of(
            lambda part=part, args=args, kwargs=kwargs: natives.trace(part, "forward", args, kwargs)
        )
        if error is not None:
            return False
        parent, _, name = path.rpartition(".")
        setattr(owner.get_submodule(parent), name, native)
    return True


def _calls(
    world: World, paths: list[str]
) -> dict[str, tuple[tuple[object, ...], dict[str, object]]]:
    """What each part is called with at first, in a run of a copy."""
    owner, inputs = copy_for_run(world.owner, world.inputs or Inputs())
    found: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {}
    if not natives.is_module(owner):
        return found

    def recorder(path: str) -> Callable[..., None]:
        def record(_: object, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
            if path not in found:
                _, taken, named = natives.copy_for_run(None, args, kwargs)
                found[path] = taken, named

        return record

    with ExitStack() as stack:
        for path in paths:
            part = owner.get_submodule(path)
            handle = part.register_forward_pre_hook(recorder(path), with_kwargs=True)
            stack.callback(handle.remove)
        outcome_of(lambda: run_as_is(owner, world.method, inputs.args, inputs.kwargs))
    return found


# ── leaving a function to Python ────────────────────────────────────────────────────────────────


def _ignored(
    world: World, functions: list[Function], changes: list[Change], eager: Outcome
) -> Iterator[Workaround]:
    """Calls functions of packages through typed ones that the compiler leaves to Python."""
    adapters: dict[int, FunctionType] = {}
    texts: list[str] = []
    for function in {id(function): function for function in functions}.values():
        made = _adapter(world, function)
        if made is None:
            return
        adapters[id(function.python)], text = made
        texts.append(text)
    copy = rebuild(world, changes, exchanged=adapters, to_run=True)
    native, refusal = compile_copy(copy, world.method)
    if refusal is None and not compare_outcomes(eager, run_native(world, native, copy.inputs)):
        names = ", ".join(function.name for function in functions)
        cost = _IGNORED if reachable.can_be_saved(native) else _UNSAVED
        yield Workaround(f"call {names} through a typed function", cost, "\n".join(texts))
    copy.forget()


def _adapter(world: World, function: Function) -> tuple[FunctionType, str] | None:
    """A function with the types that eager showed, which calls the real one; and its text."""
    annotations: dict[str, object] = {}
    texts: list[str] = []
    for argument in function.arguments():
        kind = world.given(function, argument.arg)
        text = function.annotation(kind) if kind is not None else None
        if text is None:
            return None
        texts.append(f"{argument.arg}: {text}")
        annotations[argument.arg] = eval(text, dict(function.names))  # noqa: S307 (made of types)
    result = world.returned(function)
    text = function.annotation(result) if result is not None else None
    if text is None:
        return None
    name, module = function.python.__name__, function.python.__module__
    taken = ", ".join(argument.arg for argument in function.arguments())
    signature = ", ".join(texts)
    source = f"def {name}({signature}) -> {text}:\n    return {module}.{name}({taken})\n"
    names: dict[str, object] = dict(function.names)
    body = f"def {name}({taken}):\n    return _called({taken})\n"
    names["_called"] = function.python
    exec(body, names)  # noqa: S102 (made of names of arguments)
    made = names[name]
    assert isinstance(made, FunctionType)
    made.__annotations__ = {**annotations, "return": eval(text, dict(function.names))}  # noqa: S307
    return reachable.ignore_with_types(made), f"@torch.jit.ignore\n{source.rstrip()}"


def _is_equal(world: World, copy: Rebuilt, eager: Outcome) -> bool:
    native, refusal = compile_copy(copy, world.method)
    if refusal is not None:
        return False
    return not compare_outcomes(eager, run_native(world, native, copy.inputs))
