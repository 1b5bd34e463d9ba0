"""`%tsdebug` in IPython and Jupyter."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from tsviz.magic.cells import Cells
from tsviz.magic.completion import Completion
from tsviz.magic.magics import TsvizMagics
from tsviz.magic.naming import inspect_name
from tsviz.magic.requests import REQUESTS, Context, answer_request
from tsviz.magic.shell import Shell
from tsviz.magic.tracebacks import Failures

__all__ = ["REQUESTS", "answer", "inspect_name", "load", "name_timed_body", "unload"]

_loaded: WeakKeyDictionary[Shell, tuple[Cells, Completion, Failures]] = WeakKeyDictionary()


def load(shell: Shell) -> None:
    """Registers the magic, its completion and the cells; imports no torch."""
    if shell in _loaded:
        return
    parts = _loaded[shell] = (Cells(shell), Completion(shell), Failures(shell))
    for part in parts:
        part.install()
    shell.register_magics(TsvizMagics(shell, parts[0]))


def answer(shell: Shell, message: Mapping[str, Any]) -> dict[str, Any]:
    """The reply to a `tsdebug/*` request."""
    if shell not in _loaded:
        words = "tsviz was unloaded: %load_ext tsviz"
        return {
            "type": "response",
            "request_seq": message.get("seq", 0),
            "command": message.get("command", ""),
            "success": False,
            "message": words,
        }
    cells, _, failures = _loaded[shell]
    return answer_request(Context(shell, cells, failures), message)


def name_timed_body(shell: Shell) -> tuple[str, int] | None:
    """As `Cells.name_timed_body`; `None` where the extension was unloaded."""
    return _loaded[shell][0].name_timed_body() if shell in _loaded else None


def unload(shell: Shell) -> None:
    """Leaves the shell as it was before `load`."""
    for part in _loaded.pop(shell, ()):
        part.uninstall()
    manager = shell.magics_manager
    manager.registry.pop(TsvizMagics.__name__, None)
    for kind in ("line", "cell"):
        manager.magics[kind].pop("tsdebug", None)
