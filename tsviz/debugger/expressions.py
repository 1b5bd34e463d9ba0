"""Expressions of the user's over the values of a held run.

A value goes by its name in the IR, `%x.1`, or by that of the Python variable, `x`: the one of that
name in sight that was computed last.
"""

import ast
import builtins
import math
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from keyword import iskeyword
from typing import TYPE_CHECKING, cast

import torch

from tsviz.debugger.places import base_name
from tsviz.errors import DebugError, Diagnostic, UsageError
from tsviz.jit.randomness import RandomState

if TYPE_CHECKING:
    from tsviz.debugger.run import Run

_VALUE = re.compile(r"%([\w.]+)")
_OPERAND = re.compile(r"(?:\w+|[)\]}'\"])\s*$")
_STAND_IN = "_tsviz_value_"
AFTER = frozenset(("out", "outs"))
"""Names that only mean something once the node has run."""


def isnan(what: object) -> bool:
    """Whether there is a NaN in a tensor or a list of them, or a number is one."""
    if isinstance(what, torch.Tensor):
        return bool(what.isnan().any())
    if isinstance(what, (list, tuple)):
        return any(map(isnan, cast("Sequence[object]", what)))
    return isinstance(what, float) and math.isnan(what)


def isinf(what: object) -> bool:
    """Whether there is an infinity in a tensor or a list of them, or a number is one."""
    if isinstance(what, torch.Tensor):
        return bool(what.isinf().any())
    if isinstance(what, (list, tuple)):
        return any(map(isinf, cast("Sequence[object]", what)))
    return isinstance(what, float) and math.isinf(what)


_KNOWN: dict[str, object] = {"torch": torch, "math": math, "isnan": isnan, "isinf": isinf}


class Expression:
    """An expression, read once.

    Attributes:
        text: as it was typed.
        is_after: whether it asks for what its node computes.
        names: what it names: `%x.1`, or `x`.
    """

    def __init__(self, text: str) -> None:
        """Reads it.

        Raises:
            DebugError: `TSV-D01` it is no expression.
        """
        self.text = text
        self._values: dict[str, str] = {}
        try:
            tree = ast.parse(_VALUE.sub(self._stand_in, text.strip()), "<expression>", "eval")
        except SyntaxError as error:
            message = f"expected an expression of Python's, got `{text}`: {error.msg}"
            help = "values go by their names: `x.abs().max() > 3`, `isnan(%y.1)`"
            raise DebugError(Diagnostic("TSV-D01", message, help=help)) from error
        found = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
        self._names = {node.id for node in found if isinstance(node.ctx, ast.Load)}
        self._code = compile(tree, "<expression>", "eval")
        self.is_after = bool(self._names & AFTER)
        self.names = frozenset((*self._values.values(), *(self._names - self._values.keys())))

    def _stand_in(self, match: "re.Match[str]") -> str:
        before = _OPERAND.search(match.string[: match.start()])
        if before is not None and not iskeyword(before[0].strip()):
            return match[0]  # the rest of a division
        name = f"{_STAND_IN}{len(self._values)}"
        self._values[name] = match[0]
        return name

    def evaluate(self, run: "Run") -> object:
        """What it gives at the place where a run is held.

        Raises:
            DebugError: `TSV-D02` to `TSV-D04`: a value is not there.
            Exception: what it raises itself.
        """
        names = {name: _member(run, self._values[name]) for name in self._values}
        for name in self._names - names.keys():
            if (found := _find_name(run, name)) is not None:
                names[name] = found[0]
        with undisturbed(run):
            return eval(self._code, {**_KNOWN, **names})  # noqa: S307 (what the user typed)


def _member(run: "Run", text: str) -> object:
    """What `%y.1` is, or a member of it: `%y.1.shape`; names of values have dots, too."""
    name, members = run.plan.places.split(text.removeprefix("%"))
    found = get_value(run, f"%{name}")  # which says what there is instead of an unknown one
    for member in members:
        found = getattr(found, member)
    return found


def failed(text: str, error: Exception) -> UsageError:
    """What is said where an expression raises."""
    return UsageError(Diagnostic("TSV-D51", f"`{text}` failed: {type(error).__name__}: {error}"))


@contextmanager
def undisturbed(run: "Run") -> Generator[None]:
    """Keeps what is computed inside from gradients, modes and random states."""
    kept = RandomState.here(run.plan.start.devices)
    with run.plan.start.thread.unwatched(), torch.no_grad():
        try:
            yield
        finally:
            kept.restore()


def _find_name(run: "Run", name: str) -> tuple[object] | None:
    """What a bare name stands for, in a tuple; `None` if nothing."""
    places = run.plan.places
    if name in AFTER or name == "inputs":
        node = places.node(run.number)
        values = node.inputs if name == "inputs" else node.outputs
        found = tuple(_any_value(run, value) for value in values)
        return (found[0] if found else None,) if name == "out" else (found,)
    if name == "self" and run.native is not None and places.program.modules:
        return (run.native,)
    known = find_variable(run, name)
    if known is not None:
        return (get_value(run, f"%{places.graph.values[known].name}"),)
    if name in _KNOWN or hasattr(builtins, name):
        return None
    others = {base_name(places.graph.values[value].name) for value in computed(run)}
    message = f"no value is called `{name}` here"
    close = get_close_matches(name, sorted(others - {""}), n=1)
    help = f"did you mean `{close[0]}`?" if close else "`values()` lists what there is"
    raise DebugError(Diagnostic("TSV-D02", message, help=help))


def find_variable(run: "Run", name: str) -> int | None:
    """The value that a variable of Python's stands for: the last one in sight, else the last."""
    values, places = run.plan.places.graph.values, run.plan.places
    found = [
        value
        for value in reversed(computed(run))
        if base_name(values[value].name) == name and not run.held.is_gone(value)
    ]
    in_sight = (value for value in found if places.is_in_sight(value, run.number))
    return next(in_sight, found[0] if found else None)


def computed(run: "Run") -> list[int]:
    """The values that were computed, as far as is known, and can be shown; the last one last."""
    layout = run.plan.stepped.tapped.layout
    if not run.is_sparse or layout is None:
        return list(run.held)
    return list(layout.shown)


def find_value(run: "Run", name: str) -> int:
    """The value of a name in the IR, or of a variable.

    Raises:
        DebugError: `TSV-D02` there is none.
    """
    places = run.plan.places
    plain = name.removeprefix("%")
    found = None if name.startswith("%") else find_variable(run, plain)
    if found is None:
        found = places.names.get(plain)
    if found is None:
        close = get_close_matches(plain, list(places.names), n=1)
        help = f"did you mean `%{close[0]}`?" if close else "`values()` lists what there is"
        raise DebugError(Diagnostic("TSV-D02", f"no value is called `{name}` here", help=help))
    return found


def get_value(run: "Run", name: str) -> object:
    """What a value is now.

    Raises:
        DebugError: `TSV-D02` there is none of that name, `TSV-D03` it was not computed yet,
            `TSV-D04` it cannot be shown, `TSV-D05` it had to make room for later ones.
    """
    value = find_value(run, name)
    tapped = run.plan.stepped.tapped
    if value in tapped.constants:
        return tapped.constants[value]
    shown = f"%{run.plan.places.graph.values[value].name}"
    if value in tapped.hidden:
        message = f"{shown} cannot be shown: {tapped.hidden[value]}"
        raise DebugError(Diagnostic("TSV-D04", message))
    if value not in run.held and run.is_sparse:
        message = f"{shown} was not kept while the program ran on"
        help = "`back()` runs it again, and keeps what it computes"
        raise DebugError(Diagnostic("TSV-D05", message, help=help))
    if value not in run.held:
        raise DebugError(Diagnostic("TSV-D03", f"{shown} was not computed yet"))
    if run.held.is_gone(value):
        message = f"{shown} had to make room for values computed later"
        help = "go back to where it was computed, or give `debug(…, memory=…)` more bytes"
        raise DebugError(Diagnostic("TSV-D05", message, help=help))
    return run.current(value)


def _any_value(run: "Run", value: int) -> object:
    try:
        return get_value(run, f"%{run.plan.places.graph.values[value].name}")
    except DebugError:
        return None
