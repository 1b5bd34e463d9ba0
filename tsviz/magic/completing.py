"""Completion after `%tsdebug`: options, their values, models and model files.

Imported when such a line is first completed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
)

from tsviz.magic.evaluation import Namespace, is_model
from tsviz.magic.naming import iter_names
from tsviz.magic.shell import Shell
from tsviz.options import MAGIC, find_option, iter_options
from tsviz.reading_ahead import MODEL_SUFFIXES

_OPTIONS_SO_FAR = re.compile(r"(?:\s+--[\w-]+(?:=(?:'[^']*'|\"[^\"]*\"|\S*))?)*\s+")
_LINE = re.compile(r"(?:^|\n)[^\n]*?(?P<magic>%%?tsdebug)(?P<typed>[ \t][^\n]*)$")
_OTHER_FILES = {"IPCompleter.file_matcher"}


def complete(shell: Shell, context: CompletionContext) -> SimpleMatcherResult:
    """What can follow the cursor; takes over completely where it knows better."""
    line = _LINE.search(context.full_text[: _offset(context)])
    if line is None:
        return {"completions": []}
    typed = line["typed"]
    word = typed.rsplit(maxsplit=1)[-1] if not typed[-1].isspace() else ""
    before = typed[: len(typed) - len(word)]
    in_options = _OPTIONS_SO_FAR.fullmatch(before) is not None
    if in_options and word.startswith("-"):
        return _result(_complete_option(word, before), word, suppress=True)
    named = [SimpleCompletion(name, type=kind) for name, kind in iter_names(shell, word)]
    if named:
        return _result(iter(named), word, suppress="::" in word or word[0] == "%")
    if not in_options or line["magic"] == "%%tsdebug":
        return {"completions": []}
    return _result(_complete_target(shell, word), word, suppress=_OTHER_FILES)


def _complete_target(shell: Shell, word: str) -> Iterator[SimpleCompletion]:
    for name, value in Namespace(shell).names.items():
        if name.startswith(word) and not name.startswith("_") and is_model(value):
            yield SimpleCompletion(name, type="model")
    yield from _complete_files(word, MODEL_SUFFIXES)


def _offset(context: CompletionContext) -> int:
    """The cursor's offset in the whole text."""
    lines = context.full_text.split("\n")
    return sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position


def _complete_option(word: str, before: str) -> Iterator[SimpleCompletion]:
    """Options and their values; those of `--compare` are not offered before it stands there."""
    name, equals, value = word.removeprefix("--").partition("=")
    if not equals:
        given = {"", *(typed.removeprefix("--") for typed in before.split())}
        for option in iter_options(MAGIC):
            written = f"--{option.name}" + ("" if option.is_flag or option.bare else "=")
            if written.startswith(word) and option.needs in given:
                yield SimpleCompletion(written, type="option")
        return
    option = find_option(MAGIC, name)
    if option is None:
        return
    *done, last = value.split(",") if option.several else [value]
    first = "".join(f"{word}," for word in done)
    for choice in option.choices:
        if choice.startswith(last) and choice not in done:
            yield SimpleCompletion(f"--{name}={first}{choice}", type="value")
    if option.file_suffix:
        for file in _complete_files(value, (option.file_suffix,)):
            yield SimpleCompletion(f"--{name}={file.text}", type="path")


def _complete_files(word: str, suffixes: tuple[str, ...]) -> Iterator[SimpleCompletion]:
    """Folders, and files of a kind, whose path begins with `word`."""
    folder, slash, start = word.rpartition("/")
    try:
        entries = sorted(Path(folder + slash or ".").expanduser().iterdir())
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start):
            continue
        if entry.is_dir() and slash:
            yield SimpleCompletion(f"{folder}{slash}{entry.name}/", type="path")
        elif entry.suffix in suffixes:
            yield SimpleCompletion(f"{folder}{slash}{entry.name}", type="path")


def _result(
    completions: Iterator[SimpleCompletion], word: str, *, suppress: bool | set[str]
) -> SimpleMatcherResult:
    return {
        "completions": list(completions),
        "matched_fragment": word,
        "ordered": True,
        "suppress": suppress,
    }
