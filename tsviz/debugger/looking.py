"""What can be seen of a program where it is held."""

from typing import TYPE_CHECKING

import torch

from tsviz.debugger.attributes import Mark, attribute_expressions, mark_of
from tsviz.debugger.details import Detail, detail
from tsviz.debugger.expressions import Expression, find_value, get_value, undisturbed
from tsviz.debugger.numerics import Apart, fingerprint
from tsviz.debugger.orders import Status
from tsviz.debugger.pins import Pin, compare
from tsviz.debugger.run import Run
from tsviz.debugger.state import Page, ValueView
from tsviz.debugger.values import describe, in_sight, page_of, view, view_of
from tsviz.display import renderer
from tsviz.errors import DebugError, Diagnostic
from tsviz.jit.stepping import Start

if TYPE_CHECKING:
    import pandas


class Looking:
    """The part of a session that changes nothing."""

    def __init__(self) -> None:
        self._box: list[Run] = []  # the run there is, then those that have not ended yet
        self._pins: dict[str, Pin] = {}
        self._watches: dict[str, Expression] = {}
        self._attributes: tuple[str, ...] | None = None

    def values(self) -> tuple[ValueView, ...]:
        """The values in sight where the program is held, in the order in which they were made."""
        run = self._halted()
        return tuple(view(run, value) for value in in_sight(run))

    def value(self, name: str) -> ValueView:
        """One value: `%x.1`, or the variable `x`."""
        run = self._halted()
        return view(run, find_value(run, name))

    def evaluate(self, text: str) -> object:
        """What an expression gives here; tensors as copies.

        Raises:
            DebugError: `TSV-D01` to `TSV-D05`.
            Exception: what the expression raises.
        """
        found = Expression(text).evaluate(self._halted())
        return found.detach().clone() if isinstance(found, torch.Tensor) else found

    def names(self) -> tuple[str, ...]:
        """The names of the values in sight, in the order in which they were made."""
        run = self._halted()
        values = run.plan.places.graph.values
        return tuple(f"%{values[value].name}" for value in in_sight(run))

    def fingerprint(self, name: str) -> int:
        """A number that is another one wherever a bit of a value is another one, nearly always.

        Raises:
            DebugError: `TSV-D02` to `TSV-D05`.
        """
        run = self._halted()
        what = get_value(run, name)
        with undisturbed(run):
            return fingerprint(what)

    def page(self, text: str, first: int, count: int) -> Page:
        """Some of the numbers or items that an expression gives, in its own order.

        Args:
            first: where to begin, from 0.
            count: how many at most.

        Raises:
            DebugError, Exception: as `evaluate`.
        """
        run = self._halted()
        found = Expression(text).evaluate(run)
        with undisturbed(run):
            return page_of(found, first, count)

    def detail(self, text: str) -> Detail:
        """All that is told of what an expression gives, in little room however big it is.

        Raises:
            DebugError, Exception: as `evaluate`.
        """
        run = self._halted()
        found = Expression(text).evaluate(run)
        with undisturbed(run):
            return detail(found)

    # ── attributes ───────────────────────────────────────────────────────────────────────────

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of modules as expressions: those the program writes, then those it reads."""
        if self._attributes is None:
            self._attributes = attribute_expressions(self._run.plan.places.graph)
        return self._attributes

    def attribute(self, text: str) -> ValueView:
        """One attribute as it is now, as `values` shows values."""
        what, why = self._outcome(Expression(text))
        if why:
            return ValueView(text, "", "", note=why)
        with undisturbed(self._run):
            return view_of(text, what)

    def attribute_mark(self, text: str) -> Mark | None:
        """Tells one state of an attribute from another; `None` where it cannot be read."""
        what, why = self._outcome(Expression(text))
        if why:
            return None
        with undisturbed(self._run):
            return mark_of(what, self._run)

    def to_dataframe(self) -> "pandas.DataFrame":
        """The values in sight: one row each."""
        return renderer("values_dataframe")(self.values())

    def watch(self, text: str) -> None:
        """Has an expression evaluated wherever the program is held; see `watches`."""
        self._watches[text] = Expression(text)

    @property
    def watched(self) -> tuple[str, ...]:
        """The expressions that are watched."""
        return tuple(self._watches)

    def unwatch(self, text: str) -> None:
        """Forgets an expression that is watched."""
        if self._watches.pop(text, None) is None:
            raise DebugError(Diagnostic("TSV-D14", f"`{text}` is not watched"))

    def watches(self) -> dict[str, str]:
        """Watched expressions and what they give here, or why nothing."""
        return {text: self._shown(expression) for text, expression in self._watches.items()}

    def _shown(self, expression: Expression) -> str:
        what, why = self._outcome(expression)
        if why:
            return why
        with undisturbed(self._run):
            return describe(what)

    def _outcome(self, expression: Expression) -> tuple[object, str]:
        """What an expression gives here, and "", or nothing and why."""
        run = self._halted()
        try:
            return expression.evaluate(run), ""
        except DebugError as error:
            return None, error.diagnostic.message
        except Exception as error:  # noqa: BLE001 (the user's expression raises any class)
            return None, f"{type(error).__name__}: {error}".splitlines()[0]

    # ── pins ─────────────────────────────────────────────────────────────────────────────────

    def pin(self, text: str, name: str = "") -> str:
        """Keeps what an expression gives here, to be compared later; returns its name."""
        name = name or text
        self._pins[name] = self._pinned(text, name)
        return name

    def unpin(self, name: str) -> None:
        """Forgets what was kept.

        Raises:
            DebugError: `TSV-D15` nothing was kept by that name.
        """
        if self._pins.pop(name, None) is None:
            known = ", ".join(f"`{pin}`" for pin in self._pins) or "none"
            message = f"expected the name of a pin ({known}), got `{name}`"
            raise DebugError(Diagnostic("TSV-D15", message))

    @property
    def pins(self) -> tuple[Pin, ...]:
        """What was kept, in order."""
        return tuple(self._pins.values())

    def compare(self, one: str, other: str) -> Apart:
        """How far two tensors are apart: names of pins, or expressions.

        Raises:
            DebugError: `TSV-D35` one is no tensor, or their shapes differ.
        """
        return compare(self.side(one), self.side(other))

    def side(self, text: str) -> Pin:
        """One side of a comparison: what was pinned by that name, else what it gives here.

        Raises:
            DebugError, Exception: as `evaluate`.
        """
        return self._pins.get(text) or self._pinned(text, text)

    def _pinned(self, text: str, name: str) -> Pin:
        what, run = self.evaluate(text), self._halted()
        try:
            node = run.plan.places.makers[find_value(run, text)]
        except DebugError:  # it is no single value
            node = 0
        return Pin(name, text, run.position, node, what)

    @property
    def start(self) -> Start:
        """What it runs from: copies, and the random state of when the session began."""
        return self._run.plan.start

    @property
    def result(self) -> object:
        """What the program returned.

        Raises:
            DebugError: `TSV-D41` it is not done.
        """
        if self._run.status is not Status.FINISHED:
            message = f"expected a program that is done, it is {self._run.status}"
            raise DebugError(Diagnostic("TSV-D41", message, help="`continue_()` lets it go on"))
        return self._run.result

    @property
    def error(self) -> BaseException | None:
        """What the program raised, as PyTorch says it; `None` where it raised nothing."""
        return self._run.error

    @property
    def _run(self) -> Run:
        return self._box[0]

    def _halted(self) -> Run:
        if self._run.status is Status.RUNNING:
            message = "expected a program that is held, it is running"
            help = "`wait()` waits for it, `pause()` holds it before its next node"
            raise DebugError(Diagnostic("TSV-D40", message, help=help))
        return self._run
