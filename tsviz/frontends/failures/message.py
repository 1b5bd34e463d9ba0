"""One message of PyTorch's, and what it means in plain words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

Words = str | Callable[[Mapping[str, str]], str]
"""A template with the named groups of the pattern in braces, or what makes the words of them."""


@dataclass(frozen=True, slots=True)
class Message:
    """An entry of the table; `docs/dev/messages.md` lists them with a program for each.

    Attributes:
        name: stable, for people.
        pattern: what to find in PyTorch's words; named groups go into `cause` and `help`.
        cause: what happened, lower case, no full stop.
        help: the one thing that can be done now, or "".
        runs_again: whether the run may be repeated to learn more.
    """

    name: str
    pattern: str
    cause: Words
    help: Words = ""
    runs_again: bool = True

    def read(self, words: str) -> "Meaning | None":
        """What `words` mean, if this is the message."""
        match = _compiled(self.pattern).search(words)
        if match is None:
            return None
        groups = {name: value or "" for name, value in match.groupdict().items()}
        return Meaning(
            self.name, _filled(self.cause, groups), _filled(self.help, groups), self.runs_again
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message says this time."""

    name: str
    cause: str
    help: str = ""
    runs_again: bool = True


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _filled(words: Words, groups: Mapping[str, str]) -> str:
    return words.format_map(groups) if isinstance(words, str) else words(groups)


def first_meaning(table: tuple[Message, ...], words: str) -> Meaning | None:
    """What the first entry that fits makes of `words`."""
    return next((found for entry in table if (found := entry.read(words)) is not None), None)
