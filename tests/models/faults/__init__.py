"""Models that a trace gets wrong in one known line each, and models that it gets right.

`FAULTS` and `CLEAN` are what a search for lost branches, loops, sizes, numbers and state is judged
by. They were made without regard to any such search: what is claimed of them is proven by running
plain PyTorch. `variations.py` makes others of them, which no search can have been fitted to.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.models.faults.registry import CLEAN, FAULTS, Clean, Fault

__all__ = ["CLEAN", "FAULTS", "Clean", "Fault"]


def __getattr__(name: str) -> Any:
    """A process that loads one of the models needs no others."""
    if name not in __all__:
        raise AttributeError(name)
    from tests.models.faults import registry

    return getattr(registry, name)
