"""What an input is (its dtype, its device, its Python class) decides, and the trace keeps it."""

import torch
from torch import Tensor, nn


class BytesToFloats(nn.Module):
    """Takes pictures as bytes or as numbers between 0 and 1."""

    def forward(self, picture: Tensor) -> Tensor:
        if not picture.is_floating_point():
            picture = picture.float() / 255
        return picture.mean((1, 2))


class EpsilonByDtype(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        epsilon = 1e-8 if x.dtype == torch.float64 else 1e-2
        return x / (x.abs() + epsilon)


class CastsTable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.randn(4, 3, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.table.to(x.dtype)


class LowestScore(nn.Module):
    def forward(self, scores: Tensor, hidden: Tensor) -> Tensor:
        lowest = torch.finfo(scores.dtype).min
        return scores.masked_fill(hidden, lowest)


class TypeByName(nn.Module):
    """The idiom of PyTorch 0.3 and of code that was never touched since."""

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(4).type(x.type())
        return x @ steps


class RealOrComplex(nn.Module):
    def forward(self, signal: Tensor) -> Tensor:
        if signal.is_complex():
            return signal.abs()
        return signal.relu()


class ArangeOnDevice(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(4, device=x.device)
        return x + steps


class DeviceByName(nn.Module):
    """Chooses by the type of device, as kernels with a fallback do."""

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type == "cpu":
            x = x + torch.ones(4)
        return x * 2


class TensorOrList(nn.Module):
    def forward(self, frames: Tensor | list[Tensor]) -> Tensor:
        if not torch.is_tensor(frames):
            frames = torch.stack(frames)
        return frames.mean(0)


class StateOrPair(nn.Module):
    """Takes the state of a GRU, or of an LSTM."""

    def forward(self, state: Tensor | tuple[Tensor, Tensor]) -> Tensor:
        if isinstance(state, tuple):
            hidden, memory = state
            return hidden + torch.tanh(memory)
        return state


class DispatchesByClass(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pools = {list: torch.amax, tuple: torch.mean}

    def forward(self, levels: list[Tensor] | tuple[Tensor, ...]) -> Tensor:
        pool = self.pools[type(levels)]
        return pool(torch.stack([*levels]), 0)


class OptionalMask(nn.Module):
    """The mask was left out when the model was traced."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.linear(x)
        if mask is not None:
            x = x.masked_fill(mask, 0.0)
        return x


class MatchesRank(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        match x.dim():
            case 2:
                return x.sum(1)
            case _:
                return x.flatten(1).amax(1)


class GroupsByLabel(nn.Module):
    """Builds a dictionary whose keys come from the data."""

    def forward(self, points: Tensor, labels: Tensor) -> Tensor:
        groups: dict[int, list[Tensor]] = {}
        for point, label in zip(points, labels.tolist(), strict=True):
            groups.setdefault(label, []).append(point)
        return torch.stack([torch.stack(group).amax(0) for group in groups.values()]).sum(0)
