"""`%tsdebug` in IPython and Jupyter."""

from weakref import WeakKeyDictionary

from tsviz.magic.cells import Cells
from tsviz.magic.completion import Completion
from tsviz.magic.magics import TsvizMagics
from tsviz.magic.shell import Shell
from tsviz.magic.tracebacks import Failures

__all__ = ["load", "unload"]

_loaded: WeakKeyDictionary[Shell, tuple[Cells, Completion, Failures]] = WeakKeyDictionary()


def load(shell: Shell) -> None:
    """Registers the magic, its completion and the cells; imports no torch."""
    if shell in _loaded:
        return
    parts = _loaded[shell] = (Cells(shell), Completion(shell), Failures(shell))
    for part in parts:
        part.install()
    shell.register_magics(TsvizMagics(shell, parts[0]))


def unload(shell: Shell) -> None:
    """Leaves the shell as it was before `load`."""
    for part in _loaded.pop(shell, ()):
        part.uninstall()
    manager = shell.magics_manager
    manager.registry.pop(TsvizMagics.__name__, None)
    for kind in ("line", "cell"):
        manager.magics[kind].pop("tsdebug", None)
