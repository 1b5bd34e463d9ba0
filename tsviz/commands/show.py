"""`tsviz show TARGET`: one model, as a page in the terminal or as a file."""

import argparse
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import tsviz
from tsviz.commands.programs import capture_target, reader_started

if TYPE_CHECKING:
    from tsviz.frontends import Program
    from tsviz.passes import PassTrace


def run(options: argparse.Namespace) -> bool:
    """Captures the target and shows it; returns whether the capture has findings."""
    with reader_started(options.target, options):
        Thread(target=_import_ahead, daemon=True).start()
        program = capture_target(options.target, options)
    trace = tsviz.run_passes(program, pipeline=options.passes) if options.passes else None
    shown = program if trace is None else trace
    written = _write(shown, _Files(options.html, options.svg))
    if options.open:
        _open_page(shown, written)
    if options.json:
        sys.stdout.write(_json(program) if trace is None else _json_of_steps(trace))
    elif trace is None:
        _print_page(program)
    else:
        _print_passes(trace)
    return bool(shown.diagnostics)


def _import_ahead() -> None:
    """Imports what shows a program; what is missing is said where it is asked for."""
    with suppress(ImportError):
        for name in ("tsviz.saving", "tsviz.session", "tsviz.widgets.html", "tsviz.terminal"):
            import_module(name)


@dataclass(frozen=True, slots=True)
class _Files:
    html: str | None
    svg: str | None


def _write(shown: "Program | PassTrace", files: _Files) -> Path | None:
    """Writes what was asked for; returns the page, if that was."""
    for path in (files.html, files.svg):
        if path is not None:
            _save(shown, Path(path))
    return Path(files.html) if files.html is not None else None


def _save(shown: "Program | PassTrace", path: Path) -> None:
    summary = tsviz.save(shown, path)
    sys.stderr.write(f"{path}: {summary}\n")  # not to stdout, which may be JSON


def _open_page(shown: "Program | PassTrace", written: Path | None) -> None:
    import webbrowser

    path = written or Path(tempfile.mkdtemp(prefix="tsviz-")) / "explorer.html"
    if written is None:
        _save(shown, path)
    if not webbrowser.open(path.resolve().as_uri()):
        sys.stderr.write(f"no browser was found to open {path}\n")


def _json(program: "Program") -> str:
    """The text that `tsviz.save(program, "x.json")` writes."""
    with tempfile.TemporaryDirectory(prefix="tsviz-") as folder:
        path = Path(folder) / "program.json"
        tsviz.save(program, path)
        return path.read_text(encoding="utf-8") + "\n"


def _json_of_steps(trace: "PassTrace") -> str:
    """The rows of `trace.to_dataframe()`."""
    return trace.to_dataframe().reset_index().to_json(orient="records", indent=1) + "\n"


def _print_passes(trace: "PassTrace") -> None:
    from tsviz.passes_page import passes_page
    from tsviz.terminal import new_console

    new_console().print(passes_page(trace), highlight=False)


def _print_page(program: "Program") -> None:
    from tsviz.terminal import new_console, program_page

    new_console().print(program_page(program), highlight=False)
