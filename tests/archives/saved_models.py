"""The models that the archives hold."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.linear(x))


class OldOperators(nn.Module):
    """Every operator here meant something else, or took other arguments, once."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        half = torch.div(x, 2)
        steps = torch.linspace(0, 1, steps=3)
        filled = torch.full((2,), 1)
        smooth = F.gelu(steps)
        return half, steps, filled, smooth


class OnCuda(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(4, device=torch.device("cuda:0"))


class HoldsTorchbind(nn.Module):
    """Holds packed weights itself, not inside a module of PyTorch's."""

    def __init__(self) -> None:
        super().__init__()
        weight = torch.quantize_per_tensor(torch.eye(4), scale=1.0, zero_point=0, dtype=torch.qint8)
        self.packed = torch.ops.quantized.linear_prepack(weight, None)

    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.quantized.linear_dynamic(x, self.packed)


class WritesOnLoad(nn.Module):
    """Writes its weight into a file when it is loaded: `__setstate__` is code, and it runs."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target
        self.weight = torch.ones(4)

    @torch.jit.export
    def __getstate__(self) -> tuple[str, Tensor, bool]:
        return self.target, self.weight, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, Tensor, bool]) -> None:
        self.target = state[0]
        self.weight = state[1]
        self.training = state[2]
        torch.save(self.weight, self.target)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class Holder(nn.Module):
    """Looks harmless; what it holds is not."""

    def __init__(self, held: nn.Module) -> None:
        super().__init__()
        self.held = held

    def forward(self, x: Tensor) -> Tensor:
        return self.held(x)


class CarriageReturn(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, str]:
        return x, "two lines\r\nas on Windows"
