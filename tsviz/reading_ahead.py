"""A kernel that Jupyter started beside a model file will be asked for that file, and soon.

The child that reads it then takes longest to import PyTorch. It starts here, before anybody asks.
"""

import os
from pathlib import Path

_SESSION = "JPY_SESSION_NAME"
"""Where Jupyter says beside which file or notebook a kernel was started."""
MODEL_SUFFIXES = (".pt", ".pth", ".jit", ".ptl")
"""Of the files that it reads."""


def start_reader() -> None:
    """Starts it, unless this kernel was started beside something else."""
    if file_beside() is not None:
        from tsviz.jit.isolate import ARCHIVE_READER, start_ahead  # other kernels need it later

        start_ahead(ARCHIVE_READER)


def file_beside() -> Path | None:
    """The model file that this kernel was started beside, if it was."""
    path = Path(os.environ.get(_SESSION, "")).absolute()
    return path if path.suffix.lower() in MODEL_SUFFIXES else None
