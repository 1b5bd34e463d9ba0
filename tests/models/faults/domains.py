"""What may vary in the arguments of a model: is an example of it, and make one.

A domain is plain data, a dictionary for each argument that needs one, with the keys

- `dims`: dimension → `(low, high)`, both included, or `"other.0"`: as large as dimension 0 of the
  argument `other`. Dimensions that are not named keep the size of the example. Without the key the
  first dimension varies from 1 to 8, together for all tensors without the key.
- `range`: the smallest and the largest value; -3 to 3 for floats and the values of the example for
  integers where it is not given. `(1, "other.0")`: no value exceeds that size.
- `also`: values outside the range that may stand among them, such as NaN.
- `dtypes`, `devices`: names; those of the example where not given.
- `ranks`: the smallest and the largest number of dimensions. Left out or added are first ones.
- `lengths`: for a list or tuple, the smallest and the largest number of its items.
- `classes`: the Python classes that may be given: `tensor`, `list`, `tuple`.
- `given`: an argument that the example leaves out: the shape and dtype it has when given, a size
  being a number or `"other.0"`.
- `only`: whole arguments, as nested lists, one of which it is; where values depend on each other.
"""

import math
import random
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tests.models.faults.model import Arguments, Domain

Spec = Mapping[str, Any]
Sizes = dict[str, int]
FIRST = (1, 8)


def _class_name(value: object) -> str:
    """The word of `classes` for a value."""
    return "tensor" if isinstance(value, Tensor) else type(value).__name__


def _items(value: Any) -> list[Tensor]:
    """The tensors of one argument."""
    return [value] if isinstance(value, Tensor) else [*value]


def _sizes(names: list[str], arguments: Arguments) -> Sizes:
    """What a link such as `other.0` stands for, by name."""
    return {
        f"{name}.{dim}": size
        for name, value in zip(names, arguments, strict=False)
        for item in _items(value)[:1]
        for dim, size in enumerate(item.shape)
    }


def explicit(domain: Domain, names: list[str], example: Arguments) -> dict[str, dict[str, Any]]:
    """The domain with its defaults written out."""
    full: dict[str, dict[str, Any]] = {}
    first: str | None = None
    for name, value in zip(names, example, strict=False):
        spec = dict(domain.get(name, {}))
        tensors = _items(value)
        spec.setdefault("dtypes", tuple({_dtype_name(item) for item in tensors}))
        spec.setdefault("devices", ("cpu",))
        spec.setdefault("classes", (_class_name(value),))
        spec.setdefault("lengths", (len(tensors), len(tensors)))
        ranks = {item.dim() for item in tensors}
        spec.setdefault("ranks", (min(ranks), max(ranks)))
        if "dims" not in spec:
            spec["dims"] = {0: f"{first}.0" if first else FIRST} if min(ranks) else {}
            first = first or (name if min(ranks) else None)
        if "range" not in spec:
            spec["range"] = _default_range(tensors[0])
        full[name] = spec
    for name in names[len(example) :]:
        full[name] = dict(domain.get(name, {}))
    return full


def _dtype_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _default_range(tensor: Tensor) -> tuple[float, float]:
    if tensor.is_floating_point() or tensor.is_complex():
        return (-3.0, 3.0)
    if tensor.dtype == torch.bool:
        return (0, 1)
    return (int(tensor.min()), int(tensor.max()))


def find_outside(
    domain: Domain, names: list[str], example: Arguments, arguments: Arguments
) -> list[str]:
    """What of `arguments` is not in the domain, in words; empty where they are in it."""
    full = explicit(domain, names, example)
    known = _sizes(names, arguments)
    found: list[str] = []
    for index, value in enumerate(arguments):
        name = names[index]
        if index >= len(example):
            found += _outside_given(name, full[name], value, known)
            continue
        spec = full[name]
        if _class_name(value) not in spec["classes"]:
            found.append(f"{name} is a {_class_name(value)}")
        for wrong in _outside_lengths(spec, value):
            found.append(f"{name} {wrong}")
        for item in _items(value):
            pattern = _items(example[index])[0]
            found += [f"{name} {wrong}" for wrong in _outside_tensor(spec, pattern, item, known)]
    if len(arguments) < len(example):
        found.append(f"{len(arguments)} arguments instead of {len(example)}")
    return found


def _outside_lengths(spec: Spec, value: object) -> list[str]:
    low, high = spec["lengths"]
    if isinstance(value, Tensor) or low <= len(_items(value)) <= high:
        return []
    return [f"has {len(_items(value))} items"]


def _outside_given(name: str, spec: Spec, value: object, known: Sizes) -> list[str]:
    if "given" not in spec:
        return [f"{name} is given"]
    shape, dtype = spec["given"]
    expected = [_resolve(size, known) for size in shape]
    if isinstance(value, Tensor) and [*value.shape] == expected and _dtype_name(value) == dtype:
        return []
    return [f"{name} is not {expected} of {dtype}"]


def _resolve(bound: Any, known: Sizes) -> Any:
    """A bound as a number: itself, or the size that its name stands for."""
    return known[bound] if isinstance(bound, str) else bound


def _outside_tensor(spec: Spec, example: Tensor, item: Tensor, known: Sizes) -> list[str]:
    found: list[str] = []
    low, high = spec["ranks"]
    if not low <= item.dim() <= high:
        return [f"has {item.dim()} dimensions"]
    if _dtype_name(item) not in spec["dtypes"]:
        found.append(f"is {item.dtype}")
    if item.device.type not in spec["devices"]:
        found.append(f"is on {item.device}")
    if item.dim() == example.dim():
        found += _outside_sizes(spec, example, item, known)
    if item.device.type != "meta" and not _values_fit(spec, item, known):
        found.append(f"has values outside {spec['range']}")
    return found


def _outside_sizes(spec: Spec, example: Tensor, item: Tensor, known: Sizes) -> list[str]:
    found: list[str] = []
    for dim, size in enumerate(item.shape):
        bounds = spec["dims"].get(dim, (example.size(dim), example.size(dim)))
        low, high = (known[bounds],) * 2 if isinstance(bounds, str) else bounds
        if not low <= size <= high:
            found.append(f"has size {size} in dimension {dim}, not {low} to {high}")
    return found


def _values_fit(spec: Spec, item: Tensor, known: Sizes) -> bool:
    if "only" in spec:
        return item.tolist() in [*spec["only"]]
    low, high = (_resolve(bound, known) for bound in spec["range"])
    values = torch.view_as_real(item) if item.is_complex() else item
    fits = (values >= low) & (values <= high)
    for value in spec.get("also", ()):
        fits |= values.isnan() if math.isnan(value) else values == value
    return bool(fits.all())


def sample(domain: Domain, names: list[str], example: Arguments, draw: random.Random) -> Arguments:
    """Arguments in the domain, drawn at random."""
    full = explicit(domain, names, example)
    known: Sizes = {}
    made: list[Any] = []
    for name, value in zip(names, example, strict=False):
        spec = full[name]
        kind = draw.choice(spec["classes"])
        count = 1 if kind == "tensor" else draw.randint(*spec["lengths"])
        shape = _draw_shape(name, spec, _items(value)[0], known, draw)
        dtype = getattr(torch, draw.choice(sorted(spec["dtypes"])))
        tensors = [_draw_tensor(spec, shape, dtype, known, draw) for _ in range(count)]
        made.append({"tensor": lambda t: t[0], "list": list, "tuple": tuple}[kind](tensors))
    for name in names[len(example) :]:
        if "given" not in full[name] or draw.random() < 0.5:
            break
        shape, dtype = full[name]["given"]
        made.append(
            _draw_tensor(
                {"range": (0, 1), **full[name]},
                [_resolve(size, known) for size in shape],
                getattr(torch, dtype),
                known,
                draw,
            )
        )
    return tuple(made)


def _draw_shape(
    name: str, spec: Spec, example: Tensor, known: Sizes, draw: random.Random
) -> list[int]:
    """A shape; its sizes become known."""
    shape = [*example.shape]
    for dim in range(len(shape)):
        bounds = spec["dims"].get(dim, (shape[dim], shape[dim]))
        shape[dim] = known[bounds] if isinstance(bounds, str) else draw.randint(*bounds)
        known[f"{name}.{dim}"] = shape[dim]
    rank = draw.randint(*spec["ranks"])
    while len(shape) < rank:
        shape.insert(0, draw.randint(1, 3))
    return shape[len(shape) - rank :]


def _draw_tensor(
    spec: Spec, shape: list[int], dtype: torch.dtype, known: Sizes, draw: random.Random
) -> Tensor:
    if "only" in spec:
        tensor = torch.tensor(draw.choice([*spec["only"]]), dtype=dtype)
    else:
        low, high = (_resolve(bound, known) for bound in spec["range"])
        tensor = _draw_values(low, high, shape, dtype, draw)
    also = spec.get("also", ())
    if also and tensor.numel() and draw.random() < 0.5:
        tensor.view(-1)[draw.randrange(tensor.numel())] = draw.choice([*also])
    return tensor.to(draw.choice([*spec.get("devices", ("cpu",))]))


def _draw_values(
    low: float, high: float, shape: list[int], dtype: torch.dtype, draw: random.Random
) -> Tensor:
    generator = torch.Generator().manual_seed(draw.getrandbits(32))
    if not (dtype.is_floating_point or dtype.is_complex):
        return torch.randint(int(low), int(high) + 1, shape, generator=generator).to(dtype)
    if dtype.is_complex:
        pairs = torch.rand([*shape, 2], generator=generator) * (high - low) + low
        return torch.view_as_complex(pairs).to(dtype)
    # A scale and a shift of its own for each: branches on means and sums are seldom taken else.
    ends = sorted(draw.uniform(low, high) for _ in range(2))
    return torch.rand(shape, generator=generator, dtype=dtype) * (ends[1] - ends[0]) + ends[0]
