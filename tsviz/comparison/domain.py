"""Which inputs count: those of the domain, declared or taken from the example.

An input on which a traced model is wrong says something only if the model is meant for it. Declared
is a domain by argument, such as ``{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}``; where
nothing is declared, ranks, dtypes and all sizes but that of the first dimension are those of the
example. Whether Python accepts an input is asked of Python itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import torch
from torch.utils._pytree import tree_flatten_with_path, tree_leaves, tree_unflatten

from tsviz.comparison.subject import Subject
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.program import Inputs
from tsviz.jit import natives

Sizes = tuple[int, int]
"""The least and the largest size, both included."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A tensor among the inputs, and what may vary in it.

    Attributes:
        at: its number among all leaves of the inputs.
        name: how it is reached from the arguments: `x`, `state[0]`, `batch['ids']`.
        example: the one that was given.
        dims: dimension → sizes that it may have.
        low, high: the least and largest value that it may hold; `None` where that is not declared.
    """

    at: int
    name: str
    example: torch.Tensor
    dims: Mapping[int, Sizes] = field(default_factory=lambda: MappingProxyType({}))
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """Dimensions that vary together, because the example gives them one size.

    Attributes:
        places: (leaf, dimension).
        size: that of the example.
        sizes: what it may be.
    """

    places: tuple[tuple[int, int], ...]
    size: int
    sizes: Sizes


@dataclass(frozen=True, slots=True)
class Domain:
    """All inputs that count.

    Attributes:
        leaves: the tensors of the example.
        axes: what may vary in size.
        is_declared: whether the user said so.
    """

    leaves: tuple[Leaf, ...]
    axes: tuple[Axis, ...]
    is_declared: bool
    _values: tuple[object, ...] = ()
    _shape: Any = None

    def inputs(self, changed: Mapping[int, torch.Tensor]) -> Inputs:
        """The example with other tensors.

        Args:
            changed: by the leaf's number.
        """
        values = [changed.get(at, value) for at, value in enumerate(self._values)]
        args, kwargs = cast(
            "tuple[tuple[object, ...], dict[str, object]]", tree_unflatten(values, self._shape)
        )
        return Inputs(tuple(args), MappingProxyType(dict(kwargs)))

    def leaves_of(self, inputs: Inputs) -> dict[int, torch.Tensor]:
        """The tensors of other inputs of the same structure, by the leaf's number."""
        values = tree_leaves((inputs.args, dict(inputs.kwargs)))
        return {leaf.at: values[leaf.at] for leaf in self.leaves}

    def outside(self) -> Iterator[Axis]:
        """What does not vary, but could: dimensions that no axis has."""
        known = {place for axis in self.axes for place in axis.places}
        groups: dict[int, list[tuple[int, int]]] = {}
        for leaf in self.leaves:
            for dim, size in enumerate(leaf.example.shape):
                if (leaf.at, dim) not in known:
                    groups.setdefault(size, []).append((leaf.at, dim))
        for size, places in groups.items():
            for place in places:
                yield Axis((place,), size, _around(size))
            if len(places) > 1:
                yield Axis(tuple(places), size, _around(size))

    def __str__(self) -> str:
        """As it can be given to `compare(…, inputs=…)`."""
        said: dict[str, dict[str, object]] = {}
        for leaf in self.leaves:
            one: dict[str, object] = {}
            if leaf.dims:
                one["dims"] = dict(leaf.dims)
            if leaf.low is not None:
                one["range"] = (leaf.low, leaf.high)
            if one:
                said[leaf.name] = one
        return repr(said)


def domain_of(subject: Subject, declared: Mapping[str, Mapping[str, Any]] | None) -> Domain:
    """The domain of a model.

    Raises:
        UsageError: `TSV-V02` what is declared does not fit the example.
    """
    inputs = subject.example.inputs
    named, shape = tree_flatten_with_path((inputs.args, dict(inputs.kwargs)))
    names = _argument_names(subject)
    leaves = tuple(
        Leaf(at, _name(path, names), value)
        for at, (path, value) in enumerate(named)
        if isinstance(value, torch.Tensor)
    )
    values = tuple(value for _, value in named)
    spec = dict(declared or {})
    unknown = sorted(spec.keys() - {leaf.name for leaf in leaves})
    if unknown:
        raise UsageError(_unknown(unknown, leaves))
    leaves = tuple(_declared(leaf, spec.get(leaf.name, {})) for leaf in leaves)
    if not any(leaf.dims for leaf in leaves):
        leaves = tuple(_with_batch(leaves))
    return Domain(leaves, _axes(leaves), bool(spec), values, shape)


def _argument_names(subject: Subject) -> tuple[str, ...]:
    """Name of each positional argument."""
    signature = natives.find_signature(subject.owner, subject.method)
    count = len(subject.example.inputs.args)
    if signature is None:
        return tuple(f"args[{at}]" for at in range(count))
    names: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{at}]" for at in range(count - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    return tuple(names[:count])


def _name(path: tuple[Any, ...], names: tuple[str, ...]) -> str:
    side, first, *rest = path
    if side.idx == 0:
        head = names[first.idx] if first.idx < len(names) else f"args[{first.idx}]"
    else:
        head = str(first.key)
    return head + "".join(map(str, rest))


def _declared(leaf: Leaf, spec: Mapping[str, Any]) -> Leaf:
    odd = sorted(set(spec) - {"dims", "range"})
    if odd:
        message = f"expected `dims` or `range` for `{leaf.name}`, got {', '.join(map(repr, odd))}"
        raise UsageError(Diagnostic("TSV-V02", message, help=_EXAMPLE))
    dims = {int(dim): _sizes(leaf, int(dim), sizes) for dim, sizes in spec.get("dims", {}).items()}
    low, high = map(float, spec["range"]) if "range" in spec else (None, None)
    return Leaf(leaf.at, leaf.name, leaf.example, MappingProxyType(dims), low, high)


def _sizes(leaf: Leaf, dim: int, sizes: Any) -> Sizes:
    rank = leaf.example.dim()
    if not 0 <= dim < rank:
        message = f"expected a dimension of `{leaf.name}` from 0 to {rank - 1}, got {dim}"
        raise UsageError(Diagnostic("TSV-V02", message, help=_EXAMPLE))
    least, largest = sizes
    if not 0 <= least <= leaf.example.shape[dim] <= largest:
        message = (
            f"expected sizes around that of the example for `{leaf.name}`, dimension {dim}: "
            f"{leaf.example.shape[dim]}, got {least} to {largest}"
        )
        raise UsageError(Diagnostic("TSV-V02", message, help=_EXAMPLE))
    return int(least), int(largest)


_EXAMPLE = 'write inputs={"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'


def _unknown(names: list[str], leaves: tuple[Leaf, ...]) -> Diagnostic:
    known = ", ".join(leaf.name for leaf in leaves) or "there are none"
    message = f"expected tensors of the example inputs ({known}), got {', '.join(names)}"
    return Diagnostic("TSV-V02", message, help=_EXAMPLE)


def _with_batch(leaves: tuple[Leaf, ...]) -> Iterator[Leaf]:
    """The first dimension varies, of all tensors in which it has the same size."""
    sizes = [leaf.example.shape[0] for leaf in leaves if leaf.example.dim()]
    for leaf in leaves:
        if leaf.example.dim() and leaf.example.shape[0] == sizes[0]:
            dims = MappingProxyType({0: _around(sizes[0])})
            yield Leaf(leaf.at, leaf.name, leaf.example, dims, leaf.low, leaf.high)
        else:
            yield leaf


def _around(size: int) -> Sizes:
    return min(1, size), max(4, 2 * size)


def _axes(leaves: tuple[Leaf, ...]) -> tuple[Axis, ...]:
    """Dimensions of one size and one range are taken for the same."""
    groups: dict[tuple[int, Sizes], list[tuple[int, int]]] = {}
    for leaf in leaves:
        for dim, sizes in leaf.dims.items():
            groups.setdefault((leaf.example.shape[dim], sizes), []).append((leaf.at, dim))
    return tuple(Axis(tuple(places), size, sizes) for (size, sizes), places in groups.items())
