"""What went wrong while PyTorch read an archive, in words that help."""

import re
from dataclasses import replace
from pathlib import Path

from tsviz.errors import ArchiveError, Diagnostic
from tsviz.frontends.inspecting import ArchiveContents
from tsviz.jit.isolate import OUT_OF_MEMORY, ChildFailure
from tsviz.jit.ranges import parse_range
from tsviz.location import Origin, SourceFile

_UNKNOWN_OPERATOR = re.compile(r"Unknown builtin op: ([\w:.]+?)\.?$", re.MULTILINE)
_NEWER_FORMAT = re.compile(r"file with version (\d+), but the maximum .*? is (\d+)")
_CPP_STACK = "\nException raised from"
_MOST_LINES = 12
_MOST_REASONS = 5

PACKAGES = {
    "torchvision": "torchvision",
    "image": "torchvision",
    "torchaudio": "torchaudio",
    "torchtext": "torchtext",
    "fbgemm": "fbgemm_gpu",
    "torch_scatter": "torch_scatter",
    "torch_sparse": "torch_sparse",
    "torch_cluster": "torch_cluster",
    "torch_spline_conv": "torch_spline_conv",
    "pyg": "pyg_lib",
    "detectron2": "detectron2",
    "tensorrt": "torch_tensorrt",
    "xformers": "xformers",
}
"""Namespace of operators → the package that registers them when it is imported."""


def load_error(contents: ArchiveContents, words: str) -> ArchiveError:
    """The error for an archive that PyTorch refuses.

    Args:
        contents: of the archive, to find the user's line.
        words: what PyTorch says.
    """
    diagnostic = _find_known(contents.path, words) or Diagnostic(
        "TSV-A19",
        f"PyTorch cannot load `{contents.path}`",
        help="try the version of PyTorch that wrote it; if that fails, too, save the model again",
    )
    notes = (*diagnostic.notes, f"PyTorch said: {_shortened(words)}")
    printed = parse_range(words).serialized
    place = printed and (contents.find_original(printed) or printed)
    if place is None:
        return ArchiveError(replace(diagnostic, notes=notes))
    text = {**contents.code, **contents.stored_sources}.get(place.file, "")
    sources = (SourceFile(place.file, text, Origin.ARCHIVE),)
    return ArchiveError(replace(diagnostic, notes=notes, location=place), sources)


def _find_known(path: str, words: str) -> Diagnostic | None:
    operator = _UNKNOWN_OPERATOR.search(words)
    if operator is not None:
        return _missing_operator(path, operator[1])
    if any(sign in words for sign in OUT_OF_MEMORY):
        return _too_large(path)
    newer = _NEWER_FORMAT.search(words)
    if newer is not None:
        message = f"expected a file format up to {newer[2]}, `{path}` has {newer[1]}"
        help = "update PyTorch to the version that wrote it, or a later one"
        return Diagnostic("TSV-A18", message, help=help)
    return None


def _missing_operator(path: str, operator: str) -> Diagnostic:
    package = PACKAGES.get(operator.partition("::")[0])
    message = f"`{path}` calls `{operator}`, which nothing here has registered"
    if package is None:
        help = "import what registers it, then tsviz.open(path, trust=True), if you trust the file"
        return Diagnostic("TSV-A17", message, help=help)
    note = f"importing `{package}` usually registers it"
    return Diagnostic("TSV-A17", message, notes=(note,), help=f"pip install {package}")


def would_run(contents: ArchiveContents) -> ArchiveError:
    """The error for an archive that would run code while it is loaded."""
    reasons = list(contents.on_load[:_MOST_REASONS])
    if len(contents.on_load) > _MOST_REASONS:
        reasons.append(f"and {len(contents.on_load) - _MOST_REASONS} more like these")
    return ArchiveError(
        Diagnostic(
            "TSV-A13",
            f"loading `{contents.path}` would run code out of it, so it was not loaded",
            notes=(*reasons, f"it holds {contents.summary}"),
            help=f"if you trust whoever made it: tsviz.open({contents.path!r}, trust=True)",
        )
    )


def no_method(path: Path) -> ArchiveError:
    """The error for an archive without code to show."""
    message = f"expected a model with a method, the one in `{path}` has none"
    return ArchiveError(Diagnostic("TSV-A22", message))


def child_error(path: Path, failure: ChildFailure) -> ArchiveError:
    """The error for an archive over which the child process ended."""
    if failure.reason == "time":
        diagnostic = _stopped("TSV-A15", path, "takes too long to read")
    elif failure.reason == "memory":
        diagnostic = _too_large(path)
    elif failure.reason == "crash":
        diagnostic = _stopped("TSV-A14", path, f"makes PyTorch crash ({failure.words})")
    else:
        last_words = "\n".join(failure.words.splitlines()[-_MOST_LINES:])
        diagnostic = Diagnostic(
            "TSV-A20",
            f"the child process that read `{path}` failed",
            notes=(f"it said: {last_words}",),
            help="please report this with the output of `tsviz env`",
        )
    return ArchiveError(diagnostic)


def _too_large(path: str | Path) -> Diagnostic:
    return _stopped("TSV-A16", path, "takes more memory to read than it should")


def _stopped(code: str, path: str | Path, what: str) -> Diagnostic:
    note = "it was read in a child process, so nothing is lost here"
    help = "take the file for damaged or hostile, and do not load it elsewhere"
    return Diagnostic(code, f"`{path}` {what}", notes=(note,), help=help)


def _shortened(words: str) -> str:
    """PyTorch's words without its C++ stack and without most of a long listing."""
    lines = words.split(_CPP_STACK, maxsplit=1)[0].strip().splitlines()
    more = ["…"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])
