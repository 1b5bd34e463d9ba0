"""The frames that are measured show all the boxes they are measured for, and cost what they must."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from benchmarks import tracing
from benchmarks.browser import new_browser
from benchmarks.models import write_towers

BOXES = 300


@pytest.mark.browser
def test_every_measured_frame_has_every_box(tmp_path: Path, playwright: Playwright):
    write_towers(tmp_path / "towers.html", BOXES)
    with new_browser(playwright, "frames.js", limit=False) as tab:
        tab.open((tmp_path / "towers.html").as_uri(), "tsviz", "all")
        boxes = tab.see().boxes
        for gesture in ("pan", "zoom", "point"):
            seen = tab.ask(f"tsvizFrames.count('{gesture}')")
            assert {frame["boxes"] for frame in seen} == {boxes - scopes(seen)}
            assert boxes - scopes(seen) > BOXES
            measured = tab.ask(f"tsvizFrames.measure('{gesture}')")
            assert {frame["drawn"] for frame in measured} == {boxes}
            assert all(frame["work"] <= frame["ms"] for frame in measured)
        close = tab.ask("tsvizFrames.count('scroll', 60)")
        assert 0 < close[0]["boxes"] <= 60
        assert not close[0]["canvas"]


def scopes(seen: list[dict[str, int]]) -> int:
    """What is drawn and is no box: unfolded scopes."""
    return seen[0]["drawn"] - seen[0]["boxes"]


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
