"""Pictures of results, by plotly."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tsviz.comparison.matrix import VariantMatrix, VariantRow
from tsviz.environment import missing_packages_named

if TYPE_CHECKING:
    import plotly.graph_objects

_PANELS = ("latency [ms]", "largest absolute error", "file [bytes]")


def matrix_figure(found: VariantMatrix) -> "plotly.graph_objects.Figure":
    """Latencies as boxes of all timed calls; largest errors and file sizes as bars.

    What was not measured has no mark.

    Raises:
        UsageError: `TSV-U11` plotly is not installed.
    """
    with missing_packages_named():
        plotly: Any = import_module("plotly")
        subplots: Any = import_module("plotly.subplots")
    objects = plotly.graph_objects
    figure = subplots.make_subplots(rows=1, cols=len(_PANELS), subplot_titles=_PANELS)
    for row in found.rows:
        times = [1e3 * seconds for seconds in row.latency.seconds] if row.latency else []
        if times:
            box = objects.Box(y=times, name=row.variant, boxpoints="all", marker_color=_BLUE)
            figure.add_trace(box, row=1, col=1)
    for column, measure in ((2, _error), (3, _size)):
        known = {row.variant: value for row in found.rows if (value := measure(row)) is not None}
        bars = objects.Bar(x=list(known), y=list(known.values()), marker_color=_BLUE)
        figure.add_trace(bars, row=1, col=column)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(title=f"{found.title}: {found.conditions}", showlegend=False)
    return figure


_BLUE = "#0072b2"
"""Of the colours that colour-blind eyes tell apart."""


def _error(row: VariantRow) -> float | None:
    return None if row.errors is None else row.errors.absolute


def _size(row: VariantRow) -> int | None:
    return None if row.saved is None else row.saved.file_bytes
