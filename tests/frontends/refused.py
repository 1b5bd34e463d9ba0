"""Models that PyTorch refuses, or that would change when they are captured carelessly."""

import threading
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


class Untyped(nn.Module):
    def forward(self, x, lengths):
        for _ in range(lengths[0]):
            x = x + 1
        return x


class CallsUntyped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Untyped()

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x, x)


def halve_if_positive(x: Tensor) -> Tensor:
    if x.sum() > 0:
        return x / 2
    return [x]


class CallsFunction(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return halve_if_positive(x) + 1


class Catches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        try:
            return x + 1
        except ValueError:
            return x


class Rejects(nn.Module):
    """Raises by itself, whatever the input."""

    def forward(self, x: Tensor) -> Tensor:
        rank = x.dim()
        raise ValueError(f"rank {rank} is wrong")


class TakesThree(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


class ReturnsMixture(nn.Module):
    def forward(self, x: Tensor) -> dict:
        return {"a": x, "b": "text"}


class ReturnsDict(nn.Module):
    """Scripts as little as most models of others, and counts its runs."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.register_buffer("runs", torch.zeros(()))

    def forward(self, x: Tensor, **others: Tensor) -> dict[str, Tensor]:
        self.runs += 1
        return {"a": self.linear(x), "b": x}


class HoldsLock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def forward(self, x: Tensor) -> Tensor:
        return x


class Keeps(nn.Module):
    """Has an attribute that cannot be copied, and says so in its own words."""

    def __init__(self) -> None:
        super().__init__()
        self.part = Unique()

    def forward(self, x: Tensor) -> Tensor:
        return x


class Unique:
    def __deepcopy__(self, memo: dict[int, object]) -> "Unique":
        raise TypeError("there is only one of these")


@torch.jit.interface
class Activation(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Relu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x)


class Swaps(nn.Module):
    """Assigns to a submodule, which freezing refuses."""

    active: Activation
    spare: Activation

    def __init__(self) -> None:
        super().__init__()
        self.active = Relu()
        self.spare = Relu()

    def forward(self, x: Tensor) -> Tensor:
        self.active = self.spare
        return self.active.forward(x)


class Mutates(nn.Module):
    """Changes buffers, attributes, its input and the random state when it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(1))
        self.norm = nn.BatchNorm1d(3)
        self.seen: list[int] = [0]
        self.last: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        self.seen.append(len(self.seen))
        self.last = x
        x.mul_(2)
        return self.norm(x) + torch.rand(3)


class MutatesScripted(nn.Module):
    """The same as far as TorchScript can express it."""

    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(1))
        self.norm = nn.BatchNorm1d(3)
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        self.calls = self.calls + 1
        x.mul_(2)
        return self.norm(x) + torch.rand(3)


def make_closure(offset: int) -> Callable[[Tensor], Tensor]:
    def shifted(x: Tensor) -> Tensor:
        return x + offset

    return shifted


def generate(x: Tensor) -> Iterator[Tensor]:
    yield x


HOSTILE = "<script>alert('class')</script>"


def hostile() -> nn.Module:
    """A module whose class and attributes are named like markup."""

    class Hostile(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleDict({"<script>alert('module')</script>": nn.Linear(3, 3)})
            self.register_buffer("</script><img src=x onerror=alert(1)>", torch.ones(3))
            self.title = "<script>alert('attribute')</script>"

        def forward(self, x: Tensor) -> Tensor:
            for part in self.parts.values():
                x = part(x)
            if "<script>alert('string')</script>" in self.title.split(" "):
                x = -x
            return x

    Hostile.__name__ = Hostile.__qualname__ = HOSTILE
    return Hostile().eval()


def returns_bare_list(x: Tensor) -> list:
    return [x, x]


class AnnotatesBareList(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return self.pieces(x)[0]

    def pieces(self, x: Tensor) -> list[Tensor]:
        found: list = []
        found.append(x)
        return found


class LeavesBareListOut(nn.Module):
    """What is not compiled may be annotated as it likes."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.jit.is_scripting():
            return x
        return self.pieces(x)[0]

    def pieces(self, x: Tensor) -> list:
        return [x, x]
