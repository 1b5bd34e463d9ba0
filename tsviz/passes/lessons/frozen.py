"""Passes for frozen modules, whose weights are constants.

`torch.jit.freeze` makes the folds by itself. These lessons freeze without them, so that each can be
seen alone.
"""

import torch
from torch import Tensor, nn

from tsviz.passes.lessons.running import Lesson


class ConvNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.norm(y)


class ConvShift(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return y + 1.5


class ConvScale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return y * 0.5


class ConvNormScale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x))
        return y * 0.5 + 1.5


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x) + x)


class LinearNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        return self.norm(y)


class KeyValue(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.key = nn.Linear(3, 4)
        self.value = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        key = self.key(x)
        return key * self.value(x)


def _picture() -> tuple[Tensor]:
    return (torch.ones(1, 3, 8, 8),)


def _matrix() -> tuple[Tensor]:
    return (torch.ones(2, 3),)


LESSONS = (
    Lesson(
        "fold_frozen_conv_bn",
        ConvNorm,
        "self.norm(y)",
        (
            "The norm is gone: it only scales and shifts, and that is in the weights of the "
            "convolution now.",
            "`self.norm(y)` has no node left. The new weights are named after the old ones, "
            "`self.conv.weight_fused_bn`, which is how tsviz still knows their line.",
            "Results may differ in the last digits, as another multiplication is rounded.",
        ),
        _picture,
        via="frozen",
    ),
    Lesson(
        "fold_frozen_conv_add_or_sub",
        ConvShift,
        "y + 1.5",
        (
            "The addition is in the bias of the convolution now, and its line has no node left.",
            "Only constants are folded, and only such as leave the shape of the result alone.",
        ),
        _picture,
        via="frozen",
    ),
    Lesson(
        "fold_frozen_conv_mul_or_div",
        ConvScale,
        "y * 0.5",
        (
            "Weight and bias of the convolution are halved, and the line of the scaling has no "
            "node left.",
            "Do not go by the names of the new weights: PyTorch may name this one after the bias.",
            "Results may differ in the last digits: the weights are rounded once more.",
        ),
        _picture,
        via="frozen",
    ),
    Lesson(
        "fold_frozen_linear_bn",
        LinearNorm,
        "self.norm(y)",
        (
            "The norm is in the weights of the linear layer now.",
            "`self.norm(y)` keeps the nodes that check for two or three dimensions: one call of "
            "yours is several lines of PyTorch's, and not all of them fold.",
        ),
        _matrix,
        via="frozen",
    ),
    Lesson(
        "optimize_frozen_graph",
        ConvNormScale,
        "y * 0.5 + 1.5",
        (
            "Norm, scaling and shift all went into the convolution, one fold after the other.",
            "One node is left for two lines, and it has the line of the convolution: the second "
            "line does not run any more.",
            "`torch.jit.freeze` does this by itself unless `optimize_numerics=False` is passed.",
        ),
        _picture,
        via="frozen",
    ),
    Lesson(
        "transpose_frozen_linear",
        KeyValue,
        "self.value(x)",
        (
            "Each layer became a product with its weight, transposed beforehand, and an addition.",
            "The same line has two nodes for each layer now, and the model holds new weights.",
        ),
        _matrix,
        via="frozen",
    ),
    Lesson(
        "convert_frozen_ops_to_mkldnn",
        Residual,
        "self.conv(x)",
        (
            "The convolution runs in MKL-DNN's own layout: `to_mkldnn` before it, `to_dense` "
            "after, its weights converted once.",
            "Conversions that you did not write stand on your line, and take time there.",
            "Several such ops in a row are converted once, so it pays only for chains of them.",
        ),
        _picture,
        via="frozen",
    ),
    Lesson(
        "concat_frozen_linear",
        KeyValue,
        "self.value(x)",
        (
            "Both layers read `x`, so on CUDA one layer of twice the width does for both, and its "
            "result is cut in two.",
            "The lines then share a node: what each layer costs can no longer be told apart.",
        ),
        _matrix,
        via="frozen",
        device="cuda",
        unseen="it joins layers only where their weights lie on a CUDA device",
    ),
    Lesson(
        "fuse_frozen_conv_add_relu",
        Residual,
        "torch.relu(self.conv(x) + x)",
        (
            "On CUDA the three ops become one `aten::cudnn_convolution_add_relu`.",
            "What the convolution alone yields can then no longer be seen.",
        ),
        _picture,
        via="frozen",
        device="cuda",
        unseen="it calls a kernel of cuDNN, so it acts only where weights lie on a CUDA device",
    ),
)
