"""Models with planted costs; not in a test file, so that scripting sees plain source."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

_library = torch.library.Library("tsviz_planted", "DEF")
_library.define("sleep(Tensor x) -> Tensor")


def _sleep(x: Tensor) -> Tensor:
    time.sleep(0.002)
    return x.clone()


_library.impl("sleep", _sleep, "CPU")


_library.define("sleep_for(Tensor x, float seconds) -> Tensor")


def _sleep_for(x: Tensor, seconds: float) -> Tensor:
    time.sleep(seconds)
    return x.clone()


_library.impl("sleep_for", _sleep_for, "CPU")


class Sleeps(nn.Module):
    """One line that sleeps, and one that does not."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def forward(self, x: Tensor) -> Tensor:
        y = torch.ops.tsviz_planted.sleep_for(x, self.seconds)
        return torch.tanh(y)


class Planted(nn.Module):
    """One branch in ten calls, a loop that gets longer, a large product, an op that sleeps."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.large = nn.Linear(64, 64, bias=False)
        self.small = nn.Linear(64, 16, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        n = int(self.calls)
        y = self.large(x)
        z = self.small(x)
        if n % 10 == 0:
            y = torch.tanh(y)
        for _ in range(n % 10):
            y = torch.cos(y)
        y = torch.ops.tsviz_planted.sleep(y)
        return y + z.sum()


class Inner(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(torch.sigmoid(x)) * 2.0


class Outer(nn.Module):
    """Unrolled copies that bear one mark, a module twice, and a fork."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Inner(), Inner()

    def forward(self, x: Tensor) -> Tensor:
        future = torch.jit.fork(self.first, x)
        y = self.second(x)
        for step in range(3):
            y = y + step
        return y + torch.jit.wait(future)


class Forks(nn.Module):
    """A fork, and what PyTorch fuses beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Inner(), Inner()

    def forward(self, x: Tensor) -> Tensor:
        future = torch.jit.fork(self.first, x)
        return self.second(x) + torch.jit.wait(future)


class Recursive(nn.Module):
    """Calls itself."""

    def forward(self, x: Tensor) -> Tensor:
        return again(x, 3)


def again(x: Tensor, rounds: int) -> Tensor:
    return x if rounds == 0 else again(torch.relu(x), rounds - 1)


class Fails(nn.Module):
    """Fails in the n-th call."""

    calls: Tensor

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        if int(self.calls) == self.at:
            raise ValueError("enough")
        return torch.relu(x)


class Nothing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class Random(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = torch.rand_like(x)
        if float(y.sum()) > x.numel() / 2:
            y = y * 2
        return y + x


class Baked(nn.Module):
    """Its trace keeps the number of rows."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.ones(len(x), 1)


class Two(nn.Module):
    """Two arguments of different sizes."""

    def forward(self, table: Tensor, rows: Tensor) -> Tensor:
        return torch.relu(rows) @ table.t()


class Counted(nn.Module):
    """Tells what its Python code was called with; it is for tracing."""

    def __init__(self, told: Callable[[Tensor], None]) -> None:
        super().__init__()
        self.told = [told]

    def forward(self, x: Tensor) -> Tensor:
        self.told[0](x)
        return torch.relu(x)

    def __deepcopy__(self, memo: object) -> "Counted":
        return Counted(self.told[0])


class Gains(nn.Module):
    """Its input needs no gradient, what it becomes in the loop does: PyTorch takes both as one."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = torch.relu(self.fc(x))
        return x
