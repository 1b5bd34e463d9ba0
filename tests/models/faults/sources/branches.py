"""A branch is taken by the values of the example, and the trace takes it for ever."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ScalarThreshold(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.linear(x)
        if x.mean() > 0:  # noqa: SIM108
            hidden = torch.relu(hidden)
        else:
            hidden = torch.tanh(hidden)
        return hidden


class AnyNegative(nn.Module):
    def forward(self, signal: Tensor) -> Tensor:
        if (signal < 0).any():
            signal = signal - signal.min()
        return signal.sqrt()


class AllSmall(nn.Module):
    def forward(self, weights: Tensor) -> Tensor:
        if torch.all(weights.abs() < 1.0):
            return weights * 10
        return weights


class CleansNans(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, features: Tensor) -> Tensor:
        if torch.isnan(features).any():
            features = torch.nan_to_num(features, nan=0.0)
        return self.linear(features)


class NormClip(nn.Module):
    def __init__(self, limit: float = 4.0) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm()
        if norm > self.limit:
            x = x * (self.limit / norm)
        return x


class ConditionalExpression(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        slope = 2.0 if x.sum() > 0 else 0.5
        return slope * x


class EarlyReturn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.refine = nn.Linear(4, 4)

    def forward(self, residual: Tensor) -> Tensor:
        if residual.abs().max() < 0.1:
            return residual
        return residual + self.refine(residual)


class EarlyExitClassifier(nn.Module):
    """Stops at the first of its classifiers that is sure."""

    def __init__(self) -> None:
        super().__init__()
        self.shallow = nn.Linear(6, 6)
        self.shallow_head = nn.Linear(6, 3)
        self.deep = nn.Linear(6, 6)
        self.deep_head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.shallow(x))
        scores = self.shallow_head(x).softmax(-1)
        if scores.max(-1).values.min().item() > 0.45:
            return scores
        return self.deep_head(torch.tanh(self.deep(x))).softmax(-1)


class ShortCircuitOr(nn.Module):
    """`or` gives the second condition only where the first is false."""

    def forward(self, x: Tensor) -> Tensor:
        flip = x.mean() > 0 or x.max() > 2.5
        return torch.where(flip, -x, x)


class ShortCircuitAnd(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        wide = x.max() > 1 and x.min() < -1
        return torch.where(wide, x.clamp(-1, 1), x)


class ChecksTokens(nn.Module):
    """Eager PyTorch refuses what its trace computes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.arange(5.0))

    def forward(self, tokens: Tensor) -> Tensor:
        assert tokens.min() >= 0, "token ids must not be negative"
        return self.weight[tokens]


class ChecksRange(nn.Module):
    def forward(self, probabilities: Tensor) -> Tensor:
        if probabilities.max() > 1:
            raise ValueError("probabilities must not exceed 1")
        return torch.log1p(-probabilities * 0.5)


class CholeskyJitter(nn.Module):
    """A Gaussian process layer that adds to the diagonal where the factorisation fails."""

    def forward(self, covariance: Tensor) -> Tensor:
        try:
            factor = torch.linalg.cholesky(covariance)
        except torch.linalg.LinAlgError:
            factor = torch.linalg.cholesky(covariance + 4.0 * torch.eye(3))
        return factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


class BestBox(nn.Module):
    def forward(self, boxes: Tensor, scores: Tensor) -> Tensor:
        if boxes.numel() == 0:
            return boxes.new_zeros(4)
        return boxes[scores.argmax()]


class SameInputs(nn.Module):
    """Comparing whole tensors answers with a Python bool, and the tracer does not warn."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Bilinear(3, 3, 3)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        if torch.equal(query, key):
            return query
        return self.mix(query, key)


class CloseToMean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        center = x.mean(0, keepdim=True)
        if torch.allclose(x, center.expand_as(x), atol=0.5):
            return torch.zeros_like(x)
        return (x - center) / x.std(0, keepdim=True, correction=0)


class EndToken(nn.Module):
    def __init__(self, end: int = 7) -> None:
        super().__init__()
        self.end = end
        self.embedding = nn.Embedding(8, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        vectors = self.embedding(tokens)
        if self.end in tokens:
            vectors = vectors * (tokens != self.end).unsqueeze(-1)
        return vectors.sum(1)


class WeightedLoss(nn.Module):
    """Skips the loss of the positives where there are none, as detectors do."""

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        loss = F.softplus(scores[labels == 0]).sum()
        if (labels == 1).sum().item() > 0:
            loss = loss + F.softplus(-scores[labels == 1]).mean()
        return loss


class SkipsMask(nn.Module):
    """Masks where there is something to mask; the example decides whether its trace is right."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        if not mask.all():
            x = x.masked_fill(~mask, 0.0)
        return x.cumsum(-1)


class NestedChoice(nn.Module):
    """The inner branch is the faulty one; the outer is on a setting."""

    def __init__(self, normalize: bool = True) -> None:
        super().__init__()
        self.normalize = normalize

    def forward(self, x: Tensor) -> Tensor:
        if self.normalize:
            spread = x.std()
            if bool(spread > 1.0):
                x = x / spread
        return torch.tanh(x)
