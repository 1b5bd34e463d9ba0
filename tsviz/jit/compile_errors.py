"""Why and where a compilation, a trace or a run failed, from what PyTorch raised."""

import os
import re
import sys
import sysconfig
import tempfile
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from itertools import dropwhile
from pathlib import Path
from typing import cast

from tsviz.jit.ranges import iter_places, parse_traceback
from tsviz.location import FileRange, Location, called_from

_PLACE = re.compile(r'^ *File "', re.MULTILINE)
_CALLED = re.compile(r"torch\.[\w.]+(?=\()")
_OWN_CODE = re.compile(r"[/\\](?:torch|tsviz)[/\\](?!examples)")
_TRACER_TYPE = re.compile(r"Tracer cannot infer type of .*\n:(?P<reason>.*)$", re.DOTALL)
_RAN = "Traceback of TorchScript"
_RAISED = re.compile(r"^(?:builtins\.\w+|[\w.]*(?:Error|Exception)): ?", re.MULTILINE)
_ASSERTION = re.compile(r".* INTERNAL ASSERT FAILED at .*please report a bug to PyTorch\. (?=\S)")
_NATIVE_WARNING = re.compile(rb"^\[W\d+ .*?\(function [^\n]*\)\n", re.MULTILINE | re.DOTALL)
_ONE_FUNCTION = re.compile(
    r"(?P<what>Expected a single top-level function): (?P<file>.+):(?P<line>\d+)$"
)


def first_words(text: str) -> str:
    """The first sentence of an error, without its place, source excerpt and printed tensors."""
    if tracer := _TRACER_TYPE.search(text):
        return (
            f"the tracer cannot tell the type of an input or output: {tracer['reason'].strip(' .')}"
        )
    if single := _ONE_FUNCTION.match(text):
        return single["what"]
    if _RAN in text:
        after = text.rpartition("<--- HERE\n")[2]
        raised = _RAISED.search(after)
        # Of a trace there is no marker, and a colon in every frame: `model.py(9): forward`.
        text = after[raised.end() :] if raised else after.partition(": ")[2]
    head = _PLACE.split(_ASSERTION.sub("", text), maxsplit=1)[0]
    lines = [line.strip() for line in head.strip().splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    if len(lines) > 1 and lines[0].endswith((":", ",")):
        lines = [" ".join(lines[:2])]
    return lines[0].rstrip(".:,")


def find_place(error: BaseException) -> Location | None:
    """The user's line: from the text of the error, else from the Python traceback.

    PyTorch's own functions inside it are left out: its words, which go along, name them.
    """
    text = str(error)
    if frames := parse_traceback(text) if _RAN in text else tuple(iter_places(text)):
        users = tuple(dropwhile(lambda frame: _OWN_CODE.search(frame.file), frames))
        return called_from(users or frames)
    if single := _ONE_FUNCTION.match(text):
        return FileRange(single["file"], int(single["line"]))
    return _python_place(error)


def _python_place(error: BaseException) -> Location | None:
    """The innermost frame of the traceback in the user's code or in a package built on PyTorch."""
    standard = sysconfig.get_path("stdlib")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        ours = _OWN_CODE.search(frame.filename)
        installed = "site-packages" in frame.filename or not frame.filename.startswith(standard)
        if not ours and installed and frame.lineno:
            return FileRange(frame.filename, frame.lineno, function=frame.name)
    return None


def find_compiled_call(error: BaseException) -> FileRange | None:
    """The call in the user's code over which a compilation failed that names no place itself.

    The compiler compiles what a function calls as it comes to the call, and has its place at hand.
    """
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_code.co_name == "try_compile_fn" and "loc" in frame.f_locals:
            places = tuple(iter_places(str(frame.f_locals["loc"].highlight())))
            return places[0] if places else None
    return None


def find_loaded_path(error: BaseException) -> Path | None:
    """The archive that `torch.jit.load` was reading when `error` was raised."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        named = frame.f_locals.get("f")
        if frame.f_code.co_name == "load" and isinstance(named, (str, os.PathLike)):
            return Path(cast("str | os.PathLike[str]", named))
    return None


def find_call(error: BaseException) -> str:
    """The function of PyTorch's in which a failure was raised, such as `torch._C._freeze_module`.

    "" where the innermost frame is not PyTorch's, because then the user's own line says it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or "torch" not in Path(frames[-1].filename).parts:
        return ""
    called = _CALLED.search(frames[-1].line or "")
    return called[0] if called else frames[-1].name


@contextmanager
def held_native_words() -> Generator[None]:
    """Keeps what PyTorch's C++ writes to descriptor 2 from the user, who did not compile anything.

    Python's own `sys.stderr` is let through where it is not that descriptor, as in a notebook.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 2)
            try:
                yield
            finally:
                sys.stderr.flush()
                os.dup2(kept, 2)
                file.seek(0)
                os.write(2, _NATIVE_WARNING.sub(b"", file.read()))
    finally:
        os.close(kept)
