"""Save a model that calls `torchvision::nms`, without torchvision.

Scripting needs the operator's schema. It is declared in this process alone, which then ends, so
that nobody who opens the archive finds the operator registered. Run as a program with one
argument, the path.
"""

import sys

import torch
from torch import Tensor, nn


class Suppress(nn.Module):
    def forward(self, boxes: Tensor, scores: Tensor) -> Tensor:
        return torch.ops.torchvision.nms(boxes, scores, 0.5)


if __name__ == "__main__":
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torch.jit.save(torch.jit.script(Suppress()), sys.argv[1])
