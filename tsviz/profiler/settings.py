"""How many threads one op of PyTorch's may use: set for a while, and set back."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import torch

from tsviz.errors import Diagnostic, UsageError
from tsviz.jit.interrupts import held_interrupts


@contextmanager
def threads_kept() -> Generator[None]:
    """Sets the number of threads of an op back at its end, whatever happens."""
    with held_interrupts() as let_through:
        before = torch.get_num_threads()
        try:
            with let_through():
                yield
        finally:
            torch.set_num_threads(before)


def count_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_counts(name: str, values: Sequence[int]) -> tuple[int, ...]:
    """The values, each once.

    Raises:
        UsageError: `TSV-T20` there is none, or one is no whole number from 1 on.
    """
    if not values or any(value < 1 for value in values):
        message = f"expected `{name}` to be whole numbers from 1 on, got {tuple(values)}"
        raise UsageError(Diagnostic("TSV-T20", message))
    return tuple(dict.fromkeys(values))
