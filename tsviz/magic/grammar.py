"""The grammar of `%tsdebug [options] target`.

Options stand first and take values only with `=`, so that nothing in a target can be mistaken for
one; the target is kept as it was typed and read by Python's own parser. Nothing is evaluated
here: `is_model` answers what the names that occur stand for.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import NoReturn

from tsviz.magic.targets import Target, parse_target, unknown
from tsviz.magic.typed import LINE, Typed
from tsviz.options import MAGIC, Kind, Option, find_option, iter_options, read_number

_OPTION = re.compile(r"--(?P<name>[A-Za-z][\w-]*)(?P<equals>=)?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_LATE = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<option>(?<=\s)--[A-Za-z])|(?P<comment>\#.*)"""
)


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed line.

    Attributes:
        options: option name → its value, "" for a flag.
        target: `None` where nothing stands after the options.
        text: of the target; the positions in its tree refer to it.
    """

    options: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    target: Target | None = None
    text: str = ""

    def has(self, name: str) -> bool:
        """Whether an option was given."""
        return name in self.options

    def value(self, name: str, default: str = "") -> str:
        """The value of an option."""
        return self.options.get(name, default)


def parse_line(line: str, is_model: Callable[..., bool | None] = unknown) -> Request:
    """Parses what stands after `%tsdebug`.

    Args:
        line: as typed.
        is_model: whether an expression stands for something to capture (a module, a method of
            one, a compiled function); `None` where that cannot be told without running code.

    Raises:
        UsageError: `TSV-M01` to `TSV-M16`; the diagnostic prints the corrected line.
    """
    typed = Typed(f"{LINE} {line}", len(LINE) + 1)
    options, typed, ended = parse_options(typed)
    if not ended:
        _refuse_late_options(typed)
    text = typed.rest.strip()
    return Request(options, parse_target(typed, is_model) if text else None, text)


def parse_options(typed: Typed) -> tuple[MappingProxyType[str, str], Typed, bool]:
    """Reads the leading options.

    Returns:
        The options, the text after them, and whether `--` ended them.
    """
    options: dict[str, str] = {}
    typed = _skip_spaces(typed)
    while typed.rest.startswith("-"):
        if re.match(r"--(\s|$)", typed.rest):
            return MappingProxyType(options), _skip_spaces(typed.skip(2)), True
        option, value, after = _read_option(typed)
        if option.name in options:
            at = (0, after.start - typed.start)
            raise typed.error("TSV-M05", f"`--{option.name}` is given twice", at=at)
        options[option.name] = value
        typed = _skip_spaces(after)
    return MappingProxyType(options), typed, False


def _skip_spaces(typed: Typed) -> Typed:
    return typed.skip(len(typed.rest) - len(typed.rest.lstrip()))


def _read_option(typed: Typed) -> tuple[Option, str, Typed]:
    match = _OPTION.match(typed.rest)
    option = find_option(MAGIC, match["name"]) if match else None
    if match is None or option is None:
        _refuse_unknown(typed)
    if not match["equals"]:
        if not option.is_flag and not option.bare:
            _refuse_missing_value(typed, option, match.end())
        _expect_space(typed, match.end())
        return option, option.bare, typed.skip(match.end())
    value, end = _read_value(typed, match.end())
    if option.is_flag:
        message = f"`--{option.name}` takes no value, got `{value}`"
        help = typed.correct(f"--{option.name}{typed.rest[end:]}").rstrip()
        raise typed.error("TSV-M03", message, at=(0, end), help=help)
    if not value:
        _refuse_missing_value(typed, option, match.end())
    _check_value(typed, option, value, (match.end(), end))
    return option, value, typed.skip(end)


def _check_value(typed: Typed, option: Option, value: str, at: tuple[int, int]) -> None:
    for word in option.values(value) if option.choices else ():
        if word not in option.choices:
            _refuse_choice(typed, option, value, word, at)
    if option.kind in (Kind.WHOLE, Kind.NUMBER) and read_number(option.kind, value) is None:
        message = f"expected `--{option.name}` to be {option.kind}, got `{value}`"
        raise typed.error("TSV-M09", message, at=at)
    if option.kind is Kind.PYTHON:
        try:
            ast.parse(value, mode="eval")
        except SyntaxError as error:
            message = f"expected `--{option.name}` to be {option.kind}, got: {error.msg}"
            is_cut = typed.rest[at[0]] not in "'\"" and " " in typed.rest[at[1] :].strip()
            help = "quote a value that has spaces" if is_cut else ""
            raise typed.error("TSV-M10", message, at=at, help=help) from error


def _read_value(typed: Typed, start: int) -> tuple[str, int]:
    """The value that starts at `start`, and its end; quotes keep spaces together."""
    rest = typed.rest
    if rest[start : start + 1] not in ("'", '"'):
        end = start + len(rest[start:].split(maxsplit=1)[0]) if rest[start:].strip() else start
        return ("", start) if rest[start : start + 1].isspace() else (rest[start:end], end)
    quoted = _QUOTED.match(rest, start)
    if quoted is None:
        at = (start, len(rest.rstrip()))
        raise typed.error("TSV-M08", "the quote of this value is never closed", at=at)
    _expect_space(typed, quoted.end())
    return quoted[1] or quoted[2] or "", quoted.end()


def _expect_space(typed: Typed, end: int) -> None:
    after = typed.rest[end : end + 1]
    if after and not after.isspace():
        message = f"expected a space after `{typed.rest[:end]}`, got `{after}`"
        raise typed.error("TSV-M07", message, at=(end, end + 1))


# ── refusals ────────────────────────────────────────────────────────────────────────────────────


def _refuse_unknown(typed: Typed) -> NoReturn:
    word = typed.rest.split(maxsplit=1)[0]
    name, equals, value = word.lstrip("-").partition("=")
    known = [option.name for option in iter_options(MAGIC)]
    close = [name] if name in known else get_close_matches(name, known, n=1)
    if len(name) == 1 and not close:
        close = [option for option in known if option.startswith(name)][:1]
    usages = ", ".join(option.usage for option in iter_options(MAGIC))
    help = _mend(typed, close[0], equals + value, typed.rest[len(word) :]) if close else ""
    message = f"there is no option `{word.partition('=')[0]}`"
    raise typed.error("TSV-M01", message, at=(0, len(word)), notes=[f"known: {usages}"], help=help)


def _mend(typed: Typed, name: str, value: str, rest: str) -> str:
    option = find_option(MAGIC, name)
    if option is not None and not (option.is_flag or option.bare or value):
        return f"write {option.usage}"
    return typed.correct(f"--{name}{value}{rest}")


def _refuse_missing_value(typed: Typed, option: Option, end: int) -> NoReturn:
    word, _, rest = typed.rest[end:].lstrip().partition(" ")
    if option.choices and word in option.choices:
        help = typed.correct(f"--{option.name}={word} {rest.lstrip()}").rstrip()
    else:
        help = f"write {option.usage}, without spaces"
    message = f"`--{option.name}` needs a value after `=`"
    raise typed.error("TSV-M02", message, at=(0, end), help=help)


def _refuse_choice(
    typed: Typed, option: Option, value: str, word: str, at: tuple[int, int]
) -> NoReturn:
    among = f"{'some' if option.several else 'one'} of {', '.join(option.choices)}"
    message = f"expected `--{option.name}` to be {among}, got `{word}`"
    close = get_close_matches(word, option.choices, n=1)
    mended = ",".join(close[0] if it == word else it for it in option.values(value) if close)
    help = typed.correct(f"--{option.name}={mended}{typed.rest[at[1] :]}") if close else ""
    raise typed.error("TSV-M04", message, at=at, help=help)


def _refuse_late_options(typed: Typed) -> None:
    """Refuses options after the target, with the line as it should be."""
    first = _find_late_option(typed.rest)
    if first is None:
        return
    late = typed.rest[first:].rstrip()
    target = typed.rest[:first].strip()
    word = late.split(maxsplit=1)[0]
    message = f"options come before the target, `{word}` stands after `{target}`"
    help = typed.correct(f"{_join_values(late)} {target}")
    raise typed.error("TSV-M06", message, at=(first, first + len(late)), help=help)


def _find_late_option(text: str) -> int | None:
    depth = 0
    for match in _LATE.finditer(text):
        if match["comment"]:
            return None
        depth += bool(match["open"]) - bool(match["close"])
        if match["option"] and depth <= 0:
            return match.start()
    return None


def _join_values(text: str) -> str:
    """`--via trace --trust` → `--via=trace --trust`."""
    joined: list[str] = []
    for word in text.split():
        last = find_option(MAGIC, joined[-1][2:]) if joined else None
        takes = last is not None and not last.is_flag and not last.bare
        if takes and not word.startswith("--"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return " ".join(joined)
