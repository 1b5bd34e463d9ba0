"""How long until a user sees the graph: tsviz beside Netron and Model Explorer.

    python -m benchmarks.first_paint            # nine repetitions, about half an hour
    python -m benchmarks.first_paint --quick    # three, to see that it runs: no claim
    python -m benchmarks.first_paint --lab      # a double click in JupyterLab instead, 25 times

BERT-base as a file, the same model, the same browser, one run. The tools take turns within each
repetition and the order rotates. All are watched from outside by the same code (probe.js). What
counts as visible, and how to read what is printed: docs/benchmarks.md.
"""

import argparse
import json
import math
import re
import shlex
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from compileall import compile_dir
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Playwright, sync_playwright

import tsviz
from benchmarks import lab_paint, models
from benchmarks.browser import NotSeenError, Sight, Tab, chromium_version, new_browser
from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions
from benchmarks.peers import (
    ADDRESS,
    Peer,
    convert,
    find_command,
    find_peers,
    free_port,
    running,
)

REPETITIONS = 9
LAB_REPETITIONS = 25
"""Its ratio is near its target."""
MOST_REPEATED = 5
CLICK_LIMIT_MS = 100
FOLD_LIMIT_MS = 300
PAGE_TARGET, COMMAND_TARGET, LARGE_TARGET = 1 / 4, 1 / 2, 2.0
DEFAULT, UNFOLDED, LARGE = "tsviz, default fold", "tsviz, all unfolded", "tsviz, 50,000 nodes"
_DEPTHS = {DEFAULT: "", UNFOLDED: "all"}


Samples = dict[tuple[str, str], list[float]]


@dataclass
class Run:
    """One run of the benchmark.

    Attributes:
        folder: where models and pages lie.
        samples: ms by row and subject, one value a repetition.
        boxes: by subject, what its picture has.
        clicks: ms from a click on a box to its marked line, `None` where none was marked.
        repeated: turns that had to be taken again, and why.
    """

    playwright: Playwright
    folder: Path
    tsviz: str
    peers: tuple[Peer, ...]
    samples: Samples = field(default_factory=lambda: defaultdict(list))
    boxes: dict[str, str] = field(default_factory=dict)
    clicks: list[float | None] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def take(self, subject: str, turn: Callable[[], Samples]) -> None:
        """Takes a turn, again if its page did not show what it should: the report says so."""
        while True:
            try:
                found = turn()
            except NotSeenError as error:
                self.repeated.append(f"{subject}: {str(error)[:200]!r}")
                if len(self.repeated) > MOST_REPEATED:
                    raise SystemExit(
                        "\n".join(["too many failed turns:", *self.repeated])
                    ) from None
                continue
            for key, values in found.items():
                self.samples[key] += values
            return


# ── turns ─────────────────────────────────────────────────────────────────────────────────────────


def turns(run: Run) -> dict[str, Callable[[], Samples]]:
    """Everything that takes a turn in a repetition; the peers twice, as their own control."""
    found: dict[str, Callable[[], Samples]] = {
        subject: lambda subject=subject: try_tsviz(run, subject) for subject in _DEPTHS
    }
    for peer in run.peers:
        names = (peer.name, _again(peer.name)) if peer.counts else (peer.name,)
        for subject in names:
            found[subject] = lambda peer=peer, subject=subject: try_peer(run, peer, subject)
    found[LARGE] = lambda: try_large(run)
    found["folding"] = lambda: try_folding(run)
    return found


def _again(name: str) -> str:
    return f"{name} again"


def _times(subject: str, page: str, sight: Sight, started: float | None = None) -> Samples:
    """What a page showed and, where a command led to it, the time since that began."""
    found: Samples = {}
    for moment, ms in (("first", sight.first), ("settled", sight.settled)):
        found[f"{page}, {moment}", subject] = [ms]
        if started is not None:
            since = (sight.began - started) * 1000 + ms
            found[f"command, {moment}", subject] = [since]
    return found


def try_tsviz(run: Run, subject: str) -> Samples:
    """The command on the file; its page in a new profile, then again; clicks on boxes."""
    page = run.folder / "bert.html"
    page.unlink(missing_ok=True)
    command = [run.tsviz, "show", str(run.folder / "bert.pt"), f"--html={page}"]
    with new_browser(run.playwright) as tab:
        started = time.time()
        with running(command, f"{re.escape(str(page))}: .* MB"):
            tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
            found = _times(subject, "cold page", tab.see(), started)
        clicks = [_click(tab)]
        tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
        found |= _times(subject, "warm page", tab.see())
        count = tab.ask("tsvizGestures.countAll()")
        run.boxes[subject] = "{boxes} boxes, {scopes} unfolded scopes, {stubs} stubs".format(
            **count
        )
        # Is the first frame alive? The picture may still change; the click must find its line.
        tab.open(page.as_uri(), "tsviz", _DEPTHS[subject])
        tab.ask("tsvizBenchmark.first")
        clicks.append(_click(tab))
    run.clicks += clicks
    return found


def _click(tab: Tab) -> float | None:
    return tab.click("tsvizGestures.nodeBox()", "tsvizGestures.untilMarked()")["ms"]


def try_peer(run: Run, peer: Peer, subject: str) -> Samples:
    """The command on the file; its page in a new profile, then again."""
    command = peer.command(run.folder / f"bert{peer.suffix}", free_port())
    with new_browser(run.playwright) as tab:
        started = time.time()
        with running(command, ADDRESS) as address:
            if peer.cookie:
                tab.accept_cookies(address, peer.cookie)
            tab.open(address, peer.tool)
            found = _times(subject, "cold page", tab.see(), started if peer.counts else None)
            tab.open(address, peer.tool)
            sight = tab.see()
    run.boxes[subject] = "its outermost layer" if sight.boxes is None else f"{sight.boxes} boxes"
    return found | _times(subject, "warm page", sight)


def try_large(run: Run) -> Samples:
    """The page of the large graph, in a new profile, then again."""
    found: Samples = {}
    with new_browser(run.playwright) as tab:
        for page in ("cold page", "warm page"):
            tab.open((run.folder / "large.html").as_uri(), "tsviz")
            found |= _times(LARGE, page, tab.see())
    return found


def try_folding(run: Run) -> Samples:
    """Folds the first of two unfolded scopes, the second, and unfolds the first again.

    None of these pictures has been laid out before.
    """
    steps = (("first", "false", "collapse"), ("second", "false", ""), ("first", "true", "expand"))
    found: Samples = {}
    with new_browser(run.playwright) as tab:
        tab.open((run.folder / "scopes.html").as_uri(), "tsviz", "all")
        tab.see()
        for scope, unfolded, row in steps:
            place = f"tsvizGestures.chevron({json.dumps(scope)})"
            ms = tab.click(place, f"tsvizGestures.untilFolded({json.dumps(scope)}, {unfolded})")
            if ms is None:
                raise NotSeenError(f"the scope `{scope}` did not answer a click on its triangle")
            if row:
                found[f"{row} a scope of {models.SCOPE_NODES} nodes", "tsviz"] = [ms]
    return found


# ── claims ────────────────────────────────────────────────────────────────────────────────────────

_PAGES = ("cold page", "warm page")
_TARGETS = {"cold page": PAGE_TARGET, "warm page": PAGE_TARGET, "command": COMMAND_TARGET}


def iter_claims(run: Run) -> Iterator[Claim]:
    """The figures with their targets.

    A peer counts from its first frame; tsviz counts from its first frame, and once more from when
    its picture has settled. The better peer of a row is the one with the smaller median.
    """
    for row, target in _TARGETS.items():
        for moment in ("first", "settled"):
            yield _compare(run, row, moment, UNFOLDED, _better_peer(run, row), target)
    for row in _PAGES:
        for moment in ("first", "settled"):
            large, bert = (run.samples[f"{row}, {moment}", subject] for subject in (LARGE, DEFAULT))
            yield Claim(f"{row}, {moment}: {LARGE} / BERT-base", ratios(large, bert), LARGE_TARGET)
    for (row, _), values in run.samples.items():
        if row.startswith(("expand", "collapse")):
            yield Claim(f"{row}, until it stands still", tuple(values), FOLD_LIMIT_MS, " ms")


def iter_figures(run: Run) -> Iterator[Claim]:
    """Ratios without a target: the default fold, and a peer whose graph was converted before."""
    for row in _TARGETS:
        yield _compare(run, row, "settled", DEFAULT, _better_peer(run, row))
    for peer in run.peers:
        if not peer.counts:
            for row in _PAGES:
                yield _compare(run, row, "settled", UNFOLDED, peer.name)


def _compare(
    run: Run, row: str, moment: str, subject: str, peer: str, target: float = math.inf
) -> Claim:
    ours, theirs = run.samples[f"{row}, {moment}", subject], run.samples[f"{row}, first", peer]
    return Claim(f"{row}, {moment}: {subject} / {peer}", ratios(ours, theirs), target)


def iter_controls(run: Run) -> Iterator[Claim]:
    """Each peer over itself in the same repetition: how far a ratio is off for no reason."""
    for peer in filter(lambda peer: peer.counts, run.peers):
        for row in ("cold page", "warm page", "command"):
            once, again = (
                run.samples[f"{row}, first", subject] for subject in (peer.name, _again(peer.name))
            )
            yield Claim(f"{row}: {peer.name} / itself", ratios(again, once), math.inf)


def _better_peer(run: Run, row: str) -> str:
    names = [peer.name for peer in run.peers if peer.counts]
    return min(names, key=lambda name: median(run.samples[f"{row}, first", name]))


# ── report ────────────────────────────────────────────────────────────────────────────────────────


def print_report(run: Run, claims: list[Claim]) -> None:
    """Medians and spreads, then claims with their verdicts, then the controls."""
    print(f"\n{'ms until visible':<66} {'median':>8} {'quartiles':>17} {'range':>17}")
    for (row, subject), values in run.samples.items():
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
    for claim in claims:
        print(claim.render())
    print("\nbeside these, without a target")
    for claim in iter_figures(run):
        print(claim.render_figure())
    print("\nthe controls' own noise")
    for claim in iter_controls(run):
        print(claim.render_figure())
    print(f"\nturns taken again: {len(run.repeated)}", *run.repeated, sep="\n  ")


def print_head(run: Run, words: list[str]) -> None:
    """The command and all versions."""
    print(
        "$ " + describe_conditions(shlex.join(["python", "-m", "benchmarks.first_paint", *words]))
    )
    tools = {peer.package: peer.versions() for peer in run.peers}
    versions = [f"{name} {found[name]} (torch {found['torch']})" for name, found in tools.items()]
    print(", ".join((chromium_version(), *versions)) + "; no GPU is used")


def main() -> int:
    """Runs the benchmark and prints its report; returns 1 where a claim is not shown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_paint", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="3 repetitions: not a claim")
    parser.add_argument("--lab", action="store_true", help="a double click in JupyterLab")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single value")
    options = parser.parse_args()
    repetitions = 3 if options.quick else REPETITIONS
    if options.lab:
        return try_lab(3 if options.quick else LAB_REPETITIONS, options.json)
    command = find_command("tsviz")
    if command is None:
        raise SystemExit("the command `tsviz` is not installed: pip install -e .")
    with (
        tempfile.TemporaryDirectory(prefix="tsviz-bench-") as name,
        sync_playwright() as playwright,
    ):
        run = Run(playwright, Path(name), command, find_peers())
        print_head(run, sys.argv[1:])
        measure(run, repetitions)
    claims = list(iter_claims(run))
    print_report(run, claims)
    if options.json:
        rows = {f"{row}: {subject}": values for (row, subject), values in run.samples.items()}
        options.json.write_text(json.dumps(rows, indent=1))
    return conclude(claims, repetitions)


def conclude(claims: list[Claim], repetitions: int) -> int:
    """The exit status; says what too few repetitions are worth."""
    if repetitions < REPETITIONS:
        print(f"\nonly {repetitions} repetitions: nothing is claimed")
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


def try_lab(repetitions: int, path: Path | None) -> int:
    """The double click, beside a kernel alone."""
    command = shlex.join(["python", "-m", "benchmarks.first_paint", *sys.argv[1:]])
    print("$ " + describe_conditions(command, lab_paint.PACKAGES) + f"; {chromium_version()}")
    compile_dir(Path(tsviz.__file__).parent, quiet=1)
    with (
        tempfile.TemporaryDirectory(prefix="tsviz-bench-") as name,
        sync_playwright() as playwright,
    ):
        files = Path(name, "files")
        files.mkdir()
        models.write_bert(files, exported=False)
        run = lab_paint.measure(playwright, Path(name), repetitions)
    lab_paint.print_report(run)
    if path:
        rows = {"kernel": run.start, "open": run.open, "again": run.again, **run.moments}
        path.write_text(json.dumps(rows, indent=1))
    return conclude(lab_paint.claims(run), repetitions)


def measure(run: Run, repetitions: int) -> None:
    """Makes the models, warms the machine's file cache up, then takes the turns.

    Python's compiled files of tsviz are written first: `pip install` does that, an editable
    installation does not, and where the environment forbids it no run would.
    """
    compile_dir(Path(tsviz.__file__).parent, quiet=1)
    models.write_bert(run.folder)
    print(f"the large graph has {models.write_large(run.folder / 'large.html'):,} nodes")
    models.write_scopes(run.folder / "scopes.html")
    for peer in run.peers:
        if not peer.counts:
            convert(peer, run.folder / "bert.pt2", run.folder / f"bert{peer.suffix}")
    order = list(turns(run).items())
    for repetition in range(-1, repetitions):  # one more, that is thrown away, to warm up
        for subject, turn in order[repetition:] + order[:repetition]:
            print(f"\r{repetition + 1}/{repetitions} {subject:<40}", end="", file=sys.stderr)
            run.take(subject, turn)
        if repetition < 0:
            run.samples.clear()
            run.clicks.clear()
            run.repeated.clear()
    print(file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
