"""fork and wait."""

import torch
from torch import Tensor, nn


def slow_square(x: Tensor) -> Tensor:
    return torch.mm(x, x.t())


class ForkEach(nn.Module):
    """Forks a module in a loop and keeps the futures in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> list[Tensor]:
        futures: list[torch.jit.Future[Tensor]] = []
        for factor in range(3):
            futures.append(torch.jit.fork(self.linear, x * factor))
        return [torch.jit.wait(future) for future in futures]


class ForkFunction(nn.Module):
    """Forks a function and works on meanwhile."""

    def forward(self, x: Tensor) -> Tensor:
        future = torch.jit.fork(slow_square, x)
        other = torch.relu(x).sum()
        return torch.jit.wait(future) + other
