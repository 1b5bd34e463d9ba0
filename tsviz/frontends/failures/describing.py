"""What PyTorch, or the user's code under it, raised while tsviz worked, as a diagnostic."""

from itertools import dropwhile

from tsviz.errors import Diagnostic
from tsviz.frontends.failures.explaining import explain, read_meaning
from tsviz.frontends.lines import is_torch, is_tsviz
from tsviz.frontends.sources import read_source
from tsviz.jit.compile_errors import find_call
from tsviz.location import FileRange, SourceFile, iter_frames


def describe_failure(
    error: Exception, code: str, message: str, help: str = "", *, name_call: bool = False
) -> tuple[Diagnostic, tuple[SourceFile, ...]]:
    """A diagnostic with the place, the cause, PyTorch's own words, and the sources of the place.

    Args:
        message: what went wrong; the cause is added.
        help: what can be done where the table of messages knows nothing better.
        name_call: whether to name the function of PyTorch's that failed.
    """
    found = explain(error)
    call = find_call(error) if name_call else ""
    notes = (f"the call that failed: {call}",) if call else ()
    place = found.diagnostic.location
    known = {source.path: source for source in found.sources}
    files = dict.fromkeys(frame.file for frame in iter_frames(place))
    sources = tuple(_source(file, known) for file in files)
    return (
        Diagnostic(
            code,
            f"{message}: {found.cause}",
            place,
            (*notes, *found.diagnostic.notes),
            found.diagnostic.help or help,
        ),
        sources,
    )


def _source(file: str, known: dict[str, SourceFile]) -> SourceFile:
    """The file as it is; where it cannot be read, what PyTorch shows of it."""
    source = read_source(file)
    return source if source.text else known.get(file, source)


def cause_of(error: Exception) -> str:
    """Why something failed, in a few plain words."""
    return read_meaning(error).cause


def find_frames(error: Exception) -> tuple[FileRange, ...]:
    """Where something failed, innermost first, from the innermost frame outside PyTorch on."""
    frames = explain(error).frames
    outside = tuple(dropwhile(lambda frame: is_torch(frame.file) or is_tsviz(frame.file), frames))
    return outside or frames
