"""How long until a user sees the graph: tsviz beside Netron and Model Explorer.

    python -m benchmarks.first_paint            # nine repetitions, about half an hour
    python -m benchmarks.first_paint --quick    # three, to see that it runs: no claim

BERT-base as a file, the same model, the same browser, one run. The tools take turns within each
repetition and the order rotates. All are watched from outside by the same code (probe.js). What
counts as visible, and how to read what is printed: docs/benchmarks.md.
"""

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import torch
from playwright.sync_api import Playwright, sync_playwright

import tsviz
from benchmarks import models
from benchmarks.browser import Sight, Tab, chromium_version, new_browser
from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.peers import Peer, find_command, find_peers, free_port, serving

REPETITIONS = 9
CLICK_LIMIT_MS = 100
FOLD_LIMIT_MS = 300
PAGE_TARGET, COMMAND_TARGET, LARGE_TARGET = 1 / 4, 1 / 2, 2.0
DEFAULT, UNFOLDED, LARGE = "tsviz, default fold", "tsviz, all unfolded", "tsviz, 50,000 nodes"
_DEPTHS = {DEFAULT: "", UNFOLDED: "all"}


@dataclass
class Run:
    """One run of the benchmark.

    Attributes:
        folder: where models and pages lie.
        samples: ms by row and subject, one value a repetition.
        boxes: by subject, what its picture has.
        clicks: ms from a click on a box to its marked line, `None` where none was marked.
    """

    playwright: Playwright
    folder: Path
    tsviz: str
    peers: tuple[Peer, ...]
    samples: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    boxes: dict[str, str] = field(default_factory=dict)
    clicks: list[float | None] = field(default_factory=list)

    def note(self, subject: str, page: str, sight: Sight, started: float | None = None) -> None:
        """Adds what a page showed and, where a command led to it, the time since that began."""
        for moment, ms in (("first", sight.first), ("settled", sight.settled)):
            self.samples[f"{page}, {moment}", subject].append(ms)
            if started is not None:
                since = (sight.began - started) * 1000 + ms
                self.samples[f"command, {moment}", subject].append(since)


# ── turns ─────────────────────────────────────────────────────────────────────────────────────────


def turns(run: Run) -> dict[str, Callable[[], None]]:
    """Everything that takes a turn in a repetition; the peers twice, as their own control."""
    found: dict[str, Callable[[], None]] = {
        subject: lambda subject=subject: try_tsviz(run, subject) for subject in _DEPTHS
    }
    for peer in run.peers:
        for subject in (peer.name, _again(peer.name)):
            found[subject] = lambda peer=peer, subject=subject: try_peer(run, peer, subject)
    found[LARGE] = lambda: try_large(run)
    found["folding"] = lambda: try_folding(run)
    return found


def _again(name: str) -> str:
    return f"{name} again"


def try_tsviz(run: Run, subject: str) -> None:
    """The command on the file; its page in a new profile, then again; clicks on boxes."""
    page = run.folder / "bert.html"
    page.unlink(missing_ok=True)
    command = [run.tsviz, "show", str(run.folder / "bert.pt"), f"--html={page}"]
    with new_browser(run.playwright) as tab:
        started = time.time()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not page.exists():
            raise SystemExit(f"`{shlex.join(command)}` wrote no page:\n{done.stderr}")
        tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
        run.note(subject, "cold page", tab.see(), started)
        run.clicks.append(_click(tab))
        tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
        run.note(subject, "warm page", tab.see())
        count = tab.ask("tsvizGestures.countAll()")
        run.boxes[subject] = f"{count['boxes']} boxes in {count['scopes']} unfolded scopes"
        # Is the first frame alive? The picture may still change; the click must find its line.
        tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
        tab.ask("tsvizBenchmark.first")
        run.clicks.append(_click(tab))


def _click(tab: Tab) -> float | None:
    return tab.click("tsvizGestures.nodeBox()", "tsvizGestures.untilMarked()")["ms"]


def try_peer(run: Run, peer: Peer, subject: str) -> None:
    """The command on the file; its page in a new profile, then again."""
    command = peer.command(run.folder / f"bert{peer.suffix}", free_port())
    with new_browser(run.playwright) as tab:
        started = time.time()
        with serving(command) as address:
            if peer.cookie:
                tab.accept_cookies(address, peer.cookie)
            tab.open(address, peer.tool)
            run.note(subject, "cold page", tab.see(), started)
            tab.open(address, peer.tool)
            sight = tab.see()
            run.note(subject, "warm page", sight)
    run.boxes[subject] = "its outermost layer" if sight.boxes is None else f"{sight.boxes} boxes"


def try_large(run: Run) -> None:
    """The page of the large graph, in a new profile, then again."""
    with new_browser(run.playwright) as tab:
        for page in ("cold page", "warm page"):
            tab.open((run.folder / "large.html").as_uri(), "tsviz")
            run.note(LARGE, page, tab.see())


def try_folding(run: Run) -> None:
    """Folds the first of two unfolded scopes, the second, and unfolds the first again.

    None of these pictures has been laid out before.
    """
    steps = (("first", "false", "collapse"), ("second", "false", ""), ("first", "true", "expand"))
    with new_browser(run.playwright) as tab:
        tab.open((run.folder / "scopes.html").as_uri(), "tsviz", "all")
        tab.see()
        for scope, unfolded, row in steps:
            place = f"tsvizGestures.chevron({json.dumps(scope)})"
            ms = tab.click(place, f"tsvizGestures.untilFolded({json.dumps(scope)}, {unfolded})")
            if ms is None:
                raise SystemExit(f"the scope `{scope}` did not answer a click on its triangle")
            if row:
                run.samples[f"{row} a scope of {models.SCOPE_NODES} nodes", "tsviz"].append(ms)


# ── claims ────────────────────────────────────────────────────────────────────────────────────────


def iter_claims(run: Run) -> Iterator[Claim]:
    """The figures with their targets.

    A peer counts from its first frame. tsviz counts both from its first frame and from when its
    picture has settled. The better peer of a row is the one with the smaller median.
    """
    for row, target in (
        ("cold page", PAGE_TARGET),
        ("warm page", PAGE_TARGET),
        ("command", COMMAND_TARGET),
    ):
        better = _better_peer(run, f"{row}, first")
        theirs = run.samples[f"{row}, first", better]
        for subject in (UNFOLDED, DEFAULT):
            for moment in ("first", "settled"):
                ours = run.samples[f"{row}, {moment}", subject]
                yield Claim(f"{row}, {moment}: {subject} / {better}", ratios(ours, theirs), target)
    for row in ("cold page", "warm page"):
        for moment in ("first", "settled"):
            large, bert = (run.samples[f"{row}, {moment}", subject] for subject in (LARGE, DEFAULT))
            yield Claim(f"{row}, {moment}: {LARGE} / BERT", ratios(large, bert), LARGE_TARGET)
    for (row, _), values in run.samples.items():
        if row.startswith(("expand", "collapse")):
            yield Claim(f"{row}, until it stands still", tuple(values), FOLD_LIMIT_MS, " ms")


def iter_controls(run: Run) -> Iterator[Claim]:
    """Each peer over itself in the same repetition: how far a ratio is off for no reason."""
    for peer in run.peers:
        for row in ("cold page", "warm page", "command"):
            once, again = (
                run.samples[f"{row}, first", subject] for subject in (peer.name, _again(peer.name))
            )
            yield Claim(f"{row}: {peer.name} / itself", ratios(again, once), 1)


def _better_peer(run: Run, row: str) -> str:
    return min((peer.name for peer in run.peers), key=lambda name: median(run.samples[row, name]))


# ── report ────────────────────────────────────────────────────────────────────────────────────────


def print_report(run: Run, repetitions: int) -> None:
    """Medians and spreads, then claims with their verdicts, then the controls."""
    print(f"\n{'ms until visible':<66} {'median':>8} {'quartiles':>17} {'range':>17}")
    for (row, subject), values in sorted(run.samples.items()):
        low, middle, high = quartiles(values)
        spread = f"{low:.0f} to {high:.0f}"
        extent = f"{min(values):.0f} to {max(values):.0f}"
        print(f"  {f'{row}: {subject}':<64} {middle:>8.0f} {spread:>17} {extent:>17}")
    print("\nin the picture")
    for subject, boxes in run.boxes.items():
        print(f"  {subject:<30} {boxes}")
    marked = [ms for ms in run.clicks if ms is not None and ms <= CLICK_LIMIT_MS]
    print(f"\nclicks that marked their line within {CLICK_LIMIT_MS} ms: ", end="")
    print(f"{len(marked)} of {len(run.clicks)}; median {median(marked or [0]):.0f} ms")
    print("\nfigure [95% interval of the median], target, verdict")
    for claim in iter_claims(run):
        print(claim.render())
    print("\nthe controls' own noise")
    for claim in iter_controls(run):
        print(claim.render_figure())
    if repetitions < REPETITIONS:
        print(f"\n{repetitions} repetitions: too few for a claim")


def print_head(run: Run, words: list[str]) -> None:
    """The command and all versions."""
    print("$ python -m benchmarks.first_paint", *words)
    versions = {
        "tsviz": tsviz.__version__,
        "torch": torch.__version__,
        "Python": platform.python_version(),
        "browser": chromium_version(),
    }
    for peer in run.peers:
        versions |= {f"{peer.name}'s {name}": text for name, text in peer.versions().items()}
    print(" · ".join(f"{name} {text}" for name, text in versions.items()))
    print(f"{platform.platform()} · {os.cpu_count()} cores · no GPU is used")


def main() -> None:
    """Runs the benchmark and prints its report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_paint", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="3 repetitions: not a claim")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single value")
    options = parser.parse_args()
    command = find_command("tsviz")
    if command is None:
        raise SystemExit("the command `tsviz` is not installed: pip install -e .")
    repetitions = 3 if options.quick else REPETITIONS
    with (
        tempfile.TemporaryDirectory(prefix="tsviz-bench-") as name,
        sync_playwright() as playwright,
    ):
        run = Run(playwright, Path(name), command, find_peers())
        print_head(run, sys.argv[1:])
        measure(run, repetitions)
        print_report(run, repetitions)
    if options.json:
        rows = {f"{row}: {subject}": values for (row, subject), values in run.samples.items()}
        options.json.write_text(json.dumps(rows, indent=1))


def measure(run: Run, repetitions: int) -> None:
    """Makes the models, warms the machine's file cache up, then takes the turns."""
    models.write_bert(run.folder)
    print(f"the large graph has {models.write_large(run.folder / 'large.html'):,} nodes")
    models.write_scopes(run.folder / "scopes.html")
    order = list(turns(run).items())
    for repetition in range(-1, repetitions):  # one more, that is thrown away, to warm up
        for subject, take in order[repetition:] + order[:repetition]:
            print(f"\r{repetition + 1}/{repetitions} {subject:<40}", end="", file=sys.stderr)
            take()
        if repetition < 0:
            run.samples.clear()
            run.clicks.clear()
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
