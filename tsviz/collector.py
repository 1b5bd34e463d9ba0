"""Python's cyclic garbage collector, held while many objects are made that all stay.

A graph is made of thousands of small objects in a moment, none of them garbage. The collector would
look through all of them again and again, and through all of PyTorch's, and find nothing.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collector_held() -> Generator[None]:
    """Holds the collector, unless the user has; nothing else of its settings changes."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
