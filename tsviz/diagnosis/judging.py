"""PyTorch's compiler as the judge: whether a copy compiles, and what it says where."""

import warnings
from dataclasses import dataclass

from tsviz.diagnosis.rebuilding import Rebuilt
from tsviz.frontends.failures import Meaning, Phase, find_frames, find_meaning
from tsviz.jit import natives
from tsviz.jit.compile_errors import first_words, held_native_words
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something did not compile.

    Attributes:
        words: PyTorch's first sentence.
        text: all that PyTorch said.
        places: where, innermost first, in the user's own sources.
        meaning: the entry of the table of messages, `None` where there is none.
    """

    words: str
    text: str
    places: tuple[FileRange, ...]
    meaning: Meaning | None = None

    @property
    def cause(self) -> str:
        """The reason in plain words, where the table has them."""
        return self.meaning.cause if self.meaning is not None else self.words

    @property
    def help(self) -> str:
        """What can be done, "" where the table does not say."""
        return self.meaning.help if self.meaning is not None else ""


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
    frames = find_frames(error)
    named = text
    for name, copy in rebuilt.texts.items():
        named = named.replace(name, copy.file)
    places = tuple(rebuilt.original(frame) for frame in frames)
    return Refusal(first_words(named), named, places, find_meaning(Phase.COMPILE, text))
