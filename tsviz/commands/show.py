"""`tsviz show TARGET`: one model, as a page in the terminal or as a file.

What draws pages is imported last: until then the child that reads an archive is at work.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tsviz
from tsviz.capturing import Wish, get_program
from tsviz.commands.targets import find_target, read_arguments
from tsviz.frontends import Program


def run(options: argparse.Namespace) -> bool:
    """Captures the target and shows it; returns whether the capture has findings."""
    target = find_target(options.target)
    args, kwargs = read_arguments(options.args, options.kwargs, target.names)
    wish = Wish(options.via or "auto", options.method or "", options.trust)
    program = get_program(target.value, wish, args, kwargs)
    written = _write(program, _Files(options.html, options.svg))
    if options.open:
        _open_page(program, written)
    if options.json:
        sys.stdout.write(_json(program))
    else:
        _print_page(program)
    return bool(program.diagnostics)


@dataclass(frozen=True, slots=True)
class _Files:
    html: str | None
    svg: str | None


def _write(program: Program, files: _Files) -> Path | None:
    """Writes what was asked for; returns the page, if that was."""
    for path in (files.html, files.svg):
        if path is not None:
            _save(program, Path(path))
    return Path(files.html) if files.html is not None else None


def _save(program: Program, path: Path) -> None:
    summary = tsviz.save(program, path)
    sys.stderr.write(f"{path}: {summary}\n")  # not to stdout, which may be JSON


def _open_page(program: Program, written: Path | None) -> None:
    import webbrowser

    path = written or Path(tempfile.mkdtemp(prefix="tsviz-")) / "explorer.html"
    if written is None:
        _save(program, path)
    if not webbrowser.open(path.resolve().as_uri()):
        sys.stderr.write(f"no browser was found to open {path}\n")


def _json(program: Program) -> str:
    """The text that `tsviz.save(program, "x.json")` writes."""
    with tempfile.TemporaryDirectory(prefix="tsviz-") as folder:
        path = Path(folder) / "program.json"
        tsviz.save(program, path)
        return path.read_text(encoding="utf-8") + "\n"


def _print_page(program: Program) -> None:
    from tsviz.terminal import new_console, program_page

    new_console().print(program_page(program), highlight=False)
