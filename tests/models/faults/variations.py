"""Other models with the same faults, made so that no rule can have been fitted to the known ones.

Each function makes a new `Fault` (or a `Pair` of them) from a known one: with other names, with
other shapes, with the faulty line in a module or a function that is called, with another fault
beside it. Their source is a file of its own, imported as any module, so that `inspect` and
`linecache` find it.
"""

import ast
import importlib.util
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from tests.models.faults.domains import explicit
from tests.models.faults.model import Arguments, Clean, Domain, Fault, parameter_names
from tests.models.faults.renaming import Renamer

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two faults in one model, which returns both results.

    Attributes:
        name: of both.
        faults: the two, each with its own line and file.
        model: makes the model.
        domain: what may vary of the arguments of both.
    """

    name: str
    faults: tuple[Fault, Fault]
    model: Callable[[], nn.Module]
    domain: Domain

    def build(self) -> nn.Module:
        """A new model, the same each time, in eval mode."""
        return self.model().eval()

    def inputs(self) -> Arguments:
        """The arguments to trace it with, on which the trace is right."""
        first, second = self.faults
        return (*first.inputs(), *second.inputs())

    def witness(self, number: int) -> Arguments:
        """Arguments on which the trace is wrong because of one of the two faults."""
        made = [fault.inputs() for fault in self.faults]
        witness = self.faults[number].witness
        assert witness is not None
        made[number] = witness()
        return (*made[0], *made[1])


def is_ours(fault: Fault) -> bool:
    """Whether the source of the fault is one of this set, not of a library."""
    return fault.file.parent.name == "sources"


def with_other_shapes(fault: Fault) -> Fault:
    """The same model, traced with other arguments."""
    assert fault.inputs_other is not None
    return replace(fault, name=f"{fault.name}-other-shapes", inputs=fault.inputs_other)


def renamed(fault: Fault, folder: Path) -> Fault:
    """All local variables and arguments have other names."""
    tree, marks = _marked(fault)
    Renamer().visit(tree)
    return _written(fault, "renamed", tree, marks, folder)


def in_function(fault: Fault, folder: Path) -> Fault:
    """The body of `forward` is a function outside the class."""
    tree, marks = _marked(fault)
    name = _class_name(fault)
    owner = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    forward = next(
        node for node in owner.body if isinstance(node, ast.FunctionDef) and node.name == "forward"
    )
    arguments = [argument.arg for argument in forward.args.args]
    function = ast.FunctionDef(
        name=f"compute_{name}",
        args=ast.arguments([], [ast.arg(arg) for arg in arguments], None, [], [], None, []),
        body=forward.body,
        decorator_list=[],
    )
    forward.body = ast.parse(f"return {function.name}({', '.join(arguments)})").body
    tree.body.insert(tree.body.index(owner), function)
    return _written(fault, "in-function", tree, marks, folder)


def in_submodule(fault: Fault, folder: Path) -> Fault:
    """A wrapper's `forward` calls the faulty model, whose source stays where it was."""
    name = _class_name(fault)
    arguments = inspect.signature(fault.build().forward).parameters.values()
    passed = ", ".join(argument.name for argument in arguments)
    taken = ", ".join(
        argument.name if argument.default is argument.empty else f"{argument.name}=None"
        for argument in arguments
    )
    text = f"""\
from torch import nn

from {fault.model.__module__} import {name}


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = {name}()

    def forward(self, {taken}):
        return self.inner({passed})
"""
    module = _imported(_file(folder, fault, "in-submodule"), text)
    return replace(
        fault, name=f"{fault.name}-in-submodule", model=module.Outer, remedy="", neutral=""
    )


def cleaned(fault: Fault, folder: Path) -> Clean:
    """The model with its remedy, or what is neutral, in place of the faulty line."""
    instead = fault.remedy or fault.neutral
    assert instead
    text = fault.file.read_text(encoding="utf-8").replace(fault.line, instead)
    module = _imported(_file(folder, fault, "cleaned"), text)
    model = getattr(module, _class_name(fault))
    return Clean(f"{fault.name}-cleaned", model, fault.inputs, fault.domain)


def pairable(fault: Fault) -> bool:
    """Whether one call of the model, in the mode it was traced in, shows the fault."""
    return (
        fault.effect in ("raises", "differs")
        and fault.witness is not None
        and len(fault.witness()) == len(fault.inputs())
    )


def paired(first: Fault, second: Fault, folder: Path) -> Pair:
    """Both faulty models called by one, which returns the results of both."""
    names: list[list[str]] = []
    domain: dict[str, dict[str, Any]] = {}
    for prefix, fault in (("left", first), ("right", second)):
        example = fault.inputs()
        own = parameter_names(fault.build())[: len(example)]
        names.append([f"{prefix}_{name}" for name in own])
        links = dict(zip(own, names[-1], strict=True))
        domain |= linked_anew(explicit(fault.domain, own, example), links)
    left, right = map(", ".join, names)
    text = f"""\
from torch import nn


class Both(nn.Module):
    def __init__(self, left, right):
        super().__init__()
        self.left = left
        self.right = right

    def forward(self, {left}, {right}):
        return self.left({left}), self.right({right})
"""
    module = _imported(_file(folder, first, f"and-{second.name}"), text)
    return Pair(
        name=f"{first.name}-and-{second.name}",
        faults=(first, second),
        model=lambda: module.Both(first.build(), second.build()),
        domain=domain,
    )


def linked_anew(domain: Domain, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The domain with other names for its arguments, in what links them too."""

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rename(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(map(rename, value))
        name, dot, dimension = value.partition(".") if isinstance(value, str) else ("", "", "")
        return f"{names[name]}.{dimension}" if dot and name in names else value

    return {names[name]: rename(dict(spec)) for name, spec in domain.items()}


def _class_name(fault: Fault) -> str:
    name = getattr(fault.model, "__name__", None)
    assert isinstance(name, str)
    return name


def _marked(fault: Fault) -> tuple[ast.Module, dict[ast.stmt, int]]:
    """The syntax tree of the fault's file, and which statements hold which of its lines."""
    tree = ast.parse(fault.file.read_text(encoding="utf-8"))
    tree.body = _needed(tree, _class_name(fault))
    marks: dict[ast.stmt, int] = {}
    for mark, number in enumerate(fault.line_numbers):
        holding = [
            node
            for node in _iter_statements(tree)
            if node.lineno <= number <= (node.end_lineno or node.lineno)
        ]
        marks[max(holding, key=lambda node: node.lineno)] = mark
    return tree, marks


def _needed(tree: ast.Module, name: str) -> list[ast.stmt]:
    """The imports of a file, a class of it, and what that uses, in the order of the file."""
    named = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    wanted, found = [name], set[str]()
    while wanted:
        found.add(name := wanted.pop())
        used = {node.id for node in ast.walk(named[name]) if isinstance(node, ast.Name)}
        wanted += (used & named.keys()) - found
    return [
        node
        for node in tree.body
        if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name in found
    ]


def _iter_statements(tree: ast.AST) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _written(
    fault: Fault, kind: str, tree: ast.Module, marks: dict[ast.stmt, int], folder: Path
) -> Fault:
    """The fault in a file that is made of `tree`; its lines are found by their marks."""
    text = ast.unparse(ast.fix_missing_locations(tree))
    lines = text.splitlines()
    # What is read again has the same statements in the same order.
    again = zip(_iter_statements(tree), _iter_statements(ast.parse(text)), strict=True)
    found = {
        marks[before]: lines[after.lineno - 1].strip() for before, after in again if before in marks
    }
    name = _class_name(fault)
    file = _file(folder, fault, kind)
    model = getattr(_imported(file, text), name)
    names = zip(parameter_names(fault.build()), parameter_names(model()), strict=True)
    return replace(
        fault,
        name=f"{fault.name}-{kind}",
        model=model,
        file=file,
        line=found.pop(0),
        also_right=tuple(found.values()),
        remedy="",
        neutral="",
        domain=linked_anew(fault.domain, dict(names)),
    )


def _file(folder: Path, fault: Fault, kind: str) -> Path:
    return folder / f"{fault.name}-{kind}.py".replace("-", "_")


def _imported(file: Path, text: str) -> ModuleType:
    """A module of this text; it stays imported, as `inspect` looks modules up by their names."""
    file.write_text(text, encoding="utf-8")
    name = f"variation_{next(_numbers)}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
