"""Printed code in a form that is the same wherever the code is.

How TorchScript prints a function depends on more than the function. Local names are numbered anew
in every file, and whether a value gets a line of its own goes by the length of that line, so by the
numbers in mangled names. Here every value that is used once stands where it is used, and names are
numbered by function. The form is for comparing, not for reading; the order of lines that do not
depend on one another is lost in it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_STRING = r'"(?:[^"\\]|\\.)*"'
_CONSTANT = re.compile(r"\bCONSTANTS\.c(\d+)\b")
_TENSOR = re.compile(r"constants\.(\d+)")
_NUMBERED = re.compile(rf"{_STRING}|(?<![\w.])([A-Za-z_]\w*?)(\d+)\b")
_USE = re.compile(rf"{_STRING}|(?<![\w.])([A-Za-z_]\w*)")
_ASSIGNMENT = re.compile(r" +([A-Za-z_]\w*) = (.+)")
_FUNCTION = re.compile(r"__torch__[\w.]*")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Printing:
    """How printed code reads with the names of another archive.

    Attributes:
        classes: pattern of the names of classes, `None` where none was renamed.
        names: class → its name there.
        constants: number of a constant → its number there; `None` where all are the same. One that
            is not there is called new, as its number may be that of another.
    """

    classes: re.Pattern[str] | None
    names: Mapping[str, str]
    constants: Mapping[str, str] | None

    @classmethod
    def make(cls, renamed: Mapping[str, str], constants: Mapping[str, str]) -> "Printing":
        """Of what is named alike.

        Args:
            renamed: class → its name there.
            constants: `constants.3` → its name there.
        """
        names = {f"__torch__.{now}": f"__torch__.{was}" for now, was in renamed.items()}
        some = "|".join(map(re.escape, names))
        pattern = re.compile(rf"\b(?:{some})\b") if names else None
        numbers = [
            (_TENSOR.fullmatch(now), _TENSOR.fullmatch(was)) for now, was in constants.items()
        ]
        return cls(pattern, names, {now[1]: was[1] for now, was in numbers if now and was})

    def translated(self, text: str) -> str:
        """The text with the names of the other archive."""
        if self.classes is not None:
            text = self.classes.sub(lambda found: self.names[found[0]], text)
        known = self.constants
        if known is None:
            return text

        def renumbered(found: re.Match[str]) -> str:
            number = known.get(found[1])
            return f"CONSTANTS.new{found[1]}" if number is None else f"CONSTANTS.c{number}"

        return _CONSTANT.sub(renumbered, text)


def canonical(text: str) -> str:
    """One function in the form that is for comparing."""
    return _numbered("\n".join(_inlined(text.split("\n"))))


def _inlined(lines: list[str]) -> Iterator[str]:
    matches = [_ASSIGNMENT.fullmatch(line) for line in lines]
    made = Counter(found[1] for found in matches if found)
    named = Counter(found[1] for line in lines for found in _USE.finditer(line) if found[1])
    values: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], found[0]) if found[1] else found[0]

    for line, assignment in zip(lines, matches, strict=True):
        if assignment is None:
            yield _USE.sub(value, line)
            continue
        name, text = assignment[1], _USE.sub(value, assignment[2])
        is_once = named[name] == 2 or _FUNCTION.fullmatch(text) is not None
        if made[name] == 1 and is_once and len(text) <= _LONGEST:
            values[name] = text
        else:
            yield f"{line[: assignment.start(2)]}{text}"


def _numbered(text: str) -> str:
    numbers: dict[str, dict[str, int]] = {}

    def numbered(found: re.Match[str]) -> str:
        if found[1] is None:  # a string
            return found[0]
        known = numbers.setdefault(found[1], {})
        return f"{found[1]}{known.setdefault(found[2], len(known))}"

    return _NUMBERED.sub(numbered, text)
