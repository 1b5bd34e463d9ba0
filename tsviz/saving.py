"""Saving what was seen to one file, by suffix."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tsviz import __version__
from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.frontends.given import as_alignment, as_trace, is_comparison
from tsviz.frontends.saved import saved_bytes
from tsviz.protocol import encode

if TYPE_CHECKING:
    from tsviz.comparison import Beside
    from tsviz.passes import PassTrace


def save(obj: object, path: str | Path) -> str:
    """Saves a program, the explorer of one, a `PassTrace`, an `Alignment` or a `Comparison`.

    The suffix decides: `.tsviz` (graphs, links and sources; `tsviz.open` reads it), `.html` (the
    explorer in one offline file), `.svg`, `.dot`, `.json` (nodes, links and coverage). As `.html`
    alone are saved: a comparison, the page that a notebook shows, and an alignment, the explorer
    with both variants.

    Returns:
        One line on what is inside and how large it is.

    Raises:
        UsageError: `TSV-U40` another suffix, `TSV-U41` nothing that can be saved.
    """
    target = Path(path).expanduser()
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        message = f"expected a file name ending in {', '.join(_WRITERS)}, got `{target.name}`"
        raise UsageError(Diagnostic("TSV-U40", message))
    if is_comparison(obj) and writer is _html:
        return _write(target, renderer("comparison_file")(obj))
    alignment = as_alignment(obj) if writer is _html else None
    program = getattr(obj, "program", obj) if alignment is None else alignment.first
    if not isinstance(program, Program):
        message = f"expected a program or its explorer to save, got {type(obj).__name__}"
        raise UsageError(Diagnostic("TSV-U41", message, help=_help_for(obj)))
    if writer is _html:
        content, summary = _html(program, _trace_of(obj), _variants_of(obj))
    else:
        content, summary = writer(program)
    return _write(target, content, summary)


def _help_for(obj: object) -> str:
    if as_alignment(obj) is None:
        return "use tsviz.capture(model) first"
    return "save both variants as .html, or one of them: .first, .second"


def _write(target: Path, content: str | bytes, summary: str = "") -> str:
    data = content.encode() if isinstance(content, str) else content
    target.write_bytes(data)
    return summary or f"{len(data) / 1e3:.0f} kB"


def _trace_of(obj: object) -> "PassTrace | None":
    """The passes that are to be saved, too: those of a trace, or of an explorer's drawer."""
    return as_trace(obj) or as_trace(getattr(obj, "trace", None))


def _variants_of(obj: object) -> "Sequence[Beside]":
    """The variants that are to be saved, too: that of an alignment, or those of an explorer."""
    alignment = as_alignment(obj)
    if alignment is None:
        return getattr(obj, "variants", ())
    from tsviz.comparison import Beside

    return (Beside.of(alignment),)


def _html(
    program: Program, trace: "PassTrace | None" = None, variants: "Sequence[Beside]" = ()
) -> tuple[str, str]:
    from tsviz.session import Session

    page = renderer("html")(Session(program, __version__, trace, variants).document(shared=True))
    return page.text, page.summary


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
