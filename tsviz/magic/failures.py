"""What stands below the traceback of a cell that TorchScript ended.

Imported when a kernel starts; what explains is imported after the first error.
"""

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tsviz.frontends.failures import Explanation
    from tsviz.magic.shell import Shell

    class _Result(Protocol):
        """What IPython says after a cell."""

        error_in_exec: BaseException | None


class Failures:
    """Shows, below the traceback of a cell that TorchScript ended, the user's line and the cause.

    The traceback, `%tb` and `%debug` stay as they are.

    Attributes:
        last: what is known of the last such error.
    """

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell
        self._error_before: object = None
        self.last: Explanation | None = None

    def install(self) -> None:
        """Listens to the shell."""
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def uninstall(self) -> None:
        """Undoes `install`."""
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)

    def _before(self, _: object) -> None:
        self._error_before = getattr(sys, "last_value", None)

    def _after(self, result: "_Result") -> None:
        """What `%run` ran shows its traceback itself, and the cell goes on."""
        latest = getattr(sys, "last_value", None)
        error = result.error_in_exec or (latest if latest is not self._error_before else None)
        if error is not None:
            self.last = None
        if error is None or "torch" not in sys.modules:
            return
        from tsviz.magic.tracebacks import guarded, is_torchscripts

        if is_torchscripts(error):
            guarded(self._shell, lambda: self._show(error))

    def _show(self, error: Exception) -> None:
        from tsviz.frontends.failures import explain, shallow
        from tsviz.magic.tracebacks import show_diagnostic

        found = self.last = explain(error)
        show_diagnostic(self._shell, shallow(found), found.sources)
