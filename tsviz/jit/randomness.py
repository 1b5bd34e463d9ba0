"""The random state of a program of its own, beside the caller's."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from tsviz.jit import natives
from tsviz.jit.random_numbers import random_state, set_random_state


@dataclass(frozen=True, slots=True)
class RandomState:
    """Where random numbers stand, on the CPU and on some CUDA devices."""

    cpu: torch.Tensor
    cuda: tuple[tuple[int, torch.Tensor], ...] = ()

    @classmethod
    def here(cls, devices: tuple[int, ...]) -> "RandomState":
        """As it is now."""
        cuda = tuple((at, torch.cuda.get_rng_state(at)) for at in devices)
        return cls(random_state(), cuda)

    def restore(self) -> None:
        """Has draws go on from here."""
        set_random_state(self.cpu)
        for at, state in self.cuda:
            torch.cuda.set_rng_state(state, at)


class RandomTurns:
    """A program's own random state and the caller's, which take turns.

    Args:
        state: where the program's stands.
    """

    def __init__(self, state: RandomState, devices: tuple[int, ...]) -> None:
        self.state = state
        self._devices = devices
        self._theirs: RandomState | None = None

    def take(self) -> None:
        """The program draws now."""
        self._theirs = RandomState.here(self._devices)
        self.state.restore()

    def give(self) -> None:
        """The caller does."""
        if self._theirs is not None:
            self.state = RandomState.here(self._devices)
            self._theirs.restore()
            self._theirs = None


@contextmanager
def drawing_from(state: RandomState) -> Generator[None]:
    """Meanwhile draws go on from a state; afterwards from where they stood before."""
    kept = RandomState.here(tuple(at for at, _ in state.cuda))
    state.restore()
    try:
        yield
    finally:
        kept.restore()


def cuda_devices(target: object) -> tuple[int, ...]:
    """The CUDA devices that the tensors of a module lie on."""
    tensors = (tensor for _, _, tensor in natives.iter_tensors(target))
    return tuple(sorted({t.device.index or 0 for t in tensors if t.is_cuda}))
