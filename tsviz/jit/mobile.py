"""The mobile runtime, which PyTorch has under a private name only, and may drop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from torch.jit import mobile

from tsviz.errors import ArchiveError, Diagnostic


def load_mobile(path: Path) -> Any:
    """Loads a file with bytecode, as the runtime on a phone does.

    Raises:
        ArchiveError: `TSV-A50` this PyTorch has no mobile runtime.
        RuntimeError: the file has no bytecode.
    """
    load = cast("Callable[[str], Any] | None", getattr(mobile, "_load_for_lite_interpreter", None))
    if load is None:
        message = (
            f"PyTorch {torch.__version__} has no mobile runtime, so no file can be tried in it"
        )
        raise ArchiveError(Diagnostic("TSV-A50", message, help="use an older PyTorch"))
    return load(str(path))
