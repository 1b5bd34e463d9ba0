"""What a run in Python changes in the model itself: buffers and attributes, and where."""

import ast
import linecache
from collections.abc import Iterator
from hashlib import sha256
from types import CodeType
from typing import cast

import torch

from tsviz.comparison.events import Events
from tsviz.comparison.sites import file_range, function_of, span_of
from tsviz.jit import natives
from tsviz.location import FileRange

_OWN = frozenset({"_parameters", "_modules", "_buffers", "training"})
_DEPTH = 6
"""How deep containers are looked into."""


def state_of(model: torch.nn.Module) -> dict[str, object]:
    """Dotted name of each buffer and plain attribute → what can be compared of its value."""
    found: dict[str, object] = {}
    for path, module in natives.iter_parts(model):
        prefix = f"{path}." if path else ""
        held: dict[str, object] = {k: v for k, v in vars(module).items() if _is_plain(k)}
        held |= dict(module.named_buffers(recurse=False))
        found |= {prefix + key: _fingerprint(value) for key, value in held.items()}
    return found


def _is_plain(name: str) -> bool:
    return name not in _OWN and not (name.startswith("_") and "hooks" in name)


def _fingerprint(value: object, depth: int = 0) -> object:
    if isinstance(value, torch.Tensor):
        data = value.detach().cpu().contiguous().view(-1).view(torch.uint8)
        bits: bytes = data.numpy().tobytes()
        return tuple(value.shape), str(value.dtype), sha256(bits).digest()
    if isinstance(value, (bool, int, float, str, bytes)) or value is None:
        return repr(value)
    if depth < _DEPTH and isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return {repr(key): _fingerprint(item, depth + 1) for key, item in items}
    if depth < _DEPTH and isinstance(value, (list, tuple)):
        return [_fingerprint(item, depth + 1) for item in cast("list[object]", value)]
    return type(value).__qualname__


def find_changed(before: dict[str, object], after: dict[str, object]) -> tuple[str, ...]:
    """The names whose values differ."""
    names = {**before, **after}
    return tuple(name for name in names if before.get(name) != after.get(name))


def find_changers(events: Events, name: str) -> tuple[FileRange, ...]:
    """Where a run changed an attribute.

    Args:
        name: its dotted name; the last part is looked for.

    Returns:
        The assignments that ran; else what is called on it, or set in it, in functions that ran.
    """
    attribute = name.rpartition(".")[2]
    stored = [store.place for store in events.stores if store.name == attribute]
    if not stored:
        stored = [place for code in events.codes for place in _iter_uses(code, attribute)]
    return tuple(dict.fromkeys(stored))


def _iter_uses(code: CodeType, attribute: str) -> Iterator[FileRange]:
    lines = linecache.getlines(code.co_filename)
    function = function_of(code)
    for node in ast.walk(function) if function is not None else ():
        match node:
            case (
                ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name)))
                | ast.Subscript(value=ast.Attribute(attr=name), ctx=ast.Store())
                | ast.Attribute(value=ast.Attribute(attr=name), ctx=ast.Store())
            ) if name == attribute:
                yield file_range(code.co_filename, span_of(node), lines, code.co_name)
            case _:
                pass
