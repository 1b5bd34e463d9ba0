"""The parts of IPython's shell that tsviz uses, with types.

IPython annotates only some of its attributes; naming ours here keeps the rest of this room
strictly typed and shows at a glance what it depends on.
"""

from ast import AST
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, Protocol


class CodeNames(Protocol):
    """`shell.compile`: made-up file names of cells, and their texts in Python's line cache."""

    def __call__(self, source: AST, filename: str, symbol: str) -> CodeType:
        """Compiles, with the `__future__` imports of earlier cells."""
        ...

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        """Registers a text and returns its file name."""
        ...

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The file name a text will get."""
        ...

    def format_code_name(self, name: str) -> tuple[str, str] | None:
        """(`Cell`, `In[4]`) for a registered name."""
        ...


class Events(Protocol):
    """`shell.events`."""

    def register(self, event: str, function: Callable[[Any], None]) -> None:
        """Calls `function` at each event."""
        ...

    def unregister(self, event: str, function: Callable[[Any], None]) -> None:
        """No longer calls it."""
        ...


class Completer(Protocol):
    """`shell.Completer`."""

    custom_matchers: list[Callable[[Any], Any]]


class Tracebacks(Protocol):
    """`shell.InteractiveTB`."""

    def structured_traceback(
        self,
        etype: type[BaseException],
        evalue: BaseException,
        etb: TracebackType | None,
        tb_offset: int,
    ) -> list[str]:
        """The lines of a traceback in the shell's style."""
        ...


class MagicsManager(Protocol):
    """`shell.magics_manager`."""

    registry: dict[str, object]
    magics: dict[str, dict[str, object]]


class Shell(Protocol):
    """An `InteractiveShell`."""

    user_ns: dict[str, Any]
    user_global_ns: dict[str, Any]
    execution_count: int
    colors: str
    compile: CodeNames
    events: Events
    Completer: Completer
    InteractiveTB: Tracebacks
    magics_manager: MagicsManager

    def transform_cell(self, raw_cell: str) -> str:
        """A cell's text as Python: magics become calls."""
        ...

    def register_magics(self, *magics: object) -> None:
        """Adds magics."""
        ...
