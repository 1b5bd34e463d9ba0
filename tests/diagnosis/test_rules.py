"""Each rule on a model with one fault: what is found, where, and what becomes of its edit."""

import ast
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from tests.diagnosis import faulty
from tsviz.diagnosis import Diagnosis, Owner, Trial, doctor
from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import patch
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules import RULES
from tsviz.location import FileRange

FILE = Path(faulty.__file__)
TEXT = FILE.read_text(encoding="utf-8")
MARK = re.compile(r"# ! (?P<rule>[\w-]+)(?P<fixed> fixed)?: (?P<source>.*)$")


@dataclass(frozen=True, order=True)
class Fault:
    """One obstacle as a test sees it."""

    line: int
    rule: str
    source: str
    fixed: bool


def faults_of(*names: str) -> list[Fault]:
    """What the comments say of some classes and functions."""
    spans = [
        range(node.lineno, (node.end_lineno or 0) + 1)
        for node in ast.parse(TEXT).body
        if _name(node) in names
    ]
    assert len(spans) == len(names)
    found = [
        Fault(number, match["rule"], _source(match["source"], line), bool(match["fixed"]))
        for number, line in enumerate(TEXT.split("\n"), 1)
        if (match := MARK.search(line)) and any(number in span for span in spans)
    ]
    return sorted(found)


def _name(node: ast.stmt) -> str:
    """What a class, a function or an assignment is called."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return getattr(node, "name", "")


def _source(marked: str, line: str) -> str:
    """The source that is marked; HEAD is all of the line."""
    return line.strip() if marked == "HEAD" else marked


def faults_in(diagnosis: Diagnosis) -> list[Fault]:
    """What the doctor says."""
    found: list[Fault] = []
    for obstacle in diagnosis.obstacles:
        place = obstacle.location
        assert isinstance(place, FileRange)
        assert place.file == str(FILE)
        source = diagnosis.sources[place.file].slice(place)
        fixed = obstacle.edit is not None and obstacle.edit.trial is Trial.EQUAL
        found.append(Fault(place.line, obstacle.rule, source, fixed))
    return sorted(found)


def square() -> tuple[Any, ...]:
    return (torch.arange(4.0).reshape(2, 2),)


INPUTS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "Repeat": lambda: (*square(), 2),
    "BareAnnotation": lambda: (*square(), [1, 2]),
    "AnyLength": lambda: (*square(), (4,)),
    "AnySequence": lambda: ([torch.ones(2), torch.zeros(1)],),
    "NoneDefault": lambda: (*square(), 2),
    "SetTest": lambda: (*square(), 1),
    "Refined": lambda: (*square(), square()[0]),
    "StarCall": lambda: (*square(), [4]),
}
ALSO = {
    "Outer": ["Repeat"],
    "CallsHalve": ["halve"],
    "Asynchronous": ["later"],
    "Decorated": ["repeated"],
    "make_hooked": ["hook"],
    "make_pre_hooked": ["pre_hook"],
    "make_hooked_by_name": ["named_hook"],
    "make_hooked_by_object": ["HookObject"],
    "make_hooked_by_partial": ["named_hook"],
    "UsesGenerator": ["doubled_rows"],
    "CallsLambda": ["scaled"],
}
MODELS = [
    name
    for name, value in vars(faulty).items()
    if isinstance(value, type)
    and issubclass(value, nn.Module)
    and value.__module__ == faulty.__name__
    and name != "Hooked"
]


MAKERS = [name for name in vars(faulty) if name.startswith("make_")]


def make(name: str) -> nn.Module:
    kind = getattr(faulty, name)
    return kind(2, 2) if isinstance(kind, type) and issubclass(kind, nn.Linear) else kind()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a coroutine that nobody awaits
@pytest.mark.parametrize("name", [*MODELS, *MAKERS])
def test_fault(name: str):
    expected = faults_of(name, *ALSO.get(name, []))
    assert expected
    assert faults_in(doctor(make(name), INPUTS.get(name, square)())) == expected


def test_every_rule_has_a_model():
    marked = {match["rule"] for line in TEXT.split("\n") if (match := MARK.search(line))}
    assert marked == {rule.name for rule in RULES} | {"compiler", "mixed-container", "refinement"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_a_lesson(rule: Any):
    first, gap, *rest = (sys.modules[rule.find.__module__].__doc__ or "").split("\n")
    assert first.endswith((".", ":"))
    assert gap == ""
    assert "".join(rest).strip()


def test_every_obstacle_is_proven_by_the_compiler():
    found = doctor(faulty.Outer(), square())
    assert all(obstacle.proof for obstacle in found.obstacles)


# ── code that was not written to be compiled ────────────────────────────────────────────────────


def functions_of(module: ModuleType) -> list[FunctionType]:
    """The functions of a module and of its classes."""
    holders = [module, *(value for value in vars(module).values() if isinstance(value, type))]
    found = [value for holder in holders for value in vars(holder).values()]
    return [value for value in found if isinstance(value, FunctionType)]


@pytest.mark.parametrize(
    "name", ["inspect", "difflib", "asyncio.tasks", "rich.console", "numpy._core._methods"]
)
def test_rules_get_through_the_code_of_others(name: str):
    """Every place has a text, and every edit makes valid Python by itself."""
    world = World(None, "forward", "", None)
    found = 0
    for python in functions_of(import_module(name)):
        text = world.text(python.__code__.co_filename)
        tree, owner = text.find(python)
        function = Function(python, python.__qualname__, text, tree, owner, Owner.USER)
        for finding in (item for rule in RULES for item in rule.find(function, world)):
            found += 1
            assert text.source.slice(finding.place)
            if finding.edit:
                compile(patch(text.source.text, finding.edit).text, name, "exec")
    assert found > 10
