"""Saving what was seen to one file, by suffix."""

import json
from collections.abc import Callable
from pathlib import Path

from tsviz import __version__
from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.frontends.given import as_alignment, as_comparison, as_trace
from tsviz.frontends.saved import saved_bytes
from tsviz.measured import measured_of
from tsviz.protocol import encode


def save(obj: object, path: str | Path) -> str:
    """Saves a program, the explorer of one, or what was found out about one.

    The suffix decides: `.tsviz` (graphs, links and sources; `tsviz.open` reads it), `.html` (the
    explorer in one offline file), `.svg`, `.dot`, `.json` (nodes, links and coverage). As `.html`
    alone are saved: a `Comparison`, the page that a notebook shows; an `Alignment`, the explorer
    with both variants; and what a `PassTrace`, a `Profile`, one against another or a `Sweep` holds
    besides its program.

    Returns:
        One line on what is inside and how large it is.

    Raises:
        UsageError: `TSV-U40` another suffix, `TSV-U41` nothing that can be saved; `TSV-T31` a
            sweep of which every point failed.
    """
    target = Path(path).expanduser()
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        message = f"expected a file name ending in {', '.join(_WRITERS)}, got `{target.name}`"
        raise UsageError(Diagnostic("TSV-U40", message))
    if as_comparison(obj) is not None and writer is _html:
        return _write(target, renderer("comparison_file")(obj))
    alignment = as_alignment(obj) if writer is _html else None
    program = _program_of(obj) if alignment is None else alignment.first
    if not isinstance(program, Program):
        message = f"expected a program or its explorer to save, got {type(obj).__name__}"
        raise UsageError(Diagnostic("TSV-U41", message, help=_help_for(obj)))
    content, summary = _shown(obj, program) if writer is _html else writer(program)
    return _write(target, content, summary)


def _program_of(obj: object) -> object:
    return measured_of(obj).program or getattr(obj, "program", obj)


def _help_for(obj: object) -> str:
    if as_alignment(obj) is None:
        return "use tsviz.capture(model) first"
    return "save both variants as .html, or one of them: .first, .second"


def _write(target: Path, content: str | bytes, summary: str = "") -> str:
    data = content.encode() if isinstance(content, str) else content
    target.write_bytes(data)
    return summary or f"{len(data) / 1e3:.0f} kB"


def _shown(obj: object, program: Program) -> tuple[str, str]:
    """The explorer's page, with the passes of a trace, or with what an explorer's drawers hold."""
    from tsviz.session import Session

    session = getattr(obj, "session", None)
    if not isinstance(session, Session):
        from tsviz.comparison import Beside

        alignment = as_alignment(obj)
        laid = () if alignment is None else (Beside.of(alignment),)
        session = Session(
            program, __version__, as_trace(obj), variants=laid, measured=measured_of(obj)
        )
    page = renderer("html")(session.document(shared=True))
    return page.text, page.summary


def _html(program: Program) -> tuple[str, str]:
    return _shown(program, program)


def _json(program: Program) -> tuple[str, str]:
    coverage = program.coverage()
    nodes = [
        {
            "op": node.op,
            "scope": program.graph.scope(node),
            "line": str(line) if (line := program.model_line(node)) is not None else None,
            "how": program.graph.link(node).how,
        }
        for node in program.graph.iter_nodes()
    ]
    document = {
        "title": program.title,
        "method": program.method,
        "variant": program.variant,
        "came": program.came,
        "banner": program.banner,
        "coverage": encode(coverage)[0],
        "nodes": nodes,
    }
    return json.dumps(document, indent=1, ensure_ascii=False), ""


def _tsviz(program: Program) -> tuple[bytes, str]:
    data = saved_bytes(program)
    sources = len(program.sources)
    return data, f"{len(data) / 1e3:.0f} kB: graphs, links and {sources} source files; no weights"


_WRITERS: dict[str, Callable[[Program], tuple[str | bytes, str]]] = {
    ".tsviz": _tsviz,
    ".html": _html,
    ".svg": lambda program: (program.svg(), ""),
    ".dot": lambda program: (program.dot(), ""),
    ".json": _json,
}
