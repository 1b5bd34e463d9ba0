"""Whether somebody changed what a session was started from, told by PyTorch's version counters."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch.utils._pytree import tree_leaves

from tsviz.jit import natives


class Watched:
    """The user's own parameters, buffers and inputs, which the session has copies of."""

    def __init__(
        self, native: object, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        self._tensors = [
            (name, tensor, tensor._version)
            for name, tensor in _iter_tensors(native, args, kwargs)
            if not tensor.is_inference()
        ]

    def changed(self) -> tuple[str, ...]:
        """The names of those that were written into since."""
        return tuple(name for name, tensor, was in self._tensors if tensor._version != was)


def _iter_tensors(
    native: object, args: Sequence[object], kwargs: Mapping[str, object]
) -> Iterator[tuple[str, torch.Tensor]]:
    for name, kind, tensor in natives.iter_tensors(native):
        if kind != "constant":
            yield f"{kind} `{name}`", tensor
    for at, leaf in enumerate(tree_leaves((tuple(args), dict(kwargs))), start=1):
        if isinstance(leaf, torch.Tensor):
            yield f"input {at}", leaf
