"""The frames that are measured have the boxes they are measured for, and move."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from benchmarks import tracing
from benchmarks.browser import Tab, new_browser
from benchmarks.models import write_towers

BOXES = 300


@pytest.mark.browser
def test_every_measured_frame_has_every_box(tmp_path: Path, playwright: Playwright):
    write_towers(tmp_path / "towers.html", BOXES)
    with new_browser(playwright, "frames.js", limit=False) as tab:
        tab.open((tmp_path / "towers.html").as_uri(), "tsviz", "all")
        shapes = tab.see().boxes
        for gesture in ("pan", "zoom", "point"):
            check_gesture(tab, gesture, shapes)
        tab.ask("tsvizFrames.show(60)")
        close = tab.ask("tsvizFrames.count('scroll')")
        assert 0 < close[0]["boxes"] <= 60
        assert not close[0]["canvas"]


def check_gesture(tab: Tab, gesture: str, shapes: int | None) -> None:
    """Boxes and unfolded scopes are in every frame; a pointer moves nothing."""
    tab.ask("tsvizFrames.show()")
    (seen,) = {frame["boxes"] for frame in tab.ask(f"tsvizFrames.count('{gesture}')")}
    assert BOXES < seen < BOXES + 40
    measured = tab.ask(f"tsvizFrames.measure('{gesture}')")
    assert {frame["drawn"] for frame in measured} == {shapes}
    assert {frame["moved"] for frame in measured} == {gesture != "point"}
    assert all(0 < frame["work"] <= frame["ms"] for frame in measured)


def span(name: str, ts: int, dur: int, thread: int = 1) -> tracing.Event:
    return {"ph": "X", "pid": 1, "tid": thread, "name": name, "ts": ts, "dur": dur, "tdur": dur}


def test_nested_times_count_once():
    events = [
        {"ph": "M", "pid": 1, "tid": 1, "name": "thread_name", "args": {"name": "CrRendererMain"}},
        span("FunctionCall", 0, 1000),
        span("LocalFrameView::performLayout", 200, 300),
        span("Paint", 1500, 500),
    ]
    found = tracing.cpu_ms(events)
    assert found[tracing.SCRIPT] == pytest.approx(0.7)
    assert found[tracing.STYLE] == pytest.approx(0.3)
    assert found[tracing.PAINT] == pytest.approx(0.5)
    assert found[tracing.RASTER] == found[tracing.COMPOSE] == 0
