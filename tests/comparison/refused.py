"""Models that cannot be compared, or not in every way."""

import signal

import torch
from torch import nn

from tests.comparison.gates import Gate


class Catches(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        try:
            return x.view(7)
        except RuntimeError:
            return x * 2


class Fails(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ x


class Says(nn.Module):
    """Returns what a trace cannot hold."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, str]:
        return x * 2, "twice"


class Draws(nn.Module):
    """Agrees with itself on nothing: no seed governs it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + id(object()) % 1_000_003 + next(_COUNTER)


class Names(torch.nn.Module):
    """Returns a dict, and branches."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        if bool(x.sum() > 0):
            x = x + 1
        return {"first": x, "second": x * 2}


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def __next__(self) -> int:
        self.count += 1
        return self.count


_COUNTER = _Counter()


class Stops(Gate):
    """Someone presses Ctrl-C while it runs for the 30th time."""

    def __init__(self, at: int = 30) -> None:
        super().__init__()
        self.calls, self.at = _Counter(), at

    def __deepcopy__(self, memo: dict[int, object]) -> "Stops":
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if next(self.calls) == self.at:
            signal.raise_signal(signal.SIGINT)
        return super().forward(x)
