"""PyTorch's random numbers, with the types that its stubs leave out."""

from contextlib import AbstractContextManager
from typing import Protocol, cast

import torch


class _Random(Protocol):
    def manual_seed(self, seed: int) -> object: ...
    def get_rng_state(self) -> torch.Tensor: ...
    def set_rng_state(self, state: torch.Tensor) -> object: ...
    def fork_rng(self, devices: list[int]) -> AbstractContextManager[None]: ...


def seed(number: int) -> None:
    """Has random draws on all devices begin anew."""
    cast("_Random", torch.random).manual_seed(number)


def random_state() -> torch.Tensor:
    """Where the CPU's random numbers stand."""
    return cast("_Random", torch.random).get_rng_state()


def set_random_state(state: torch.Tensor) -> None:
    """Has the CPU's random numbers go on from there."""
    cast("_Random", torch.random).set_rng_state(state)


def kept_random_state(devices: list[int]) -> AbstractContextManager[None]:
    """Brings the random states of the CPU and of these CUDA devices back at its end."""
    return cast("_Random", torch.random).fork_rng(devices)
