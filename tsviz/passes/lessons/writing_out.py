"""Passes that write what stands in one op, or is implied, out in full."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def split_and_multiply(x: Tensor) -> Tensor:
    left, right = torch.chunk(x, 2, 1)
    return left * right


def layer(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.addmm(bias, x, weight)


def spread(x: Tensor) -> Tensor:
    return x.var(dim=1, correction=1)


def add_row(x: Tensor, row: Tensor) -> Tensor:
    return x + row.expand([2, 3], implicit=True)


def half_precision(x: Tensor, weight: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return torch.mm(x, weight)


def _layer() -> tuple[Tensor, Tensor, Tensor]:
    return torch.ones(2, 3), torch.ones(3, 3), torch.ones(3)


LESSONS = (
    Lesson(
        "canonicalize_graph_fuser_ops",
        split_and_multiply,
        "torch.chunk(x, 2, 1)",
        (
            "`chunk` and the unpacking of its list became one `prim::ConstantChunk`, whose count "
            "and dimension are attributes.",
            "Where the count is no constant, `chunk` stays.",
        ),
        lambda: (torch.ones(2, 4),),
    ),
    Lesson(
        "decompose_ops",
        layer,
        "torch.addmm(bias, x, weight)",
        (
            "`addmm` became `mm` and `add`, so that other passes can batch the one and fuse the "
            "other.",
            "Both have the line of the `addmm`: your line has more ops than you wrote.",
            "Layer and batch norms are written out on GPUs only, where their device is known.",
        ),
        _layer,
    ),
    Lesson(
        "run_decompositions",
        spread,
        "x.var(dim=1, correction=1)",
        (
            "`var` is written out as PyTorch defines it in Python: mean, difference, square, sum.",
            "The nodes have no line of their own in your file; the one shown is inferred from what "
            "is near by.",
            "Decompositions are registered for a few forms only: `x.var(1)` stays as it is.",
        ),
        lambda: (torch.ones(2, 3),),
    ),
    Lesson(
        "remove_expands",
        add_row,
        "row.expand([2, 3], implicit=True)",
        (
            "The addition broadcasts by itself, so it takes `row` as it is.",
            "Only expands marked `implicit` go, which PyTorch puts in by itself; one that you "
            "write without the mark stays.",
        ),
        lambda: (torch.ones(2, 3), torch.ones(3)),
    ),
    Lesson(
        "autocast",
        half_precision,
        "torch.mm(x, weight)",
        (
            "Each input of `mm` is cast first, by a `_autocast_to_reduced_precision` on the same "
            "line.",
            "From here on numbers are less exact, and of another dtype. The `with` itself stays, "
            "as `prim::Enter` and `prim::Exit`.",
            "A cast is kept even if its input is in low precision already; it decides when it "
            "runs.",
        ),
        lambda: (torch.ones(2, 3), torch.ones(3, 4)),
    ),
)
