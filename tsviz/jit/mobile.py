"""The mobile runtime, which PyTorch has under a private name only."""

from pathlib import Path
from typing import Any

from torch.jit import mobile


def load_mobile(path: Path) -> Any:
    """Loads a file with bytecode, as the runtime on a phone does.

    Raises:
        RuntimeError: the file has none.
    """
    return mobile._load_for_lite_interpreter(str(path))  # pyright: ignore[reportUnknownMemberType]
