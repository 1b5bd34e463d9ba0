"""Reference answers of lesson 05, and what learners typically answer instead."""

from typing import Any

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.misconceptions import (
    ALL_OR_NOTHING,
    IN_PLACE,
    KEEPS_IF,
    KEEPS_LOOP,
    RUNS_HERE,
    SCRIPT_REVIVES,
)
from tsviz.course.trying import scripted, traced

ROWS = torch.full([2, 8], 3.0)


def _trace(model: Any, x: Tensor) -> Any:
    return traced(model, x, check_trace=False)[0]


def scripted_in_a_trace(reader: Any) -> Any:
    reader.settle = scripted(reader.settle)
    return _trace(reader, ROWS)


def traced_in_a_script(reader: Any) -> Any:
    reader.heads = _trace(reader.heads, ROWS)
    return scripted(reader)


def traced_as_a_whole(reader: Any) -> Any:
    return _trace(reader, ROWS)


def all_parts_traced_in_a_script(reader: Any) -> Any:
    reader.settle = _trace(reader.settle, ROWS)
    return traced_in_a_script(reader)


def scripted_part_only(reader: Any) -> Any:
    reader.settle = scripted(reader.settle)
    return reader


def halved(x: Tensor) -> Tensor:
    while bool(x.max() > 1):
        x = x / 2
    return x


def half(x: Tensor) -> Tensor:
    return x / 2


settled = torch.jit.script_if_tracing(halved)
half_if_tracing = torch.jit.script_if_tracing(half)


def settled_around(x: Tensor) -> Tensor:
    """The loop is outside of what is scripted."""
    while bool(x.max() > 1):
        x = half_if_tracing(x)
    return x


def ship(model: nn.Module, path: str) -> None:
    torch.jit.unused(type(model).log)
    scripted(model).save(path)


def ship_ignored(model: nn.Module, path: str) -> None:
    torch.jit.ignore(type(model).log)
    scripted(model).save(path)


def ship_traced(model: nn.Module, path: str) -> None:
    x = torch.ones(2, 4)
    _trace(model, x if model(x).sum() > 0 else -x).save(path)


ITEMS = torch.linspace(-1, 1, 40).reshape(5, 8)


def rank(ranker: Any) -> Any:
    ranker.cut = scripted(ranker.cut)
    return _trace(ranker, ITEMS)


def rank_traced(ranker: Any) -> Any:
    return _trace(ranker, ITEMS)


def rank_traced_in_a_script(ranker: Any) -> Any:
    ranker.cut = _trace(ranker.cut, torch.full([5], 0.2))
    ranker.judge = _trace(ranker.judge, ITEMS)
    return scripted(ranker)


RIGHT = {
    "05.1": lambda: scripted_in_a_trace,
    "05.2": lambda: settled,
    "05.3": lambda: ship,
    "05.4": lambda: rank,
}

WRONG = {
    "05.1": (
        Slip("a trace", lambda: traced_as_a_whole, KEEPS_LOOP),
        Slip("all parts traced", lambda: all_parts_traced_in_a_script, SCRIPT_REVIVES),
        Slip("a scripted part in Python", lambda: scripted_part_only, IN_PLACE),
    ),
    "05.2": (
        Slip("plain Python", lambda: halved, KEEPS_LOOP),
        Slip("the loop outside", lambda: settled_around, KEEPS_LOOP),
        Slip("scripted", lambda: scripted(halved), ALL_OR_NOTHING),
    ),
    "05.3": (
        Slip("ignored", lambda: ship_ignored, RUNS_HERE),
        Slip("a trace", lambda: ship_traced, KEEPS_IF),
    ),
    "05.4": (
        Slip("a trace", lambda: rank_traced, KEEPS_LOOP),
        Slip("all parts traced", lambda: rank_traced_in_a_script, SCRIPT_REVIVES),
    ),
}
