"""Models whose traces PyTorch's tracer warns of; the line is marked."""

import torch
from torch import Tensor, nn


class Branches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:  # decided-in-python
            return x * 2
        return x


class Counts(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * int(x.max())  # tensor-to-python


class Measures(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * len(x)  # len


class Loops(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = x[0]
        for row in x:  # iterated
            total = total + row
        return total


class Makes(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tensor([1.0])  # constant


class Leaves(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + float(x.numpy().sum())  # tensor-to-numpy


class Repeats(nn.Module):
    """The same line, time and again."""

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            if x.sum() > 0:
                x = x + 1
        return x
