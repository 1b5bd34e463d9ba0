"""One run of a program in a thread of its own, held and let go again.

The thread belongs to the run alone. What is asked of it from outside is noted under a lock; at its
next node the run sees that, and says where it is. A run that nobody wants any more ends at its next
node; one in the middle of a long op ends after that.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import torch

from tsviz.debugger.edits import Edit
from tsviz.debugger.held import Held
from tsviz.debugger.numerics import fingerprint, is_finite
from tsviz.debugger.past import MOST_POSITIONS, Doubt, Past
from tsviz.debugger.places import Places
from tsviz.debugger.rules import Rule, at_position, never
from tsviz.jit.randomness import RandomState
from tsviz.jit.stepping import Start, Stepped
from tsviz.jit.tap_ops import Channel, Gone


class Status(StrEnum):
    """What a run does."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    ENDED = "ended"


class Gate(Protocol):
    """Decides, beside the rule of a step, whether a run is held."""

    nodes: frozenset[int]
    """Nodes that it wants to be asked about."""
    outputs: frozenset[int]
    """Values that it wants to be asked about when they are computed."""

    def before(self, run: "Run", number: int) -> str:
        """Why the run is to be held before a node, or ""."""
        ...

    def after(self, run: "Run", value: int) -> str:
        """Why the run is to be held now that a value was computed, or ""."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of.

    Attributes:
        effects: nodes that must not run twice.
        limit: bytes of tensors that are held.
        on_value: hears of every value, if there is one.
        on_value: hears of every value: position, id, what.
        is_marked: whether values are held against those of earlier runs.
        edits: position → what is replaced there.
    """

    stepped: Stepped
    places: Places
    start: Start
    edits: Mapping[int, tuple[Edit, ...]]
    effects: frozenset[int]
    limit: int
    on_value: Callable[[int, int, object], object] | None = None
    is_marked: bool = True


class Run:
    """One run.

    Attributes:
        native: the copy of the module that runs; `None` before it was made.
        position: how many arrivals there were.
        number: the last of them.
        finite: whether to hold after the first NaN or infinity.
        result: what the program returned.
        error: what it raised.
    """

    def __init__(self, plan: Plan, past: Past, gate: Gate, until: int, why: str) -> None:
        """Begins it.

        Args:
            until: the position to hold at first, 0 for none; breakpoints are passed over before.
            why: the reason that is given there.
        """
        self.plan, self.past, self.gate = plan, past, gate
        self.native: object = None
        self.position = self.number = self.previous = self.value = 0
        self.finite = False
        self.result: object = None
        self.error: BaseException | None = None
        self.reason = ""
        self.status = Status.RUNNING
        self.iterations: dict[int, int] = {}
        self.held = Held(plan.limit, plan.places.read)
        self._overrides: dict[int, object] = {}
        self._seen = 0
        self._rule: Rule = at_position(until) if until else never
        self._why, self._quiet = why, until
        self._pausing = self._ending = False
        self._random: RandomState = plan.start.random
        self._theirs: RandomState | None = None
        self._change = threading.Condition()
        self._fault = self._joining = 0
        self._channel = Channel(self)
        self._replays = past.furthest
        self._thread = threading.Thread(target=self._work, name="tsviz program", daemon=True)
        self._thread.start()

    # ── from outside ─────────────────────────────────────────────────────────────────────────

    def go(self, rule: Rule, *, finite: bool) -> None:
        """Lets the program go on until a rule or the gate holds it."""
        with self._change:
            if self.status is Status.PAUSED:
                self._rule, self.finite, self._why = rule, finite, "step"
                self.reason = ""
                self.status = Status.RUNNING
                self._change.notify_all()

    def pause(self) -> None:
        """Holds the program before its next node."""
        self._pausing = True

    def end(self) -> None:
        """Has the program end at its next node; returns at once."""
        with self._change:
            self._ending = True
            self._channel.close()
            if self.status in (Status.RUNNING, Status.PAUSED):
                self.status = Status.ENDED
            self._change.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until the program does not run; returns whether that is so.

        Raises:
            KeyboardInterrupt: Ctrl-C; the program goes on.
        """
        with self._change:
            return self._change.wait_for(lambda: self.status is not Status.RUNNING, seconds)

    def wait_gone(self, seconds: float | None = None) -> bool:
        """Waits until the thread has gone; returns whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def failed_at(self) -> int:
        """The arrival that raised, in a fork too."""
        waits = self.plan.places.node(self.number).op == "aten::wait" if self.number else False
        return self._fault if waits and self._fault else self.number

    # ── the program's thread ─────────────────────────────────────────────────────────────────

    def _work(self) -> None:
        start = self.plan.start
        result, error = None, None
        try:
            self.plan.stepped.make()  # here, where nobody waits for it
            self.native, args, kwargs = start.copy()
            with start.thread.entered():
                self._take_random()
                try:
                    result = self.plan.stepped.call(self.native, args, kwargs, self._channel)
                finally:
                    self._give_random()
        except BaseException as raised:  # noqa: BLE001 (the user's model raises any class)
            error = raised
        self._channel.close()
        with self._change:
            if self._ending:
                self.status = Status.ENDED
                self.held.clear()
            else:
                self.result, self.error = result, error
                self.status = Status.FINISHED if error is None else Status.FAILED
            self._change.notify_all()

    def _take_random(self) -> None:
        devices = self.plan.start.devices
        self._theirs = RandomState.here(devices)
        self._random.restore()

    def _give_random(self) -> None:
        if self._theirs is not None:
            self._random = RandomState.here(self.plan.start.devices)
            self._theirs.restore()
            self._theirs = None

    def arrive(self, node: int) -> bool:
        """Notes where the program is; returns whether it is to be held."""
        if self._ending:
            raise Gone("this run has ended")
        self.position += 1
        self.previous, self.number = self.number, node
        self._remember(node)
        if node < 0:
            self.iterations[-node] = self.iterations.get(-node, 0) + 1
        else:
            self.iterations.pop(node, None)
        for edit in self.plan.edits.get(self.position, ()):
            self._overrides[edit.value] = edit.replacement
        self.reason = "pause" if self._pausing else ""
        if not self.reason and self._rule(self.position, node):
            self.reason = self._why
        asked = abs(node) in self.gate.nodes and self.position > self._quiet
        return bool(self.reason) or asked

    def _remember(self, node: int) -> None:
        past, at = self.past, self.position - 1
        if at >= len(past.trail):
            if at < MOST_POSITIONS:
                past.trail.append(node)
                past.seen.append(self._seen)
            if node in self.plan.effects:
                past.effects.append((self.position, node))
        elif past.trail[at] != node:
            self._doubt(node)
            past.cut(at)
            self._remember(node)

    def _doubt(self, node: int) -> None:
        if self.past.doubt is None:
            self.past.doubt = Doubt(self.position, self.plan.places.node(node))

    def hold(self) -> None:
        """Blocks until the program may go on, unless no breakpoint holds it after all."""
        self.reason = self.reason or self.gate.before(self, self.number)
        if self.reason:
            self._block()

    def _block(self) -> None:
        self._pausing, self._quiet = False, 0
        self._rule = never
        self._give_random()
        with self._change:
            if not self._ending:
                self.status = Status.PAUSED
                self._change.notify_all()
                self._change.wait_for(lambda: self.status is not Status.PAUSED)
        if self._ending:
            raise Gone("this run has ended")
        self._take_random()

    def see(self, value: int, what: object) -> None:
        """Notes a value."""
        if self._ending:
            raise Gone("this run has ended")
        self.held.add(value, what)
        self._overrides.pop(value, None)
        with self.plan.start.thread.unwatched():
            if self.plan.is_marked:
                self._mark(value, what)
            if self.plan.on_value is not None:
                self.plan.on_value(self.position, value, what)
            is_odd = self.finite and not is_finite(what)
        if is_odd:
            self._hold_after(value, "not finite")
        elif value in self.gate.outputs and self.position > self._quiet:
            self._hold_after(value, self.gate.after(self, value))

    def _hold_after(self, value: int, reason: str) -> None:
        if reason:
            self.reason, self.value = reason, value
            self._block()
            self.value = 0

    def _mark(self, value: int, what: object) -> None:
        past, at = self.past, self._seen
        self._seen += 1
        if value in self.plan.places.read or at >= MOST_POSITIONS:
            mark = value
        else:
            mark = fingerprint(what)
        if at >= len(past.marks):
            past.marks.append(mark)
        elif past.marks[at] != mark:
            self._doubt(self.number)
            past.marks[at] = mark

    def refresh(self, value: int, what: object) -> None:
        """Notes what a list or dict holds now."""
        self.held.refresh(value, what)

    def join(self, future: "torch.Future[object]") -> None:
        """Waits for a fork; what it raises is raised where the program waits for it.

        Each fork inside a fork keeps one of PyTorch's threads waiting. Where there are no more, the
        program goes on beside it, and its order does not come again.
        """
        if self._joining >= torch.get_num_interop_threads():
            self.past.unordered = True
            return
        self._joining += 1
        try:
            future.wait()
        except RuntimeError:
            self._fault = self._fault or self.number
        finally:
            self._joining -= 1

    def is_new(self) -> bool:
        """Whether the program is where it never was."""
        return self.plan.on_value is None and self.position > self._replays

    def is_edited(self, value: int) -> bool:
        """Whether another value stands for this one."""
        return value in self._overrides

    def edited(self, value: int) -> object:
        """The value that stands for it."""
        return self._overrides[value]

    def current(self, value: int) -> object:
        """What a value is for the nodes to come.

        Raises:
            KeyError: it was not computed.
        """
        if value in self._overrides:
            return self._overrides[value]
        return self.held.get(value)
