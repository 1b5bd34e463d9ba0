"""Models that are hard on whoever searches: they crash, block, count and talk."""

import os
import signal
import sys

import torch
from torch import nn

RUNS: list[int] = []
"""One for each run in this process."""


class Gate(nn.Module):
    """A trace of it always takes one branch."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            x = x + 1
        return x


class Counts(Gate):
    """Leaves behind what it does: a run, a random number, a line."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        RUNS.append(1)
        torch.rand(1)
        sys.stdout.write("I ran\n")
        os.write(1, b"I ran\n")
        sys.__stderr__.write("I ran\n")
        return super().forward(x)


class Crashes(Gate):
    """Ends its process where a sum is not above 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not x.sum() > 0:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().forward(x)


class Blocks(Gate):
    """Waits for ever in its first run."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        os.read(os.pipe()[0], 1)
        return super().forward(x)


class Deaf(Blocks):
    """And nothing can interrupt it, as soon as it has said so."""

    def __init__(self, says: int) -> None:
        super().__init__()
        self.says = says

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.write(self.says, b".")
        return super().forward(x)
