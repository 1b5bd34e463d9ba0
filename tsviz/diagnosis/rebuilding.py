"""A copy of a model whose functions come from changed copies of their sources.

No file of the user's is written and no module of theirs is imported again, which would run it
again. Each function that would be compiled is made anew from the changed text, with the globals,
the closure and the defaults it has; a class of the model gets a subclass with the new methods.
"""

import ast
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, cast

import torch

from tsviz.diagnosis.code import (
    Definition,
    Function,
    find_class,
    plain_member,
)
from tsviz.diagnosis.copies import Copy
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives, reachable
from tsviz.location import FileRange


@dataclass(frozen=True)
class Rebuilt:
    """The copy.

    Attributes:
        owner: the model or function.
        inputs: copies of the example inputs.
        texts: the changed files, by the names that Python knows them by.
        classes: what was made for it.
    """

    owner: object
    inputs: Inputs
    texts: dict[str, Copy]
    classes: tuple[type[torch.nn.Module], ...]

    def original(self, place: FileRange) -> FileRange:
        """A place in the user's own source."""
        known = self.texts.get(place.file)
        return place if known is None else known.patched.original(place, known.file)

    def forget(self) -> None:
        """Takes what it left in PyTorch's tables away."""
        reachable.forget_types(self.classes)


def rebuild(
    world: World,
    changes: Sequence[Change],
    additions: dict[str, FunctionType] | None = None,
    withheld: Sequence[tuple[type, str]] = (),
    *,
    unhooked: Sequence[object] = (),
    exchanged: Mapping[int, FunctionType] | None = None,
    to_run: bool = False,
) -> Rebuilt:
    """Makes the copy.

    Args:
        changes: of the source.
        additions: further globals that the changed text names.
        withheld: attributes that the copy's modules of a class do not get.
        unhooked: hooks that its modules do not get.
        exchanged: id of a function → what takes its place as it is.
        to_run: whether it will be run, so that tensors and inputs are copied, too.

    Raises:
        SyntaxError: a changed text is no Python.
        CaptureError: as `copy_for_run`.
    """
    builder = _Builder(world, changes, additions or {}, withheld)
    builder.exchange(exchanged or {})
    builder.unhook(unhooked)
    if to_run:
        return builder.build(*copy_for_run(world.owner, world.inputs or Inputs()))
    owner = world.owner
    return builder.build(reachable.skeleton(owner) if natives.is_module(owner) else owner, Inputs())


def plain_copy(world: World) -> Rebuilt:
    """A copy to compile as it is, decorators and all."""
    owner = world.owner
    copy = reachable.skeleton(owner) if natives.is_module(owner) else owner
    return Rebuilt(copy, Inputs(), {}, ())


class _Builder:
    """Makes functions, classes and the names they know each other by."""

    def __init__(
        self,
        world: World,
        changes: Sequence[Change],
        additions: dict[str, FunctionType],
        withheld: Sequence[tuple[type, str]],
    ) -> None:
        self._withheld = withheld
        self._world = world
        self._additions = additions
        self._made: dict[int, FunctionType] = {}
        self._modules: dict[int, ModuleType] = {}
        self._classes: dict[type[torch.nn.Module], type[torch.nn.Module]] = {}
        self._exchanged: Mapping[int, FunctionType] = {}
        self._unhooked = frozenset[int]()
        self._copies = {
            file: world.copies.get(
                world.text(file), [change for change in changes if change.place.file == file]
            )
            for file in {change.place.file: None for change in changes}
        }

    def exchange(self, functions: Mapping[int, FunctionType]) -> None:
        """Has functions stand in for those of the world."""
        self._exchanged = functions

    def unhook(self, hooks: Sequence[object]) -> None:
        """Leaves hooks out."""
        self._unhooked = frozenset(map(id, hooks))

    def build(self, owner: object, inputs: Inputs) -> Rebuilt:
        functions = self._world.functions
        for identity, function in functions.items():
            made = self._function(function)
            if made is not None:
                self._made[identity] = self._exchanged.get(identity, made)
        self._relink()
        self._import()
        if natives.is_module(owner):
            for _, module in natives.iter_parts(owner):
                self._exchange(module)
        elif isinstance(owner, FunctionType):
            owner = self._new(owner)
        texts = {copy.name: copy for copy in self._copies.values()}
        return Rebuilt(owner, inputs, texts, self._new_classes())

    def _new_classes(self) -> tuple[type[torch.nn.Module], ...]:
        return tuple(made for kind, made in self._classes.items() if made is not kind)

    # ── functions ───────────────────────────────────────────────────────────────────────────────

    def _function(self, function: Function) -> FunctionType | None:
        python = function.python
        code, tree = self._code(function)
        if code is None:
            return None
        cells = dict(zip(python.__code__.co_freevars, python.__closure__ or (), strict=True))
        closure = tuple(_copied(cells.get(name)) for name in code.co_freevars)
        names = self._globals(python.__globals__)
        defaults, by_name = python.__defaults__, python.__kwdefaults__
        if tree is not None:
            defaults, by_name = _defaults(function, tree)
        is_same = code.co_name == python.__code__.co_name  # a lambda may have become a `def`
        name = python.__name__ if is_same else code.co_name
        made = FunctionType(code, names, name, defaults, closure)
        made.__kwdefaults__ = by_name
        made.__qualname__ = python.__qualname__ if is_same else name
        made.__module__ = python.__module__
        made.__annotations__ = dict(python.__annotations__)
        made.__dict__.update(vars(python))
        return made

    def _code(self, function: Function) -> tuple[CodeType | None, Definition | None]:
        """The changed code with its tree; the function's own where its file is not changed."""
        copy = None if function.tree is None else self._copies.get(function.file)
        made = copy.compile(function) if copy is not None else None
        if copy is None or (made is None and isinstance(function.tree, ast.Lambda)):
            return function.python.__code__, None
        return made or (None, None)

    def _globals(self, names: dict[str, Any]) -> dict[str, Any]:
        """The globals of a copy of the Python module that they belong to."""
        known = self._modules.get(id(names))
        if known is None:
            known = self._modules[id(names)] = ModuleType(str(names.get("__name__", "")))
            known.__dict__.update(names)
            known.__dict__.update(self._additions)
        return known.__dict__

    def _relink(self) -> None:
        """Lets the new functions name each other."""
        for module in self._modules.values():
            for name, value in tuple(module.__dict__.items()):
                module.__dict__[name] = self._new(value)
        for made in self._made.values():
            if made in self._exchanged.values():
                continue
            for cell in made.__closure__ or ():
                content = _content(cell)
                cell.cell_contents = self._new(content)

    def _import(self) -> None:
        """Makes the imports that a change has put at the top of a file; others were made."""
        for file, copy in self._copies.items():
            new = copy.new_imports
            names = {
                id(function.python.__globals__): function.python.__globals__
                for function in self._world.functions.values()
                if function.file == file
            }
            for found in names.values() if new else ():
                code = compile(ast.Module(list[ast.stmt](new), []), file, "exec")
                exec(code, self._globals(found))  # noqa: S102 (of modules that are loaded)

    def _new(self, value: Any) -> Any:
        """What stands for a value in the copy."""
        if isinstance(value, FunctionType):
            return self._made.get(id(reachable.undecorated(value)), value)
        if isinstance(value, ModuleType):
            return self._modules.get(id(value.__dict__), value)
        return value

    def _hook(self, hook: object) -> object:
        """What stands for a hook, `None` where it is left out."""
        return None if id(hook) in self._unhooked else self._new(hook)

    # ── modules ─────────────────────────────────────────────────────────────────────────────────

    def _exchange(self, module: torch.nn.Module) -> None:
        kind = type(module)
        if natives.is_compiled(module):
            return
        for owner, name in self._withheld:
            if isinstance(module, owner):
                vars(module).pop(name, None)
        if kind not in self._classes:
            self._classes[kind] = self._class(kind) or kind
        module.__class__ = self._classes[kind]
        for name, value in tuple(vars(module).items()):
            if isinstance(value, FunctionType):
                vars(module)[name] = self._new(value)
        reachable.exchange_hooks(module, self._hook)

    def _class(self, kind: type[torch.nn.Module]) -> type[torch.nn.Module] | None:
        members: dict[str, Any] = {}
        for base in reversed(kind.__mro__):
            for name, value in vars(base).items():
                made = self._member(value)
                if made is not value:
                    members[name] = made
                elif name in members:
                    del members[name]
        notes, lists = self._declared(kind)
        if not members and not notes and not lists:
            return None
        members |= lists
        members["__module__"], members["__qualname__"] = kind.__module__, kind.__qualname__
        if notes:
            bases = [vars(base) for base in kind.__mro__ if _NOTES in vars(base)]
            members[_NOTES] = {**(bases[0][_NOTES] if bases else {}), **notes}
        make = cast("Callable[..., type[torch.nn.Module]]", type(kind))
        made = make(kind.__name__, (kind,), members)
        for name, value in members.items():  # a base class may have wrapped them on the way
            if vars(made).get(name) is not value and not name.startswith("__"):
                setattr(made, name, value)
        return made

    def _member(self, value: Any) -> Any:
        plain = plain_member(value)
        if plain is not value:
            made = self._new(plain)
            return value if made is plain else type(value)(made)
        if isinstance(value, property) and value.fget is not None:
            made = self._new(value.fget), self._new(value.fset)
            return value if made == (value.fget, value.fset) else property(*made, value.fdel)
        return self._new(value)

    def _declared(self, kind: type[torch.nn.Module]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What changed class bodies say: annotations, and the lists of names that PyTorch reads."""
        notes: dict[str, Any] = {}
        lists: dict[str, Any] = {}
        for base in reversed(kind.__mro__):
            file, name = find_class(base)
            copy = self._copies.get(file)
            for line in copy.new_lines.get(name, ()) if copy is not None else ():
                self._read(line, base, notes, lists)
        return notes, lists

    def _read(
        self, line: ast.stmt, kind: type, notes: dict[str, Any], lists: dict[str, Any]
    ) -> None:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            notes[line.target.id] = self._evaluate(line.annotation, kind)
        elif isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) in _LISTS:
            lists[ast.unparse(line.targets[0])] = ast.literal_eval(line.value)

    def _evaluate(self, node: ast.expr, kind: type) -> object:
        names = vars(sys.modules[kind.__module__]) if kind.__module__ in sys.modules else {}
        code = compile(ast.Expression(node), "<annotation>", "eval")
        return eval(code, dict(names))  # noqa: S307 (an annotation of the user's or of a rule)


_NOTES = "__annotations__"
_LISTS = ("__constants__", "__jit_unused_properties__")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # empty: the name is set later
        return None


def _copied(cell: CellType | None) -> CellType:
    return CellType() if cell is None else CellType(_content(cell))


def _defaults(
    function: Function, tree: Definition
) -> tuple[tuple[object, ...] | None, dict[str, object] | None]:
    """The values of the defaults, which go by the names of the arguments."""
    python = function.python
    names = python.__code__.co_varnames[: python.__code__.co_argcount]
    given = python.__defaults__ or ()
    values: dict[str, object] = dict(zip(names[len(names) - len(given) :], given, strict=True))
    values |= python.__kwdefaults__ or {}
    arguments = [*tree.args.posonlyargs, *tree.args.args]
    last = arguments[len(arguments) - len(tree.args.defaults) :]
    pairs = zip(tree.args.kwonlyargs, tree.args.kw_defaults, strict=True)
    by_name = {arg.arg: values.get(arg.arg) for arg, default in pairs if default is not None}
    return tuple(values.get(arg.arg) for arg in last) or None, by_name or None
