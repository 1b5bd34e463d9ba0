"""One model that gives as many passes as possible something to do."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def soft_switch(x: Tensor) -> Tensor:
    return torch.sigmoid(x) * 2.0


class ManyRewrites(nn.Module):
    """Foldable norms, parallel linears, addmm in two spellings, small loops, fork, views."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3, padding=1)
        self.conv_norm = nn.BatchNorm1d(6)
        self.linear = nn.Linear(6, 6)
        self.linear_norm = nn.BatchNorm1d(6)
        self.left = nn.Linear(6, 6)
        self.right = nn.Linear(6, 6)
        self.weight = nn.Parameter(torch.randn(6, 3))
        self.bias = nn.Parameter(torch.randn(3))

    def up_and_down(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x + 1, x - 1

    def forward(
        self, x: Tensor, flag: bool = True
    ) -> tuple[Tensor, list[Tensor], dict[str, Tensor]]:
        forked = torch.jit.fork(soft_switch, x)
        y = self.conv_norm(self.conv(x))
        y = y * 3.0 + 2.0
        y = F.relu_(y)
        y = self.linear_norm(self.linear(y.mean(2)))
        up, down = self.up_and_down(y)
        both = self.left(up) + self.right(up)
        outputs: list[Tensor] = []
        outputs.append(up)
        outputs.append(down)
        fused = torch.addmm(self.bias, both, self.weight)
        unfused = torch.mm(both, self.weight) + self.bias
        z = torch.relu(torch.add(fused, unfused) + 1)
        for step in range(2):
            z = z + step
            outputs.append(z)
        if flag:
            z.add_(1)
        else:
            z.mul_(2)
        first, second = torch.chunk(torch.cat([up, down], 1), 2, 1)
        halves: dict[str, Tensor] = {"first": first / 2, "second": second * torch.zeros([1]).item()}
        z = z + torch.jit.wait(forked).sum()
        if len(outputs) != 4:
            raise ValueError(f"expected 4 outputs, got {len(outputs)}")
        z = F.dropout(z, 0.5, self.training)
        size = x.size(0) + x.shape[1] * 2
        return F.hardtanh(F.linear(z, self.weight), 0.0, 6.0) + size, outputs, halves
