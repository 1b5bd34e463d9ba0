"""A copy of a model whose functions come from changed copies of their sources.

No file of the user's is written and no module of theirs is imported again, which would run it
again. Each function that would be compiled is made anew from the changed text, with the globals,
the closure and the defaults it has; a class of the model gets a subclass with the new methods.
"""

import ast
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, cast

import torch

from tsviz.diagnosis.code import (
    Definition,
    Function,
    class_lines,
    definition_paths,
    find_class,
    imports_of,
    plain_member,
)
from tsviz.diagnosis.patches import Change, Patched, patch
from tsviz.diagnosis.reach import World
from tsviz.frontends import Inputs, is_torch
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives, reachable
from tsviz.location import FileRange

_numbers = count(1)
_PREFIX = "tsviz copy"


@dataclass(frozen=True)
class Rebuilt:
    """The copy.

    Attributes:
        owner: the model or function.
        inputs: copies of the example inputs.
        texts: name of a changed copy → its original path and the changed text.
    """

    owner: object
    inputs: Inputs
    texts: dict[str, tuple[str, Patched]]
    classes: tuple[type[torch.nn.Module], ...]

    def original(self, place: FileRange) -> FileRange:
        """A place in the user's own source."""
        known = self.texts.get(place.file)
        return place if known is None else known[1].original(place, known[0])

    def forget(self) -> None:
        """Takes what it left in Python's and PyTorch's tables away."""
        for name in self.texts:
            linecache.cache.pop(name, None)
        reachable.forget_types(self.classes)


def rebuild(
    world: World,
    changes: Sequence[Change],
    additions: dict[str, FunctionType] | None = None,
    withheld: Sequence[tuple[type, str]] = (),
    *,
    exchanged: Mapping[int, FunctionType] | None = None,
    to_run: bool = False,
) -> Rebuilt:
    """Makes the copy.

    Args:
        changes: of the source.
        additions: further globals that the changed text names.
        withheld: attributes that the copy's modules of a class do not get.
        exchanged: id of a function → what takes its place as it is.
        to_run: whether it will be run, so that tensors and inputs are copied, too.

    Raises:
        SyntaxError: a changed text is no Python.
        CaptureError: as `copy_for_run`.
    """
    builder = _Builder(world, changes, additions or {}, withheld)
    builder.exchange(exchanged or {})
    if to_run:
        return builder.build(*copy_for_run(world.owner, world.inputs or Inputs()))
    owner = world.owner
    return builder.build(reachable.skeleton(owner) if natives.is_module(owner) else owner, Inputs())


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
        self._texts: dict[str, tuple[str, Patched]] = {}
        self._names: dict[str, str] = {}
        self._lines: dict[str, dict[str, list[ast.stmt]]] = {}
        self._trees: dict[str, ast.Module] = {}
        self._definitions: dict[str, dict[tuple[str, ...], Definition]] = {}
        self._made: dict[int, FunctionType] = {}
        self._modules: dict[int, ModuleType] = {}
        self._classes: dict[type[torch.nn.Module], type[torch.nn.Module]] = {}
        for file in {change.place.file for change in changes}:
            self._add_text(file, [change for change in changes if change.place.file == file])

    def _add_text(self, file: str, changes: list[Change]) -> None:
        patched = patch(self._world.text(file).source.text, changes)
        name = f"{_PREFIX} {next(_numbers)} of {file}"
        self._trees[file] = ast.parse(patched.text, name)
        self._definitions[file] = {
            path: node for node, path in definition_paths(self._trees[file]).items()
        }
        lines = patched.text.splitlines(keepends=True)
        linecache.cache[name] = (len(patched.text), None, lines, name)
        self._texts[name] = (file, patched)
        self._names[file] = name

    def exchange(self, functions: Mapping[int, FunctionType]) -> None:
        """Has functions stand in for those of the world."""
        self._exchanged = functions

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
        return Rebuilt(owner, inputs, self._texts, self._new_classes())

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
        made = FunctionType(code, names, python.__name__, defaults, closure)
        made.__kwdefaults__ = by_name
        made.__qualname__, made.__module__ = python.__qualname__, python.__module__
        made.__annotations__ = dict(python.__annotations__)
        made.__dict__.update(vars(python))
        return made

    def _code(self, function: Function) -> tuple[CodeType | None, Definition | None]:
        """The changed code with its tree; the function's own where its file is not changed."""
        is_plain = function.tree is None or isinstance(function.tree, ast.Lambda)
        if is_plain or function.file not in self._names:
            return function.python.__code__, None
        tree = self._find(function)
        if tree is None:
            return None, None
        return _compile(tree, function, self._names[function.file]), tree

    def _find(self, function: Function) -> Definition | None:
        """The definition in the changed tree: the one on the same path of definitions."""
        tree = function.tree
        path = self._world.text(function.file).paths.get(tree) if tree is not None else None
        return self._definitions[function.file].get(path) if path is not None else None

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
        for file, tree in self._trees.items():
            known = self._world.text(file).imports
            new = [node for text, node in imports_of(tree).items() if text not in known]
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
        reachable.exchange_hooks(module, self._new)

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
            made = self._new(value.fget)
            return value if made is value.fget else property(made, value.fset, value.fdel)
        return self._new(value)

    def _declared(self, kind: type[torch.nn.Module]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What changed class bodies say: annotations, and the lists of names that PyTorch reads."""
        notes: dict[str, Any] = {}
        lists: dict[str, Any] = {}
        for base in reversed(kind.__mro__):
            file, name = find_class(base)
            tree = self._trees.get(file)
            if tree is None or is_torch(file):
                continue
            for line in self._new_lines(file).get(name, ()):
                self._read(line, base, notes, lists)
        return notes, lists

    def _new_lines(self, file: str) -> dict[str, list[ast.stmt]]:
        """Class → what a change has put into its body."""
        found = self._lines.get(file)
        if found is None:
            known = self._world.text(file).class_lines
            new = class_lines(self._trees[file])
            found = self._lines[file] = {
                name: [line for text, line in lines.items() if text not in known.get(name, {})]
                for name, lines in new.items()
            }
        return found

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


def _compile(tree: Definition, function: Function, name: str) -> CodeType:
    """The code of a definition at its own lines, its free names those of the original."""
    plain = cast("Any", tree)
    plain.decorator_list = []
    plain.args.defaults = [ast.Constant(None) for _ in plain.args.defaults]
    free = function.python.__code__.co_freevars
    arguments = ast.arguments([], [ast.arg(name) for name in free], None, [], [], None, [])
    outer = ast.FunctionDef("_outer", arguments, [plain], [])
    body: list[ast.stmt] = [outer]
    if function.class_name:  # names that begin with two underscores are mangled by its name
        body = [ast.ClassDef(function.class_name, [], [], [outer], [])]
    module = ast.fix_missing_locations(ast.Module(body, []))
    return next(
        code for code in _iter_codes(compile(module, name, "exec")) if code.co_name == plain.name
    )


def _iter_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _iter_codes(constant)


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
