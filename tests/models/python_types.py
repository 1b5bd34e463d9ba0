"""Optional, Union, Any, NamedTuple, Enum and classes of the user's own."""

from enum import Enum
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class OptionalUnionAny(nn.Module):
    def forward(
        self,
        x: Tensor | None = None,
        numbers: list[int] | None = None,
        size: int | str = 3,
        anything: Any = 1,
    ) -> Tensor:
        result = torch.zeros(2) if x is None else x + 1
        factor = 0
        if numbers is not None:
            for number in numbers:
                factor += number
        if isinstance(size, int):
            factor += size
        else:
            factor += len(size)
        if isinstance(anything, int):
            factor += 1
        elif isinstance(anything, Tensor):
            factor += 2
        elif isinstance(anything, str):
            factor += len(anything)
        return result * factor


class Colour(Enum):
    RED = 1
    BLUE = 2


class Point(NamedTuple):
    place: Tensor
    weight: int


class NamedTuplesAndEnums(nn.Module):
    def forward(self, x: Tensor) -> tuple[Point, Tensor, int, int]:
        point = Point(x + 1, 3)
        colour = Colour.RED
        if colour == Colour.BLUE:  # noqa: SIM108
            scaled = point.place
        else:
            scaled = point.place * point.weight
        pair: tuple[Tensor, int] = (scaled, point.weight)
        place, weight = pair
        return point, place, weight, Colour.BLUE.value


class EnumArgument(nn.Module):
    def forward(self, x: Tensor, colour: Colour) -> tuple[Tensor, Colour]:
        if colour == Colour.RED:
            return -x, Colour.BLUE
        return x, Colour.RED


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start
        self.log: list[str] = []

    def add(self, number: int) -> int:
        self.count += number
        self.log.append(f"added {number}")
        return self.count


class ClassInstances(nn.Module):
    def forward(self, x: Tensor, turns: int) -> tuple[Tensor, list[str]]:
        counter = Counter(5)
        for turn in range(turns):
            counter.add(turn)
        return x * counter.count, counter.log
