"""What TARGET, `--args` and `--kwargs` stand for.

A target is a file, or an object in a module of the user's: `package.module:attr`, with `.method`
behind it, or with `()` to call a factory or a class without arguments.
"""

import ast
import linecache
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tsviz.commands import users_own
from tsviz.errors import Diagnostic, UsageError
from tsviz.location import FileRange, Origin, SourceFile

_OBJECT = re.compile(
    r"(?P<module>[^\W\d]\w*(?:\.\w+)*):(?P<path>[^\W\d]\w*(?:\.\w+)*)(?P<call>\(\))?"
)
_IMPORT_MACHINERY = (__file__, str(Path(os.path.realpath(import_module.__code__.co_filename))))


@dataclass(frozen=True, slots=True)
class Target:
    """A path or an object.

    Attributes:
        names: what `--args` and `--kwargs` can name beside `torch`: the names of its module.
    """

    value: object
    names: Mapping[str, object] = field(default_factory=dict[str, object])


def find_target(text: str) -> Target:
    """The file or object that TARGET stands for.

    Raises:
        UsageError: `TSV-L02` to `TSV-L05`.
        TargetFailed: the user's module or factory raised.
    """
    match = _OBJECT.fullmatch(text)
    if Path(text).expanduser().exists() or (match is None and not _looks_like_object(text)):
        return Target(Path(text).expanduser())
    if match is None:
        message = f"expected a file, or module:attr[.method] or module:factory(), got `{text}`"
        raise UsageError(Diagnostic("TSV-L02", message))
    module = _import(match["module"])
    names, value = vars(module), _find_attribute(module, match["path"])
    if match["call"]:
        with users_own(_IMPORT_MACHINERY):
            return Target(value(), names)  # type: ignore[operator]
    if isinstance(value, type):
        message = f"expected a model, got the class `{match['path']}`"
        raise UsageError(Diagnostic("TSV-L05", message, help=f"tsviz '{text}()' makes one"))
    return Target(value, names)


def _looks_like_object(text: str) -> bool:
    return bool(re.match(r"[\w.]{2,}:[^\\/]", text))


def _import(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    with users_own(_IMPORT_MACHINERY):
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if not f"{name}.".startswith(f"{error.name}."):
                raise
            missing = error.name
    message = f"expected a module that can be imported from {Path.cwd()}, got `{missing}`"
    raise UsageError(Diagnostic("TSV-L03", message))


def _find_attribute(module: ModuleType, path: str) -> object:
    value: object = module
    owner = module.__name__
    for name in path.split("."):
        if not hasattr(value, name):
            close = get_close_matches(name, dir(value), n=1)
            help = f"did you mean `{close[0]}`?" if close else ""
            raise UsageError(Diagnostic("TSV-L04", f"`{owner}` has no `{name}`", help=help))
        value, owner = getattr(value, name), name
    return value


# ── example inputs ──────────────────────────────────────────────────────────────────────────────


def read_arguments(
    args: str | None, kwargs: str | None, names: Mapping[str, object]
) -> tuple[tuple[object, ...] | None, dict[str, object]]:
    """Evaluates `--args` and `--kwargs`, each written as between the parentheses of a call.

    Returns:
        Positional arguments and those by name; `None` for the positional ones where neither option
        was given.

    Raises:
        UsageError: `TSV-L06` one is no list of arguments.
        TargetFailed: evaluating one raised.
    """
    if args is None and kwargs is None:
        return None, {}
    positional, by_name = _evaluate("--args", args or "", names)
    more_positional, more = _evaluate("--kwargs", kwargs or "", names)
    with users_own(_IMPORT_MACHINERY):
        return positional, {**by_name, **dict(*more_positional, **more)}


def read_value(option: str, text: str, names: Mapping[str, object]) -> object:
    """The value of one expression.

    Raises:
        UsageError: `TSV-L06` it is none, `TSV-L07` it is more or less than one.
        TargetFailed: evaluating it raised.
    """
    values, by_name = _evaluate(option, text, names)
    if len(values) != 1 or by_name:
        message = f"expected `{option}` to be one expression, got `{text}`"
        raise UsageError(Diagnostic("TSV-L07", message))
    return values[0]


def _evaluate(
    option: str, text: str, names: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    if not text.strip():
        return (), {}
    import torch

    try:
        tree = ast.parse(f"__arguments__(\n{text}\n)", option, "eval")
    except SyntaxError as error:
        raise _bad_arguments(option, text, error.msg, error.offset or 1) from error
    if not (isinstance(tree.body, ast.Call) and isinstance(tree.body.func, ast.Name)):
        raise _bad_arguments(option, text, "unmatched ')'", 1)
    ast.increment_lineno(tree, -1)  # the text's own lines begin at 1
    linecache.cache[option] = (len(text), None, [f"{line}\n" for line in text.split("\n")], option)
    public = {name: value for name, value in names.items() if not name.startswith("__")}
    namespace = {**public, "torch": torch, "__arguments__": _collect}
    with users_own(_IMPORT_MACHINERY):
        return eval(compile(tree, option, "eval"), namespace)  # noqa: S307 (what the user typed)


def _collect(*args: object, **kwargs: object) -> tuple[tuple[object, ...], dict[str, object]]:
    return args, kwargs


def _bad_arguments(option: str, text: str, reason: str, column: int) -> UsageError:
    col = min(max(column - 1, 0), len(text))
    place = FileRange(option, 1, col, 1, col + 1)
    message = f"expected `{option}` to be written as in a call, got: {reason}"
    source = SourceFile(option, text, Origin.MISSING)
    return UsageError(Diagnostic("TSV-L06", message, place), (source,))
