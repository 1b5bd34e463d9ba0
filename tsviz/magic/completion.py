"""Completion after `%tsdebug` as IPython knows it; `completing` says with what."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from IPython.core.completer import (
    CompletionContext,
    SimpleMatcherResult,
    context_matcher,  # pyright: ignore[reportUnknownVariableType]
)

if TYPE_CHECKING:
    from tsviz.magic.shell import Shell

_Matcher = Callable[..., SimpleMatcherResult]

_takes_context = cast("Callable[[_Matcher], _Matcher]", context_matcher())


class Completion:
    """Completes in one shell."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell
        self._completer = shell.Completer

    def install(self) -> None:
        """Takes part in the shell's completion."""
        self._completer.custom_matchers.append(self.match)

    def uninstall(self) -> None:
        """Undoes `install`."""
        self._completer.custom_matchers.remove(self.match)

    @_takes_context
    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """What can follow the cursor; nothing where the text has no such magic."""
        if "%tsdebug" not in context.full_text:
            return {"completions": []}
        from tsviz.magic.completing import complete

        return complete(self._shell, context)
