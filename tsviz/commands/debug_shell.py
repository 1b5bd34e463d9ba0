"""The terminal debugger: its verbs are those of `tsviz.Debugger`, its loop Python's `cmd`."""

import cmd
import inspect
import re
import shlex
import sys
from collections.abc import Callable
from typing import TextIO

import torch
from rich.console import Console, RenderableType
from rich.text import Text

from tsviz.debug_page import (
    breakpoints_page,
    detail_page,
    drift_page,
    frames_page,
    graph_page,
    help_page,
    pins_page,
    source_page,
    state_page,
    values_page,
)
from tsviz.debugger import Debugger, Record, State
from tsviz.debugger.expressions import failed
from tsviz.debugger.places import base_name
from tsviz.errors import Diagnostic, TsvizError, UsageError
from tsviz.terminal import diagnostic_text, printable

_PROMPT = "(tsviz) "
_AFTER = re.compile(r"(?P<target>.*\S)\s+after\s+(?P<times>\d+)$")
_SHORT = {
    "s": "step", "n": "over", "u": "out", "r": "back", "c": "continue", "b": "break", "p": "print",
    "v": "values", "w": "where", "l": "list", "q": "quit", "h": "help",
}  # fmt: skip


class Shell(cmd.Cmd):
    """Reads verbs until the end.

    Args:
        commands: where they come from; what is no terminal is read as it is, and each verb shown.
    """

    def __init__(self, session: Debugger, console: Console, commands: TextIO) -> None:
        super().__init__(stdin=commands, stdout=sys.stdout)
        self._session = session
        self._records: dict[str, Record] = {}
        self._console = console
        self._is_typed = commands.isatty()
        self.use_rawinput = self._is_typed
        self.prompt = _PROMPT if self._is_typed else ""

    # ── the loop ─────────────────────────────────────────────────────────────────────────────

    def preloop(self) -> None:
        """Shows where the program is held first."""
        self._show(self._session.wait())

    def precmd(self, line: str) -> str:
        """Shows verbs that nobody typed, so that what is written reads like a session."""
        if not self._is_typed and line != "EOF":
            self._console.print(f"{_PROMPT}{line}", markup=False, highlight=False)
        return line

    def onecmd(self, line: str) -> bool:
        """Runs one verb; what goes wrong is said, and the session goes on."""
        verb, _, rest = line.strip().partition(" ")
        line = f"{_SHORT.get(verb, verb)} {rest}".strip()
        try:
            return bool(super().onecmd(line))
        except TsvizError as error:
            self._say(diagnostic_text(error.diagnostic, error.sources))
        except KeyboardInterrupt:
            self._session.pause()
            self._show(self._session.wait())
        return False

    def default(self, line: str) -> None:
        """A verb that there is not."""
        message = f"expected a verb, got `{line.split(maxsplit=1)[0]}`"
        raise UsageError(Diagnostic("TSV-D50", message, help="`help` lists them"))

    def emptyline(self) -> bool:
        """Nothing typed: the last verb again."""
        return self.onecmd(self.lastcmd) if self.lastcmd and self._is_typed else False

    def get_names(self) -> list[str]:
        """The verbs that `help` lists."""
        return [name for name in super().get_names() if name != "do_EOF"]

    def _say(self, what: RenderableType) -> None:
        self._console.print(what, highlight=False, soft_wrap=True)

    def _show(self, state: State) -> None:
        self._say(state_page(self._session, state))

    def _go(self, act: Callable[[], object]) -> None:
        act()
        self._show(self._session.wait())

    # ── verbs ────────────────────────────────────────────────────────────────────────────────

    def do_step(self, rest: str) -> None:
        """To the next node (line, module), into what is called: `step [node|line|module]`."""
        self._go(lambda: self._session.step(rest or "node"))

    def do_over(self, rest: str) -> None:
        """To the next one past what is called or held inside: `over [node|line|module]`."""
        self._go(lambda: self._session.over(rest or "node"))

    def do_out(self, rest: str) -> None:
        """Until after the block (function, module) around: `out [node|line|module]`."""
        self._go(lambda: self._session.out(rest or "node"))

    def do_back(self, rest: str) -> None:
        """To the node (line, module) before: `back [node|line|module]`."""
        self._go(lambda: self._session.back(rest or "node"))

    def do_continue(self, rest: str) -> None:
        """To the next breakpoint; with nan, to the first value not finite: `continue [nan]`."""
        if rest not in ("", "nan"):
            raise _usage("continue [nan]", rest)
        self._go(lambda: self._session.continue_(finite=rest == "nan"))

    def do_until(self, rest: str) -> None:
        """To a line, op, value, node or module: `until TARGET`."""
        self._go(lambda: self._session.run_to(rest))

    def do_goto(self, rest: str) -> None:
        """To a position that was reached before: `goto POSITION`."""
        self._go(lambda: self._session.goto(_number("goto POSITION", rest)))

    def do_differs(self, rest: str) -> None:
        """To the first value that another variant has otherwise: `differs VARIANT`.

        A variant is eager, trace, script, freeze, optimize or plan.
        """
        self._go(lambda: self._session.stop_where_differs(rest))

    def do_restart(self, _: str) -> None:
        """Begins again, with the model and inputs as they are now: `restart`."""
        self._go(self._session.restart)

    def do_break(self, rest: str) -> None:
        """Holds at a target; alone, lists all: `break [TARGET [if CONDITION] [after TIMES]]`.

        A target is a line (model.py:12), an op (aten::relu, relu, *_), a value (%y.1: the node that
        yields it), a module (layer1.0) or * for every node. A condition is any expression on the
        values (x.max() > 3); with `out`, what the node yields (isnan(out)). It lets the program
        pass so many TIMES first.
        """
        if rest:
            skipping = _AFTER.match(rest)
            rest, after = (skipping["target"], int(skipping["times"])) if skipping else (rest, 0)
            target, _, condition = rest.partition(" if ")
            made = self._session.break_at(target, condition, after=after)
            self._say(Text(printable(f"breakpoint {made}")))
        else:
            self._say(breakpoints_page(iter(self._session.breakpoints)))

    def do_clear(self, rest: str) -> None:
        """Removes a breakpoint, or all: `clear [NUMBER]`."""
        self._session.clear(_number("clear [NUMBER]", rest) if rest else None)

    def do_watch(self, rest: str) -> None:
        """Shows it wherever the program is held: `watch EXPRESSION`."""
        self._session.watch(rest)
        self._say(Text(printable(f"  {rest} = {self._session.watches()[rest]}")))

    def do_unwatch(self, rest: str) -> None:
        """Shows it no more: `unwatch EXPRESSION`."""
        self._session.unwatch(rest)

    def do_print(self, rest: str) -> None:
        """Shows what an expression of Python's gives, a slice for example: `print EXPRESSION`."""
        found = self._evaluated(rest)
        self._say(detail_page(self._session.detail(rest)))
        if isinstance(found, torch.Tensor) and found.numel() > 1:
            self._say(Text(printable(str(found))))

    def _evaluated(self, text: str) -> object:
        try:
            return self._session.evaluate(text)
        except TsvizError:
            raise
        except Exception as error:
            raise failed(text, error) from error

    def do_values(self, _: str) -> None:
        """All in sight here: `values`."""
        self._say(values_page(self._session.values()))

    def do_attributes(self, _: str) -> None:
        """Attributes of modules that the program reads or writes, as they are now: `attributes`."""
        names = self._session.attributes
        self._say(values_page(tuple(self._session.attribute(name) for name in names)))

    def do_set(self, rest: str) -> None:
        """Has the nodes to come take another value: `set NAME = EXPRESSION`."""
        name, equals, text = rest.partition("=")
        if not equals or not name.strip() or not text.strip():
            raise _usage("set NAME = EXPRESSION", rest)
        self._evaluated(text.strip())
        self._go(lambda: self._session.set(name.strip(), text.strip()))

    def do_pin(self, rest: str) -> None:
        """Keeps what it gives here, for `compare`; alone, lists all: `pin [NAME = EXPRESSION]`."""
        if not rest:
            self._say(pins_page(self._session.pins))
            return
        name, equals, text = rest.partition("=")
        if not equals or not name.strip() or not text.strip():
            raise _usage("pin NAME = EXPRESSION", rest)
        self._evaluated(text.strip())
        self._session.pin(text.strip(), name.strip())

    def do_unpin(self, rest: str) -> None:
        """Forgets what was kept: `unpin NAME`."""
        self._session.unpin(rest)

    def do_record(self, rest: str) -> None:
        """Runs it anew from its start and notes every value, with edits: `record [NAME]`."""
        name = rest or str(len(self._records) + 1)
        made = self._records[name] = self._session.record()
        self._say(Text(printable(f"record {name}: {len(made):,} values")))

    def do_drift(self, rest: str) -> None:
        """Where two records part, and how far they drift apart along the program: `drift A B`."""
        names = _words("drift A B", rest)
        for name in names:
            if name not in self._records:
                known = ", ".join(self._records) or "none"
                message = f"expected the name of a record ({known}), got `{name}`"
                raise UsageError(Diagnostic("TSV-D53", message, help="`record NAME` makes one"))
        one, other = (self._records[name] for name in names)
        self._say(drift_page(one.compare(other)))

    def do_compare(self, rest: str) -> None:
        """How far two pins or expressions are apart (quote those with spaces): `compare A B`."""
        one, other = _words("compare A B", rest)
        for side in (one, other):
            if side not in {pin.name for pin in self._session.pins}:
                self._evaluated(side)
        self._say(Text(printable(str(self._session.compare(one, other)))))

    def do_list(self, rest: str) -> None:
        """More of the source around, or of the IR: `list [ir]`."""
        if rest not in ("", "ir"):
            raise _usage("list [ir]", rest)
        page = graph_page if rest else source_page
        self._say(page(self._session, self._session.state))

    def do_where(self, _: str) -> None:
        """The calls that lead here: `where`."""
        self._say(frames_page(self._session.state))

    def do_help(self, arg: str) -> None:
        """Lists the verbs, or says more of one: `help [VERB]`."""
        verbs = {name[3:]: getattr(self, name) for name in self.get_names() if name[:3] == "do_"}
        verb = _SHORT.get(arg, arg)
        if not arg:
            shorts = {long: short for short, long in _SHORT.items()}
            told = {name: (shorts.get(name, ""), _doc(act)) for name, act in verbs.items()}
            self._say(help_page(told))
        elif verb in verbs:
            self._say(Text(_doc(verbs[verb])))
        else:
            self.default(arg)

    def completedefault(self, *ignored: str) -> list[str]:
        """Names of variables in sight, while one is typed."""
        text = ignored[0]
        if not self._session.state.is_held:
            return []
        names = {base_name(name.removeprefix("%")) for name in self._session.names()}
        return sorted(name for name in names if name and name.startswith(text))

    def do_quit(self, _: str) -> bool:
        """Ends the session: `quit`."""
        return True

    def do_EOF(self, _: str) -> bool:  # noqa: N802 (what `cmd` calls it)
        """Quits at the end of the input."""
        return True


def _usage(expected: str, got: str) -> UsageError:
    return UsageError(Diagnostic("TSV-D52", f"expected `{expected}`, got `{got}`"))


def _doc(act: Callable[..., object]) -> str:
    return inspect.cleandoc(act.__doc__ or "")


def _words(expected: str, text: str) -> tuple[str, str]:
    """Two words, quoted as in a shell."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _usage(expected, text) from error
    if len(words) != 2:
        raise _usage(expected, text)
    return words[0], words[1]


def _number(expected: str, text: str) -> int:
    if not text.isdigit():
        raise _usage(expected, text)
    return int(text)
