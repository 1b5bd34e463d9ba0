"""`tsviz profile TARGET`: where the time and memory of a model go: a page, JSON, a timeline."""

import argparse
import sys
from typing import TYPE_CHECKING

import tsviz
from tsviz.commands.programs import capture_target
from tsviz.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from tsviz.profiler import Profile

_RUNS = 10


def run(options: argparse.Namespace) -> bool:
    """Profiles, prints what was measured, writes the timeline; nothing of that is a finding."""
    from tsviz.terminal import steps_bar

    runs = _read_runs(options.runs)
    program = capture_target(options.target, options)
    with steps_bar() as progress:
        found = tsviz.profile(
            program,
            runs=runs,
            nodes=options.nodes or "ops",
            device=options.device,
            progress=progress,
        )
    if options.trace is not None:
        sys.stderr.write(f"{found.write(options.trace)}\n")  # not to stdout, which may be JSON
    if options.json:
        sys.stdout.write(found.by_node().reset_index().to_json(orient="records", indent=1) + "\n")
    else:
        _print(found)
    return False


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
