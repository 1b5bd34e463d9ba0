"""Which inputs count: those of the domain, declared or taken from the example.

An input on which a traced model is wrong says something only if the model is meant for it. A domain
is declared by argument, with any of the keys

- `dims`: dimension → least and largest size, or `"other.0"`, as large as dimension 0 of `other`;
- `range`: least and largest value, the largest perhaps a size: `(1, "other.0")`;
- `also`: values outside that range that may stand among them, such as NaN;
- `dtypes`, `devices`: other ones than the example's, by name;
- `ranks`: the least and largest number of dimensions; first ones are left out or added;
- `lengths`: of a list or tuple, the least and largest number of items;
- `classes`: what may be given: `tensor`, `list`, `tuple`, `none`;
- `given`: shape and dtype of an argument that the example leaves out;
- `only`: all values there are, as nested lists.

Where nothing is declared, ranks, dtypes and all sizes but that of the first dimension are those of
the example. Whether Python accepts an input is asked of Python itself.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

import torch
from torch.utils._pytree import tree_flatten_with_path, tree_leaves, tree_unflatten

from tsviz.comparison.slots import EXAMPLE, KEYS, Size, Sizes, Slot, read_slot
from tsviz.comparison.subject import Subject
from tsviz.comparison.values import listed
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.program import Inputs
from tsviz.jit import natives

Generate = Callable[[int], object]
"""From a number to the arguments of a call: the same each time for the same number."""
Declared = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Axis:
    """Dimensions that vary together.

    Attributes:
        places: (slot's name, dimension); the first one gives it its name.
        size: that of the example.
        sizes: what it may be.
    """

    places: tuple[tuple[str, int], ...]
    size: int
    sizes: Sizes

    @property
    def name(self) -> str:
        """As a user writes it, such as `x.shape[0]`."""
        return ", ".join(f"`{slot}.shape[{dim}]`" for slot, dim in self.places)


@dataclass(frozen=True, slots=True)
class Domain:
    """All inputs that count.

    Attributes:
        slots: what may vary among the inputs.
        axes: what may vary in size.
        is_declared: whether the user said so.
        generator: what makes all inputs instead, where the user gave that.
    """

    slots: tuple[Slot, ...]
    axes: tuple[Axis, ...]
    is_declared: bool
    _positions: Mapping[str, int | str]
    _leaves: Mapping[str, int]
    _values: tuple[object, ...]
    _shape: Any
    generator: object = None

    def inputs(self, changed: Mapping[str, object]) -> Inputs:
        """The example with other values.

        Args:
            changed: by the slot's name.
        """
        values = list(self._values)
        for name, at in self._leaves.items():
            values[at] = changed.get(name, values[at])
        args, kwargs = cast(
            "tuple[tuple[object, ...], dict[str, object]]", tree_unflatten(values, self._shape)
        )
        positional, named = list(args), dict(kwargs)
        for name, value in changed.items():
            position = self._positions.get(name, name)
            if isinstance(position, int):
                positional[position] = value
            elif name not in self._leaves:
                named[position] = value
        return Inputs(tuple(positional), MappingProxyType(named))

    def tensors(self, inputs: Inputs, slots: Sequence[Slot]) -> list[torch.Tensor]:
        """What inputs of the same structure hold in some slots that hold one tensor each."""
        leaves = tree_leaves((inputs.args, dict(inputs.kwargs)))
        return [
            leaves[self._leaves[slot.name]]
            if slot.name in self._leaves
            else self._argument(inputs, slot.name)
            for slot in slots
        ]

    def _argument(self, inputs: Inputs, name: str) -> torch.Tensor:
        at = self._positions[name]
        found = inputs.args[at] if isinstance(at, int) else inputs.kwargs[at]
        return cast("torch.Tensor", found)

    def argument(self, position: int) -> str:
        """The name of a positional argument."""
        return next(name for name, at in self._positions.items() if at == position)

    def is_positional(self, name: str) -> bool:
        """Whether the example gives an argument by its position."""
        return isinstance(self._positions.get(name), int)

    def is_argument(self, name: str) -> bool:
        """Whether a slot is an argument itself, and not a tensor inside one."""
        return name not in self._leaves

    def outside(self) -> Iterator[Axis]:
        """What does not vary, but could: dimensions that no axis has."""
        known = {place for axis in self.axes for place in axis.places}
        groups: dict[int, list[tuple[str, int]]] = {}
        for slot in self.slots:
            for dim, size in enumerate(slot.shape):
                if (slot.name, dim) not in known:
                    groups.setdefault(size, []).append((slot.name, dim))
        for size, places in groups.items():
            for place in places:
                yield Axis((place,), size, _around(size))
            if len(places) > 1:
                yield Axis(tuple(places), size, _around(size))

    def __str__(self) -> str:
        """As it can be given to `compare(…, inputs=…)`."""
        if self.generator is not None:
            return "what your generator makes"
        return _written({slot.name: slot.told for slot in self.slots if slot.told})


def _written(value: object) -> str:
    """The expression that makes what can be declared."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return "{" + ", ".join(f"{key!r}: {_written(item)}" for key, item in pairs) + "}"
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        return listed([_written(item) for item in items], is_tuple=isinstance(value, tuple))
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def is_strategy(given: object) -> bool:
    """Whether it is a strategy of Hypothesis."""
    return type(given).__module__.partition(".")[0] == "hypothesis"


def domain_of(subject: Subject, declared: object) -> Domain:
    """The domain of a model.

    Args:
        declared: a domain, or what generates inputs; by default what the example shows.

    Raises:
        UsageError: `TSV-V12` it tells of what is not there, `TSV-V18` of sizes that do not fit.
    """
    if not isinstance(declared, Mapping | None):
        if is_strategy(declared) or callable(declared):
            return replace(domain_of(subject, None), is_declared=True, generator=declared)
        got = type(declared).__name__
        message = f"expected a domain or a generator as inputs, got a value of type {got}"
        raise UsageError(Diagnostic("TSV-V12", message, help=EXAMPLE))
    for name, said in cast("Declared", declared or {}).items():
        if not isinstance(said, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            got = type(said).__name__
            message = f"expected what counts of `{name}` as a dictionary, got a value of type {got}"
            raise UsageError(Diagnostic("TSV-V12", message, help=EXAMPLE))
    inputs = subject.example.inputs
    names = _argument_names(subject)
    positions: dict[str, int | str] = dict(zip(names, range(len(inputs.args)), strict=False))
    positions |= {name: name for name in inputs.kwargs}
    arguments = dict(zip(names, inputs.args, strict=False)) | dict(inputs.kwargs)
    found, shape = tree_flatten_with_path((inputs.args, dict(inputs.kwargs)))
    leaves = {
        _leaf_name(path, names): at
        for at, (path, value) in enumerate(found)
        if isinstance(value, torch.Tensor) and not _is_slot(arguments[_leaf_name(path[:2], names)])
    }
    values = tuple(value for _, value in found)
    examples = {name: value for name, value in arguments.items() if _is_slot(value)}
    examples |= {name: values[at] for name, at in leaves.items()}
    spec = dict(cast("Declared", declared or {}))
    _check_names(subject, spec, examples)
    slots = tuple(_iter_slots(spec, examples))
    return Domain(slots, _axes(slots), bool(spec), positions, leaves, values, shape)


def _is_slot(value: object) -> bool:
    """A tensor, or a list or tuple of nothing but tensors."""
    if isinstance(value, (list, tuple)):
        items = cast("list[object]", value)
        return bool(items) and all(isinstance(item, torch.Tensor) for item in items)
    return isinstance(value, torch.Tensor)


def _argument_names(subject: Subject) -> list[str]:
    """Name of each positional argument."""
    count = len(subject.example.inputs.args)
    signature = natives.find_signature(subject.owner, subject.method)
    if signature is None:
        return [f"args[{at}]" for at in range(count)]
    names: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{at}]" for at in range(count - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    return names[:count]


def _leaf_name(path: tuple[Any, ...], names: list[str]) -> str:
    side, first, *rest = path
    head = names[int(first.idx)] if side.idx == 0 else str(first.key)
    return head + "".join(str(key) for key in cast("list[object]", rest))


def _check_names(subject: Subject, spec: Declared, examples: Mapping[str, object]) -> None:
    signature = natives.find_signature(subject.owner, subject.method)
    further = set(signature.parameters) if signature is not None else set[str]()
    for name, said in spec.items():
        if name not in examples and not ("given" in said and name in further):
            known = ", ".join(examples) or "there are none"
            message = f"expected tensors of the example inputs ({known}), got {name!r}"
            raise UsageError(Diagnostic("TSV-V12", message, help=EXAMPLE))
        odd = sorted(said.keys() - KEYS)
        if odd:
            message = f"expected keys among {', '.join(sorted(KEYS))}, got {odd[0]!r}"
            raise UsageError(Diagnostic("TSV-V12", message, help=EXAMPLE))


def _iter_slots(spec: Declared, examples: Mapping[str, object]) -> Iterator[Slot]:
    first: tuple[str, int] | None = None
    for name, value in examples.items():
        said = dict(spec.get(name, {}))
        slot = read_slot(name, value, said)
        if "dims" not in said and slot.shape:
            size = slot.shape[0]
            if first is None:
                first = name, size
                said["dims"] = {0: _around(size)}
            elif size == first[1]:
                said["dims"] = {0: f"{first[0]}.0"}
            slot = read_slot(name, value, said)
        yield slot
    for name, said in spec.items():
        if name not in examples:
            yield read_slot(name, None, dict(said))


def _around(size: int) -> Sizes:
    return min(1, size), max(4, 2 * size)


def _axes(slots: tuple[Slot, ...]) -> tuple[Axis, ...]:
    """What varies on its own; what is linked to it, or has its size and its range, goes along."""
    groups: dict[tuple[int, Size], list[tuple[str, int]]] = {}
    linked: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for slot in slots:
        for dim, size in slot.dims.items():
            if isinstance(size, str):
                owner, _, other = size.rpartition(".")
                linked.setdefault((owner, int(other)), []).append((slot.name, dim))
            elif slot.example is not None:
                groups.setdefault((slot.shape[dim], size), []).append((slot.name, dim))
    return tuple(
        Axis(tuple(dict.fromkeys((*places, *_followers(places, linked)))), size, sizes)
        for (size, sizes), places in groups.items()
        if not isinstance(sizes, str)
    )


def _followers(
    places: list[tuple[str, int]], linked: Mapping[tuple[str, int], list[tuple[str, int]]]
) -> Iterator[tuple[str, int]]:
    for place in places:
        followers = linked.get(place, [])
        yield from followers
        yield from _followers(followers, linked)
