"""Passes that put bodies in place of calls, or gather nodes into bodies."""

# `torch.jit.fork` and `wait` have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def soft_switch(x: Tensor) -> Tensor:
    return torch.sigmoid(x) * 2.0


def switch_beside(x: Tensor) -> Tensor:
    future = torch.jit.fork(soft_switch, x)
    y = x + 1
    return y * torch.jit.wait(future)


def gelu(x: Tensor) -> Tensor:
    cube = x * x * x
    inner = 0.8 * (x + 0.045 * cube)
    return 0.5 * x * (1 + torch.tanh(inner))


def swap(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    first, second = pair
    return second + 1, first - 1


def _pair() -> tuple[Tensor]:
    return (torch.ones(2),)


LESSONS = (
    Lesson(
        "inline",
        switch_beside,
        "torch.jit.fork(soft_switch, x)",
        (
            "The call of `soft_switch` is gone, and the nodes of its body stand in place of it.",
            "They have the line of the call, with a `?`: until now the body was no part of this "
            "graph, so the record knows where its nodes came from, and no more.",
            "tsviz shows a captured graph inlined already. A call was left here inside forked "
            "work.",
        ),
        _pair,
        prepare=("inline_fork_wait",),
        also=(soft_switch,),
    ),
    Lesson(
        "inline_fork_wait",
        switch_beside,
        "torch.jit.fork(soft_switch, x)",
        (
            "What was to run beside the rest runs where it was forked, and nobody waits any more.",
            "The numbers stay the same; whatever ran in parallel runs one after the other. "
            "Freezing does this, too.",
        ),
        _pair,
        also=(soft_switch,),
    ),
    Lesson(
        "create_functional_graphs",
        gelu,
        "torch.tanh(inner)",
        (
            "Nodes that only compute move into a `prim::FunctionalGraph`; groups of five or fewer "
            "are not made.",
            "They keep their lines; look for them in the body below the graph.",
            "A graph with such groups is for other passes to work on; it cannot run.",
        ),
        _pair,
    ),
    Lesson(
        "inline_functional_graphs",
        gelu,
        "torch.tanh(inner)",
        (
            "The reverse of `create_functional_graphs`: the body comes back, and the group is "
            "gone.",
            "The nodes keep their lines; their order may be another one.",
        ),
        _pair,
        prepare=("create_functional_graphs",),
    ),
    Lesson(
        "lower_all_tuples",
        swap,
        "second + 1, first - 1",
        (
            "The tuple is gone: the graph takes two tensors and returns two.",
            "A line that only takes a tuple apart has no node left.",
            "Callers that pass a tuple no longer fit, so it is for exports, not for a model in "
            "use.",
        ),
        lambda: ((torch.ones(2), torch.zeros(2)),),
    ),
)
