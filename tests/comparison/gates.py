"""A model of which a trace loses a branch and a size, and something that does no harm."""

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        if x.sum() > 0:
            y = y + 1
        y = y * int(x.shape[0])
        if x.max() > 3:
            y = y + 0
        return y
