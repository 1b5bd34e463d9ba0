"""Finding everything that stops a model, though PyTorch's compiler stops at the first thing.

The rules look through all that would be compiled and propose. The compiler decides: what is found
is taken out of its way in a copy of the sources, by a safe edit or by a stub; what it complains
about then, and no rule has explained, becomes a finding of its own; and so on until the copy
compiles. Then each finding is put back alone: only what PyTorch refuses with everything else out
of the way is an obstacle.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tsviz.diagnosis.code import Function, iter_statements
from tsviz.diagnosis.judging import Refusal, compile_copy
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.progress import Progress, silent
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import rebuild
from tsviz.diagnosis.rules import RULES, Finding, lambdas
from tsviz.diagnosis.rules.attributes import iter_objects
from tsviz.diagnosis.rules.compiler import explain
from tsviz.diagnosis.rules.hooks import iter_hooks
from tsviz.diagnosis.stubs import STUB, Stubs
from tsviz.location import FileRange

_NAMED = (ast.Name, ast.Attribute)
_ROUNDS = 200
_PROOFS = 250


@dataclass
class Case:
    """A finding, and what takes it out of the compiler's way.

    Attributes:
        changes: its edit or its stub.
        parent: the case of whose stub it is only a consequence, or `None`.
        taints: what its stub leaves without a type; complaints about that are consequences.
        proof: what PyTorch says to it alone.
        is_proven: whether it was put back alone; an obstacle is refused then.
    """

    finding: Finding
    changes: tuple[Change, ...]
    parent: "Case | None" = None
    taints: frozenset[tuple[Function, str]] = frozenset()
    proof: str = ""
    is_proven: bool = False

    def follows(self, other: "Case") -> bool:
        """Whether it is a consequence of another one, over any number of steps."""
        return self.parent is not None and (self.parent is other or self.parent.follows(other))


@dataclass
class Examination:
    """All cases of a model.

    Attributes:
        progress: is told how far it is.
        compiles: whether the copy with everything out of the way does.
        unplaced: what PyTorch refuses without saying where.
        is_done: whether nobody stopped it.
    """

    world: World
    progress: Progress = silent
    cases: list[Case] = field(default_factory=list[Case])
    compiles: bool = False
    unplaced: Refusal | None = None
    is_done: bool = False

    def __post_init__(self) -> None:
        self.stubs = Stubs(self.world)
        self._replaced: set[int] = set()

    def run(self) -> None:
        """Finds, clears away, and puts back one by one."""
        for function in tuple(self.world.functions.values()):
            for rule in RULES:
                for finding in rule.find(function, self.world):
                    self._add(finding)
        for finding in iter_hooks(self.world):
            self._add(finding)
        self._clear()
        if self.compiles and len(self.cases) <= _PROOFS:
            self._prove()
        self.is_done = True

    def _add(self, finding: Finding, parent: Case | None = None) -> None:
        if any(_is_same(case.finding, finding) for case in self.cases):
            return
        before = frozenset(self.stubs.guessed)
        changes = finding.edit or finding.detour
        if not changes and not finding.is_certain and finding.hook is None:
            changes = self._stub(finding)
        if not finding.edit:
            self.stubs.guessed |= {(finding.function, name) for name in finding.names}
        taints = frozenset(self.stubs.guessed) - before
        self.cases.append(Case(finding, changes, parent, taints))

    def _stub(self, finding: Finding) -> tuple[Change, ...]:
        typed = [self.stubs.expression(finding.function, *part) for part in finding.standins]
        if typed and None not in typed:
            return tuple(change for change in typed if change is not None)
        changes: list[Change] = []
        for place in (finding.place, *finding.others):
            statement = find_statement(finding.function, place)
            if statement is None:
                body = finding.function.body
                return self.stubs.whole(finding.function) if body else ()
            changes += self.stubs.around(finding.function, statement, place)
        return tuple(dict.fromkeys(changes))

    # ── clearing away ───────────────────────────────────────────────────────────────────────────

    def _clear(self) -> None:
        for _ in range(_ROUNDS):
            self.progress(0, 0, f"clearing away: {len(self.cases)} found")
            refusal = self._compile(self.cases)
            if refusal is None:
                self.compiles = True
                return
            if not self._take(refusal):
                is_told = STUB in refusal.words or self._is_lambda(refusal)
                self.unplaced = None if is_told else refusal
                return

    def is_compiled(self) -> bool:
        """Whether the copy with everything out of the way compiles."""
        return self._compile(self.cases) is None

    def _compile(self, cases: list[Case]) -> Refusal | None:
        changes = [change for case in cases for change in case.changes]
        withheld = [case.finding.attribute for case in cases if case.finding.attribute]
        unhooked = [case.finding.hook for case in cases if case.finding.hook is not None]
        try:
            copy = rebuild(self.world, changes, self.stubs.functions, withheld, unhooked=unhooked)
        except SyntaxError as error:  # changes that do not go together
            return Refusal(f"{STUB}: {error}", str(error), ())
        try:
            _, refusal = compile_copy(copy, self.world.method)
        finally:
            copy.forget()
        return refusal

    def _is_lambda(self, refusal: Refusal) -> bool:
        """Whether it speaks of a `lambda` that is the entry point, which nothing stands in for."""
        known = any(case.finding.rule == lambdas.NAME for case in self.cases)
        return known and lambdas.WORDS in refusal.words

    def _take(self, refusal: Refusal) -> bool:
        """Makes a finding of what the compiler said; returns whether there is one to make."""
        if self._is_lambda(refusal):
            return False
        if STUB in refusal.words:  # what stands in does not fit, which says nothing of the model
            return False
        found = find_function(self.world, refusal)
        if found is None:
            return self._withhold()
        function, place = found
        covering = next(
            (case for case in self.cases if _covers(case.finding, function, place)), None
        )
        if covering is not None and self._escalate(covering):
            return True
        statement = find_statement(function, place)
        finding = explain(self.world, function, place, refusal, statement)
        if any(_is_same(case.finding, finding) for case in self.cases):
            return self._replace(function, finding)
        parent = self._parent(function, statement) if statement is not None else None
        self._add(finding, parent)
        return True

    def _withhold(self) -> bool:
        """Takes away the attributes that PyTorch looks into whether or not they are used.

        It tries to compile the class of each object that a module holds, and fails without a place.
        """
        findings = list(iter_objects(self.world))
        known = {case.finding.attribute for case in self.cases}
        new = [finding for finding in findings if finding.attribute not in known]
        self.cases += [Case(finding, ()) for finding in new]
        return bool(new)

    def _escalate(self, case: Case) -> bool:
        """Takes the whole statement of a finding away, where less did not help."""
        finding = case.finding
        statement = find_statement(finding.function, finding.place)
        if statement is None or id(case) in self._replaced:
            return False
        self._replaced.add(id(case))
        case.finding = replace(finding, edit=())  # it does not help
        before = frozenset(self.stubs.guessed)
        case.changes = (self.stubs.statement(finding.function, statement),)
        case.taints |= frozenset(self.stubs.guessed) - before
        return True

    def _replace(self, function: Function, finding: Finding) -> bool:
        """Takes the whole body of a function away, once."""
        if id(function) in self._replaced or not function.body:
            return False
        self._replaced.add(id(function))
        first = next(case for case in self.cases if case.finding.function is function)
        self.cases.append(Case(finding, self.stubs.whole(function), first))
        return True

    def _parent(self, function: Function, statement: ast.stmt) -> Case | None:
        """The case whose stub left something without a type that a statement uses."""
        nodes = list(ast.walk(statement))
        used = {(function, node.id) for node in nodes if isinstance(node, ast.Name)}
        called = {id(function.resolve(node)) for node in nodes if isinstance(node, _NAMED)}
        for case in self.cases:
            other = case.finding
            has_other_signature = (bool(other.names) and not other.edit) or (
                other.function in self.stubs.emptied
            )
            if used & case.taints:
                return case
            if has_other_signature and id(other.function.python) in called:
                return case
        return None

    # ── putting back ────────────────────────────────────────────────────────────────────────────

    def _prove(self) -> None:
        count = len(self.cases)
        # What the compiler found gives way to the rules.
        for done, case in enumerate(reversed(self.cases)):
            self.progress(done, count, "putting back one by one")
            if case.parent is not None or case.finding.is_certain:
                continue
            hidden = [other for other in self.cases if other is not case and _hides(other, case)]
            if hidden and not case.finding.edit:
                continue
            rest = [other for other in self.cases if other is not case and not other.follows(case)]
            refusal = self._compile(rest)
            case.is_proven = True
            case.proof = _own_words(refusal.text) if refusal is not None else ""
            if refusal is None:
                self.cases = rest


def _own_words(text: str) -> str:
    """PyTorch's text without the lines of source that a stub stands in."""
    return "\n".join(line for line in text.split("\n") if STUB not in line)


def _hides(other: Case, case: Case) -> bool:
    """Whether what was done for one finding takes the other one away as well."""
    return any(
        change.place.file == case.finding.place.file
        and _start(change.place) <= _start(case.finding.place)
        and _end(case.finding.place) <= _end(change.place)
        for change in other.changes
    )


def _start(place: FileRange) -> tuple[int, int]:
    return place.line, place.col


def _end(place: FileRange) -> tuple[int, int]:
    return place.end_line, place.end_col


def _covers(finding: Finding, function: Function, place: FileRange) -> bool:
    """Whether a finding has the place of a complaint."""
    return (
        finding.function is function
        and finding.place.line <= place.line <= finding.place.end_line
        and _start(finding.place) <= _start(place)
        and _end(place) <= _end(finding.place)
    )


def _is_same(one: Finding, other: Finding) -> bool:
    """Whether two are one obstacle, taken out of the way in the same function."""
    here = one.place, one.rule, one.function
    return here == (other.place, other.rule, other.function)


def find_function(world: World, refusal: Refusal) -> tuple[Function, FileRange] | None:
    """The innermost function that a complaint names and that can be changed."""
    for place in refusal.places:
        function = world.function_at(place)
        if function is not None:
            return function, place
    return None


def find_statement(function: Function, place: FileRange) -> ast.stmt | None:
    """The innermost statement around a place; `None` in the head of a function."""
    found: ast.stmt | None = None
    for statement in iter_statements(function.body):
        here = function.place(statement)
        if _start(here) <= _start(place) <= _end(here) or (
            place.is_whole_line and here.line <= place.line <= here.end_line
        ):
            found = statement
    return found


def iter_obstacle_cases(examination: Examination) -> Iterator[Case]:
    """The cases that are obstacles of their own."""
    return (case for case in examination.cases if case.parent is None)
