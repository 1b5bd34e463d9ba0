"""A program in PyTorch's own interpreter, one node, line or module at a time."""

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tsviz.debugger.breakpoints import Breakpoint, Breakpoints, find_spot
from tsviz.debugger.differing import (
    check_eager,
    check_once,
    check_variant,
    find_difference,
    variant_of,
)
from tsviz.debugger.edits import Edit, check_editable, fits
from tsviz.debugger.effects import find_effects
from tsviz.debugger.expressions import find_value
from tsviz.debugger.looking import Looking
from tsviz.debugger.orders import Goal, Plan, Status
from tsviz.debugger.past import Past
from tsviz.debugger.places import Places
from tsviz.debugger.planned import find_plan_of
from tsviz.debugger.recording import Known, always, record_run
from tsviz.debugger.records import Record
from tsviz.debugger.replaying import check_replay, position_before
from tsviz.debugger.results import Results
from tsviz.debugger.rules import Rule, check_unit, never, step_in, step_out, step_over
from tsviz.debugger.run import Run
from tsviz.debugger.state import State
from tsviz.debugger.states import change_notes, read_state
from tsviz.debugger.values import describe
from tsviz.debugger.watching import Watched
from tsviz.errors import DebugError, Diagnostic
from tsviz.frontends import Inputs, Program
from tsviz.frontends.torchscript import with_forks_inlined
from tsviz.jit.stepping import Start, Stepped

MEMORY = 1 << 30
"""So many bytes of computed tensors a session holds, if nothing else is said."""
PATIENCE = 0.25
"""So many seconds a request waits for the program to be held again before it answers "running"."""
_SHUT_DOWN = 5.0


class Debugger(Looking):
    """A program that is stepped.

    Attributes:
        program: what is stepped; what it forks is inlined, too. Of a plan its graph is the plan.
        breakpoints: where it is held.
    """

    def __init__(
        self,
        program: Program,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        *,
        memory: int = MEMORY,
        plan: bool = False,
    ) -> None:
        """Use `tsviz.debug`."""
        super().__init__()
        self._given = program.get_native(), args, kwargs
        self._live: object = None
        if plan:
            self.program, self._live = find_plan_of(program, args, kwargs)
        else:
            self.program = with_forks_inlined(program)
        self._begin()
        self._places = Places(self.program)
        self._effects = find_effects(self.program.graph)
        self._memory = memory
        self._edits: tuple[Edit, ...] = ()
        self._notes: tuple[Diagnostic, ...] = ()
        self.breakpoints = Breakpoints(self._places)
        self._past = Past(results=Results(memory))
        self._stepped = self._tapped()
        self._finalizer = weakref.finalize(self, _shut_down, self._box)
        self._launch(1, "entry")

    def _begin(self) -> None:
        """Copies what the user has; random numbers begin where they stand now."""
        native, args, kwargs = self._given
        self._weights: Known = {}
        self._watched = Watched(native, args, kwargs)
        self._start = Start.here(native, self.program.method, args, kwargs)

    # ── going on ─────────────────────────────────────────────────────────────────────────────

    def step(self, by: str = "node") -> State:
        """Goes on to the next node, line or module, into what is called or held.

        Args:
            by: `node`, `line` or `module`.
        """
        return self._go(step_in(self._places, self._held().number, check_unit(by)))

    def over(self, by: str = "node") -> State:
        """Goes on past the node with its blocks, the line with its calls, the module."""
        return self._go(step_over(self._places, self._held().number, check_unit(by)))

    def out(self, by: str = "node") -> State:
        """Goes on until after the block, the function or the module around."""
        return self._go(step_out(self._places, self._held().number, check_unit(by)))

    def continue_(self, *, finite: bool = False) -> State:
        """Goes on to the next breakpoint, or the end.

        Args:
            finite: whether to stop after the first node that yields a NaN or an infinity.
        """
        self._held()
        return self._go(never, frozenset(), finite=finite)

    def run_to(self, target: str | int) -> State:
        """Goes on to a line, op, value, node or module, named as for a breakpoint."""
        self._held()
        nodes = find_spot(self._places, target).nodes
        return self._go(lambda _, number: abs(number) in nodes, nodes)

    def pause(self) -> State:
        """Holds the program before its next node; one long op is not cut short."""
        if self._run.status is Status.RUNNING:
            self._run.pause()
            self._run.wait(PATIENCE)
        return self.state

    def wait(self, seconds: float | None = None) -> State:
        """Waits until the program is held or done, for ever if no time is given.

        Raises:
            KeyboardInterrupt: Ctrl-C; the program goes on.
        """
        self._run.wait(seconds)
        return self.state

    def _go(
        self, rule: Rule, nodes: frozenset[int] | None = None, *, finite: bool = False
    ) -> State:
        self._notes = change_notes(self._watched.changed())
        self._run.go(rule, nodes, finite=finite)
        self._run.wait(PATIENCE)
        return self.state

    # ── going back ───────────────────────────────────────────────────────────────────────────

    def back(self, by: str = "node") -> State:
        """Goes back to the node, line or module before this one; from the end to the last.

        Raises:
            DebugError: `TSV-D38` there is none before; as `goto`.
        """
        run = self._halted()
        position = run.position + (run.status is not Status.PAUSED)
        before = position_before(self._places, self._past, position, check_unit(by))
        if before < 1:
            raise DebugError(
                Diagnostic("TSV-D38", f"expected a {by} before this one, got the first")
            )
        return self.goto(before)

    def goto(self, position: int) -> State:
        """Goes to a position of the run, by running it again as far as there.

        Args:
            position: from 1, the first node, to the furthest that was reached.

        Raises:
            DebugError: `TSV-D30` there is no such position, `TSV-D31` a node on the way must not
                run twice, `TSV-D32` the order of its forks does not come again.
        """
        if not 1 <= position <= self._past.furthest:
            message = f"expected a position from 1 to {self._past.furthest}, got {position}"
            raise DebugError(Diagnostic("TSV-D30", message))
        check_replay(self._places, self._past, position)
        if any(edit.position > position for edit in self._edits):
            first = min(edit.position for edit in self._edits if edit.position > position)
            self._edits = tuple(edit for edit in self._edits if edit.position <= position)
            self._past.cut(first - 1)
        self._launch(position, "back")
        return self.state

    def restart(self) -> State:
        """Begins again, from the user's model and inputs as they are now."""
        if self._watched.changed():
            self._begin()
        self._edits = ()
        self._past = Past(results=Results(self._memory))
        self.breakpoints.reset_hits()
        self._launch(1, "entry")
        return self.state

    def _launch(self, until: int, why: str, search: Callable[[Run], Goal] | None = None) -> None:
        """Ends the run there is and begins another one."""
        for run in self._box:
            run.end()
        left = [run for run in self._box if not run.wait_gone(PATIENCE)]
        if self._start.is_spoiled:
            self._start = self._start.again(*self._given)
        if self._box and self._stepped.runs_once:
            self._stepped = self._tapped()
        plan = self._plan()
        self._box[:] = [Run(plan, self._past, self.breakpoints, until, why, search), *left]
        self._run.wait(PATIENCE)

    def _plan(self, on_value: Callable[[int, int, object], object] | None = None) -> Plan:
        positions: dict[int, tuple[Edit, ...]] = {}
        for edit in self._edits:
            positions[edit.position] = (*positions.get(edit.position, ()), edit)
        return Plan(
            self._stepped, self._places, self._start, positions, frozenset(self._effects),
            self._memory, on_value,
        )  # fmt: skip

    def _tapped(self) -> Stepped:
        values = {edit.value for edit in self._edits}
        start = self._start
        return Stepped(
            start.native, start.method, self.program.graph, values, self._live, self._effects
        )

    # ── breakpoints and watches ──────────────────────────────────────────────────────────────

    def break_at(self, target: str | int, when: str = "", *, after: int = 0) -> Breakpoint:
        """Sets a breakpoint.

        Args:
            target: a line (`model.py:12`), an op or a pattern (`aten::relu`, `relu`, `*_`), a value
                (`%y.1`: the node that yields it), a node's id, a module path, or `*` for all.
            when: a condition, any expression of Python's on the values: `x.max() > 3`. With `out`,
                what the node yields, it is checked after the node.
            after: let it pass so many times first.

        Raises:
            DebugError: `TSV-D01`, `TSV-D10` to `TSV-D12`.
        """
        made = self.breakpoints.add(target, when, after)
        self._run.listen_anew()
        return made

    def clear(self, number: int | None = None) -> None:
        """Removes a breakpoint by its number, or all."""
        self.breakpoints.remove(number)
        self._run.listen_anew()

    def change(self, number: int, when: str, *, after: int = 0) -> None:
        """Gives a breakpoint another condition, and counts it anew.

        Raises:
            DebugError: `TSV-D01`, `TSV-D13` there is none of that number.
        """
        self.breakpoints.change(number, when, after)
        self._run.listen_anew()

    def set(self, name: str, text: str) -> State:
        """Has the nodes to come take what an expression gives for a value.

        The program runs again as far as here, then on with the other value, until the value is
        computed anew. Going back past this point undoes it.

        Args:
            name: `%x.1`, or the variable `x`.

        Raises:
            DebugError: `TSV-D33` the value cannot be replaced, `TSV-D34` by this; as `goto` and
                `evaluate`.
        """
        run = self._held()
        value = find_value(run, name)
        shown, kind = f"%{self.program.graph.values[value].name}", self.program.graph.types[value]
        check_editable(run.plan.stepped.tapped, value, shown)
        given = self.evaluate(text)
        if not fits(given, kind):
            message = f"expected a value of type {kind} for {shown}, got {describe(given)}"
            raise DebugError(Diagnostic("TSV-D34", message))
        check_replay(self._places, self._past, run.position)
        here = run.position + bool(run.value)
        self._edits = (*self._edits, Edit(value, here, text, given))
        self._past.cut(here)
        self._stepped = self._tapped()
        self._launch(here, "edit")
        return self.state

    def record(
        self, *, keep: Sequence[str] = (), is_wanted: Callable[[int], bool] = always
    ) -> Record:
        """Runs the program anew from its start to its end and notes every value.

        What is held stays held. Statistics, fingerprints of all bits and a few numbers are noted of
        every value; what is edited is edited there, too.

        Args:
            keep: nodes whose tensors are kept whole, named as for a breakpoint.
            is_wanted: asked now and then with the positions passed; the run ends where it says no.

        Raises:
            DebugError: `TSV-D31` a node must not run twice.
            KeyboardInterrupt: Ctrl-C; the recording ends.
        """
        check_replay(self._places, self._past, self._past.furthest + 1)
        return self._recorded(keep, is_wanted)

    def stop_where_differs(self, other: "str | Debugger | Record") -> State:
        """Runs anew, and holds after the first value that another run has otherwise.

        It answers at once; both runs are recorded in the program's thread. Values stand for each
        other by line, op and kind, or by the node where both ran the same program.

        Args:
            other: a record, a session, or a variant made of the same model with the same inputs and
                random numbers: `eager`, `trace`, `script`, `freeze`, `optimize`, `plan`.

        Raises:
            DebugError: `TSV-D31` a node must not run twice, `TSV-D40` the program runs.
            UsageError: `TSV-D23` there is no such variant, `TSV-D24` no model to make it from.
        """
        run = self._halted()
        check_once(self._places, self._effects)
        if isinstance(other, str):
            check_variant(self.program, other)
        here = run.position if run.status is Status.PAUSED else self._past.furthest
        name = other if isinstance(other, str) else other.program.name

        def search(run: Run) -> Goal:
            def mine() -> Record:
                return self._recorded((), is_wanted)

            def is_wanted(position: int) -> bool:
                return run.is_wanted

            return find_difference(name, here, mine, lambda: self._other_record(other, is_wanted))

        self._launch(here, "step", search)
        return self.state

    def _other_record(
        self, other: "str | Debugger | Record", is_wanted: Callable[[int], bool]
    ) -> Record:
        if isinstance(other, Record):
            return other
        if isinstance(other, Debugger):
            return other._recorded((), is_wanted)
        start, (_, args, kwargs) = self._start, self._given
        inputs = Inputs(tuple(args), dict(kwargs))
        program, is_plan = variant_of(self.program, inputs, other)
        with Debugger(program, args, kwargs, memory=self._memory, plan=is_plan) as session:
            session._start = replace(session._start, random=start.random, thread=start.thread)
            record = session._recorded((), is_wanted)
        if other == "eager":
            check_eager(self.program, start, record.result)
        return record

    def _recorded(
        self, keep: Sequence[str] = (), is_wanted: Callable[[int], bool] = always
    ) -> Record:
        results = self._past.results
        return record_run(self._plan, self._places, keep, self._weights, results, is_wanted)

    # ── state ────────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> State:
        """Where the program is."""
        return read_state(self._run, self._notes)

    def _held(self) -> Run:
        """The run, if it can go on.

        Raises:
            DebugError: `TSV-D40` it runs, `TSV-D42` it is done.
        """
        run = self._halted()
        if run.status is not Status.PAUSED:
            message = f"expected a program that is held, it has {run.status}"
            help = "`back()` or `goto(position)` goes back, `restart()` begins again"
            raise DebugError(Diagnostic("TSV-D42", message, help=help))
        return run

    def close(self) -> None:
        """Ends the session; its thread goes at the next node."""
        self._finalizer()

    def __enter__(self) -> "Debugger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<tsviz.Debugger {self.program.name}: {self.state}>"


def _shut_down(box: list[Run]) -> None:
    for run in box:
        run.end()
        run.wait_gone(_SHUT_DOWN)
