"""Other values in the place of computed ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch

from tsviz.errors import DebugError, Diagnostic
from tsviz.ir import Type
from tsviz.ir.literals import split_list
from tsviz.jit.taps import Tapped


@dataclass(frozen=True, slots=True)
class Edit:
    """From a position on another value stands for a value, until that is computed anew.

    Attributes:
        value: id of the value.
        position: the first node that is given the other one.
        text: the expression, as it was typed.
        replacement: what it gave.
    """

    value: int
    position: int
    text: str
    replacement: object


def check_editable(tapped: Tapped, value: int, shown: str) -> None:
    """Refuses to replace what cannot be.

    Args:
        shown: the name of the value.

    Raises:
        DebugError: `TSV-D33`.
    """
    reason = tapped.hidden.get(value, "")
    if value in tapped.changed:
        reason = "the program writes into it, maybe by other names, too"
    if value in tapped.constants:
        reason = "it is a constant of the graph"
    if reason:
        raise DebugError(Diagnostic("TSV-D33", f"{shown} cannot be replaced: {reason}"))


_SCALARS: dict[str, type] = {kind.__name__: kind for kind in (int, float, bool, str, complex)}


def fits(what: object, kind: Type) -> bool:
    """Whether a value of Python's can stand for one of that type in the interpreter."""
    text = kind.text
    if kind.tensor is not None:
        return isinstance(what, torch.Tensor) or (what is None and text.endswith("?"))
    if text.endswith("?"):
        return what is None or fits(what, Type(text[:-1]))
    if text in _SCALARS:
        return type(what) is _SCALARS[text]
    if text in ("Scalar", "number"):
        return type(what) in (int, float, complex, bool)
    return _fits_container(what, text)


def _fits_container(what: object, text: str) -> bool:
    if text.endswith("[]") or text.startswith("List["):
        inner = text[:-2] if text.endswith("[]") else text[5:-1]
        return _all_fit(what, list, lambda _: inner) and bool(what)
    if text.startswith("(") and text.endswith(")"):
        parts = split_list(text[1:-1])
        is_long = type(what) is tuple and len(cast("Sequence[object]", what)) == len(parts)
        return is_long and _all_fit(cast("object", what), tuple, lambda at: parts[at])
    return False


def _all_fit(what: object, kind: type, inner: Callable[[int], str]) -> bool:
    if type(what) is not kind:
        return False
    items = enumerate(cast("Sequence[object]", what))
    return all(fits(item, Type(inner(at))) for at, item in items)
