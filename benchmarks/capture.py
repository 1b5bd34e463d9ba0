"""What reading a graph costs, against a bare loop over the bindings.

    python -m benchmarks.capture

The control only reads kind, input and output ids of every node through PyTorch's bindings. The
import builds the neutral graph with links and whole call stacks. Both run in turns in one process.
"""

import argparse
import gc
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch import nn

from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions
from tsviz.examples import get
from tsviz.frontends.torchscript import import_program

REPETITIONS = 9
RATIO = 1.5
GROWTH = 11.0
BYTES_A_NODE = 2048


class Block(nn.Module):
    """Seventeen nodes once inlined."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.LayerNorm(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map `[batch, 8]` to the same shape."""
        y = torch.relu(self.b(self.a(x)))
        return x + y


class Net(nn.Module):
    """`blocks` blocks one after the other."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(blocks)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map `[batch, 8]` to the same shape."""
        for block in self.blocks:
            x = block(x)
        return x


def main() -> int:
    """Prints the figures; exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capture", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no 100,000 nodes")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")
    print(describe_conditions("python -m benchmarks.capture" + " --quick" * quick))
    print(f"{REPETITIONS} repetitions in turns; median [first, third quartile]\n")
    claims = [measure(name, native) for name, native in _models()]
    claims += measure_growth((60, 600) if quick else (60, 600, 6000))
    print()
    for claim in claims:
        print(claim.render())
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


def _models() -> list[tuple[str, Any]]:
    resnet, bert = get("resnet50"), get("bert")
    return [
        ("resnet50 script", torch.jit.script(resnet.build())),
        ("resnet50 trace", torch.jit.trace(resnet.build(), resnet.inputs())),
        ("bert script", torch.jit.script(bert.build())),
        ("bert trace", torch.jit.trace(bert.build(), bert.inputs())),
    ]


def measure(name: str, native: Any) -> Claim:
    """The import against the bare loop, on the same live graph."""
    graph = native.inlined_graph
    bare = [_timed(lambda: bare_loop(graph))]
    again = [_timed(lambda: bare_loop(graph))]
    ours = [_timed(lambda: import_program(native))]
    bare, again, ours = [], [], []  # the first round only warms up
    for _ in range(REPETITIONS):
        bare.append(_timed(lambda: bare_loop(graph)))
        ours.append(_timed(lambda: import_program(native)))
        again.append(_timed(lambda: bare_loop(graph)))
    nodes = bare_loop(graph)
    noise = quartiles(ratios(again, bare))
    print(f"{name}: {nodes} nodes, µs a node")
    print(f"  bare loop   {_figures(bare, nodes)}   (control against itself {noise[1]:.2f})")
    print(f"  import      {_figures(ours, nodes)}")
    return Claim(f"{name}: import over bare loop", ratios(ours, bare), RATIO)


def measure_growth(sizes: tuple[int, ...]) -> list[Claim]:
    """Ten times the nodes, and the memory of a node."""
    claims: list[Claim] = []
    natives = [torch.jit.script(Net(size).eval()) for size in sizes]
    times = [[_timed(lambda n=native: import_program(n)) for native in natives] for _ in range(9)]
    columns = list(zip(*times, strict=True))
    for size, column in zip(sizes, columns, strict=True):
        print(f"synthetic, about {size * 17} nodes: {median(column):.3f} s")
    for small, large, size in zip(columns, columns[1:], sizes[1:], strict=False):
        text = f"{size * 17} nodes over a tenth of them"
        claims.append(Claim(text, ratios(large, small), GROWTH))
    gc.collect()
    tracemalloc.start()
    program = import_program(natives[1])
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    sources = sum(sys.getsizeof(source.text) for source in program.sources.values())
    a_node = (used - sources) / len(program.graph.nodes)
    claims.append(Claim("memory a node, sources aside", (a_node,), BYTES_A_NODE, " B"))
    return claims


def bare_loop(graph: Any) -> int:
    """Reads kind, input ids and output ids of every node; returns how many there are."""
    count = 0
    stack = [graph]
    while stack:
        for node in stack.pop().nodes():
            node.kind()
            for value in node.inputs():
                value.unique()
            for value in node.outputs():
                value.unique()
            stack.extend(node.blocks())
            count += 1
    return count


def _timed(run: Callable[[], object]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def _figures(seconds: list[float], nodes: int) -> str:
    low, middle, high = (1e6 * value / nodes for value in quartiles(seconds))
    return f"{middle:6.1f} [{low:.1f}, {high:.1f}]"


if __name__ == "__main__":
    sys.exit(main())
