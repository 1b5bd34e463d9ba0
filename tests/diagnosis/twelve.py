"""One model with twelve different faults, all of which have an edit; one stands in `Scale`."""

import contextlib
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)
LIMIT = 4


class Scale(nn.Module):
    def forward(self, x, *, factor: float = 0.5):  # 1
        return x * factor


def count_rows(x, least):  # 2
    rows = 0
    for i in range(x.size(0)):
        if i >= least:
            rows += 1
    return rows


class Twelve(nn.Module):
    STEPS = 3

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.scale = Scale()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
        self.sizes = []

    def forward(self, x, mode: int = None):  # 3
        logger.info("forward")  # 4
        best = None  # 5
        self.sizes.append(x.size(0))  # 6
        for i in range(len(self.layers)):
            x = self.layers[i](x)  # 7
        for row in x:
            best = torch.relu(row)
        if best is None:
            best = x
        with contextlib.nullcontext():  # 8
            best = self.scale(best) + count_rows(x, 1)
        return self.finish(best, mode)

    def finish(self, x, mode: int | None):
        shape = []  # 9
        shape.append(x.size(0))
        if mode is not None and mode in {1, 2}:  # 10
            x = x * self.STEPS  # 11
        rows = shape[0]
        rows //= 2  # 12
        return x + rows
