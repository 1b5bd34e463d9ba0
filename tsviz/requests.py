"""What is to be known of a request before it is answered: when it may run, and what it tells."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tsviz import debugging
from tsviz.debugging import waits_for_cells
from tsviz.protocol import messages
from tsviz.searching import why_no_fork

if TYPE_CHECKING:
    from tsviz.comparison import Step

LONG = {
    "observe": "running the model once with its example inputs",
    "passes": "running the model until PyTorch compiles no more, and reading what it did",
    "variants": "making the variant, and finding which nodes correspond",
    "compare": "searching for inputs on which it differs",
    "profile": "running the model until PyTorch compiles no more; cells wait meanwhile",
    "sweep": "running the model at each batch size; cells wait meanwhile",
    "debug_record": "running it from its start to its end; cells wait meanwhile",
    "save_html": "looking at every weight, then writing the page",
}
"""Requests that run the model: they say so, because that takes a while."""


def runs_the_model(message: Mapping[str, object]) -> bool:
    """Whether answering `message` runs the user's model, which must not happen beside a cell."""
    return message.get("kind") in LONG or waits_for_cells(message)


def is_stepping(message: Mapping[str, object]) -> bool:
    """Whether a message is about a stepped program: many of them, each answered quickly."""
    return message.get("kind") in debugging.KINDS


def goes_on_beside(message: Mapping[str, object]) -> bool:
    """Whether what follows the first message of the answer may be waited for beside cells."""
    return message.get("kind") == "compare" and not why_no_fork()


def notice(
    message: Mapping[str, object], *, waits: bool = False, why_here: str = ""
) -> dict[str, object]:
    """What the browser is told of a request before its answer: what it is about to do.

    Args:
        waits: whether it waits for a cell.
        why_here: why cells wait for it.
    """
    identity, kind = str(message.get("id", "")), str(message.get("kind", ""))
    text = "waiting for the running cell" if waits else LONG.get(kind, "its turn is next")
    text += f"; cells wait meanwhile: {why_here}" if why_here else ""
    return dataclasses.asdict(messages.Progress("progress", identity, 0, 0, text))


def search_progress(
    identity: str, step: "Step", asked: messages.CompareRequest
) -> dict[str, object]:
    """How far a search is: inputs of all variants, and what is found."""
    before = asked.variants.index(step.variant) * step.of
    words = f"{step.found} found" + (", showing it in a process of its own" * step.is_proving)
    done, total = before + step.tried, len(asked.variants) * step.of
    return progress_of(identity, done, total, f"{step.variant}: {words}")


def progress_of(identity: str, done: int, total: int, words: str) -> dict[str, object]:
    """The message that tells how far a request is."""
    return dataclasses.asdict(messages.Progress("progress", identity, done, total, words))
