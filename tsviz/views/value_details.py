"""One value of a stepped program for the wire, or two held against each other."""

import math
from typing import TYPE_CHECKING

from tsviz.protocol.columns import Column
from tsviz.protocol.debug_tables import (
    DebugApart,
    DebugDetail,
    DebugHistogram,
    DebugPicture,
    DebugSide,
    DebugStatistics,
    DebugValue,
)

if TYPE_CHECKING:
    from tsviz.debugger import Apart, Detail, Picture, Pin, Portrait, Statistics, ValueView
    from tsviz.views.debug_payloads import Rows


def summary_payload(
    view: "ValueView", row: int, *, is_changed: bool, is_new: bool, is_used: bool
) -> DebugValue:
    """A value or an attribute, as a row of a table.

    Args:
        row: of the value in the graph, -1 where it is none of the graph's.
    """
    found = view.statistics
    return DebugValue(
        name=view.name,
        row=row,
        type=view.type,
        text=view.text,
        kind=found.kind if found else "",
        device=found.device if found else "",
        least=_finite(found.least if found else None),
        most=_finite(found.most if found else None),
        mean=_finite(found.mean if found else None),
        nans=found.nans if found else 0,
        infinities=found.infinities if found else 0,
        note=view.note,
        is_edited=view.edited,
        is_changed=is_changed,
        is_new=is_new,
        is_used=is_used,
    )


def detail_payload(detail: "Detail") -> DebugDetail:
    """All that is told of one value."""
    found, drawn = detail.statistics, detail.portrait
    course = drawn.course if drawn else None
    return DebugDetail(
        title=detail.title,
        kind=found.kind if found else "",
        device=found.device if found else "",
        facts=list(detail.facts),
        count=found.count if found else 0,
        looked_at=drawn.looked_at if drawn else 0,
        statistics=_statistics(found) if found else None,
        histogram=_histogram(drawn) if drawn else None,
        least_course=Column.of("f64", course.least if course else ()),
        most_course=Column.of("f64", course.most if course else ()),
        picture=_picture(drawn.picture) if drawn and drawn.picture else None,
    )


def _statistics(found: "Statistics") -> DebugStatistics:
    return DebugStatistics(
        _finite(found.least), _finite(found.most), _finite(found.mean), _finite(found.deviation),
        found.nans, found.infinities, found.zeros,
    )  # fmt: skip


def _histogram(drawn: "Portrait") -> DebugHistogram | None:
    found = drawn.histogram
    return None if found is None else DebugHistogram(found.low, found.high, list(found.counts))


def _picture(found: "Picture") -> DebugPicture:
    return DebugPicture(found.width, found.height, Column.of("u8", found.pixels), found.words)


def apart_payload(rows: "Rows", apart: "Apart", one: "Pin", other: "Pin") -> DebugApart:
    """How far two tensors are apart."""
    return DebugApart(
        words=str(apart),
        differing=apart.differing,
        count=apart.count,
        absolute=f"{apart.absolute:.4g}",
        relative=f"{apart.relative:.4g}",
        ulps=apart.ulps,
        where=list(apart.where),
        one=_side(rows, one, apart),
        other=_side(rows, other, apart),
    )


def _side(rows: "Rows", pin: "Pin", apart: "Apart") -> DebugSide:
    from tsviz.debugger.values import number_at

    number = number_at(pin.what, apart.where) if apart.differing else ""
    return DebugSide(pin.name, pin.position, rows.node(pin.node) if pin.node else -1, number)


def _finite(number: float | None) -> float | None:
    """A mean of huge numbers may be none that JSON has."""
    return number if number is not None and math.isfinite(number) else None
