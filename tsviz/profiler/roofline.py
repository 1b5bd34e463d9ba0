"""What this machine can do at best, measured once in a process: arithmetic and memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch

_SIZE = {"cpu": 768, "cuda": 4096}
_BYTES = {"cpu": 1 << 26, "cuda": 1 << 28}
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Roofline:
    """The best of some tries with the threads there were.

    Attributes:
        device: `cpu` or `cuda`.
        threads: that one op could use.
        flops_per_second: of a product of two large matrices of `float32`.
        bytes_per_second: of a copy, read and written bytes counted.
    """

    device: str
    threads: int
    flops_per_second: float
    bytes_per_second: float

    @property
    def ridge(self) -> float:
        """Operations a byte from which on arithmetic is the limit."""
        return self.flops_per_second / self.bytes_per_second


def measure_roofline(device: str) -> Roofline:
    """The rates of a device; nothing random is drawn."""
    return _measure(device, torch.get_num_threads())


@cache
def _measure(device: str, threads: int) -> Roofline:
    size, count = _SIZE[device], _BYTES[device] // 4
    with torch.no_grad():
        matrix = torch.ones(size, size, device=device)
        source = torch.ones(count, device=device)
        target = torch.empty_like(source)
        arithmetic = _best(lambda: torch.mm(matrix, matrix), device)
        copying = _best(lambda: target.copy_(source), device)
    return Roofline(device, threads, 2 * size**3 / arithmetic, 2 * 4 * count / copying)


def _best(work: Callable[[], object], device: str) -> float:
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    seconds: list[float] = []
    for _ in range(_TRIES + 1):
        wait()
        start = time.perf_counter()
        work()
        wait()
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])
