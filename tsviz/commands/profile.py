"""`tsviz profile TARGET`: where time and memory go: a page, JSON, a timeline, a comparison."""

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

import tsviz
from tsviz.commands.programs import capture_target
from tsviz.errors import Diagnostic, UsageError
from tsviz.options import VIAS

if TYPE_CHECKING:
    from tsviz.frontends import Program
    from tsviz.profiler import Profile, ProfileComparison

_RUNS = 10


def run(options: argparse.Namespace) -> bool:
    """Profiles, prints what was measured, writes the timeline; nothing of that is a finding."""
    from tsviz.terminal import steps_bar

    runs = _read_runs(options.runs)
    program = capture_target(options.target, options)
    other = None if options.against is None else _other(options)
    with steps_bar() as progress:
        measure = partial(
            tsviz.profile,
            runs=runs,
            nodes=options.nodes or "ops",
            device=options.device,
            progress=progress,
        )
        before = None if other is None else measure(other)
        found = measure(program)
    if options.trace is not None:
        sys.stderr.write(f"{found.write(options.trace)}\n")  # not to stdout, which may be JSON
    if before is not None:
        _print_comparison(found.against(before), options)
    elif options.json:
        sys.stdout.write(found.by_node().reset_index().to_json(orient="records", indent=1) + "\n")
    else:
        _print(found)
    return False


def _other(options: argparse.Namespace) -> "Program":
    """The program to start from: of another target, or of the same one in another way."""
    if options.against not in VIAS:
        return capture_target(options.against, options)
    changed = argparse.Namespace(**{**vars(options), "via": options.against})
    return capture_target(options.target, changed)


def _read_runs(text: str | None) -> int:
    if text is None:
        return _RUNS
    if text.isdecimal() and int(text) > 0:
        return int(text)
    message = f"expected `--runs` to be a whole number from 1 on, got `{text}`"
    raise UsageError(Diagnostic("TSV-L12", message))


def _print(found: "Profile") -> None:
    from tsviz.profile_page import profile_page
    from tsviz.terminal import new_console

    new_console().print(profile_page(found), highlight=False)


def _print_comparison(found: "ProfileComparison", options: argparse.Namespace) -> None:
    from tsviz.against_page import against_page
    from tsviz.terminal import new_console

    if options.json:
        sys.stdout.write(found.to_dataframe().to_json(orient="records", indent=1) + "\n")
    else:
        new_console().print(against_page(found), highlight=False)
