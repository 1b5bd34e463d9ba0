"""marimo shows explorers, too, and differs from Jupyter in when they end.

marimo runs a cell anew whenever something changes that it depends on. It then closes the comms of
widgets that the cell has made, and tells the widgets nothing; what they hold (a stepped program,
what was profiled) would stay until the kernel ends.
"""

import sys
from collections.abc import Callable


def call_when_cell_ends(action: Callable[[], None]) -> None:
    """Has marimo call `action` when the running cell is run anew or removed.

    Elsewhere this does nothing. marimo has no public name for that; where the private ones are
    gone, explorers end with the kernel.
    """
    if "marimo" not in sys.modules:
        return
    try:
        from marimo._runtime.cell_lifecycle_item import CellLifecycleItem
        from marimo._runtime.context import ContextNotInitializedError, get_context
    except ImportError:
        return

    class Ending(CellLifecycleItem):
        def create(self, context: object) -> None:
            """Nothing is to be made."""

        def dispose(self, context: object, deletion: bool) -> bool:
            """Called by marimo; says that this is done."""
            action()
            return True

    try:
        get_context().cell_lifecycle_registry.add(Ending())
    except ContextNotInitializedError:  # marimo is there, but does not run this
        return
