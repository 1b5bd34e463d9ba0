"""Random numbers that are the same in every run, and the user's own state kept."""

import random
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tsviz.jit.natives import preserved_random_state
from tsviz.jit.random_numbers import seed as seed_torch


@contextmanager
def seeded(number: int, model: object) -> Generator[None]:
    """Seeds PyTorch, Python and, where it was imported, NumPy; afterwards all are as before.

    Args:
        number: the seed of all of them.
        model: the CUDA devices that it lies on are seeded and kept, too.
    """
    numpy: Any = sys.modules.get("numpy")
    with preserved_random_state(model):
        own = random.getstate()
        others = None if numpy is None else numpy.random.get_state()
        try:
            seed_torch(number)
            random.seed(number)
            if numpy is not None:
                numpy.random.seed(number)
            yield
        finally:
            random.setstate(own)
            if numpy is not None:
                numpy.random.set_state(others)
