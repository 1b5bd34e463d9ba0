"""Lesson 06: what the executor's passes do between the compiled graph and the plan that runs."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import (
    ALWAYS_FASTER,
    ANY_TOLERANCE,
    FIRST_RUN,
    GRAPH_IS_PLAN,
    LOOK_ALIKE,
    SAME_BITS,
)
from tsviz.course.trying import first_difference, frozen, scripted
from tsviz.frontends.torchscript import capture
from tsviz.ir import Graph, Node
from tsviz.passes import PassTrace, run_passes


def twice(x: Tensor) -> Tensor:
    a = torch.sigmoid(x + 1)
    b = torch.sigmoid(x + 1)
    return a * b


def noise(x: Tensor) -> Tensor:
    a = torch.rand_like(x)
    b = torch.rand_like(x)
    return x + a - b


def chain(x: Tensor) -> Tensor:
    return (x * 2 + 1).relu().tanh().sigmoid().sqrt()


class ConvNorm(nn.Module):
    """A convolution and the batch norm that freezing folds into it."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        nn.init.uniform_(self.norm.weight, 0.5, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Mixer(nn.Module):
    """Mixes its input in round after round: the transfer of the lesson."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.weight = nn.Parameter(torch.eye(4) / 2)

    def forward(self, x: Tensor, rounds: int) -> Tensor:
        y = x
        for _ in range(rounds):
            y = torch.tanh(y + x @ self.weight)
        return y


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _recorded(function: Callable[..., Any], *args: Any) -> PassTrace:
    return run_passes(capture(function, args, via="script"))


def _count(graph: Graph, op: str) -> int:
    return sum(node.op == op for node in graph.iter_nodes())


def _sigmoids() -> str:
    plan = _recorded(twice, torch.ones(3)).last
    return {2: "a", 1: "b", 0: "c"}[_count(plan, "aten::sigmoid")]


def _draws() -> str:
    plan = _recorded(noise, torch.ones(3)).last
    return {1: "a", 2: "b"}[_count(plan, "aten::rand_like")]


def _first_run() -> str:
    records = _recorded(twice, torch.ones(3)).records
    first = [record for record in records if record.run == 1][-1]
    return "b" if _count(first.after, "prim::profile") else "a"


def _kernels() -> str:
    plan = _recorded(chain, torch.ones(3)).last
    called = sum(node.op.startswith("aten::") for node in plan.iter_nodes())
    return "b" if called == 6 else "a"


QUESTIONS = (
    Question(
        "06.a",
        "`twice` computes `torch.sigmoid(x + 1)` in two lines. How many sigmoids does the plan "
        "have, which is what runs in the end?",
        (
            Choice("two, as the graph", "The graph is where the passes begin.", GRAPH_IS_PLAN),
            Choice("one", "Equal nodes with equal inputs are computed once: the pass `cse`."),
            Choice(
                "none: the lines become one fused kernel",
                "On a CPU nothing is fused by default; one `aten::sigmoid` is left.",
                ALWAYS_FASTER,
            ),
        ),
        _sigmoids,
    ),
    Question(
        "06.b",
        "`noise` draws `torch.rand_like(x)` in two lines. How many `rand_like` does the plan have?",
        (
            Choice("one: the lines are the same", "Then `a - b` would be 0.", LOOK_ALIKE),
            Choice("two", "Each draws numbers of its own, so neither can stand for the other."),
        ),
        _draws,
    ),
    Question(
        "06.c",
        "What does the executor run at the very first call of a scripted function?",
        (
            Choice(
                "the plan, as ever after",
                "The plan uses types that were seen, and none were seen yet.",
                FIRST_RUN,
            ),
            Choice(
                "a graph with extra nodes that take notes",
                "`prim::profile` nodes write down types and shapes; the plan is made from them.",
            ),
        ),
        _first_run,
    ),
    Question(
        "06.d",
        "`chain` is six element-wise operations in a row. Eager PyTorch calls six kernels for it. "
        "How many does the plan call on a CPU?",
        (
            Choice(
                "fewer: they are fused",
                "The fuser is off on CPUs, so all six nodes are in the plan.",
                ALWAYS_FASTER,
            ),
            Choice("six", "The same kernels, in the same order. Python's part is what is saved."),
        ),
        _kernels,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _merged(answer: Any) -> Iterator[Wrong]:
    inputs = [torch.randn(3), torch.randn(3)]
    if seen := first_difference(scripted(answer), answer, inputs):
        yield Wrong(f"scripted, {seen}")
    trace = _recorded(answer, inputs[0])
    before, after = (_count(graph, "aten::sigmoid") for graph in (trace.first, trace.last))
    if before < 2:
        seen = f"the compiled graph has {before} `aten::sigmoid`, so no pass has to merge any"
        yield Wrong(seen, GRAPH_IS_PLAN)
    elif after != 1:
        yield Wrong(f"the graph has {before} `aten::sigmoid`, the plan {after}", LOOK_ALIKE)


def _kept(answer: Any) -> Iterator[Wrong]:
    x = torch.randn(3)
    answer(x.clone())
    trace = _recorded(answer, x)
    before, after = _twins(trace.first), _twins(trace.last)
    if not before:
        yield Wrong("no two nodes of the compiled graph do the same with the same inputs")
    elif not after:
        yield Wrong(f"the graph has two `{before[0]}` alike, the plan has one", LOOK_ALIKE)


def _twins(graph: Graph) -> list[str]:
    """The ops that stand in a graph twice with the same inputs."""
    seen = Counter((node.op, node.inputs) for node in graph.iter_nodes() if node.inputs)
    return [op for (op, _), count in seen.items() if count > 1 and op.startswith("aten::")]


def _agrees(answer: Any) -> Iterator[Wrong]:
    for _ in range(4):
        model, x = ConvNorm().eval(), torch.randn(2, 3, 8, 8)
        good = frozen(model)
        if not answer(model, good, x):
            most = float((model(x) - good(x)).abs().max())
            seen = f"it refuses a right frozen model, which is off by {most:.1e} at most"
            yield Wrong(seen, SAME_BITS)
        model.conv.weight.mul_(1.01)
        if answer(model, good, x):
            yield Wrong("it accepts a frozen model whose weights are off by 1 %", ANY_TOLERANCE)


def _hoisted(answer: Any) -> Iterator[Wrong]:
    calls = [(torch.randn(2, 4), rounds) for rounds in (0, 1, 5)]
    truth = Mixer()
    truth.load_state_dict(answer.state_dict())
    compiled = scripted(answer)
    for run, name in ((answer, "before any scripting"), (compiled, "scripted")):
        if seen := first_difference(_called(run), _called(truth), calls):
            yield Wrong(f"{name}, {seen}")
    plan = _recorded(compiled, *calls[-1]).last
    inside = [node.op for node in _iter_looped(plan) if node.op in _PRODUCTS]
    if inside:
        yield Wrong(f"the plan has `{inside[0]}` inside of its loop", ALWAYS_FASTER)


_PRODUCTS = ("aten::matmul", "aten::mm", "aten::linear", "aten::addmm", "aten::einsum")


def _called(model: Any) -> Callable[[tuple[Any, ...]], Any]:
    return lambda call: model(*call)


def _iter_looped(graph: Graph) -> Iterator[Node]:
    """The nodes that stand in a loop, however deep."""
    todo = [
        block for node in graph.iter_nodes() if node.op == "prim::Loop" for block in node.blocks
    ]
    while todo:
        for node in todo.pop().nodes:
            yield node
            todo += node.blocks


EXERCISES = (
    Exercise(
        "06.1",
        "Give a function of one tensor whose compiled graph has two `aten::sigmoid` or more, and "
        "whose plan has one.",
        _merged,
        "It was compiled and run: the graph has several, the plan one, and the numbers are right.",
    ),
    Exercise(
        "06.2",
        "Give a function of one tensor in whose plan two nodes do the same with the same inputs.",
        _kept,
        "The plan kept both, as it must.",
    ),
    Exercise(
        "06.3",
        "Give a function `agrees(model, frozen, x)` that says whether a frozen model is right.",
        _agrees,
        "It accepted four frozen models that differ in the last digits, and refused four wrong.",
    ),
    Exercise(
        "06.4",
        "Give a module that computes what `Mixer` does, with no matrix product inside of the loop "
        "of its plan.",
        _hoisted,
        "Right for no, one and five rounds, and the product is computed once.",
    ),
)

LESSON = Lesson(
    "06",
    "What the optimiser does",
    "see what passes make of a graph, what they must leave alone, and what they do not do for you",
    25,
    QUESTIONS,
    EXERCISES,
)
