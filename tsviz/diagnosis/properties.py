"""Properties that compiled code never reads: PyTorch compiles them all the same, unless told.

A line in the class leaves them to Python, which goes on as before:

    class Net(nn.Module):
        __jit_unused_properties__ = ["device"]
"""

import ast
from collections.abc import Sequence
from dataclasses import replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.examining import Case, Examination
from tsviz.diagnosis.findings import Owner
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import declared_in_class

_LIST = "__jit_unused_properties__"


def leave_out(examination: Examination) -> None:
    """Gives obstacles in properties that nothing reads an edit, if the compiler takes it."""
    groups: dict[type, dict[str, list[Case]]] = {}
    for case in examination.cases:
        finding = case.finding
        found = _property(examination.world, finding.function)
        if found is None or finding.edit or finding.function.owner is not Owner.USER:
            continue
        groups.setdefault(found[0], {}).setdefault(found[1], []).append(case)
    for kind, names in groups.items():
        cases = [case for held in names.values() for case in held]
        edit = declared_in_class(cases[0].finding.function, f"{_LIST} = {_listed(names)}")
        if hasattr(kind, _LIST) or not edit:
            continue
        before = [(case.finding, case.changes) for case in cases]
        advice = "nothing compiled reads this property: leave it out of the compiled class"
        for case in cases:
            case.finding = replace(case.finding, edit=edit, advice=advice)
            case.changes = edit
        if not examination.is_compiled():
            for case, (finding, changes) in zip(cases, before, strict=True):
                case.finding, case.changes = finding, changes


def _listed(names: dict[str, list[Case]]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


def _property(world: World, function: Function) -> tuple[type, str] | None:
    """The class and the name of the property that a function gets or sets, if nothing uses it."""
    for _, part in world.parts:
        for kind in type(part).__mro__:
            for name, value in vars(kind).items():
                if isinstance(value, property) and function.python in (value.fget, value.fset):
                    own = [accessor for accessor in (value.fget, value.fset) if accessor]
                    return None if _is_used(world, name, own) else (kind, name)
    return None


def _is_used(world: World, name: str, own: Sequence[object]) -> bool:
    """Whether any function but its own accessors names it, of whatever object."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name
        for function in world.functions.values()
        if function.python not in own
        for node in function.nodes()
    )
