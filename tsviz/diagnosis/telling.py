"""What type each variable has, from PyTorch's compiler.

A copy of the model is compiled in which each variable is handed to a function, where it is taken,
assigned, looped over or tested. What cannot be handed on, such as a Python module, is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tsviz.diagnosis.bindings import Binding, iter_bindings
from tsviz.diagnosis.examining import Case
from tsviz.diagnosis.judging import Refusal, compile_copy
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World, explore
from tsviz.diagnosis.rebuilding import rebuild
from tsviz.diagnosis.stubs import Stubs
from tsviz.diagnosis.variables import Came, Variable, VariableTypes
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program, Variant
from tsviz.jit.telling import read_told, telling_function
from tsviz.location import FileRange

_TELL = "_tsviz_tell"
_ROUNDS = 20
_EDITED = "with all edits made"
_CLEARED = "with the edits made, and what has none taken out of the compiler's way"
NOT_COMPILED = "PyTorch does not compile it, also with what was found out of its way"


def find_types(
    world: World, cases: Sequence[Case] = (), stubs: Stubs | None = None
) -> VariableTypes:
    """The variables of a model.

    Args:
        world: the model.
        cases: what has to be cleared away before it compiles.
        stubs: what stands in for it.
    """
    asking = _Asking(world, cases, stubs)
    rows = tuple(sorted(asking.run(), key=lambda row: (row.place.file, row.place.line)))
    condition = "" if not cases else _CLEARED if asking.has_stubs else _EDITED
    return VariableTypes(world.title, rows, condition if rows else "", asking.missing)


def get_types(program: Program) -> VariableTypes:
    """The variables of a scripted program with their types, and where these come from.

    Raises:
        UsageError: `TSV-Q04` it was not scripted here from Python code.
    """
    if program.variant is not Variant.SCRIPT or program.model is None:
        got = f"a program captured as `{program.variant}`"
        if program.variant is Variant.SCRIPT:
            got = "one that came compiled"
        message = f"expected a program that was scripted here from its Python code, got {got}"
        help = 'pass tsviz.capture(model, via="script")'
        raise UsageError(Diagnostic("TSV-Q04", message, help=help))
    world = explore(program.model, program.method, program.title, None)
    try:
        return find_types(world)
    finally:
        world.copies.forget()


class _Asking:
    """Compiles until the compiler has told all it can."""

    def __init__(self, world: World, cases: Sequence[Case], stubs: Stubs | None) -> None:
        self.missing = ""
        self.has_stubs = any(not case.finding.edit for case in cases)
        self._world, self._stubs = world, stubs
        self._changes = [change for case in cases for change in case.changes]
        self._withheld = [case.finding.attribute for case in cases if case.finding.attribute]
        self._edits = {change for case in cases for change in case.finding.edit}

    def run(self) -> Iterator[Variable]:
        bindings = [one for one in self._iter_bindings() if self._is_free(one)]
        told: dict[int, tuple[str, ...]] = {}
        for _ in range(_ROUNDS):
            found = self._compile(bindings)
            if not isinstance(found, Refusal):
                told = found
                break
            bindings = self._without_refused(bindings, found)
            self.missing = "" if bindings else f"PyTorch refuses the copy that asks: {found.words}"
        for number, binding in enumerate(bindings):
            for kind in told.get(number, ()):
                yield self._variable(binding, kind)

    def _iter_bindings(self) -> Iterator[Binding]:
        guessed = self._stubs.guessed if self._stubs is not None else ()
        emptied = self._stubs.emptied if self._stubs is not None else ()
        for function in self._world.functions.values():
            for binding in iter_bindings(function) if function not in emptied else ():
                if (function, binding.name) not in guessed:
                    yield binding

    def _is_free(self, binding: Binding) -> bool:
        """Whether a call can stand there, also after the changes."""
        at = (binding.at.line, binding.at.col)
        for change in self._changes:
            place = change.place
            start, end = (place.line, place.col), (place.end_line, place.end_col)
            if place.file != binding.at.file or start == end or not start <= at <= end:
                continue
            is_inside = start > (binding.place.line, binding.place.col)
            if not (change in self._edits and end == at and is_inside):
                return False
        return True

    def _compile(self, bindings: list[Binding]) -> dict[int, tuple[str, ...]] | Refusal:
        calls = [binding.call(_TELL, number) for number, binding in enumerate(bindings)]
        additions = dict(self._stubs.functions) if self._stubs is not None else {}
        additions[_TELL] = telling_function(_TELL)
        world = self._world
        try:
            copy = rebuild(world, [*self._changes, *calls], additions, self._withheld)
        except SyntaxError as error:
            return Refusal(str(error), str(error), ())
        try:
            native, refusal = compile_copy(copy, world.method)
            return refusal or read_told(native, world.method, _TELL)
        finally:
            copy.forget()

    def _without_refused(self, bindings: list[Binding], refusal: Refusal) -> list[Binding]:
        """The bindings without what the compiler does not take, or takes otherwise."""
        for place in refusal.places:
            for is_there in (_is_at, _is_on_line, _is_in_function):
                left = [one for one in bindings if not is_there(one, place, self._world)]
                if len(left) < len(bindings):
                    return left
        left = [one for one in bindings if not one.lead.startswith("\n")]
        return left if len(left) < len(bindings) else []

    def _variable(self, binding: Binding, kind: str) -> Variable:
        function, came, source = binding.function, binding.came, binding.source
        if any(_annotates(change, binding) for change in self._edits):
            came, source = Came.EDITED, ""
        elif came is Came.ASSUMED or (came is Came.DEFAULT and not kind.startswith("Optional")):
            seen = self._world.given(function, binding.name)
            passes = f"; eager passes {seen}" if seen is not None and str(seen) != kind else ""
            source = ("nothing" if came is Came.ASSUMED else "no annotation") + " says otherwise"
            came, source = Came.ASSUMED, source + passes
        place = replace(binding.place, function=function.name)
        return Variable(function.name, binding.name, kind, came, source, place, function.owner)


def _annotates(change: Change, binding: Binding) -> bool:
    """Whether a change annotates an argument, or the variable that a statement begins with."""
    place, made = binding.place, change.place
    is_annotated = binding.came is Came.ANNOTATED
    if binding.came is Came.REFINED or not (is_annotated or ":" in change.text):
        return False
    end = place.col + len(binding.name) + (len(f": {binding.source}") if is_annotated else 0)
    is_there = (made.file, made.line) == (place.file, place.line)
    return is_there and place.col <= made.col <= end


def _is_at(binding: Binding, place: FileRange, _: World) -> bool:
    at = binding.at
    return (at.file, at.line, at.col) == (place.file, place.line, place.col)


def _is_on_line(binding: Binding, place: FileRange, _: World) -> bool:
    return (binding.at.file, binding.at.line) == (place.file, place.line)


def _is_in_function(binding: Binding, place: FileRange, world: World) -> bool:
    return world.function_at(place) is binding.function
