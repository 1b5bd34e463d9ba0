"""Algorithms whose course follows from the data."""

import torch

from tests.models.faults.model import Fault, known_fault
from tests.models.faults.sources import decoding as source

DECODING: tuple[Fault, ...] = (
    known_fault(
        "greedy-decoder",
        source.GreedyDecoder,
        "while token.item() != self.END and len(tokens) < 8:",
        inputs=lambda: (torch.full((1, 4), 3.0),),
        witness=lambda: (torch.full((1, 4), -3.0),),
        domain={"state": {"dims": {}}},
    ),
    known_fault(
        "beam-search",
        source.BeamSearch,
        "for state, gain in enumerate(transitions[path[-1]].tolist())",
        inputs=lambda: (torch.eye(3),),
        witness=lambda: (torch.eye(3).flip(0),),
        inputs_other=lambda: (torch.eye(3) * 2,),
        domain={"transitions": {"dims": {}}},
    ),
    known_fault(
        "suppression",
        source.Suppression,
        "while order.numel() > 0:",
        inputs=lambda: (
            torch.tensor([[0.0, 2.0], [0.1, 2.0], [4.0, 5.0]]),
            torch.tensor([0.9, 0.8, 0.7]),
        ),
        witness=lambda: (
            torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]),
            torch.tensor([0.9, 0.8, 0.7]),
        ),
        inputs_other=lambda: (
            torch.tensor([[0.0, 2.0], [0.1, 2.0], [4.0, 5.0], [4.0, 5.1]]),
            torch.tensor([0.9, 0.8, 0.7, 0.6]),
        ),
        domain={"boxes": {"range": (0.0, 6.0)}, "scores": {"range": (0.0, 1.0)}},
    ),
    known_fault(
        "adaptive-steps",
        source.AdaptiveSteps,
        "if halted.min() > 1.2:",
        inputs=lambda: (torch.full((2, 4), 2.0),),
        witness=lambda: (torch.full((2, 4), -2.0),),
        inputs_other=lambda: (torch.full((3, 4), 2.0),),
    ),
    known_fault(
        "sparse-experts",
        source.SparseExperts,
        "if len(rows) == 0:",
        inputs=lambda: (torch.randn(4, 3), torch.tensor([0, 0, 2, 2])),
        witness=lambda: (torch.randn(4, 3), torch.tensor([0, 1, 1, 2])),
        inputs_other=lambda: (torch.randn(5, 3), torch.tensor([0, 0, 2, 2, 0])),
        domain={"routes": {"range": (0, 2)}},
    ),
    known_fault(
        "collapses-repeats",
        source.CollapsesRepeats,
        "for symbol in path.tolist():",
        inputs=lambda: (torch.eye(4)[[1, 1, 0, 2]],),
        witness=lambda: (torch.eye(4)[[1, 3, 0, 2]],),
        inputs_other=lambda: (torch.eye(4)[[1, 1, 0, 2, 2]],),
        also_right=("return torch.tensor(collapsed)",),
    ),
    known_fault(
        "sorts-by-length",
        source.SortsByLength,
        "order = sorted(range(4), key=lambda row: -lengths[row])",
        inputs=lambda: (torch.randn(4, 3), torch.tensor([2, 5, 1, 4])),
        witness=lambda: (torch.randn(4, 3), torch.tensor([1, 2, 3, 4])),
        inputs_other=lambda: (torch.randn(4, 3), torch.tensor([5, 4, 2, 1])),
        domain={"batch": {"dims": {}}, "lengths": {"dims": {}, "range": (1, 5)}},
    ),
    known_fault(
        "binary-search",
        source.BinarySearch,
        "if weights[weights > middle].sum() > weights.sum() / 2:",
        inputs=lambda: (torch.tensor([1.0, 2.0, 3.0]),),
        witness=lambda: (torch.tensor([0.1, 0.1, 3.0]),),
        inputs_other=lambda: (torch.tensor([1.0, 2.0, 3.0, 2.5]),),
        domain={"weights": {"range": (0.0, 3.0)}},
    ),
    known_fault(
        "tree-depth",
        source.TreeDepth,
        "node = int(parents[node])",
        inputs=lambda: (torch.randn(4), torch.tensor([0, 0, 1, 2])),
        witness=lambda: (torch.randn(4), torch.tensor([0, 0, 0, 1])),
        inputs_other=lambda: (torch.randn(4), torch.tensor([0, 0, 0, 2])),
        domain={
            "values": {"dims": {}},
            "parents": {
                "dims": {},
                "only": ([0, 0, 1, 2], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 1, 1], [0, 0, 0, 0]),
            },
        },
        also_right=("while node != 0:",),
    ),
    known_fault(
        "euclid-steps",
        source.EuclidSteps,
        "while smaller.abs() > 0:",
        inputs=lambda: (torch.tensor(12), torch.tensor(8)),
        witness=lambda: (torch.tensor(13), torch.tensor(8)),
        inputs_other=lambda: (torch.tensor(12), torch.tensor(6)),
        domain={"larger": {"range": (1, 30)}, "smaller": {"range": (1, 30)}},
    ),
    known_fault(
        "thresholded-points",
        source.ThresholdedPoints,
        "while chosen.numel() < 3:",
        inputs=lambda: (torch.tensor([0.95, 0.8, 0.6, 0.1]),),
        witness=lambda: (torch.tensor([0.3, 0.3, 0.3, 0.3]),),
        inputs_other=lambda: (torch.tensor([0.95, 0.8, 0.6, 0.1, 0.2]),),
        domain={"scores": {"dims": {0: (3, 8)}, "range": (0.0, 1.0)}},
    ),
)
