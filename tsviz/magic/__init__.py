"""`%tsdebug` in IPython and Jupyter.

A kernel starts with this. What listens is imported here, and what answers when it is first asked.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tsviz.magic.cells import Cells
from tsviz.magic.completion import Completion
from tsviz.magic.failures import Failures
from tsviz.magic.magics import TsvizMagics

if TYPE_CHECKING:
    from tsviz.magic.shell import Shell

__all__ = ["REQUESTS", "answer", "inspect_name", "load", "name_timed_body", "unload"]

REQUESTS = "tsdebug/"
"""What the commands of requests begin with that `answer` answers."""

_loaded: "WeakKeyDictionary[Shell, tuple[Cells, Completion, Failures]]" = WeakKeyDictionary()


def load(shell: "Shell") -> None:
    """Registers the magic, its completion and the cells; imports no torch."""
    if shell in _loaded:
        return
    parts = _loaded[shell] = (Cells(shell), Completion(shell), Failures(shell))
    for part in parts:
        part.install()
    shell.register_magics(TsvizMagics(shell, parts[0]))


def answer(shell: "Shell", message: Mapping[str, Any]) -> dict[str, Any]:
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
    from tsviz.magic.requests import Context, answer_request

    cells, _, failures = _loaded[shell]
    return answer_request(Context(shell, cells, failures), message)


def inspect_name(shell: "Shell", code: str, cursor: int) -> str | None:
    """What the op, the `%value` or the scope at the cursor is; `None` where it is none of them."""
    if "%tsdebug" not in code:
        return None
    from tsviz.magic import naming

    return naming.inspect_name(shell, code, cursor)


def name_timed_body(shell: "Shell") -> tuple[str, int] | None:
    """As `Cells.name_timed_body`; `None` where the extension was unloaded."""
    return _loaded[shell][0].name_timed_body() if shell in _loaded else None


def unload(shell: "Shell") -> None:
    """Leaves the shell as it was before `load`."""
    for part in _loaded.pop(shell, ()):
        part.uninstall()
    manager = shell.magics_manager
    manager.registry.pop(TsvizMagics.__name__, None)
    for kind in ("line", "cell"):
        manager.magics[kind].pop("tsdebug", None)
