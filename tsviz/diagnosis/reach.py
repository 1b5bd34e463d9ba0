"""Which functions TorchScript would compile, found from the source before it compiles any.

The compiler stops at its first error and never comes to what is behind it. This follows the same
ways without stopping: from the entry point and the `forward` of every submodule through methods,
free functions and hooks, names resolved as PyTorch does, through closure and globals.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from types import FunctionType, MethodType

import torch

from tsviz.diagnosis.code import (
    MISSING,
    Function,
    Owner,
    SourceText,
    find_attribute,
    is_standard,
    iter_nodes,
    owner_of,
)
from tsviz.diagnosis.copies import Copies
from tsviz.diagnosis.observing import Observation
from tsviz.diagnosis.seen import Seen, merge, see
from tsviz.frontends import Inputs
from tsviz.jit import natives, reachable
from tsviz.location import FileRange

_LIMIT = 5000


@dataclass
class World:
    """A model as it is, and what is known of it.

    Attributes:
        owner: the model or function.
        method: its entry point.
        title: its name for people.
        inputs: example inputs, or `None`.
        functions: what would be compiled, without PyTorch's own.
        texts: every file looked at.
        observed: what a run of eager showed.
        after: path → module of the copy that was run, as the run left it.
        copies: changed copies of the files.
        is_cut: whether there are more functions than are looked at.
    """

    owner: object
    method: str
    title: str
    inputs: Inputs | None
    functions: dict[int, Function] = field(default_factory=dict[int, Function])
    texts: dict[str, SourceText] = field(default_factory=dict[str, SourceText])
    observed: Observation = field(default_factory=Observation)
    copies: Copies = field(default_factory=Copies)
    is_cut: bool = False
    after: dict[str, torch.nn.Module] = field(default_factory=dict[str, torch.nn.Module])

    @property
    def parts(self) -> list[tuple[str, torch.nn.Module]]:
        """(path, module) of the model and everything below it."""
        return natives.iter_parts(self.owner) if natives.is_module(self.owner) else []

    def seen(self, function: Function, name: str) -> Seen | None:
        """The type that eager showed of an argument or a local."""
        frames = self.observed.frames.get(function.python.__code__)
        return frames.names.get(name) if frames is not None else None

    def given(self, function: Function, name: str) -> Seen | None:
        """The type that eager passed for an argument."""
        frames = self.observed.frames.get(function.python.__code__)
        return frames.arguments.get(name) if frames is not None else None

    def returned(self, function: Function) -> Seen | None:
        """The type that eager returned."""
        frames = self.observed.frames.get(function.python.__code__)
        return frames.returned if frames is not None else None

    def held(self, module: torch.nn.Module, name: str) -> object:
        """What a module itself holds by a name."""
        return reachable.held_attributes(module).get(name, MISSING)

    def attribute(self, function: Function, name: str) -> Seen | None:
        """The type of an attribute before and after the run, over all instances."""
        kinds: list[Seen] = []
        for path, module in function.modules:
            for owner in (module, self.after.get(path)):
                value = self.held(owner, name) if owner is not None else MISSING
                if value is not MISSING:
                    kinds.append(see(value))
        return reduce(merge, kinds) if kinds else None

    def made_at(
        self, path: str, module: torch.nn.Module, name: str
    ) -> tuple[Function | None, FileRange]:
        """The `__init__` that sets an attribute, and where; else the one of the module's class."""
        first, wanted = None, (name, ast.Store)
        for kind in type(module).__mro__:
            made = vars(kind).get("__init__")
            if not isinstance(made, FunctionType):
                continue
            function = self._make(made, path, module)
            if function is None:
                continue
            first = first or function
            for node in function.nodes():
                if isinstance(node, ast.Attribute) and (node.attr, type(node.ctx)) == wanted:
                    return function, function.place(node)
        return first, first.head() if first is not None else FileRange("", 0)

    def function_at(self, place: FileRange) -> Function | None:
        """The innermost function that a place is in."""
        found = [function for function in self.functions.values() if function.holds(place)]
        return max(found, key=lambda function: function.head().line, default=None)

    def text(self, path: str) -> SourceText:
        """A file, read once."""
        if path not in self.texts:
            self.texts[path] = SourceText(path)
        return self.texts[path]

    def enter(self, python: FunctionType, path: str, module: torch.nn.Module | None) -> None:
        """Adds a function and all that it calls."""
        todo = [(python, path, module)]
        while todo:
            wrapper, path, module = todo.pop()
            python = reachable.undecorated(wrapper)
            known = self.functions.get(id(python))
            if known is not None:
                if module is not None and all(module is not other for _, other in known.modules):
                    known.modules.append((path, module))
                continue
            function = self._make(python, path, module)
            if function is None:
                continue
            if len(self.functions) >= _LIMIT:
                self.is_cut = True
                return
            function.wrapper = wrapper if wrapper is not python else None
            self.functions[id(python)] = function
            todo += [*iter_called(function)]

    def look_into(self, python: FunctionType, path: str) -> Function | None:
        """A function that is not compiled, but told of; `None` where it is PyTorch's own."""
        known = self.functions.get(id(python))
        return known or self._make(python, path, None)

    def _make(
        self, python: FunctionType, path: str, module: torch.nn.Module | None
    ) -> Function | None:
        file = python.__code__.co_filename
        if owner_of(file) is Owner.TORCH or reachable.is_left_out(python):
            return None
        is_foreign = is_standard(file) or not reachable.knows_pytorch(python)
        if owner_of(file) is Owner.PACKAGE and is_foreign:
            return None  # NumPy and the like: the call is the fault, not what is behind it
        text = self.text(file)
        tree, class_name = text.find(python)
        first = python.__code__.co_varnames[: python.__code__.co_argcount][:1]
        is_method = module is not None and first == ("self",)
        name = python.__qualname__.rpartition("<locals>.")[2]
        modules = [(path, module)] if module is not None else []
        return Function(
            python, name, text, tree, class_name, owner_of(file), is_method, modules=modules
        )


def explore(owner: object, method: str, title: str, inputs: Inputs | None) -> World:
    """Finds what would be compiled of a model or a function."""
    world = World(owner, method, title, inputs)
    if not natives.is_module(owner):
        if isinstance(owner, FunctionType):
            world.enter(owner, "", None)
        return world
    for path, module in world.parts:
        if natives.is_compiled(module):
            continue
        for name in reachable.entry_methods(module, method if not path else "forward"):
            found = find_attribute(module, name)
            if isinstance(found, FunctionType):
                world.enter(found, path, module)
        for accessor in reachable.accessors_of(module):
            world.enter(accessor, path, module)
        for hook in reachable.forward_hooks(module):
            if isinstance(hook, FunctionType):
                world.enter(hook, path, None)
                known = world.functions.get(id(reachable.undecorated(hook)))
                if known is not None:
                    known.is_hook = True
    return world


def iter_called(
    function: Function,
) -> Iterator[tuple[FunctionType, str, torch.nn.Module | None]]:
    """The functions of the user's that a function names, with the module of a method."""
    if function.tree is None:
        return
    for node in iter_nodes(function.tree):
        if not (isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)):
            continue
        found = function.resolve(node)
        if isinstance(found, MethodType):
            found = found.__func__
        if not isinstance(found, FunctionType):
            continue
        is_own = isinstance(node, ast.Attribute) and function.modules
        is_own = is_own and function.resolve(node.value) is function.modules[0][1]  # type: ignore[attr-defined]
        if is_own:
            yield from ((found, path, module) for path, module in function.modules)
        else:
            yield found, "", None
