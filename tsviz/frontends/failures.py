"""What PyTorch, or the user's code under it, raised: as a diagnostic at the user's line."""

from tsviz.errors import Diagnostic
from tsviz.frontends.sources import read_source
from tsviz.jit.compile_errors import find_call, find_place, first_words
from tsviz.location import SourceFile, Unknown, iter_frames


def describe_failure(
    error: Exception, code: str, message: str, help: str = "", *, name_call: bool = False
) -> tuple[Diagnostic, tuple[SourceFile, ...]]:
    """A diagnostic with the place, PyTorch's own words, and the sources that show the place.

    Args:
        message: what went wrong; the first sentence of the error is added.
        name_call: whether to name the function of PyTorch's that failed.
    """
    text = str(error).strip() or type(error).__name__
    place = find_place(error) or Unknown("PyTorch names no line")
    call = find_call(error)
    by_pytorch = bool(call) or "TorchScript" in text
    notes = (f"PyTorch said: {text}" if by_pytorch else f"raised: {type(error).__name__}: {text}",)
    if name_call and call:
        notes = (f"the call that failed: {call}", *notes)
    sources = tuple(read_source(file) for file in {frame.file for frame in iter_frames(place)})
    return Diagnostic(code, f"{message}: {first_words(text)}", place, notes, help), sources
