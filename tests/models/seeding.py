"""Random weights and inputs that are the same each time and cost the caller no random state."""

from collections.abc import Callable
from typing import TypeVar

import torch

T = TypeVar("T")


def seeded(make: Callable[[], T]) -> Callable[[], T]:
    def make_seeded() -> T:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            return make()

    return make_seeded
