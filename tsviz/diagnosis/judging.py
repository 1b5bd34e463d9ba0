"""PyTorch's compiler as the judge: whether a copy compiles, and what it says where."""

import warnings
from dataclasses import dataclass

from tsviz.diagnosis.rebuilding import Rebuilt
from tsviz.jit import natives
from tsviz.jit.compile_errors import find_place, first_words, held_native_words
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange, iter_frames


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something did not compile.

    Attributes:
        words: PyTorch's first sentence.
        text: all that PyTorch said.
        places: where, innermost first, in the user's own sources.
    """

    words: str
    text: str
    places: tuple[FileRange, ...]


def compile_copy(rebuilt: Rebuilt, method: str) -> tuple[object, Refusal | None]:
    """Scripts a copy.

    Returns:
        What PyTorch compiled, or why it did not.
    """
    with warnings.catch_warnings(), held_native_words():
        warnings.simplefilter("ignore")
        native, error = outcome_of(lambda: natives.script(rebuilt.owner, method))
    return native, None if error is None else _refusal(error, rebuilt)


def _refusal(error: Exception, rebuilt: Rebuilt) -> Refusal:
    text = str(error).strip() or type(error).__name__
    place = find_place(error)
    frames = tuple(iter_frames(place)) if place is not None else ()
    named = text
    for name, copy in rebuilt.texts.items():
        named = named.replace(name, copy.file)
    return Refusal(first_words(named), named, tuple(rebuilt.original(frame) for frame in frames))
