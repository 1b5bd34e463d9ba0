"""Inputs to try, from the likely to the odd, each written as the Python that makes it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import torch

from tsviz.comparison.domain import Axis, Domain
from tsviz.comparison.slots import Slot
from tsviz.comparison.subject import Case
from tsviz.comparison.values import Shape, evaluate, listed, values_of

ResizeTo = Mapping[Axis, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case to try, and how it is written.

    Attributes:
        texts: slot's name → the expression that makes it; the others are those of the example.
        words: in what it differs from the example.
        is_inside: whether it lies in the domain.
        sizes: the axes that have another size than in the example.
        is_written: whether the expressions say all that is different.
    """

    case: Case
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    words: str = ""
    is_inside: bool = True
    sizes: ResizeTo = field(default_factory=lambda: MappingProxyType({}))
    is_written: bool = True


OTHER_VALUES = "other values"


def iter_candidates(domain: Domain, example: Case, *, is_training: bool) -> Iterator[Candidate]:
    """What to try without knowing anything of the model; it never ends.

    Args:
        is_training: whether a mode other than the example's is to be tried, too.
    """
    yield Candidate(example, words="the example")
    yield Candidate(replace(example, calls=2), words="a second call")
    yield Candidate(replace(example, seed=1), words="other random numbers")
    if is_training:
        yield Candidate(replace(example, evaluating=True), words="after `eval()`")
    maker = Maker(domain, example)
    for axis in domain.axes:
        for size in _sizes(axis):
            yield maker.drawn({axis: size}, 0)
    yield from maker.odd()
    other = maker.drawn({}, 0)
    case = replace(other.case, calls=2, earlier=example.inputs)
    yield replace(other, case=case, words="a second call, with other values")
    for number in range(_MOST_FILLS):
        yield maker.drawn({}, number)
        yield from maker.extreme(number)
    for axis in domain.outside():
        for size in _sizes(axis)[:2]:
            yield replace(maker.drawn({axis: size}, 0), is_inside=False)
    draw = random.Random(0)
    for number in range(_MOST_FILLS, 1_000_000):
        sizes = {axis: draw.randint(*axis.sizes) for axis in domain.axes if draw.random() < 0.5}
        yield maker.drawn(sizes, number)


def _sizes(axis: Axis) -> list[int]:
    least, largest = axis.sizes
    wanted = (least, axis.size + 1, axis.size - 1, largest, 2, 3, 2 * axis.size, axis.size // 2)
    return [n for n in dict.fromkeys(wanted) if least <= n <= largest and n != axis.size]


_MOST_FILLS = 12


class Maker:
    """Makes candidates of one domain."""

    def __init__(self, domain: Domain, example: Case) -> None:
        self._domain, self._example = domain, example

    def made(
        self, texts: Mapping[str, str], words: str, sizes: ResizeTo | None = None
    ) -> Candidate:
        """A candidate as written."""
        slots = {slot.name: slot for slot in self._domain.slots}
        values = {name: evaluate(text, slots[name].example) for name, text in texts.items()}
        case = replace(self._example, inputs=self._domain.inputs(values))
        kept = MappingProxyType(dict(sizes or {}))
        return Candidate(case, MappingProxyType(dict(texts)), words, sizes=kept)

    def drawn(self, sizes: ResizeTo, number: int) -> Candidate:
        """Other sizes, and random values of what has them; of all, if nothing has."""
        touched = {name for axis in sizes for name, _ in axis.places}
        known = self.sizes(sizes)
        touched |= {slot.name for slot in self._domain.slots if slot.high in known and touched}
        slots = [slot for slot in self._present() if not touched or slot.name in touched]
        texts = {
            slot.name: self.random(slot, sizes, 100 * number + at) for at, slot in enumerate(slots)
        }
        words = ", ".join(f"{axis.name} is {size}" for axis, size in sizes.items())
        return self.made(texts, words or OTHER_VALUES, sizes)

    def _present(self) -> list[Slot]:
        return [slot for slot in self._domain.slots if slot.example is not None]

    def sizes(self, sizes: ResizeTo) -> dict[str, int]:
        """What `other.0` stands for."""
        found = {
            f"{slot.name}.{dim}": size
            for slot in self._domain.slots
            for dim, size in enumerate(slot.shape)
        }
        for axis, size in sizes.items():
            found |= {f"{name}.{dim}": size for name, dim in axis.places}
        return found

    def shape(self, slot: Slot, item: torch.Tensor, sizes: ResizeTo) -> Shape:
        """That of an item of a slot."""
        shape = list(item.shape)
        for axis, size in sizes.items():
            for name, dim in axis.places:
                if name == slot.name and dim < len(shape):
                    shape[dim] = size
        return tuple(shape)

    def random(self, slot: Slot, sizes: ResizeTo, seed: int) -> str:
        """Random values of a slot."""
        values = values_of(slot, self.sizes(sizes))
        if slot.only:
            return values.exactly(slot.only[seed % len(slot.only)])
        texts = [
            values.random(self.shape(slot, item, sizes), seed + 10 * at)
            for at, item in enumerate(slot.items)
        ]
        return listed(texts, is_tuple=isinstance(slot.example, tuple)) if slot.is_many else texts[0]

    def filled(self, slot: Slot, sizes: ResizeTo, value: float) -> str | None:
        """One number everywhere in a slot; `None` where that may not be."""
        values = values_of(slot, self.sizes(sizes))
        if slot.only:
            return None
        texts = [values.filled(self.shape(slot, item, sizes), value) for item in slot.items]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            return None
        return listed(known, is_tuple=isinstance(slot.example, tuple)) if slot.is_many else known[0]

    def extreme(self, number: int) -> Iterator[Candidate]:
        """One of the extreme values: in each slot alone, and in all."""
        texts: dict[str, str] = {}
        for slot in self._present():
            fills = list(dict.fromkeys(values_of(slot, self.sizes({})).extremes()))
            text = self.filled(slot, {}, fills[number]) if number < len(fills) else None
            if text is not None:
                texts[slot.name] = text
        for name, text in texts.items():
            yield self.made({name: text}, OTHER_VALUES)
        if len(texts) > 1:
            yield self.made(texts, OTHER_VALUES)

    # ── what is declared beside sizes and ranges ─────────────────────────────────────────────

    def odd(self) -> Iterator[Candidate]:
        """Each declared oddity of each slot."""
        for slot in self._domain.slots:
            for text, words in self._odd(slot):
                yield self.made({slot.name: text}, words)

    def _odd(self, slot: Slot) -> Iterator[tuple[str, str]]:
        values = values_of(slot, self.sizes({}))
        for value in slot.only:
            yield values.exactly(value), OTHER_VALUES
        if slot.given is not None:
            yield self._given(slot), f"`{slot.name}` is given"
        if not slot.items:
            return
        shape = slot.shape
        for value in slot.also:
            yield values.among(shape, value, 0), f"`{slot.name}` holds {value}"
        for name in slot.dtypes:
            kind = getattr(torch, name)
            if kind is not slot.pattern.dtype:
                cast = values_of(slot, self.sizes({}), dtype=kind)
                yield cast.random(shape, 0), f"`{slot.name}` is {name}"
        for name in slot.devices:
            if name != slot.pattern.device.type:
                moved = values_of(slot, self.sizes({}), device=name)
                yield moved.random(shape, 0), f"`{slot.name}` is on {name}"
        for rank in range(slot.ranks[0], slot.ranks[1] + 1) if slot.ranks else ():
            if rank != len(shape):
                other = (2,) * (rank - len(shape)) + shape[max(0, len(shape) - rank) :]
                yield values.random(other, 0), f"`{slot.name}` has {rank} dimensions"
        yield from self._other_classes(slot)

    def _given(self, slot: Slot) -> str:
        sizes, _ = slot.given or ((), "")
        known = self.sizes({})
        shape = tuple(known[size] if isinstance(size, str) else size for size in sizes)
        return values_of(slot, known).random(shape, 0)

    def _other_classes(self, slot: Slot) -> Iterator[tuple[str, str]]:
        values, shape = values_of(slot, self.sizes({})), slot.shape
        own = type(slot.example).__name__ if slot.is_many else "tensor"
        count = len(slot.items)
        least, largest = slot.lengths or (count, count)
        for kind in slot.classes or (own,):
            if kind == "none":
                yield "None", f"`{slot.name}` is None"
            elif kind == "tensor" and own != "tensor":
                yield values.random(shape, 0), f"`{slot.name}` is a tensor"
            elif kind in ("list", "tuple"):
                for length in range(least, largest + 1):
                    if (kind, length) != (own, count):
                        texts = [values.random(shape, at) for at in range(length)]
                        words = f"`{slot.name}` is a {kind} of {length}"
                        yield listed(texts, is_tuple=kind == "tuple"), words
