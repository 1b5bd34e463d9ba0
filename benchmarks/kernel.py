"""How long the kernel "Python 3 (tsdebug)" takes to start, beside IPython's own.

`python -m benchmarks.kernel`: both start in turn, from the process to the first reply, and the
ratio of each pair counts, so that what else the machine does falls on both. The claim is the
median's.
"""

import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from jupyter_client.manager import KernelManager

PLAIN, OURS = "python3", "tsdebug"
ROUNDS = 15
LIMIT = 1.10
"""At most this much of the plain kernel's time."""

WAIT = 60


def main() -> int:
    """Measures, prints, and tells by the exit status whether the claim holds."""
    ratios: list[float] = []
    with TemporaryDirectory() as folder:
        for name in (PLAIN, OURS):  # files into the cache
            start_up(name, Path(folder))
        for at in range(ROUNDS):
            order = (PLAIN, OURS) if at % 2 else (OURS, PLAIN)
            times = {name: start_up(name, Path(folder)) for name in order}
            ratios.append(times[OURS] / times[PLAIN])
            print(f"{times[PLAIN]:6.3f} s plain  {times[OURS]:6.3f} s tsdebug")
    low, middle, high = quantiles(ratios, n=4)
    holds = median(ratios) <= LIMIT
    verdict = "holds" if holds else "does not hold"
    print(f"ratio {middle:.2f} [{low:.2f}, {high:.2f}]; at most {LIMIT:.2f}: {verdict}")
    return 0 if holds else 1


def start_up(name: str, folder: Path) -> float:
    """Seconds from starting the process to the kernel's first reply."""
    manager = KernelManager(kernel_name=name)
    started = perf_counter()
    manager.start_kernel(cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=WAIT)
        return perf_counter() - started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    sys.exit(main())
