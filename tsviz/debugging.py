"""A program that is stepped from the explorer: what is asked of it, and what is answered.

Each request is answered at once, with where the program is; it waits, and goes on, in a thread of
its own. Where it is held only later, that is told then, on a further thread.
"""

import dataclasses
from collections.abc import Callable, Mapping
from threading import RLock, Thread
from typing import TYPE_CHECKING, TypeVar, cast

from tsviz.errors import DebugError, Diagnostic, ProtocolError, TsvizError
from tsviz.frontends import Program
from tsviz.protocol.debug_tables import (
    DebugApart,
    DebugDetail,
    DebugDrift,
    DebugPage,
    DebugState,
    DebugValue,
    DebugValues,
)
from tsviz.protocol.messages import (
    DebugAttributesRequest,
    DebugCompareRequest,
    DebugDetailRequest,
    DebugDriftRequest,
    DebugPageRequest,
    DebugRecordRequest,
    DebugRequest,
    DebugValuesRequest,
    Event,
)
from tsviz.recording import Recording
from tsviz.views.debug_payloads import Rows, no_state, state_payload, value_payload
from tsviz.views.drifts import drift_payload
from tsviz.views.value_details import apart_payload, detail_payload, summary_payload

if TYPE_CHECKING:
    from tsviz.debugger import Debugger, Record
    from tsviz.debugger.attributes import Mark

T = TypeVar("T")
Tell = Callable[[dict[str, object]], None]
KINDS = (
    *("debug", "debug_values", "debug_attributes"),
    *("debug_page", "debug_detail", "debug_compare", "debug_drift"),
)
"""Requests that are answered here."""
_AT_ONCE = ("state", "pause", "close")
"""What is asked of a program in the midst of a run, beside a cell, too: it reads a few numbers."""
_MOST = 1000
"""So many values or numbers are sent at once."""


def waits_for_cells(message: Mapping[str, object]) -> bool:
    """Whether a request must not be answered beside a cell, which draws random numbers, too."""
    if message.get("kind") not in KINDS:
        return False
    payload = message.get("payload")
    verb = cast("Mapping[str, object]", payload).get("verb") if isinstance(payload, dict) else ""
    return verb not in _AT_ONCE


class Debugging:
    """The stepped program of a session; at most one, begun when it is asked for.

    Args:
        program: what is captured; what is stepped may be another one, its forks inlined.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._lock = RLock()
        self._debugger: Debugger | None = None
        self._serial = self._asked = 0
        self._views = set[str]()
        self._seen = Seen()
        self._records: dict[str, Record] = {}
        self._rows = Rows(program.graph)
        self._verbs: dict[str, Callable[[Debugger, DebugRequest], object]] = {
            "step": lambda to, asked: to.step(asked.by),
            "over": lambda to, asked: to.over(asked.by),
            "out": lambda to, asked: to.out(asked.by),
            "back": lambda to, asked: to.back(asked.by),
            "continue": lambda to, _: to.continue_(),
            "odd": lambda to, _: to.continue_(finite=True),
            "run_to": lambda to, asked: to.run_to(self._target(asked)),
            "goto": lambda to, asked: to.goto(asked.number),
            "differs": lambda to, asked: to.stop_where_differs(asked.text),
            "pause": lambda to, _: to.pause(),
            "restart": lambda to, _: to.restart(),
            "break": self._break,
            "condition": self._condition,
            "clear": lambda to, asked: to.clear(asked.number or None),
            "watch": lambda to, asked: to.watch(asked.text),
            "unwatch": lambda to, asked: to.unwatch(asked.text),
            "pin": lambda to, asked: _evaluated(
                asked.text, lambda: to.pin(asked.text, asked.target)
            ),
            "unpin": lambda to, asked: to.unpin(asked.target),
            "set": lambda to, asked: _evaluated(
                asked.text, lambda: to.set(asked.target, asked.text)
            ),
        }

    @property
    def is_stepping(self) -> bool:
        """Whether something is stepped."""
        return self._debugger is not None

    @property
    def stepped(self) -> Program | None:
        """What is stepped, where its graph is another one than that of what was captured."""
        debugger = self._debugger
        other = None if debugger is None else debugger.program
        return other if other is not self._program else None

    def start(self) -> None:
        """Begins, unless something is stepped already.

        Raises:
            UsageError, CaptureError: as `tsviz.debug`.
        """
        from tsviz.debugger import debug  # and with it PyTorch

        with self._lock:
            if self._debugger is None:
                self._debugger = debug(self._program)
                self._rows = Rows(self._debugger.program.graph)
                self._seen = Seen()
                self._records = {}

    def answer(self, asked: object, view: str, tell: Tell) -> object:
        """The answer to one request.

        Args:
            view: who asks; when the last of them has left, the program is let go.
            tell: is called with an event when a program that runs on is held later.

        Raises:
            TsvizError: as `tsviz.Debugger`; `TSV-D60` nothing is stepped, `TSV-D61` there is no
                such verb, `TSV-D62` no such node.
        """
        with self._lock:
            self._views.add(view)
            if isinstance(asked, DebugValuesRequest):
                return self._values(asked)
            if isinstance(asked, DebugAttributesRequest):
                return self._attributes(asked)
            if isinstance(asked, DebugPageRequest):
                return self._page(asked)
            if isinstance(asked, DebugDetailRequest):
                return self._detail(asked)
            if isinstance(asked, DebugCompareRequest):
                return self._compare(asked)
            if isinstance(asked, DebugDriftRequest):
                return self._drift(asked)
            assert isinstance(asked, DebugRequest)
            self._do(asked)
            state = self._state()
            if len(self._views) > 1:
                tell(_event(state))
            if state.status == "running":
                self._tell_when_held(tell)
            return state

    def leave(self, view: str) -> None:
        """A view is gone."""
        with self._lock:
            self._views.discard(view)
            if not self._views:
                self.close()

    def close(self) -> None:
        """Lets the program go; its thread ends at its next node, and nobody waits for that."""
        with self._lock:
            debugger, self._debugger = self._debugger, None
            self._asked += 1
            if debugger is not None:
                Thread(target=debugger.close, name="tsviz closing", daemon=True).start()

    # ── verbs ────────────────────────────────────────────────────────────────────────────────

    def _do(self, asked: DebugRequest) -> None:
        verb = asked.verb
        if verb == "start":
            self.start()
        elif verb == "close":
            self.close()
        elif verb in self._verbs:
            self._verbs[verb](self._open(), asked)
        elif verb != "state":
            known = ", ".join(("start", "state", "close", *self._verbs))
            text = f"expected a verb among {known}, got {verb!r}"
            raise ProtocolError(Diagnostic("TSV-D61", text))

    def _open(self) -> "Debugger":
        if self._debugger is None:
            message = "expected a program that is stepped, there is none"
            raise DebugError(Diagnostic("TSV-D60", message, help="the button Start begins"))
        return self._debugger

    def _target(self, asked: DebugRequest) -> str | int:
        if asked.node < 0:
            return asked.target
        nodes = self._rows.nodes
        if asked.node >= len(nodes):
            text = f"expected a node among {len(nodes)}, got number {asked.node}"
            raise ProtocolError(Diagnostic("TSV-D62", text))
        return nodes[asked.node]

    def _break(self, debugger: "Debugger", asked: DebugRequest) -> None:
        debugger.break_at(self._target(asked), asked.text, after=asked.after)

    def _condition(self, debugger: "Debugger", asked: DebugRequest) -> None:
        debugger.change(asked.number, asked.text, after=asked.after)

    # ── answers ──────────────────────────────────────────────────────────────────────────────

    def _state(self) -> DebugState:
        self._serial += 1
        if self._debugger is None:
            return no_state(self._serial)
        is_other = self.stepped is not None
        found = state_payload(
            self._serial, self._debugger, self._rows, self._records, is_other=is_other
        )
        if found.status != "running":
            self._seen.stop((found.status, found.position, found.is_after), self._debugger)
        return found

    def _values(self, asked: DebugValuesRequest) -> DebugValues:
        debugger, first = self._open(), max(0, asked.first)
        names = self._seen.names
        some = names[first : first + min(max(0, asked.count), _MOST)]
        rows = [
            value_payload(
                debugger,
                self._rows,
                name,
                is_new=self._seen.is_new(name),
                is_changed=self._seen.is_changed(name, debugger),
            )
            for name in some
        ]
        return DebugValues(self._serial, first, len(names), rows)

    def _page(self, asked: DebugPageRequest) -> DebugPage:
        debugger = self._open()
        first, count = max(0, asked.first), min(max(0, asked.count), _MOST)
        page = _evaluated(asked.text, lambda: debugger.page(asked.text, first, count))
        shape = None if page.shape is None else list(page.shape)
        return DebugPage(page.title, page.first, page.total, list(page.items), shape)

    def _attributes(self, asked: DebugAttributesRequest) -> DebugValues:
        """Those that changed since the last stop stand first where all were looked at there."""
        debugger, first = self._open(), max(0, asked.first)
        changed = self._seen.changed_attributes(debugger)
        names = (*changed, *(name for name in debugger.attributes if name not in changed))
        some = names[first : first + min(max(0, asked.count), _MOST)]
        rows = [self._attribute(debugger, name, is_changed=name in changed) for name in some]
        return DebugValues(self._serial, first, len(names), rows)

    def _attribute(self, debugger: "Debugger", name: str, *, is_changed: bool) -> DebugValue:
        view = debugger.attribute(name)
        return summary_payload(view, -1, is_changed=is_changed, is_new=False, is_used=False)

    def _detail(self, asked: DebugDetailRequest) -> DebugDetail:
        debugger = self._open()
        return detail_payload(_evaluated(asked.text, lambda: debugger.detail(asked.text)))

    def _compare(self, asked: DebugCompareRequest) -> DebugApart:
        debugger = self._open()
        sides = [
            _evaluated(text, lambda text=text: debugger.side(text))
            for text in (asked.one, asked.other)
        ]
        from tsviz.debugger.pins import compare

        return apart_payload(self._rows, compare(*sides), *sides)

    # ── records ──────────────────────────────────────────────────────────────────────────────

    def recording(self, asked: DebugRecordRequest) -> "Recording":
        """A record to be made, of what is stepped or of another variant.

        Raises:
            DebugError: `TSV-D60` nothing is stepped.
        """
        return Recording(self._open(), self._program, asked.variant)

    def keep(self, record: "Record", variant: str) -> DebugState:
        """Keeps a record by a name of its own, to be held against others."""
        with self._lock:
            name = f"{len(self._records) + 1} {variant or 'stepped'}"
            self._records[name] = record
            return self._state()

    def _drift(self, asked: DebugDriftRequest) -> DebugDrift:
        for name in (asked.one, asked.other):
            if name not in self._records:
                known = ", ".join(self._records) or "none"
                message = f"expected the name of a record ({known}), got {name!r}"
                raise ProtocolError(Diagnostic("TSV-D64", message))
        one, other = self._records[asked.one], self._records[asked.other]
        return drift_payload(self._rows, one.compare(other))

    def _tell_when_held(self, tell: Tell) -> None:
        """Tells where the program is held, unless something else was asked of it before."""
        self._asked += 1
        asked, debugger = self._asked, self._open()

        def wait() -> None:
            debugger.wait()
            with self._lock:
                if asked == self._asked and debugger is self._debugger:
                    tell(_event(self._state()))

        Thread(target=wait, name="tsviz waiting", daemon=True).start()


class Seen:
    """What was in sight at the last stop and at the one before, and what of it was looked at.

    Attributes:
        names: of the values in sight, the last one made first.
    """

    def __init__(self) -> None:
        self._stop: tuple[object, ...] = ()
        self.names = tuple[str, ...]()
        self._before = frozenset[str]()
        self._marks: dict[str, int] = {}
        self._marks_before: dict[str, int] = {}
        self._attributes: dict[str, Mark | None] = {}
        self._attributes_before: dict[str, Mark | None] = {}

    def stop(self, stop: tuple[object, ...], debugger: "Debugger") -> None:
        """Notes that the program is held; there once more, nothing changes."""
        if stop == self._stop:
            return
        self._stop = stop
        self._before, self.names = frozenset(self.names), debugger.names()[::-1]
        self._marks_before, self._marks = self._marks, {}
        self._attributes_before, self._attributes = self._attributes, {}

    def is_new(self, name: str) -> bool:
        """Whether a value was not in sight at the stop before, where there was one."""
        return bool(self._before) and name not in self._before

    def is_changed(self, name: str, debugger: "Debugger") -> bool:
        """Whether a value was looked at at the stop before, and was another one."""
        try:
            mark = self._marks[name] = debugger.fingerprint(name)
        except DebugError:  # it cannot be shown, and the table says why
            return False
        return self._marks_before.get(name, mark) != mark

    def changed_attributes(self, debugger: "Debugger") -> tuple[str, ...]:
        """The attributes that were others at the stop before, if they were looked at there."""
        from tsviz.debugger.attributes import differ

        if not self._attributes:
            self._attributes = {name: debugger.attribute_mark(name) for name in debugger.attributes}
        before = self._attributes_before
        return tuple(
            name
            for name, mark in self._attributes.items()
            if mark is not None and (was := before.get(name)) is not None and differ(was, mark)
        )


def _evaluated(text: str, act: Callable[[], T]) -> T:
    """What comes of an expression of the user's.

    Raises:
        TsvizError: as `act`; `TSV-D51` the expression raised.
    """
    from tsviz.debugger.expressions import failed

    try:
        return act()
    except TsvizError:
        raise
    except Exception as error:
        raise failed(text, error) from error


def _event(state: DebugState) -> dict[str, object]:
    return dataclasses.asdict(Event("event", 0, "debug", dataclasses.asdict(state)))
