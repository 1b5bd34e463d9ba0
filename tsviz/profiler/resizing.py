"""Example inputs of other batch sizes: what is in them is repeated, or left out."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import torch
from torch.utils._pytree import tree_leaves, tree_map

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs

Dims = int | Mapping[int | str, int]
"""A dimension of all tensors; or of those arguments that are named, by place or by name."""


def size_of(inputs: Inputs, dims: Dims) -> int:
    """The batch size of example inputs.

    Raises:
        UsageError: `TSV-T21` what is named is no argument; `TSV-T22` an argument has no such
            dimension, none is a tensor, or they differ in size.
    """
    sizes: dict[int, int | str] = {}
    for name, dim, leaf in _iter_resized(inputs, dims):
        if not -leaf.dim() <= dim < leaf.dim() or leaf.size(dim) == 0:
            shape = list(leaf.shape)
            raise _no_size(f"expected dimension {dim} in `{name}`, got a tensor of shape {shape}")
        sizes.setdefault(leaf.size(dim), name)
    if not sizes:
        raise _no_size("expected a tensor whose size is that of the batch, found none")
    if len(sizes) > 1:
        said = " and ".join(f"{size} in `{name}`" for size, name in sizes.items())
        raise _no_size(f"expected one batch size, found {said}")
    return next(iter(sizes))


def resized(inputs: Inputs, dims: Dims, size: int) -> Inputs:
    """The same inputs with another batch size; `size_of` has accepted them."""
    made = dict(_arguments(inputs))
    for name, dim in _declared(inputs, dims):
        made[name] = tree_map(partial(_resize, dim, size), made[name])
    args = tuple(made[place] for place in range(len(inputs.args)))
    return Inputs(args, {name: made[name] for name in inputs.kwargs})


def _resize(dim: int, size: int, leaf: object) -> object:
    if not isinstance(leaf, torch.Tensor):
        return leaf
    rows = torch.arange(size, device=leaf.device) % leaf.size(dim)
    return leaf.detach().index_select(dim, rows).requires_grad_(leaf.requires_grad)


def _arguments(inputs: Inputs) -> Iterable[tuple[int | str, object]]:
    return *enumerate(inputs.args), *inputs.kwargs.items()


def _declared(inputs: Inputs, dims: Dims) -> Sequence[tuple[int | str, int]]:
    names = [name for name, _ in _arguments(inputs)]
    if isinstance(dims, int):
        return [(name, dims) for name in names]
    for name in dims:
        if name not in names:
            known = ", ".join(repr(one) for one in names)
            message = f"expected `dims` to name arguments, which are {known}, got {name!r}"
            raise UsageError(Diagnostic("TSV-T21", message))
    return list(dims.items())


def _iter_resized(inputs: Inputs, dims: Dims) -> Iterable[tuple[int | str, int, torch.Tensor]]:
    given = dict(_arguments(inputs))
    for name, dim in _declared(inputs, dims):
        for leaf in tree_leaves(given[name]):
            if isinstance(leaf, torch.Tensor):
                yield name, dim, leaf


def _no_size(message: str) -> UsageError:
    help = "name the arguments that hold the batch, as in `dims={0: 0}`"
    return UsageError(Diagnostic("TSV-T22", message, help=help))
