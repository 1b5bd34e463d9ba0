"""An object detector: a trace keeps the branch its example took.

A small one-stage detector: convolutions look at a picture, every cell of a coarse grid proposes one
box with a score, boxes over the threshold are kept, and of boxes that overlap only the best stays
(non-maximum suppression).

Lesson: what happens after the network depends on what is in the picture. Scripted, `if` and
`while` are `prim::If` and `prim::Loop`. Traced from a picture with something on it, the branch for
an empty picture does not exist and the loop is unrolled: on an empty picture the trace fails, on a
fuller one it forgets boxes. PyTorch warns while tracing; the graph does not show that anything is
missing.
"""

import math

import torch
from torch import Tensor, nn


def overlap_with(box: Tensor, others: Tensor) -> Tensor:
    """Measure how much boxes overlap: intersection over union.

    Args:
        box: left, top, right, bottom, `[4]`.
        others: As many boxes, `[n, 4]`.

    Returns:
        A number from 0 to 1 for each of the others, `[n]`.
    """
    top_left = torch.maximum(box[:2], others[:, :2])
    bottom_right = torch.minimum(box[2:], others[:, 2:])
    shared = (bottom_right - top_left).clamp(min=0).prod(dim=1)
    area = (box[2:] - box[:2]).prod()
    other_areas = (others[:, 2:] - others[:, :2]).prod(dim=1)
    return shared / (area + other_areas - shared)


def suppress_overlaps(boxes: Tensor, scores: Tensor, most_overlap: float) -> Tensor:
    """Choose the best boxes so that no two overlap too much.

    Args:
        boxes: left, top, right, bottom, `[n, 4]`, at least one.
        scores: `[n]`.
        most_overlap: Of two boxes that overlap more than this, the worse one goes.

    Returns:
        Indices of the boxes that stay, best first, int64, `[kept]`.
    """
    order = scores.argsort(descending=True)
    kept: list[Tensor] = []
    while order.numel() > 0:
        best = order[0]
        kept.append(best)
        others = order[1:]
        overlap = overlap_with(boxes[best], boxes[others])
        order = others[overlap <= most_overlap]
    return torch.stack(kept)


class Detector(nn.Module):
    """Find boxes in a picture.

    Args:
        threshold: Boxes with a lower score are dropped, 0 to 1.
        most_overlap: Of two boxes that overlap more than this, the worse one goes, 0 to 1.
    """

    def __init__(self, threshold: float = 0.6, most_overlap: float = 0.3) -> None:
        super().__init__()
        self.stride = 8  # each of the three convolutions halves the picture
        self.threshold = threshold
        self.most_overlap = most_overlap
        self.backbone = nn.Sequential(
            _halve(3, 16),
            _halve(16, 32),
            _halve(32, 32),
        )
        self.score_head = nn.Conv2d(32, 1, kernel_size=1)
        self.box_head = nn.Conv2d(32, 4, kernel_size=1)
        self.initialise()

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Find what is in a picture.

        Args:
            picture: `[1, 3, height, width]`, in points.

        Returns:
            The boxes as left, top, right, bottom in points, `[found, 4]`, and their scores,
            `[found]`, best first; `found` may be 0.
        """
        features = self.backbone(picture)
        scores = torch.sigmoid(self.score_head(features)).flatten()
        boxes = self.place_boxes(self.box_head(features))
        if scores.max() > self.threshold:
            likely = scores > self.threshold
            boxes = boxes[likely]
            scores = scores[likely]
            kept = suppress_overlaps(boxes, scores, self.most_overlap)
            boxes = boxes[kept]
            scores = scores[kept]
        else:
            boxes = boxes[:0]
            scores = scores[:0]
        return boxes, scores

    def initialise(self) -> None:
        """Set random weights with which an empty picture scores 0.1 everywhere."""
        for parameter in self.backbone.parameters():
            if parameter.dim() == 1:
                nn.init.zeros_(parameter)
            else:
                nn.init.kaiming_normal_(parameter)
        nn.init.normal_(self.score_head.weight)
        self.score_head.bias = nn.Parameter(torch.tensor([math.log(0.1 / 0.9)]))

    def place_boxes(self, shape: Tensor) -> Tensor:
        """Turn offsets and sizes relative to the cells into boxes on the picture.

        Args:
            shape: Offset right and down, logarithm of width and height, in cells,
                `[1, 4, rows, columns]`.

        Returns:
            left, top, right, bottom in points, `[rows * columns, 4]`.
        """
        rows = torch.arange(shape.size(2), device=shape.device)
        columns = torch.arange(shape.size(3), device=shape.device)
        down, right = torch.meshgrid(rows, columns, indexing="ij")
        cells = torch.stack([right, down], dim=-1).flatten(0, 1) + 0.5
        offset, log_size = shape[0].flatten(1).t().chunk(2, dim=1)
        centre = (cells + offset) * self.stride
        half_size = log_size.exp() * self.stride
        return torch.cat([centre - half_size, centre + half_size], dim=1)


def detector() -> Detector:
    """Return a detector with random weights."""
    return Detector()


def picture() -> tuple[Tensor]:
    """Return a picture of 64 by 64 points with two things on it."""
    canvas = torch.zeros(1, 3, 64, 64)
    canvas[:, :, 8:24, 8:24] = torch.randn(3, 16, 16)
    canvas[:, :, 36:60, 30:54] = torch.randn(3, 24, 24)
    return (canvas,)


def _halve(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=3, stride=2, padding=1),
        nn.ReLU(),
    )
