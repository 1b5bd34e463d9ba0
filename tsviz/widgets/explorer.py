"""The explorer in a notebook cell.

What the notebook stores is small on purpose: a line of text and a picture, as HTML that any front
end shows. The explorer itself is a widget whose state is a loader of a few kilobytes; the front end
and the document travel over the comm when a view is made. Only what was asked for with `keep` is
stored, too.
"""

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from tsviz import __version__
from tsviz.errors import TsvizError
from tsviz.frontends import Program
from tsviz.measured import NOTHING, Measured
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.session import Session
from tsviz.widgets.answering import Answering
from tsviz.widgets.assets import read_text_asset
from tsviz.widgets.kept import check_size, kept_script
from tsviz.widgets.marimo import call_when_cell_ends

if TYPE_CHECKING:
    from tsviz.comparison import Beside
    from tsviz.passes import PassTrace
    from tsviz.profiler import Profile

_PICTURE_LIMIT = 150_000
_TEXT_LINES = 40
_HOW = "Run this cell to explore."
_HOW_KEPT = (
    "Run this cell to explore. The explorer is kept here, too: it opens where scripts may run, in "
    "Jupyter once the notebook is trusted."
)
_MARK = {"tsviz": {"explorer": True, "version": __version__}}
"""Metadata of a cell's output by which the JupyterLab extension knows what it may replace: the
view, by the page that stands beside it. That page is whole by itself, so one written by another
version is shown as it is."""


class Explorer(anywidget.AnyWidget):
    """The explorer of one program.

    Attributes:
        program: what is shown.
        summary: what it is in one line, shown until the explorer is there.
    """

    # As a path, it would be watched for changes, by a signal that keeps every widget for good.
    _esm = read_text_asset("loader.js")
    summary = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        program: Program,
        trace: "PassTrace | None" = None,
        comparison: ComparisonPayload | None = None,
        variants: "Sequence[Beside]" = (),
        measured: Measured = NOTHING,
    ) -> None:
        self.program = program
        self.session = Session(program, __version__, trace, comparison, variants, measured)
        self._answering = Answering(self.session, self._tell)
        self._kept = ""
        super().__init__(summary=_summary(program))
        self.on_msg(self._answer)  # pyright: ignore[reportUnknownMemberType] (untyped)
        call_when_cell_ends(self.close)

    @property
    def trace(self) -> "PassTrace | None":
        """The passes that the drawer shows: given, or recorded from there."""
        return self.session.trace

    @property
    def variants(self) -> "tuple[Beside, ...]":
        """The variants laid beside the program: given, or asked for from there."""
        return self.session.variants

    @property
    def profile(self) -> "Profile | None":
        """Where the time goes: given, or measured from there last."""
        return self.session.profile

    def keep(self) -> None:
        """Has notebooks that show it from now on keep it, as it is now, where their files are read.

        Raises:
            UsageError: `TSV-U42` it is too large for that.
        """
        kept = kept_script(self.session.document(shared=True), self.summary)
        check_size(static_bundle(self.program, kept))
        self._kept = kept

    def close(self) -> None:
        """Takes the view away, and ends what goes on for it."""
        self._answering.close()
        super().close()

    def _answer(self, _: object, content: dict[str, object], __: object) -> None:
        self._answering.answer(content)

    def _tell(self, message: dict[str, object], buffers: list[bytes] | None) -> None:
        self.send(message, buffers)  # pyright: ignore[reportUnknownMemberType] (untyped)

    def bundle(self) -> tuple[dict[str, object], dict[str, object]]:
        """What a cell's output holds, with its metadata: the view, and what else can be shown."""
        widget: Any = super()
        live, metadata = widget._repr_mimebundle_()
        return {**live, **static_bundle(self.program, self._kept)}, {**metadata, **_MARK}

    def _display_(self) -> object:
        """What marimo shows; its own way of showing widgets keeps each of them for good."""
        return _Shown(self)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return self.bundle()

    def __repr__(self) -> str:
        return f"<tsviz.Explorer of {self.program!r}>"


class _Shown:
    """An explorer as any object that says what it looks like."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return self._explorer.bundle()


def explore(
    program: Program,
    trace: "PassTrace | None" = None,
    comparison: ComparisonPayload | None = None,
    variants: "Sequence[Beside]" = (),
    measured: Measured = NOTHING,
) -> Explorer:
    """The widget for a program, with what was found out about it."""
    return Explorer(program, trace, comparison, variants, measured)


def mimebundle(program: Program) -> object:
    """What a notebook shows for a bare program: the explorer, with static fallbacks."""
    return Explorer(program).bundle()


def static_bundle(program: Program, kept: str = "") -> dict[str, str]:
    """Text, and a page with a picture: for saved notebooks and front ends without widgets.

    Args:
        kept: what puts the explorer in the place of the picture, if it is kept.
    """
    lines = program.text.split("\n")
    more = f"\n… {len(lines) - _TEXT_LINES} more lines" if len(lines) > _TEXT_LINES else ""
    text = "\n".join([_summary(program), *lines[:_TEXT_LINES]]) + more
    return {"text/plain": text, "text/html": _stored_page(program, text, bool(kept)) + kept}


def _stored_page(program: Program, text: str, is_kept: bool) -> str:
    """The picture where there is one, else the text; both pass a notebook's sanitiser."""
    summary = escape(_summary(program))
    caption = f"<figcaption>{summary}<br>{_HOW_KEPT if is_kept else _HOW}</figcaption>"
    if picture := _picture(program):
        image = f'<img alt="{summary}" src="{picture}" style="max-width:100%;background:#fff">'
        return f'<figure style="margin:0">{caption}{image}</figure>'
    return f'<figure style="margin:0">{caption}<pre>{escape(text)}</pre></figure>'


def _summary(program: Program) -> str:
    coverage = program.coverage()
    return (
        f"{program.name} · {program.variant} · {coverage.nodes} nodes · "
        f"{coverage.summary} · {program.came}"
    )


def _picture(program: Program) -> str:
    """The default view as the address of an image, "" if it is too large or cannot be drawn."""
    try:
        picture = base64.b64encode(program.svg().encode()).decode("ascii")
    except TsvizError:
        return ""
    return f"data:image/svg+xml;base64,{picture}" if len(picture) <= _PICTURE_LIMIT else ""
