"""The explorer in a notebook cell.

What the notebook stores is small on purpose: a loader of a few kilobytes, a line of text and a
picture. The front end itself and the document travel over the comm when the view is made.
"""

from pathlib import Path

import anywidget
import traitlets

from tsviz import __version__
from tsviz.errors import TsvizError
from tsviz.frontends import Program
from tsviz.session import Session

_STATIC = Path(__file__).parent / "static"
_PICTURE_LIMIT = 150_000
_TEXT_LINES = 40


class Explorer(anywidget.AnyWidget):
    """The explorer of one program.

    Attributes:
        program: what is shown.
        picture: an SVG of the default view, shown where no kernel answers.
        summary: one line of text for the same case.
    """

    _esm = _STATIC / "loader.js"
    picture = traitlets.Unicode("").tag(sync=True)
    summary = traitlets.Unicode("").tag(sync=True)

    def __init__(self, program: Program) -> None:
        self.program = program
        self.session = Session(program, __version__)
        super().__init__(picture=_picture(program), summary=_summary(program))
        self.on_msg(self._answer)

    def _answer(self, _: object, content: object, __: object) -> None:
        for message, buffers in self.session.handle(content):
            self.send(message, buffers)

    def _repr_mimebundle_(self, **options: object) -> object:
        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        if data is None:
            return static_bundle(self.program)
        return ({**static_bundle(self.program), **data}, *metadata)

    def __repr__(self) -> str:
        return f"<tsviz.Explorer of {self.program!r}>"


def explore(program: Program) -> Explorer:
    """The widget for a program."""
    return Explorer(program)


def mimebundle(program: Program) -> object:
    """What a notebook shows for a bare program: the explorer, with static fallbacks."""
    return Explorer(program)._repr_mimebundle_()


def static_bundle(program: Program) -> dict[str, str]:
    """Text and, where it is small enough, a picture: for front ends without widgets."""
    lines = program.text.split("\n")
    more = f"\n… {len(lines) - _TEXT_LINES} more lines" if len(lines) > _TEXT_LINES else ""
    text = "\n".join([_summary(program), *lines[:_TEXT_LINES]]) + more
    bundle = {"text/plain": text}
    picture = _picture(program)
    return {**bundle, "image/svg+xml": picture} if picture else bundle


def _summary(program: Program) -> str:
    coverage = program.coverage()
    return (
        f"{program.title}.{program.method} · {program.variant} · {coverage.nodes} nodes · "
        f"{coverage.summary} · {program.came}"
    )


def _picture(program: Program) -> str:
    """The default view as SVG, "" where it is too large or cannot be drawn here."""
    try:
        picture = program.svg()
    except TsvizError:
        return ""
    return picture if len(picture.encode()) <= _PICTURE_LIMIT else ""
