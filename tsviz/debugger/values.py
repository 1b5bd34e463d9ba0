"""Values in a line of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import torch

from tsviz.debugger.attributes import is_object
from tsviz.debugger.expressions import computed, get_value, undisturbed
from tsviz.debugger.numerics import Statistics, statistics
from tsviz.debugger.orders import Status
from tsviz.debugger.places import Places
from tsviz.debugger.run import Run
from tsviz.debugger.state import Page, ValueView
from tsviz.errors import DebugError

_FEW = 6
"""So many items or numbers are shown."""
_LONG = 200
_LONGEST = 4000


def in_sight(run: Run) -> list[int]:
    """The values that can be used where a run is held, in the order in which they were made.

    Those that stay inside PyTorch come first, but for modules, which every program has many of.
    """
    places = run.plan.places
    inside = (v for v in run.plan.stepped.tapped.hidden if not _is_module(places, v))
    seen = list(places.iter_in_sight(inside, run.number)) if run.number else []
    seen += places.iter_in_sight(computed(run), run.number)
    if run.value:
        made = places.graph.producers.get(run.value)
        seen += [value for value in (made.outputs if made else ()) if value in run.held]
    return seen


def _is_module(places: Places, value: int) -> bool:
    """Whether it is the program's own module or one inside it."""
    maker = places.makers[value]
    is_held = not maker or places.graph.nodes[maker].op == "prim::GetAttr"
    return is_held and is_object(places.graph, value)


def view(run: Run, value: int) -> ValueView:
    """One value, or why there is none to see."""
    graph = run.plan.places.graph
    name, kind = f"%{graph.values[value].name}", graph.types[value].text
    try:
        what = get_value(run, name)
    except DebugError as error:
        return ValueView(name, kind, "", note=error.diagnostic.message)
    edited = run.is_edited(value)
    with undisturbed(run):
        if isinstance(what, torch.Tensor):
            found = statistics(what)
            return ValueView(name, kind, describe_tensor(what, found), found, edited=edited)
        is_old = value in run.plan.stepped.tapped.changed and run.status is Status.FAILED
        note = "as it was when the program was last held" if is_old else ""
        return ValueView(name, kind, describe(what), note=note, edited=edited)


def view_of(name: str, what: object) -> ValueView:
    """Something that is no value of the graph's."""
    if isinstance(what, torch.Tensor):
        found = statistics(what)
        return ValueView(name, "Tensor", describe_tensor(what, found), found)
    return ValueView(name, type(what).__name__, describe(what))


def describe(what: object) -> str:
    """A value in one line, however big it is."""
    if isinstance(what, torch.Tensor):
        return describe_tensor(what, statistics(what))
    if isinstance(what, (list, tuple)):
        return _sequence(cast("Sequence[object]", what))
    if isinstance(what, dict):
        items = list(cast("Mapping[object, object]", what).items())
        shown = [f"{describe(key)}: {describe(item)}" for key, item in items[:_FEW]]
        more = f", … {len(items) - _FEW} more" if len(items) > _FEW else ""
        return shorten(f"{{{', '.join(shown)}{more}}}")
    return shorten(repr(what))


def describe_tensor(tensor: torch.Tensor, found: Statistics) -> str:
    """Kind, range and the first numbers."""
    parts = [found.kind]
    if found.device != "cpu":
        parts.append(found.device)
    if found.least is not None and found.most is not None and found.count > 1:
        parts.append(f"{_number(found.least)} … {_number(found.most)}")
    if found.mean is not None and found.count > 1:
        parts.append(f"mean {_number(found.mean)}")
    if found.nans:
        parts.append(f"{found.nans} NaN")
    if found.infinities:
        parts.append(f"{found.infinities} infinite")
    first = first_numbers(tensor)
    return "  ".join([*parts, first] if first else parts)


def first_numbers(tensor: torch.Tensor, most: int = _FEW) -> str:
    """`[0.5, 1, …]`; "" where there are none to read."""
    if tensor.layout is not torch.strided or tensor.device.type == "meta" or not tensor.numel():
        return ""
    with torch.no_grad():
        flat = tensor.detach().reshape(-1)[:most]
        plain = flat.dequantize() if flat.is_quantized else flat
        numbers = cast("list[complex]", cast("Any", plain).tolist())
    more = ", …" if tensor.numel() > most else ""
    return f"[{', '.join(map(_number, numbers))}{more}]"


def number_at(what: object, where: Sequence[int]) -> str:
    """One number of a tensor, as text; "" of anything else."""
    if not isinstance(what, torch.Tensor):
        return ""
    number = what[tuple(where)].detach()
    plain = number.dequantize() if number.is_quantized else number
    return f"{plain.item():.9g}" if isinstance(plain.item(), float) else str(plain.item())


def page_of(what: object, first: int, count: int) -> Page:
    """Some of the numbers or items of a value; a text or a number is its only item."""
    title = describe(what)
    if isinstance(what, torch.Tensor):
        numbers = tuple(_some_numbers(what, first, count))
        return Page(title, first, what.numel(), numbers, tuple(what.shape))
    if isinstance(what, dict):
        pairs = list(cast("Mapping[object, object]", what).items())[first : first + count]
        items = tuple(f"{describe(key)}: {describe(item)}" for key, item in pairs)
        return Page(title, first, len(cast("Mapping[object, object]", what)), items)
    if isinstance(what, (list, tuple)):
        some = cast("Sequence[object]", what)
        return Page(title, first, len(some), tuple(map(describe, some[first : first + count])))
    text = str(what)
    left = f"… and {len(text) - _LONGEST:,} characters more: `[{_LONGEST}:]` shows them"
    return Page(title, 0, 1, (text[:_LONGEST] + (left if len(text) > _LONGEST else ""),))


def _some_numbers(tensor: torch.Tensor, first: int, count: int) -> Iterator[str]:
    if tensor.layout is not torch.strided or tensor.device.type == "meta":
        return
    with torch.no_grad():
        flat = tensor.detach().reshape(-1)[first : first + count]
        plain = flat.dequantize() if flat.is_quantized else flat
        yield from map(_number, cast("list[complex]", cast("Any", plain).tolist()))


def _number(number: complex) -> str:
    return f"{number:.5g}" if isinstance(number, (float, complex)) else str(number)


def _sequence(items: Sequence[object]) -> str:
    left, right = "[]" if isinstance(items, list) else "()"
    shown = [describe(item) for item in items[:_FEW]]
    more = f", … {len(items) - _FEW} more" if len(items) > _FEW else ""
    return shorten(f"{left}{', '.join(shown)}{more}{right}")


def shorten(text: str) -> str:
    """A text in one line, cut where it is long."""
    line = " ".join(text.splitlines())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"
