"""How long the kernel "Python 3 (tsdebug)" takes to start, beside IPython's own.

    python -m benchmarks.kernel

Both start in turns, from the process to the first reply, and the ratio of each pair counts, so
that what else the machine does falls on both. The client looks for the kernel every millisecond;
left to itself it would do so every 100, which is more than the difference that is sought.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import zmq
from jupyter_client.manager import KernelManager

from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions

PLAIN, OURS = "python3", "tsdebug"
ROUNDS = 25
LIMIT = 1.10
"""At most this much of the plain kernel's time."""

WAIT = 60


def main() -> int:
    """Prints the figures; exits with 1 where the claim is not shown."""
    print(describe_conditions("python -m benchmarks.kernel", ("ipykernel", "ipython")))
    print(f"{ROUNDS} starts of each, in turns; seconds, median [first, third quartile]\n")
    seconds: dict[str, list[float]] = {PLAIN: [], OURS: []}
    with TemporaryDirectory() as folder:
        for name in seconds:  # files into the cache
            start_up(name, Path(folder))
        for at in range(ROUNDS):
            for name in (PLAIN, OURS) if at % 2 else (OURS, PLAIN):
                seconds[name].append(start_up(name, Path(folder)))
    for name, column in seconds.items():
        low, middle, high = quartiles(column)
        print(f"  {name:<20} {middle:7.3f} [{low:.3f}, {high:.3f}]")
    claim = Claim("start of the kernel", ratios(seconds[OURS], seconds[PLAIN]), LIMIT)
    print(f"\n{claim.render()}")
    return 0 if claim.verdict == "shown" else 1


def start_up(name: str, folder: Path) -> float:
    """Seconds from starting the process to the kernel's first reply."""
    manager = KernelManager(kernel_name=name)
    started = perf_counter()
    manager.start_kernel(cwd=str(folder), stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.context.setsockopt(zmq.RECONNECT_IVL, 1)
    client.start_channels()
    try:
        client.kernel_info()
        client.get_shell_msg(timeout=WAIT)
        return perf_counter() - started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    sys.exit(main())
