"""Small models, one feature of TorchScript each, that every part of tsviz is tested on.

`ZOO` maps a name to how the compiled model is built and what to call it with. Both are seeded and
leave the caller's random state alone. Some models change themselves or their inputs when they run
(`in-place`, `edits-its-input`): build a fresh one where that matters.

The models are made when they are asked for: a process that loads one of the faults needs no others.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.models.zoo import ZOO, Compiled, ZooModel

__all__ = ["ZOO", "Compiled", "ZooModel"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from tests.models import zoo

    return getattr(zoo, name)
