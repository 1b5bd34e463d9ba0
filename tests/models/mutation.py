"""Models that change their inputs, their buffers or their attributes."""

import torch
from torch import Tensor, nn


class InPlace(nn.Module):
    """Counts its calls in a buffer and in an attribute, and edits a tensor in place."""

    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(1))
        self.calls = 0

    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        self.count += 1
        self.calls = self.calls + 1
        edited = x.clone()
        edited[0] = 5
        edited[:, 1] = edited[:, 1] * 2
        edited.relu_()
        edited[edited > 3] = 0
        return edited + self.count, self.calls


class EditsItsInput(nn.Module):
    def forward(self, x: Tensor, log: list[Tensor]) -> Tensor:
        x.mul_(2)
        log.append(x.view(-1))
        x[0].zero_()
        return x
