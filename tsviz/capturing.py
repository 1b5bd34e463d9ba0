"""From what the user named (an object or a file, an entry point, a variant) to a `Program`.

The magic and the command ask for the same things in different words; here they become one call of
`tsviz.capture` or `tsviz.open`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import tsviz
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program


@dataclass(frozen=True, slots=True)
class Wish:
    """How something is to be captured: the options of that name.

    Attributes:
        method: entry point, "" for the usual one.
    """

    via: str = "auto"
    method: str = ""
    trust: bool = False
    passes: bool = False


def get_program(
    target: object,
    wish: Wish,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
) -> Program:
    """Captures a live object, or opens a path.

    Args:
        args: of the call that was written, () where it has none; `None` where no call was written.

    Raises:
        UsageError: `TSV-U20` to `TSV-U22` the wish does not fit the target.
        TsvizError: as `tsviz.capture` and `tsviz.open`.
    """
    if isinstance(target, Program):
        return _as_captured(target, wish)
    if isinstance(target, (str, Path)):
        return _open(Path(target).expanduser(), wish, args, kwargs)
    return _capture(_entry_point(target, wish.method), wish.via, args, kwargs)


def _as_captured(program: Program, wish: Wish) -> Program:
    if wish.via not in ("auto", program.variant) or wish.method not in ("", program.method):
        message = f"expected a model to capture anew, got a program captured as `{program.variant}`"
        raise UsageError(
            Diagnostic("TSV-U20", message, help="leave --via and --method out, or name the model")
        )
    return program


def _open(
    path: Path, wish: Wish, args: Sequence[object] | None, kwargs: Mapping[str, object] | None
) -> Program:
    is_plain = wish.via == "auto" and args is None and not (kwargs or wish.method)
    has_passes = wish.passes and path.suffix != ".tsviz"  # that file says itself why it cannot
    if is_plain and (wish.trust or not has_passes):
        return tsviz.open(path, trust=wish.trust)
    if not wish.trust:
        message = "another variant or method, or example inputs, need the file loaded and run here"
        if is_plain:
            message = "passes are recorded of a file that was loaded here"
        help = "add --trust if you trust whoever made the file"
        raise UsageError(Diagnostic("TSV-U21", message, help=help))
    opened = tsviz.open(path, trust=True)
    entry_point = _entry_point(opened.get_native(), wish.method)
    captured = _capture(entry_point, wish.via, args, kwargs)
    # The file still says where its code came from.
    sources = {**captured.sources, **opened.sources}
    return replace(captured, came=opened.came, title=opened.title, sources=sources)


def _capture(
    entry_point: object,
    via: str,
    args: Sequence[object] | None,
    kwargs: Mapping[str, object] | None,
) -> Program:
    if args == () and not kwargs:
        from tsviz.frontends.torchscript import check_empty_call

        check_empty_call(entry_point)
    return tsviz.capture(entry_point, args or (), kwargs, via=via)


def _entry_point(target: object, method: str) -> object:
    """The object itself, or its method: capturing a bound method captures that entry point."""
    if not method or getattr(target, "__name__", "") == method:
        return target
    found = getattr(target, method, None)
    if callable(found):
        return found
    names = [name for name in dir(target) if callable(getattr(type(target), name, None))]
    close = get_close_matches(method, names, n=1)
    message = f"expected a method of `{type(target).__name__}`, got `{method}`"
    help = f"did you mean `{close[0]}`?" if close else ""
    raise UsageError(Diagnostic("TSV-U22", message, help=help))
