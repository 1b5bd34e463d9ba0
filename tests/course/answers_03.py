"""Reference answers of lesson 03, and what learners typically answer instead."""

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_03 import Patches, RowMean, Running, Scaled
from tsviz.course.misconceptions import ALL_TENSORS, FOLLOWS_DTYPE, FOLLOWS_SIZE
from tsviz.course.trying import traced


class AskingMean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(0) / x.shape[0]


class IntMean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(0) / int(x.shape[0])


class RunningSum(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.cumsum(-1)


class RunningConverted(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x @ torch.ones(3, 3).triu().to(x.dtype)


class ScaledByBuffer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor([1.0, 2.0]))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class ScaledByNumbers(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.tensor([1.0, 2.0])


class AskingPatches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape
        return x.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))


RIGHT = {
    "03.1": AskingMean,
    "03.2": RunningSum,
    "03.3": ScaledByBuffer,
    "03.4": lambda: traced(AskingPatches(), torch.ones(4, 4))[0],
}

WRONG = {
    "03.1": (
        Slip("len", RowMean, FOLLOWS_SIZE),
        Slip("int of the shape", IntMean, FOLLOWS_SIZE),
    ),
    "03.2": (
        Slip("the dtype of the input", Running, FOLLOWS_DTYPE),
        Slip("converted to the dtype of the input", RunningConverted, FOLLOWS_DTYPE),
    ),
    "03.3": (
        Slip("a plain attribute", Scaled, ALL_TENSORS),
        Slip("numbers in the code", ScaledByNumbers, ALL_TENSORS),
    ),
    "03.4": (
        Slip("a trace", lambda: traced(Patches(), torch.ones(4, 4))[0], FOLLOWS_SIZE),
        Slip("a larger trace", lambda: traced(Patches(), torch.ones(8, 8))[0], FOLLOWS_SIZE),
    ),
}
