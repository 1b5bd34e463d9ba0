"""What a browser's processor time went into, from its own trace."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

SCRIPT, STYLE, PAINT, RASTER, COMPOSE = PARTS = (
    "script",
    "style and layout",
    "paint",
    "raster beside the page",
    "putting tiles together",
)
"""The first three are on the page's own thread, and so is the raster of a canvas."""

_PAGE = "CrRendererMain"
_COMPOSITOR = "VizCompositorThread"
_WORKERS = "ThreadPoolForegroundWorker"
_STYLE = ("layout", "recalcstyle", "inlinenode", "svgtext", "style")
_PAINT = ("paint", "layer", "commit", "canvas", "compositinginputs", "updatelifecycle", "raster")

Event = dict[str, Any]


def cpu_ms(events: Iterable[Event]) -> dict[str, float]:
    """Milliseconds of processor time by part; of nested events each counts what is its own."""
    found = dict.fromkeys(PARTS, 0.0)
    names: dict[tuple[int, int], str] = {}
    threads: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        thread = event["pid"], event["tid"]
        if event["name"] == "thread_name":
            names[thread] = event["args"]["name"]
        elif event["ph"] == "X" and "tdur" in event:
            threads[thread].append(event)
    for thread, spans in threads.items():
        for span, own in _own_times(spans):
            part = _part(names.get(thread, ""), span["name"])
            if part:
                found[part] += own / 1000
    return found


def _own_times(spans: list[Event]) -> list[tuple[Event, float]]:
    own: list[tuple[Event, float]] = []
    around: list[tuple[float, int]] = []
    for span in sorted(spans, key=lambda span: (span["ts"], -span["dur"])):
        while around and around[-1][0] <= span["ts"]:
            around.pop()
        if around:
            outer, time = own[around[-1][1]]
            own[around[-1][1]] = outer, time - span["tdur"]
        around.append((span["ts"] + span["dur"], len(own)))
        own.append((span, span["tdur"]))
    return own


def _part(thread: str, name: str) -> str:
    if thread == _COMPOSITOR:
        return COMPOSE
    if thread == _WORKERS:
        return RASTER if "Raster" in name else ""
    if thread != _PAGE:
        return ""
    low = name.lower()
    if any(word in low for word in _PAINT):
        return PAINT
    return STYLE if any(word in low for word in _STYLE) else SCRIPT
