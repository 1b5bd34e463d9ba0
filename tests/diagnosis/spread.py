"""Another model with twelve faults, over two files, a base class, functions, a hook and a part."""

import torch
from torch import Tensor, nn

from tests.diagnosis.spread_parts import Masked, Placed, total_of

SHIFT = 0.25


def double_inputs(module, inputs: tuple[Tensor]):  # 8
    return (inputs[0] * 2,)


class Spread(Placed):
    def __init__(self):
        super().__init__()
        self.masked = Masked()
        self.out = nn.Linear(4, 4)
        self.out.register_forward_pre_hook(double_inputs)

    def forward(self, x):
        import cmath  # 9

        count: int  # 10
        x = self.prepare(x) + SHIFT  # 11
        sizes = [x.size(0), 1]
        more = [*sizes, 3]  # 12
        count = total_of(more)
        x = self.masked(x, torch.sigmoid(x)) * cmath.pi
        return self.out(x) + count
