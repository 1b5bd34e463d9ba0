"""Why and where a compilation, a trace or a run failed, from what PyTorch raised."""

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from tsviz.jit.failure_text import read_failure
from tsviz.jit.ranges import iter_places
from tsviz.location import FileRange

_CALLED = re.compile(r"torch\.[\w.]+(?=\()")
_TRACER_TYPE = re.compile(r"Tracer cannot infer type of .*\n:(?P<reason>.*)$", re.DOTALL)
_ASSERTION = re.compile(r".* INTERNAL ASSERT FAILED at .*please report a bug to PyTorch\. (?=\S)")
_NATIVE_WARNING = re.compile(rb"^\[W\d+ .*?\(function [^\n]*\)\n", re.MULTILINE | re.DOTALL)


def first_words(text: str) -> str:
    """The first sentence of an error, without its place, source excerpt and printed tensors."""
    if tracer := _TRACER_TYPE.search(text):
        return (
            f"the tracer cannot tell the type of an input or output: {tracer['reason'].strip(' .')}"
        )
    words = _ASSERTION.sub("", read_failure(text).words)
    lines = [line.strip() for line in words.strip().splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    if len(lines) > 1 and lines[0].endswith((":", ",")):
        lines = [" ".join(lines[:2])]
    return lines[0].rstrip(".:,")


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
