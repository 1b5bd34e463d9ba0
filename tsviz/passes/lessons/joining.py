"""Passes that make one op of several."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def two_pairs(x: Tensor, y: Tensor, wide: Tensor, deep: Tensor) -> Tensor:
    return x.mm(wide) + x.mm(deep) + y.mm(wide) + y.mm(deep)


def product_and_bias(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.mm(x, weight) + bias


def layer_by_hand(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.addmm(bias, x, weight.t())


def residual(x: Tensor, y: Tensor) -> Tensor:
    return torch.relu(x + y)


def gate(x: Tensor, y: Tensor) -> Tensor:
    share = torch.sigmoid(x + 1.0)
    return torch.tanh(x * y) * share


def add_bytes(x: Tensor, y: Tensor) -> Tensor:
    total = x.dequantize() + y.dequantize()
    return torch.quantize_per_tensor(total, 0.1, 0, torch.quint8)


def _matrices() -> tuple[Tensor, ...]:
    return tuple(torch.ones(3, 3) for _ in range(4))


def _layer() -> tuple[Tensor, Tensor, Tensor]:
    return torch.ones(2, 3), torch.ones(3, 3), torch.ones(3)


def _two() -> tuple[Tensor, Tensor]:
    return torch.ones(2, 3), torch.ones(2, 3)


LESSONS = (
    Lesson(
        "batch_mm",
        two_pairs,
        "x.mm(wide) + x.mm(deep) + y.mm(wide) + y.mm(deep)",
        (
            "Four products and their sum became one `prim::MMTreeReduce`, which multiplies two "
            "large matrices instead.",
            "The line has a single node; what each product cost can no longer be told apart.",
            "Fewer than four products are left alone; many that share a matrix are joined without "
            "a sum, too. Sums are made in another order, so last digits may differ.",
        ),
        _matrices,
    ),
    Lesson(
        "fuse_addmm",
        product_and_bias,
        "torch.mm(x, weight) + bias",
        (
            "`addmm` does both at once, and takes over the line of the addition.",
            "The old nodes are still there, and nothing uses them: run `dce` afterwards.",
            "Where shapes are unknown nothing happens, as the bias might be wider than the "
            "product.",
        ),
        _layer,
        prepare=("complete_shape_analysis",),
    ),
    Lesson(
        "fuse_linear",
        layer_by_hand,
        "torch.addmm(bias, x, weight.t())",
        (
            "It recognises a linear layer that was written by hand, and writes `linear`.",
            "The transpose is gone, and the line shows an op that you did not write.",
        ),
        _layer,
    ),
    Lesson(
        "fuse_add_relu",
        residual,
        "torch.relu(x + y)",
        (
            "`_add_relu` does both without storing the sum.",
            "The sum has no node any more: there is no value of it to look at.",
            "`_add_relu` has no derivative, so a model that is trained fails after this pass.",
        ),
        _two,
    ),
    Lesson(
        "fuse",
        gate,
        "torch.tanh(x * y) * share",
        (
            "All element-wise nodes moved into a `prim::FusionGroup`, to be compiled as one "
            "kernel.",
            "They keep their lines, but run as one: their times cannot be told apart, and values "
            "in between cannot be seen.",
            "This is the old fuser. On the CPU it is off unless it is switched on, as this lesson "
            "does for a moment.",
        ),
        _two,
        prepare=("complete_shape_analysis",),
        fuses=True,
    ),
    Lesson(
        "fuse_tensorexprs",
        gate,
        "torch.tanh(x * y) * share",
        (
            "The nodes moved into a `prim::TensorExprGroup`, to be compiled as one kernel for the "
            "shapes that are known.",
            "A `prim::TypeCheck` stands before it: other shapes take the `prim::FallbackGraph`, a "
            "copy of your code that is compiled anew. That is why a new batch size is slow once.",
            "On the CPU this fuser is off unless it is switched on, as this lesson does for a "
            "moment.",
        ),
        _two,
        prepare=("complete_shape_analysis",),
        fuses=True,
    ),
    Lesson(
        "quant_fusion",
        add_bytes,
        "x.dequantize() + y.dequantize()",
        (
            "Two conversions, an addition and a conversion back became one `quantized::add` on "
            "bytes.",
            "It stands on the line of the last conversion; the line of the sum has no node left.",
            "New releases of PyTorch warn that quantised tensors will go, so you meet this in "
            "older models.",
        ),
    ),
)
