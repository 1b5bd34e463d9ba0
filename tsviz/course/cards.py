"""What a question or a check shows: one card, as HTML in a notebook and as text elsewhere.

The card takes the colours of the page it stands in, and says in words what its edge says by colour.
"""

import re
import textwrap
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from tsviz.course.content import Misconception

_WIDTH = 100
_CODE = re.compile(r"`([^`]+)`")


class State(StrEnum):
    """How an answer stands."""

    UNANSWERED = "not answered yet"
    PREDICTED = "prediction noted"
    RIGHT = "right"
    WRONG = "not right yet"
    FAILED = "your code raised an error"


# Middle tones: they stand out on white and on black, and differ for colour-blind eyes.
_EDGES = {
    State.UNANSWERED: "#8b95a3",
    State.PREDICTED: "#8b95a3",
    State.RIGHT: "#0a8f76",
    State.WRONG: "#d9730d",
    State.FAILED: "#c2479a",
}


@dataclass(frozen=True, slots=True)
class Card:
    """The answer to an answer.

    Attributes:
        id: of the question or exercise.
        state: how the answer stands.
        sentences: what is asked, was seen, or is so; one paragraph each.
        choices: the letters and texts to choose from, where a question is asked.
        noted: what is said of a prediction, after the choices.
        excerpt: text that keeps its lines: where the learner's code failed.
        misconception: what stands behind a wrong answer.
    """

    id: str
    state: State
    sentences: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    noted: str = ""
    excerpt: str = ""
    misconception: Misconception | None = None

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": str(self)}

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        blocks = [f"{self.id}: {self.state}"]
        blocks += [_filled(sentence) for sentence in self.sentences]
        blocks += [_filled(text, f"{letter}) ") for letter, text in self.choices]
        blocks += [_filled(self.noted)] if self.noted else []
        blocks += [textwrap.indent(self.excerpt, "  ")] if self.excerpt else []
        if self.misconception:
            blocks.append(_filled(f'often behind this: "{self.misconception.name}"'))
            blocks.append(_filled(self.misconception.truth))
        return "\n".join(blocks)

    def _html(self) -> str:
        parts = [f"<strong>{self.id}: {self.state}</strong>"]
        parts += [f"<div>{marked(sentence)}</div>" for sentence in self.sentences]
        if self.choices:
            rows = (f"<div><b>{letter})</b> {marked(text)}</div>" for letter, text in self.choices)
            parts.append(f'<div style="margin: 0.4em 0 0 1em">{"".join(rows)}</div>')
        if self.noted:
            parts.append(f"<div>{marked(self.noted)}</div>")
        if self.excerpt:
            parts.append(f'<pre style="color: inherit">{escape(self.excerpt)}</pre>')
        if self.misconception:
            name, truth = marked(self.misconception.name), marked(self.misconception.truth)
            parts.append(f"<div><em>Often behind this: “{name}”</em><br>{truth}</div>")
        style = f"border-left: 4px solid {_EDGES[self.state]}; padding: 0.2em 0.8em; color: inherit"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'


def _filled(text: str, start: str = "") -> str:
    indent = "  " + start
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))


def marked(text: str) -> str:
    """Text as HTML, with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
