"""What can be seen of a program where it is held."""

from typing import TYPE_CHECKING

import torch

from tsviz.debugger.expressions import Expression, find_value, get_value, undisturbed
from tsviz.debugger.numerics import Apart, apart, fingerprint
from tsviz.debugger.orders import Status
from tsviz.debugger.run import Run
from tsviz.debugger.state import Page, ValueView
from tsviz.debugger.values import describe, in_sight, page_of, view
from tsviz.display import renderer
from tsviz.errors import DebugError, Diagnostic

if TYPE_CHECKING:
    import pandas


class Looking:
    """The part of a session that changes nothing."""

    def __init__(self) -> None:
        self._box: list[Run] = []  # the run there is, then those that have not ended yet
        self._pins: dict[str, object] = {}
        self._watches: dict[str, Expression] = {}

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
        try:
            return describe(expression.evaluate(self._halted()))
        except DebugError as error:
            return error.diagnostic.message
        except Exception as error:  # noqa: BLE001 (the user's expression raises any class)
            return f"{type(error).__name__}: {error}".splitlines()[0]

    def pin(self, text: str, name: str = "") -> str:
        """Keeps what an expression gives here, to be compared later; returns its name."""
        name = name or text
        self._pins[name] = self.evaluate(text)
        return name

    def compare(self, one: str, other: str) -> Apart:
        """How far two tensors are apart: names of pins, or expressions.

        Raises:
            DebugError: `TSV-D35` one is no tensor, or their shapes differ.
        """
        a, b = (
            self._pins[text] if text in self._pins else self.evaluate(text) for text in (one, other)
        )
        if not isinstance(a, torch.Tensor) or not isinstance(b, torch.Tensor):
            text = one if not isinstance(a, torch.Tensor) else other
            raise DebugError(Diagnostic("TSV-D35", f"expected tensors, `{text}` is none"))
        try:
            return apart(a, b)
        except ValueError as error:
            raise DebugError(Diagnostic("TSV-D35", f"cannot compare: {error}")) from error

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
