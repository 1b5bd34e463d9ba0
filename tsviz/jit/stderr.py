"""File descriptor 2 while C++ code prints to it, below Python's `sys.stderr`."""

import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Held:
    """What was kept back; complete when the block has ended."""

    text: str = ""


@contextmanager
def turned_away(split: Callable[[str], tuple[str, str]]) -> Generator[Held]:
    """Turns the descriptor into a file while the block runs.

    Args:
        split: tells what is kept back from what is written to the descriptor afterwards.
    """
    held = Held()
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            try:
                os.dup2(file.fileno(), 2)
                yield held
            finally:
                sys.stderr.flush()
                os.dup2(kept, 2)
                file.seek(0)
                held.text, rest = split(file.read().decode("utf-8", "replace"))
                os.write(2, rest.encode())
    finally:
        os.close(kept)
