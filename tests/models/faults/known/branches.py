"""Branches taken by values."""

import math

import torch

from tests.models.faults.model import Fault, known_fault
from tests.models.faults.sources import branches as source

BRANCHES: tuple[Fault, ...] = (
    known_fault(
        "scalar-threshold",
        source.ScalarThreshold,
        "if x.mean() > 0:",
        inputs=lambda: (torch.randn(3, 4) + 1,),
        witness=lambda: (torch.randn(2, 4) - 1,),
        inputs_other=lambda: (torch.randn(7, 4) + 1,),
        domain={"x": {"range": (-8.0, 8.0)}},
    ),
    known_fault(
        "any-negative",
        source.AnyNegative,
        "if (signal < 0).any():",
        inputs=lambda: (torch.rand(6) + 0.5,),
        witness=lambda: (torch.randn(6),),
        inputs_other=lambda: (torch.rand(3) + 0.5,),
        domain={"signal": {"range": (-8.0, 8.0)}},
    ),
    known_fault(
        "all-small",
        source.AllSmall,
        "if torch.all(weights.abs() < 1.0):",
        inputs=lambda: (torch.rand(5),),
        witness=lambda: (torch.rand(5) * 2,),
        inputs_other=lambda: (torch.rand(2),),
    ),
    known_fault(
        "cleans-nans",
        source.CleansNans,
        "if torch.isnan(features).any():",
        inputs=lambda: (torch.rand(3, 4),),
        witness=lambda: (torch.tensor([[0.5, math.nan, 1.0, -1.0]]),),
        inputs_other=lambda: (torch.rand(1, 4),),
        domain={"features": {"also": (math.nan,)}},
    ),
    known_fault(
        "norm-clip",
        source.NormClip,
        "if norm > self.limit:",
        inputs=lambda: (torch.full((2, 3), 0.5),),
        witness=lambda: (torch.full((2, 3), 2.5),),
        inputs_other=lambda: (torch.full((4, 3), 0.5),),
    ),
    known_fault(
        "conditional-expression",
        source.ConditionalExpression,
        "slope = 2.0 if x.sum() > 0 else 0.5",
        inputs=lambda: (torch.rand(2, 3) + 0.1,),
        witness=lambda: (-torch.rand(2, 3) - 0.1,),
        inputs_other=lambda: (torch.rand(5, 3) + 0.1,),
    ),
    known_fault(
        "early-return",
        source.EarlyReturn,
        "if residual.abs().max() < 0.1:",
        inputs=lambda: (torch.randn(2, 4),),
        witness=lambda: (torch.full((2, 4), 0.05),),
        inputs_other=lambda: (torch.randn(3, 4),),
    ),
    known_fault(
        "early-exit-classifier",
        source.EarlyExitClassifier,
        "if scores.max(-1).values.min().item() > 0.45:",
        inputs=lambda: (torch.full((1, 6), 3.0),),
        witness=lambda: (torch.full((1, 6), -1.0),),
        inputs_other=lambda: (torch.full((2, 6), 3.0),),
    ),
    known_fault(
        "short-circuit-or",
        source.ShortCircuitOr,
        "flip = x.mean() > 0 or x.max() > 2.5",
        inputs=lambda: (torch.tensor([-1.0, -2.0, 0.5]),),
        witness=lambda: (torch.tensor([1.0, 2.0, 0.5]),),
        inputs_other=lambda: (torch.tensor([-1.0, -2.0]),),
    ),
    known_fault(
        "short-circuit-and",
        source.ShortCircuitAnd,
        "wide = x.max() > 1 and x.min() < -1",
        inputs=lambda: (torch.tensor([0.5, -0.5, 0.1]),),
        witness=lambda: (torch.tensor([2.0, -0.5, 0.1]),),
        inputs_other=lambda: (torch.tensor([0.5, -0.5, 0.1, 0.2, 0.3]),),
    ),
    known_fault(
        "checks-tokens",
        source.ChecksTokens,
        "assert tokens.min() >= 0",
        inputs=lambda: (torch.tensor([0, 3, 1]),),
        witness=None,
        effect="accepts",
        reason="eager PyTorch refuses negative ids with an AssertionError; the trace counts them "
        "from the end",
        refused=lambda: (torch.tensor([0, -1, 4]),),
        inputs_other=lambda: (torch.tensor([0, 3, 1, 2, 2]),),
        domain={"tokens": {"dims": {0: (1, 8)}, "range": (-3, 4)}},
    ),
    known_fault(
        "checks-range",
        source.ChecksRange,
        "if probabilities.max() > 1:",
        inputs=lambda: (torch.rand(4),),
        witness=None,
        effect="accepts",
        reason="eager PyTorch refuses what exceeds 1 with a ValueError",
        refused=lambda: (torch.rand(4) + 0.9,),
        inputs_other=lambda: (torch.rand(2),),
        domain={"probabilities": {"range": (0.0, 1.9)}},
    ),
    known_fault(
        "cholesky-jitter",
        source.CholeskyJitter,
        "factor = torch.linalg.cholesky(covariance)",
        inputs=lambda: (torch.eye(3).expand(2, 3, 3) * 2,),
        witness=lambda: (torch.eye(3).expand(1, 3, 3) * -2,),
        effect="raises",
        inputs_other=lambda: (torch.eye(3).expand(4, 3, 3) * 2,),
        domain={
            "covariance": {
                "only": [
                    (torch.eye(3) * scale).expand(batch, 3, 3).tolist()
                    for scale in (-2, 2)
                    for batch in (1, 2, 4)
                ]
            }
        },
    ),
    known_fault(
        "best-box",
        source.BestBox,
        "if boxes.numel() == 0:",
        inputs=lambda: (torch.randn(3, 4), torch.rand(3)),
        witness=lambda: (torch.randn(0, 4), torch.rand(0)),
        effect="raises",
        inputs_other=lambda: (torch.randn(5, 4), torch.rand(5)),
        domain={"boxes": {"dims": {0: (0, 6)}}, "scores": {"dims": {0: "boxes.0"}}},
    ),
    known_fault(
        "same-inputs",
        source.SameInputs,
        "if torch.equal(query, key):",
        inputs=lambda: (torch.ones(2, 3), torch.ones(2, 3)),
        witness=lambda: (torch.ones(2, 3), -torch.ones(2, 3)),
        inputs_other=lambda: (torch.ones(4, 3), torch.ones(4, 3)),
    ),
    known_fault(
        "close-to-mean",
        source.CloseToMean,
        "if torch.allclose(x, center.expand_as(x), atol=0.5):",
        inputs=lambda: (torch.tensor([[2.0, -2.0], [-1.0, 2.0]]),),
        witness=lambda: (torch.tensor([[1.2, 1.0], [1.0, 1.2]]),),
        inputs_other=lambda: (torch.tensor([[2.0, -2.0], [-1.0, 2.0], [0.0, 1.0]]),),
        domain={"x": {"dims": {0: (2, 8)}}},
    ),
    known_fault(
        "end-token",
        source.EndToken,
        "if self.end in tokens:",
        inputs=lambda: (torch.tensor([[1, 2, 3]]),),
        witness=lambda: (torch.tensor([[1, 7, 3]]),),
        inputs_other=lambda: (torch.tensor([[1, 2, 3], [4, 5, 6]]),),
        domain={"tokens": {"dims": {0: (1, 4), 1: (1, 6)}, "range": (0, 7)}},
    ),
    known_fault(
        "weighted-loss",
        source.WeightedLoss,
        "if (labels == 1).sum().item() > 0:",
        inputs=lambda: (torch.randn(4), torch.tensor([0, 1, 0, 1])),
        witness=lambda: (torch.randn(4), torch.tensor([0, 0, 0, 0])),
        inputs_other=lambda: (torch.randn(3), torch.tensor([0, 1, 0])),
    ),
    # Traced with a mask that hides something, the same model is clean.
    known_fault(
        "skips-mask",
        source.SkipsMask,
        "if not mask.all():",
        inputs=lambda: (torch.rand(2, 3), torch.ones(2, 3, dtype=torch.bool)),
        witness=lambda: (torch.rand(2, 3), torch.eye(3).bool()[:2]),
        inputs_other=lambda: (torch.rand(1, 3), torch.ones(1, 3, dtype=torch.bool)),
    ),
    known_fault(
        "nested-choice",
        source.NestedChoice,
        "if bool(spread > 1.0):",
        inputs=lambda: (torch.tensor([0.1, 0.2, 0.3]),),
        witness=lambda: (torch.tensor([-3.0, 0.0, 3.0]),),
        inputs_other=lambda: (torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5]),),
        domain={"x": {"dims": {0: (2, 8)}}},
    ),
)
