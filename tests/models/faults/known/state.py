"""Modes, what is kept between calls, and random numbers of Python."""

import torch

from tests.models.faults.model import Fault, MakeArguments, known_fault
from tests.models.faults.sources import state as source


def normal(*shape: int) -> MakeArguments:
    """One tensor of random numbers."""
    return lambda: (torch.randn(shape).clamp(-3, 3),)


def ones(*shape: int) -> MakeArguments:
    """One tensor of ones."""
    return lambda: (torch.ones(shape),)


STATE: tuple[Fault, ...] = (
    known_fault(
        "dropout-while-training",
        source.DropoutWhileTraining,
        "return self.dropout(self.linear(x))",
        inputs=normal(2, 4),
        witness=normal(3, 4),
        effect="eval",
        inputs_other=normal(5, 4),
        train=True,
    ),
    known_fault(
        "functional-dropout",
        source.FunctionalDropout,
        "return F.dropout(x, 0.4, self.training) + 1",
        inputs=normal(6),
        witness=normal(8),
        effect="eval",
        inputs_other=normal(7),
        train=True,
    ),
    known_fault(
        "norm-while-training",
        source.NormWhileTraining,
        "return torch.relu(self.norm(self.conv(x)))",
        inputs=normal(2, 2, 5),
        witness=normal(3, 2, 5),
        effect="eval",
        inputs_other=normal(4, 2, 5),
        train=True,
    ),
    known_fault(
        "noise-while-training",
        source.NoiseWhileTraining,
        "if self.training:",
        inputs=normal(2, 3),
        witness=normal(4, 3),
        effect="eval",
        inputs_other=normal(1, 3),
        train=True,
    ),
    known_fault(
        "auxiliary-head",
        source.AuxiliaryHead,
        "return scores + self.auxiliary(x) if self.training else scores",
        inputs=normal(2, 4),
        witness=normal(3, 4),
        effect="eval",
        inputs_other=normal(1, 4),
        train=True,
    ),
    known_fault(
        "running-sum",
        source.RunningSum,
        "self.total = self.total + x.sum(0)",
        inputs=normal(2, 4),
        witness=ones(2, 4),
        effect="state",
        inputs_other=normal(3, 4),
    ),
    known_fault(
        "counts-calls",
        source.CountsCalls,
        "self.calls += 1",
        inputs=normal(2, 4),
        witness=ones(2, 4),
        effect="state",
        inputs_other=normal(3, 4),
        also_right=("return x / self.calls",),
    ),
    known_fault(
        "warms-up",
        source.WarmsUp,
        "if self.left > 0:",
        inputs=normal(2, 4),
        witness=ones(2, 4),
        effect="state",
        inputs_other=normal(3, 4),
        also_right=("self.left -= 1",),
    ),
    known_fault(
        "keeps-history",
        source.KeepsHistory,
        "self.history.append(x.mean(0))",
        inputs=normal(2, 4),
        witness=ones(2, 4),
        effect="state",
        inputs_other=normal(3, 4),
        also_right=("return torch.stack(self.history).sum(0)",),
    ),
    known_fault(
        "caches-first",
        source.CachesFirst,
        "self.reference = x.mean(0)",
        inputs=normal(2, 4),
        witness=ones(2, 4),
        effect="state",
        inputs_other=normal(3, 4),
        also_right=("if self.reference is None:",),
    ),
    known_fault(
        "hidden-state-attribute",
        source.HiddenStateAttribute,
        "self.state = self.cell(observation, self.state)",
        inputs=normal(1, 3),
        witness=ones(1, 3),
        effect="state",
        domain={"observation": {"dims": {}}},
    ),
    known_fault(
        "key-cache",
        source.KeyCache,
        'self.cache["keys"] = torch.cat([self.cache["keys"], self.project(token)], 1)',
        inputs=normal(1, 1, 4),
        witness=ones(1, 1, 4),
        effect="state",
        inputs_other=normal(1, 2, 4),
        domain={"token": {"dims": {1: (1, 3)}}},
    ),
    known_fault(
        "moving-average",
        source.MovingAverage,
        "self.average.data = 0.9 * self.average + 0.1 * x.mean(0)",
        inputs=lambda: (torch.ones(2, 4) * 2,),
        witness=ones(2, 4),
        inputs_other=normal(3, 4),
        neutral="average = 0.9 * self.average + 0.1 * x.mean(0)",
    ),
    known_fault(
        "python-random",
        source.PythonRandom,
        "return x * random.uniform(0.5, 1.5)",
        inputs=ones(2, 4),
        witness=ones(2, 4),
        effect="seed",
        inputs_other=ones(3, 4),
    ),
    known_fault(
        "numpy-permutation",
        source.NumpyPermutation,
        "order = np.random.permutation(6)",
        inputs=normal(2, 6),
        witness=normal(3, 6),
        effect="seed",
        inputs_other=normal(1, 6),
        also_right=("return x[:, order.tolist()]",),
    ),
    known_fault(
        "layer-drop",
        source.LayerDrop,
        "if random.random() < 0.5:",
        inputs=normal(2, 4),
        witness=normal(3, 4),
        effect="seed",
        inputs_other=normal(1, 4),
    ),
    known_fault(
        "random-scale",
        source.RandomScale,
        "scale = torch.rand(()).item()",
        inputs=ones(2, 4),
        witness=ones(3, 4),
        effect="seed",
        inputs_other=ones(1, 4),
        remedy="scale = torch.rand(())",
    ),
)
