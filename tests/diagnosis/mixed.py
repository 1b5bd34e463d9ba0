"""Models that neither script nor trace as a whole, though their parts do one or the other."""

import torch
from torch import nn


class Gate(nn.Module):
    """Branches on data: a trace keeps one branch."""

    def forward(self, x):
        if x.sum() > 0:
            return x + 1
        return x - 1


class Doubled(nn.Module):
    """Does not script, as it makes a set; a trace of it is right."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x) * len({1, 2})


class Stubborn(nn.Module):
    """Neither scripts nor traces."""

    def forward(self, x):
        if x.sum() > 0:
            return x * len({1, 2})
        return x - 1


class ScriptedAround(nn.Module):
    """To be scripted around a part that is traced."""

    def __init__(self):
        super().__init__()
        self.doubled = Doubled()

    def forward(self, x):
        if x.mean() > 0:
            x = x * 2
        return self.doubled(x)


class TracedAround(nn.Module):
    """To be traced around parts that are scripted; one of them holds no branch."""

    def __init__(self):
        super().__init__()
        self.gates = nn.ModuleList([Gate(), Gate()])
        self.head = nn.Linear(4, 4)

    def forward(self, x):
        x = x * len({1, 2})
        for gate in self.gates:
            x = gate(x)
        return self.head(x)


class Nested(nn.Module):
    """A traced part with scripted ones inside, called by name; and one part at two places."""

    def __init__(self):
        super().__init__()
        self.around = TracedAround()
        self.first = Doubled()
        self.second = self.first

    def forward(self, x):
        if x.mean() > 0:
            x = x * 2
        return self.second(self.first(self.around(x=x)))


class Training(nn.Module):
    """Has buffers that every run changes."""

    def __init__(self):
        super().__init__()
        self.norm = nn.Sequential(nn.BatchNorm1d(4), Doubled())

    def forward(self, x):
        if x.mean() > 0:
            x = x * 2
        return self.norm(x)


class Encoder(nn.Module):
    """Its entry point is not `forward`."""

    def __init__(self):
        super().__init__()
        self.gate = Gate()

    def encode(self, x):
        return self.gate(x) * len({1})


class Halves(nn.Module):
    """Has an obstacle with an edit, and one without in a part that can be traced."""

    def __init__(self):
        super().__init__()
        self.doubled = Doubled()

    def forward(self, x, times):
        for _ in range(times):
            if x.mean() > 0:
                x = x * 2
        return self.doubled(x)


class Asserts(nn.Module):
    """Does not script; an assertion on a shape makes the tracer warn without need."""

    def forward(self, x):
        assert x.shape[-1] == 4
        return x * len({1, 2})


class Hopeless(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Stubborn()

    def forward(self, x):
        return self.part(x)


def rows() -> torch.Tensor:
    return torch.ones(2, 4)
