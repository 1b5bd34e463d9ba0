"""Passes that serve gradients."""

import torch
from torch import Tensor

from tsviz.jit.recording import Runtime
from tsviz.passes.lessons.running import Lesson


def gated(x: Tensor) -> Tensor:
    gate = torch.sigmoid(x * 2.0)
    return torch.tanh(gate * x)


def bent_square(x: Tensor) -> Tensor:
    return torch.tanh(x * x)


def _wanting_a_gradient() -> tuple[Tensor]:
    return (torch.ones(2, requires_grad=True),)


LESSONS = (
    Lesson(
        "create_autodiff_subgraphs",
        gated,
        "torch.tanh(gate * x)",
        (
            "All that TorchScript can differentiate by itself moved into a "
            "`prim::DifferentiableGraph`.",
            "The nodes keep their lines; look for them in the body below the graph.",
            "Only the executor goes on from here, and gives the group a backward graph: by itself "
            "the graph cannot run any more.",
        ),
        _wanting_a_gradient,
    ),
    Lesson(
        "specialize_autogradzero",
        bent_square,
        "torch.tanh(x * x)",
        (
            "This is the backward graph of your line. Each `if` that asked whether there is a "
            "gradient at all is gone, and so is what stood in for none.",
            "The nodes lead to the forward line whose gradient they compute.",
            "It has work only in backward graphs, which the executor alone makes; so this is a "
            "step of a recording of it (the legacy executor, whose graphs are short).",
        ),
        _wanting_a_gradient,
        runtime=Runtime(grad=True, executor="legacy"),
    ),
)
