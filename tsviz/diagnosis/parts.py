"""The submodules of a model: what each is called with, how code names it, and its exchange."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

import torch

from tsviz.frontends import Inputs
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives, reachable
from tsviz.jit.running import outcome_of, run_as_is

_KEPT = 3
"""So many calls of each part are kept; they are the activations of the model."""


def record_calls(owner: object, method: str, inputs: Inputs) -> dict[str, list[Inputs]]:
    """What each submodule is called with at first, in one run of a copy.

    A module with several paths is found under its first one.

    Raises:
        CaptureError: as `copy_for_run`.
    """
    model, given = copy_for_run(owner, inputs)
    found: dict[str, list[Inputs]] = {}
    if not natives.is_module(model):
        return found

    def recorder(path: str) -> Callable[..., None]:
        def record(_: object, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
            known = found.setdefault(path, [])
            if len(known) < _KEPT:
                copied, _ = outcome_of(lambda: natives.copy_for_run(None, args, kwargs))
                if copied is not None:
                    known.append(Inputs(copied[1], copied[2]))

        return record

    with ExitStack() as stack:
        for path, part in natives.iter_parts(model):
            if path and not natives.is_compiled(part):
                handle = part.register_forward_pre_hook(recorder(path), with_kwargs=True)
                stack.callback(handle.remove)
        outcome_of(lambda: run_as_is(model, method, given.args, given.kwargs))
    return found


def has_forward(part: torch.nn.Module) -> bool:
    """Whether it can be called: a list or dict of modules cannot."""
    return "forward" in reachable.entry_methods(part, "forward")


def children_of(model: torch.nn.Module, path: str) -> list[str]:
    """Paths of the submodules right below one, the largest first."""
    part = model.get_submodule(path)
    below = sorted(part.named_children(), key=lambda item: -_size(item[1]))
    return [f"{path}.{name}" if path else name for name, _ in below]


def _size(part: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in part.parameters())


def exchange(model: torch.nn.Module, paths: Iterable[str], part: torch.nn.Module) -> None:
    """Puts another module in the place of one, wherever that is held."""
    for path in paths:
        parent, _, name = path.rpartition(".")
        setattr(model.get_submodule(parent), name, part)


def expression(model: torch.nn.Module, path: str, name: str = "model") -> str:
    """How a submodule is written in Python, such as `model.layers[0].conv`."""
    return name + "".join(_steps(model, path))


def _steps(model: torch.nn.Module, path: str) -> Iterator[str]:
    done = ""
    for step in path.split(".") if path else ():
        parent = model.get_submodule(done)
        if isinstance(parent, (torch.nn.Sequential, torch.nn.ModuleList)) and step.isdigit():
            yield f"[{step}]"
        elif isinstance(parent, torch.nn.ModuleDict):
            yield f'["{step}"]'
        else:
            yield f".{step}"
        done = f"{done}.{step}" if done else step
