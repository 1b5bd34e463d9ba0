"""How long a frame of the graph takes while a user pans, zooms, points and clicks.

    python -m benchmarks.frames            # nine repetitions, about ten minutes
    python -m benchmarks.frames --quick    # three, to see that it runs: no claim
    python -m benchmarks.frames --page "2,000 boxes" --repetitions 25   # only this one

Every page is open in a browser of its own, and they take turns within each repetition. What a frame
is, and how to read what is printed: docs/benchmarks.md.
"""

import argparse
import json
import math
import shlex
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from benchmarks import models, tracing
from benchmarks.browser import NotSeenError, Tab, chromium_version, new_browser
from benchmarks.claims import Claim, quartiles
from benchmarks.conditions import describe_conditions

REPETITIONS = 9
MOST_OPENED = 5
FRAME_MS, CLICK_MS = 16, 100
TARGETED = 2000
ALL, FEW, CLOSE = "all in view", 300, 60
EMPTY, DEFAULT = "an empty page", "50,000 nodes, default fold"
SMALL, MANY, LARGE = "300 boxes", "2,000 boxes", "50,000 nodes, unfolded"
_EMPTY_PAGE = '<!doctype html><div class="tsv-stage" style="position:absolute;inset:40px"></div>'


@dataclass(frozen=True, slots=True)
class Gesture:
    """What a user does, with at most so many boxes in the window when it begins."""

    name: str
    words: str
    most: int | None = None

    def frames(self, tab: Tab, verb: str) -> list[dict[str, Any]]:
        """What frames.js measures or counts of it, frame by frame."""
        self.prepare(tab)
        return tab.ask(f"tsvizFrames.{verb}({json.dumps(self.name)})")

    def trace(self, tab: Tab) -> list[tracing.Event]:
        """What the browser does meanwhile."""
        self.prepare(tab)
        return tab.trace(f"tsvizFrames.measure({json.dumps(self.name)})")

    def prepare(self, tab: Tab) -> None:
        """Brings into the window what it begins with."""
        tab.ask(f"tsvizFrames.show({'' if self.most is None else self.most})")


GESTURES = (
    Gesture("pan", f"pan, {ALL}"),
    Gesture("zoom", f"zoom, {ALL}"),
    Gesture("point", f"point at boxes, {ALL}"),
    Gesture("dive", "zoom in and out again"),
    Gesture("scroll", f"pan, {FEW} in view", FEW),
    Gesture("scroll", f"pan, {CLOSE} in view", CLOSE),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A page, and the boxes that must be in its window where all of them are to be."""

    name: str
    file: str
    unfold: bool = False
    least: int = 0


SUBJECTS = (
    Subject(EMPTY, "empty.html"),
    Subject(SMALL, "small.html", unfold=True, least=300),
    Subject(MANY, "many.html", unfold=True, least=TARGETED),
    Subject(DEFAULT, "large.html"),
    Subject(LARGE, "large.html", unfold=True),
)


@dataclass
class Run:
    """One run of the benchmark.

    Attributes:
        frames: ms by subject and gesture, the median of each repetition's frames.
        slow: the same, what one frame in ten is slower than.
        work: the same as `frames`, of these what the page's own thread worked.
        boxes: fewest and most boxes in the window, and the painter.
        clicks: ms from a click on a box to its marked line, by subject.
        parts: processor time of a frame by part.
        opened: pages that had to be opened again, and why.
    """

    playwright: Playwright
    folder: Path
    frames: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    slow: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    work: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    boxes: dict[tuple[str, str], str] = field(default_factory=dict)
    clicks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)


# ── turns ─────────────────────────────────────────────────────────────────────────────────────────


def open_page(run: Run, subject: Subject, tab: Tab) -> None:
    """Opens a page and unfolds it, again if it does not show what it should: the report says so."""
    while True:
        try:
            tab.open((run.folder / subject.file).as_uri(), "tsviz")
            if subject.name == EMPTY:
                return
            tab.see()
            if subject.unfold:
                tab.ask("tsvizFrames.unfold()")
            count = min(frame["boxes"] for frame in GESTURES[0].frames(tab, "count"))
            if count < subject.least:
                raise NotSeenError(f"only {count} boxes are in the window")
            return
        except NotSeenError as error:
            run.opened.append(f"{subject.name}: {str(error)[:200]!r}")
            if len(run.opened) > MOST_OPENED:
                raise SystemExit("\n".join(["too many failed pages:", *run.opened])) from None


def take_turn(run: Run, subject: Subject, tab: Tab, repetition: int) -> None:
    """All gestures on a page, and a click on one of its boxes."""
    for gesture in GESTURES:
        key = subject.name, gesture.words
        frames = gesture.frames(tab, "measure")
        times = [frame["ms"] for frame in frames]
        run.frames[key].append(median(times))
        run.slow[key].append(quantiles(times, n=10)[-1])
        run.work[key].append(median(frame["work"] for frame in frames))
        _check(subject, gesture, frames)
    if subject.least:
        place = f"tsvizFrames.box({7 + 97 * (repetition + 1)})"
        answer = tab.click(place, "tsvizGestures.untilMarked()")
        run.clicks[subject.name].append(math.inf if answer["ms"] is None else answer["ms"])


def _check(subject: Subject, gesture: Gesture, frames: list[dict[str, Any]]) -> None:
    """That every measured frame had the boxes, and the movement, which it is measured for."""
    if subject.name != EMPTY and gesture.name != "point" and not all(f["moved"] for f in frames):
        raise SystemExit(f"{subject.name}, {gesture.words}: a frame showed no other place")
    drawn = min(frame["drawn"] for frame in frames)
    if gesture.words.endswith(ALL) and drawn < subject.least:
        raise SystemExit(f"{subject.name}, {gesture.words}: a frame drew {drawn} shapes only")


def look(run: Run, subject: Subject, tab: Tab) -> None:
    """Counts the boxes in the window frame by frame, then asks where the time goes."""
    for gesture in GESTURES:
        key = subject.name, gesture.words
        frames = gesture.frames(tab, "count")
        counts = [frame["boxes"] for frame in frames]
        painters = {"canvas" if frame["canvas"] else "SVG" for frame in frames}
        run.boxes[key] = f"{min(counts):,} to {max(counts):,}, {' and '.join(sorted(painters))}"
        times = tracing.cpu_ms(gesture.trace(tab))
        run.parts[key] = {part: time / len(frames) for part, time in times.items()}


# ── report ────────────────────────────────────────────────────────────────────────────────────────


def iter_claims(run: Run) -> Iterator[Claim]:
    """Frames with 2,000 boxes in the window, and clicks on one of them."""
    if not run.clicks[MANY]:
        return
    for gesture in GESTURES:
        if gesture.words.endswith(ALL):
            values = tuple(run.frames[MANY, gesture.words])
            yield Claim(f"{MANY}: {gesture.words}", values, FRAME_MS, " ms")
    yield Claim(f"{MANY}: click to marked line", tuple(run.clicks[MANY]), CLICK_MS, " ms")


def print_report(run: Run, claims: list[Claim]) -> None:
    """Frames with their spread and what was in them, where time goes, claims, the control."""
    print(f"\n{'ms a frame':<56} {'median':>7} {'quartiles':>14} {'1 in 10':>8} {'work':>6}  boxes")
    for (subject, gesture), values in run.frames.items():
        low, middle, high = quartiles(values)
        slow, work = (median(found[subject, gesture]) for found in (run.slow, run.work))
        print(
            f"  {f'{subject}: {gesture}':<54} {middle:>7.1f} {f'{low:.1f} to {high:.1f}':>14}"
            f" {slow:>8.1f} {work:>6.1f}  {run.boxes.get((subject, gesture), '')}"
        )
    for subject, values in run.clicks.items():
        low, middle, high = quartiles(values)
        name = f"{subject}: click to marked line"
        print(f"  {name:<54} {middle:>7.1f} {f'{low:.1f} to {high:.1f}':>14}")
    print(f"\nprocessor ms of a frame, traced: {', '.join(tracing.PARTS)}")
    for (subject, gesture), parts in run.parts.items():
        times = " ".join(f"{parts[part]:>6.1f}" for part in tracing.PARTS)
        print(f"  {f'{subject}: {gesture}':<54} {times}")
    print("\nfigure [95% interval of the median], target, verdict")
    for claim in claims:
        print(claim.render())
    print("\nthe control's own noise: the same input to an empty page")
    for gesture in GESTURES:
        values = run.frames[EMPTY, gesture.words]
        low, middle, high = quartiles(values)
        print(f"  {gesture.words:<54} {middle:>7.1f} {f'{low:.1f} to {high:.1f}':>14}")
    print(f"\npages opened again: {len(run.opened)}", *run.opened, sep="\n  ")


def print_head(words: list[str]) -> None:
    """The command and all versions."""
    command = shlex.join(["python", "-m", "benchmarks.frames", *words])
    print("$ " + describe_conditions(command, ("torch",)))
    print(
        f"{chromium_version()}, headless, 1600 x 1000; no GPU: everything is drawn by the processor"
    )


def write_pages(folder: Path, files: set[str]) -> None:
    """Writes those that are looked at: the large one takes a while."""
    (folder / "empty.html").write_text(_EMPTY_PAGE)
    if "small.html" in files:
        models.write_towers(folder / "small.html", 300)
    if "many.html" in files:
        models.write_towers(folder / "many.html", TARGETED)
    if "large.html" in files:
        models.write_large(folder / "large.html")


def measure(run: Run, subjects: tuple[Subject, ...], repetitions: int) -> None:
    """Makes the pages, opens them, takes the turns."""
    write_pages(run.folder, {subject.file for subject in subjects})
    with ExitStack() as stack:
        pages: list[tuple[Subject, Tab]] = []
        for subject in subjects:
            browser = new_browser(run.playwright, "frames.js", limit=False)
            tab = stack.enter_context(browser)
            open_page(run, subject, tab)
            pages.append((subject, tab))
        for repetition in range(-1, repetitions):  # one more, that is thrown away, to warm up
            turn = repetition % len(pages)
            for subject, tab in pages[turn:] + pages[:turn]:
                print(
                    f"\r{repetition + 1}/{repetitions} {subject.name:<40}", end="", file=sys.stderr
                )
                take_turn(run, subject, tab, repetition)
            if repetition < 0:
                for samples in (run.frames, run.slow, run.work, run.clicks):
                    samples.clear()
        print(file=sys.stderr)
        for subject, tab in pages[1:]:
            look(run, subject, tab)


def main() -> int:
    """Runs the benchmark and prints its report; returns 1 where a claim is not shown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="3 repetitions: not a claim")
    names = [subject.name for subject in SUBJECTS]
    parser.add_argument("--page", choices=names, help="only this page, and the control")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single value")
    options = parser.parse_args()
    repetitions = 3 if options.quick else options.repetitions
    subjects = tuple(s for s in SUBJECTS if options.page in (None, s.name) or s.name == EMPTY)
    print_head(sys.argv[1:])
    with (
        tempfile.TemporaryDirectory(prefix="tsviz-bench-") as name,
        sync_playwright() as playwright,
    ):
        run = Run(playwright, Path(name))
        measure(run, subjects, repetitions)
    claims = list(iter_claims(run))
    print_report(run, claims)
    if options.json:
        rows = {
            f"{subject}: {gesture}": values for (subject, gesture), values in run.frames.items()
        }
        options.json.write_text(json.dumps(rows, indent=1))
    if repetitions < REPETITIONS:
        print(f"\nonly {repetitions} repetitions: nothing is claimed")
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


if __name__ == "__main__":
    sys.exit(main())
