"""One run of a program in a thread of its own, held and let go again.

The thread belongs to the run alone. What is asked of it from outside is noted under a lock; at its
next node the run sees that, and says where it is. A run that nobody wants any more ends at its next
node; one in the middle of a long op ends after that.

A run that goes on to its next breakpoint is heard at those alone, and lets its values go, as it
would without a debugger. Where it is held then, or fails, it runs once more as far as there and
keeps them; where that cannot be, because a node must not run twice, values are kept from the start.
"""

import threading
from collections.abc import Callable, Sequence

import torch

from tsviz.debugger.held import Held
from tsviz.debugger.numerics import is_finite
from tsviz.debugger.orders import Gate, Goal, Plan, Status
from tsviz.debugger.past import MOST_POSITIONS, Past
from tsviz.debugger.progress import Progress
from tsviz.debugger.rules import Rule, at_position, never
from tsviz.errors import Diagnostic
from tsviz.jit.randomness import RandomTurns
from tsviz.jit.switches import Switches
from tsviz.jit.tap_ops import Channel, Gone


class Run:
    """One run.

    Attributes:
        native: the copy of the module that runs; `None` before it was made.
        finite: whether to hold after the first NaN or infinity.
        is_sparse: whether values were computed that nobody noted.
        result: what the program returned.
        error: what it raised.
    """

    def __init__(
        self,
        plan: Plan,
        past: Past,
        gate: Gate,
        until: int,
        why: str,
        search: "Callable[[Run], Goal] | None" = None,
    ) -> None:
        """Begins it.

        Args:
            until: the position to hold at first, 0 for none; breakpoints are passed over before.
            why: the reason that is given there.
            search: finds in the run's own thread where to hold instead; it may take long.
        """
        self.plan, self.past, self.gate = plan, past, gate
        self.native: object = None
        self.value = 0
        self.finite = self.is_sparse = False
        self.result: object = None
        self.error: BaseException | None = None
        self.reason = ""
        self.notes: tuple[Diagnostic, ...] = ()
        self.status = Status.RUNNING
        self.held = Held(plan.limit, plan.places.read)
        self._progress = Progress(plan.places, past, plan.effects)
        self._overrides: dict[int, object] = {}
        self._rule: Rule = at_position(until) if until else never
        self._nodes = self._nodes_at(until)
        self._keeps = True
        self._why, self._quiet = why, until
        self._again: Goal | None = None
        self._until_value = 0
        self._search = search
        self._pausing = self._ending = False
        self._random = RandomTurns(plan.start.random, plan.start.devices)
        self._change = threading.Condition()
        self._fault = self._joining = 0
        self._channel = Channel(self)
        self._switches: Switches | None = None
        self._replays = past.furthest
        self._thread = threading.Thread(target=self._work, name="tsviz program", daemon=True)
        self._thread.start()

    @property
    def is_wanted(self) -> bool:
        """Whether nobody has ended it."""
        return not self._ending

    def _nodes_at(self, position: int) -> frozenset[int] | None:
        """The node of a position, as far as it is known; `None` for any."""
        trail = self.past.trail
        if not position:
            return frozenset()
        return frozenset((abs(trail[position - 1]),)) if position <= len(trail) else None

    @property
    def position(self) -> int:
        """How many arrivals there were, as far as the run has told."""
        return self._progress.position

    @property
    def number(self) -> int:
        """The last arrival, negative for the head of a loop."""
        return self._progress.number

    @property
    def passed(self) -> int:
        """The position, and what the run has not told of yet; about, while it runs."""
        return self.position + (self._switches.passed if self._switches is not None else 0)

    @property
    def previous(self) -> int:
        """The arrival before the last."""
        return self._progress.previous

    @property
    def iterations(self) -> dict[int, int]:
        """Loop → the number of the iteration it is in."""
        return self._progress.iterations

    # ── from outside ─────────────────────────────────────────────────────────────────────────

    def go(self, rule: Rule, nodes: frozenset[int] | None = None, *, finite: bool = False) -> None:
        """Lets the program go on until a rule or the gate holds it.

        Args:
            nodes: where the rule may hold it; `None` for anywhere.
        """
        with self._change:
            if self.status is Status.PAUSED:
                self._rule, self.finite, self._why = rule, finite, "step"
                self._nodes = nodes
                self._keeps = nodes is None or finite or self.past.keeps_values
                if not self._keeps:
                    self._progress.look_away()
                self._listen()
                self.reason = ""
                self.status = Status.RUNNING
                self._change.notify_all()

    def pause(self) -> None:
        """Holds the program before its next node."""
        self._pausing = True
        if self._switches is not None:
            self._switches.listen_everywhere()

    def listen_anew(self) -> None:
        """The gate wants to be asked elsewhere."""
        if self._switches is not None and self.status is Status.RUNNING:
            self._listen()

    def _listen(self) -> None:
        """Has the run be heard where it must, and nowhere else."""
        if self._switches is None:
            return
        edited = frozenset(edit.value for edits in self.plan.edits.values() for edit in edits)
        shows_all = self._keeps or not self.plan.repeats
        self.is_sparse |= not shows_all
        self._switches.listen(
            everywhere=self._nodes is None or self._pausing or bool(edited),
            all_values=shows_all,
            at=(self._nodes or frozenset()) | self.gate.nodes | self.plan.effects,
            to=self.gate.outputs | self.gate.values | edited,
        )

    def end(self) -> None:
        """Has the program end at its next node; returns at once."""
        with self._change:
            self._ending = True
            self._channel.close()
            if self._switches is not None:
                self._switches.listen_everywhere()
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
        if self._search is not None:
            with self.plan.start.thread.entered():
                self._begin_again(self._search(self))
        result, error = self._run_through()
        while not self._ending and (again := self._wants_again(error)) is not None:
            failed = None if again.position else error
            self._begin_again(again)
            result, error = self._run_through()
            error = error or failed
        self._channel.close()
        with self._change:
            if self._ending:
                self.status = Status.ENDED
                self.held.clear()
            else:
                self.result, self.error = result, error
                self.status = Status.FINISHED if error is None else Status.FAILED
            self._change.notify_all()

    def _wants_again(self, error: BaseException | None) -> Goal | None:
        """Where to run once more to, so that values can be seen there; from a failure as well."""
        if error is not None and self._again is None and self.is_sparse:
            return Goal(0, 0, "")
        return self._again

    def _begin_again(self, again: Goal) -> None:
        self._again, self.is_sparse, self._keeps = None, False, True
        self.notes = again.notes
        self._until_value = again.value
        self._rule = at_position(again.position) if again.position and not again.value else never
        self._nodes = self._nodes_at(again.position)
        self._why, self._quiet = again.reason, again.position or MOST_POSITIONS
        self.past.keeps_values |= bool(again.position)
        self._replays = self.past.furthest
        self._random.state = self.plan.start.random
        self._progress = Progress(self.plan.places, self.past, self.plan.effects)
        self._overrides.clear()
        self.held.clear()

    def _run_through(self) -> tuple[object, BaseException | None]:
        """Runs the program once; returns what it returned, and what it raised."""
        start, stepped = self.plan.start, self.plan.stepped
        result, error = None, None
        try:
            self._switches = stepped.switches()  # here, where nobody waits for the making
            self._listen()
            self.native, args, kwargs = start.copy()
            with start.thread.entered():
                self._random.take()
                try:
                    result = stepped.call(self.native, args, kwargs, self._channel, self._switches)
                    result = start.apart(result)
                finally:
                    self._random.give()
        except BaseException as raised:  # noqa: BLE001 (the user's model raises any class)
            error = raised
        self._catch_up()
        self._progress.end()
        return result, error

    def _catch_up(self) -> None:
        """Notes what the program has passed since it was heard last."""
        if self._switches is not None:
            self._pass(self._switches.take())

    def _pass(self, arrivals: Sequence[int]) -> None:
        start = self.position
        if self.plan.on_value is not None:
            self._progress.count(arrivals)
        else:
            self._progress.go_on(arrivals, is_seen=self._keeps or not self.plan.repeats)
        for position in range(start + 1, self.position + 1) if self.plan.edits else ():
            for edit in self.plan.edits.get(position, ()):
                self._overrides[edit.value] = edit.replacement

    def arrive(self, node: int) -> bool:
        """Notes where the program is; returns whether it is to be held."""
        if self._ending:
            raise Gone("this run has ended")
        self._pass([node]) if self._switches is None else self._catch_up()
        if node in self.plan.effects and self.plan.on_value is None:
            constants = self.plan.stepped.tapped.constants
            self.past.results.begin(
                self.position, self.plan.places.node(node), self.held, constants
            )
        self.reason = "pause" if self._pausing else ""
        if not self.reason and self._rule(self.position, node):
            self.reason = self._why
        asked = abs(node) in self.gate.nodes and self.position > self._quiet
        return bool(self.reason) or asked

    def hold(self) -> None:
        """Blocks until the program may go on, unless no breakpoint holds it after all."""
        self.reason = self.reason or self.gate.before(self, self.number)
        if self.reason:
            self._block(0)

    def _block(self, value: int) -> None:
        """Blocks, before a node or after it has yielded a value."""
        if self.is_sparse and not self._keeps and not self._pausing:
            self._again = Goal(self.position, value, self.reason)
            raise Gone("this run begins again")
        self.value = value
        self._pausing, self._quiet = False, 0
        self._rule, self._until_value = never, 0
        self._random.give()
        with self._change:
            if not self._ending:
                self.status = Status.PAUSED
                self._change.notify_all()
                self._change.wait_for(lambda: self.status is not Status.PAUSED)
        if self._ending:
            raise Gone("this run has ended")
        self._random.take()
        self.value = 0

    def see(self, value: int, what: object) -> None:
        """Notes a value."""
        if self._ending:
            raise Gone("this run has ended")
        self._catch_up()
        self._overrides.pop(value, None)
        self.past.results.see(self.position, what)
        if self.plan.on_value is not None:
            with self.plan.start.thread.unwatched():
                self.plan.on_value(self.position, value, what)
            return
        self.held.add(value, what)
        with self.plan.start.thread.unwatched():
            self._progress.see(value, what)
            is_odd = self.finite and not is_finite(what)
        self.reason = self._why_after(value, is_odd)
        if self.reason:
            self._block(value)

    def _why_after(self, value: int, is_odd: bool) -> str:
        """Why the run is held now that a value was computed, or ""."""
        if is_odd:
            return "not finite"
        if value == self._until_value and self.position == self._quiet:
            return self._why
        is_asked = value in self.gate.outputs and self.position > self._quiet
        return self.gate.after(self, value) if is_asked else ""

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
        self._catch_up()
        return self.plan.on_value is None and self.position > self._replays

    def is_known(self) -> bool:
        """Whether what the node here gives is known from an earlier run."""
        return self.position in self.past.results

    def known(self, at: int) -> object:
        """What it gives, one output."""
        return self.past.results.get(self.position, at)

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
