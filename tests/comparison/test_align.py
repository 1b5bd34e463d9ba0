"""The alignment of variants: which nodes correspond, and what a trace lost."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import tsviz
from tests.frontends.generated import generate
from tests.frontends.writing import load_program
from tests.models import (
    ZOO,
    attention,
    composition,
    control_flow,
    convolution,
    feed_forward,
    recurrent,
)
from tests.models.faults import Fault
from tests.models.faults.known.branches import BRANCHES
from tests.models.seeding import seeded
from tsviz.comparison.align import Alignment, LostLine, Match, align_variants
from tsviz.errors import CaptureError
from tsviz.frontends import Program, is_torch, iter_model_frames
from tsviz.ir import Block, Graph, Node, Value, fresh_id
from tsviz.location import FileRange, How, Link, called_from

MODELS: dict[str, Callable[[], nn.Module]] = {
    "bidirectional-gru": recurrent.BidirectionalGRU,
    "cell-loop": recurrent.CellLoop,
    "feed-forward": feed_forward.FeedForward,
    "hooks": composition.hooked,
    "language-model": recurrent.LanguageModel,
    "many-methods": composition.ManyMethods,
    "module-containers": feed_forward.ModuleContainers,
    "nested-calls": control_flow.NestedCalls,
    "raises": control_flow.Raises,
    "self-attention": attention.SelfAttention,
    "shared-module": feed_forward.SharedModule,
    "small-resnet-traced": convolution.SmallResNet,
    "transformer": attention.TransformerClassifier,
    "unet": convolution.UNet,
}
"""Those of the zoo that can be traced and scripted."""


def aligned(model: nn.Module, inputs: tuple[object, ...], *vias: str) -> Alignment:
    programs = (tsviz.capture(model, inputs, via=via) for via in vias or ("trace", "script"))
    return align_variants(*programs)


def from_zoo(name: str) -> Alignment:
    return aligned(seeded(MODELS[name])().eval(), ZOO[name].inputs())


def line_of(program: Program, node: int) -> FileRange | None:
    return program.model_line(program.graph.nodes[node])


def text_of(found: Alignment, lost: LostLine) -> str:
    """The source of a line that only one variant has."""
    side = found.first if lost.is_in_first else found.second
    return side.sources[lost.line.file].slice(lost.line)


def check_whole(found: Alignment) -> None:
    """Every node of both sides is in a pair or alone, once."""
    for side, at, alone in (
        (found.first, 0, found.only_first),
        (found.second, 1, found.only_second),
    ):
        paired = [(pair.first, pair.second)[at] for pair in found.pairs]
        assert sorted([*paired, *(lone.node for lone in alone)]) == sorted(side.graph.nodes)
        assert all(lone.line == line_of(side, lone.node) for lone in alone)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", MODELS)
def test_pairs_of_trace_and_script_are_of_one_line(name: str):
    found = from_zoo(name)
    check_whole(found)
    for pair in found.pairs:
        first, second = line_of(found.first, pair.first), line_of(found.second, pair.second)
        assert first is not None
        assert second is not None
        assert (first.file, first.line) == (second.file, second.line)
        assert pair.how in (Match.CALLS, Match.LINE)
        assert pair.line == second  # a trace knows no columns


@pytest.mark.parametrize("name", ["nested-calls", "small-resnet-traced", "shared-module", "unet"])
def test_straight_code_has_a_counterpart_for_each_op_that_was_traced(name: str):
    """A trace computes sizes for itself where they are Python's numbers."""
    found = from_zoo(name)
    alone = {lone.op for lone in found.only_first if lone.op.startswith("aten::")}
    assert alone <= {"aten::Int", "aten::size"}
    assert len(found.pairs) > len(found.only_first)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        (
            "feed-forward",
            ["for step in range(steps):", "if step % 2 == 0:", "if x.sum() > 0:", "x = x - 1"],
        ),
        ("raises", ["if x.sum() > 0:", 'raise ValueError(f"sum was {x.sum().item()}")']),
        ("cell-loop", ["for step in range(x.size(1)):", "outputs.append(hidden)"]),
        ("unet", ["skipped.append(x)"]),
        ("shared-module", []),
        ("nested-calls", []),
    ],
)
def test_what_the_trace_lost_is_in_the_scripted_program_alone(name: str, lost: list[str]):
    found = from_zoo(name)
    gone = found.lines()
    assert [text_of(found, line).partition("  #")[0] for line in gone] == lost
    assert not any(line.is_in_first for line in gone)


def test_nodes_of_a_lost_branch():
    found = from_zoo("feed-forward")
    (line,) = (lost for lost in found.lines() if text_of(found, lost) == "x = x - 1")
    nodes = found.second.graph.nodes
    assert [nodes[node].op for node in line.nodes if nodes[node].op != "prim::Constant"] == [
        "aten::sub"
    ]
    assert {lone.node for lone in found.only_second} >= set(line.nodes)


NOT_SCRIPTED = {"cholesky-jitter", "end-token", "short-circuit-and", "short-circuit-or"}


@pytest.mark.parametrize("fault", BRANCHES, ids=lambda fault: fault.name)
def test_known_branches_that_a_trace_loses(fault: Fault):
    """The line that decides is in the scripted program alone."""
    model, inputs = fault.build(), fault.inputs()
    if fault.name in NOT_SCRIPTED:
        with pytest.raises(CaptureError, match="TSV-C01"):
            tsviz.capture(model, inputs, via="script")
        return
    found = aligned(model, inputs)
    check_whole(found)
    lost = {
        text_of(found, line)
        for line in found.lines()
        if not line.is_in_first and line.line.file == str(fault.file)
    }
    assert any(fault.line in text for text in lost)


class Chained(nn.Module):
    """Of a call over several lines, Python and TorchScript name different ones."""

    # fmt: off
    def forward(self, x: Tensor) -> Tensor:
        return (  # over lines
            x
            .relu()
            .tanh()
        )
    # fmt: on


def test_a_chain_of_methods_over_several_lines():
    found = aligned(Chained(), (torch.ones(2),))
    pairs = [
        (found.first.graph.nodes[pair.first].op, pair.how, pair.line and pair.line.line)
        for pair in found.pairs
    ]
    start = Path(__file__).read_text().split("\n").index("        return (  # over lines") + 2
    assert pairs == [("aten::relu", Match.LINE, start), ("aten::tanh", Match.LINE, start)]
    assert found.lines() == ()


def test_a_call_on_two_lines_is_told_by_its_caller():
    """Both calls of `double` come to the same line; what leads there differs."""
    found = from_zoo("nested-calls")
    for pair in found.pairs:
        if pair.how is Match.CALLS:
            stacks = [
                [(frame.file, frame.line) for frame in frames_of(program, node)]
                for program, node in ((found.first, pair.first), (found.second, pair.second))
            ]
            assert stacks[0] == stacks[1]
    assert sum(pair.how is Match.CALLS for pair in found.pairs) > 20


def frames_of(program: Program, node: int) -> list[FileRange]:
    location = program.graph.link(program.graph.nodes[node]).location
    frames = iter_model_frames(location)
    return [frame for frame in frames if not is_torch(frame.file)]


def test_the_order_of_the_variants_only_changes_sides():
    found = from_zoo("feed-forward")
    turned = align_variants(found.second, found.first)
    assert {(pair.second, pair.first) for pair in turned.pairs} == {
        (pair.first, pair.second) for pair in found.pairs
    }
    assert [(lost.line, not lost.is_in_first) for lost in turned.lines()] == [
        (lost.line, lost.is_in_first) for lost in found.lines()
    ]


# ── frozen, and without lines ───────────────────────────────────────────────────────────────────


def test_a_frozen_program_beside_the_scripted_one():
    """Freezing drops dropout, unrolls the loop, and computes `tanh(x)` of one line once."""
    model, inputs = seeded(feed_forward.FeedForward)().eval(), ZOO["feed-forward"].inputs()
    found = aligned(model, inputs, "script", "freeze")
    check_whole(found)
    gone = {lone.op for lone in found.only_first if lone.op.startswith("aten::")}
    assert gone == {"aten::dropout", "aten::remainder", "aten::eq", "aten::tanh"}
    pairs = {found.first.graph.nodes[pair.first].op for pair in found.pairs}
    assert {"aten::linear", "aten::relu", "aten::tanh", "prim::If"} <= pairs


def without_lines(program: Program) -> Program:
    return replace(program, graph=replace(program.graph, links={}))


@pytest.mark.parametrize("name", ["small-resnet-traced", "feed-forward"])
def test_without_lines_structure_decides(name: str):
    model, inputs = seeded(MODELS[name])().eval(), ZOO[name].inputs()
    one, other = (tsviz.capture(model, inputs, via="script") for _ in range(2))
    found = align_variants(without_lines(one), other)
    assert (found.only_first, found.only_second, found.lines()) == ((), (), ())
    assert {pair.how for pair in found.pairs} == {Match.STRUCTURE}
    assert [pair.line for pair in found.pairs] == [
        line_of(other, pair.second) for pair in found.pairs
    ]
    nothing = align_variants(without_lines(one), without_lines(other))
    assert {pair.line for pair in nothing.pairs} == {None}


# ── properties ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


class Captured(NamedTuple):
    trace: Program
    script: Program


def captured(seed: int, folder: Path) -> Captured:
    root, _ = load_program(generate(Random(seed)), folder, f"aligned_{seed}", cell=False)
    return Captured(*(tsviz.capture(root, (torch.rand(4),), via=via) for via in Captured._fields))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_a_program_beside_itself(folder: Path, seed: int):
    for program in captured(seed, folder):
        found = align_variants(program, program)
        assert [(pair.first, pair.second) for pair in found.pairs] == [
            (node, node) for node in program.graph.nodes
        ]
        assert (found.only_first, found.only_second, found.lines()) == ((), (), ())


def in_one_statement(text: str, one: int, other: int) -> bool:
    statements = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt))
    return any(
        node.lineno <= min(one, other) and max(one, other) <= (node.end_lineno or 0)
        for node in statements
        if not hasattr(node, "body")
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_generated_programs_traced_and_scripted(folder: Path, seed: int):
    programs = captured(seed, folder)
    found = align_variants(*programs)
    check_whole(found)
    for pair in found.pairs:
        if pair.how is not Match.STRUCTURE:
            lines = line_of(found.first, pair.first), line_of(found.second, pair.second)
            first, second = (line for line in lines if line is not None)
            assert first.file == second.file
            text = found.first.sources[first.file].text
            assert first.line == second.line or in_one_statement(text, first.line, second.line)
    nodes = programs.script.graph.nodes.values()
    if not {"prim::CallFunction", "prim::CallMethod"} & {node.op for node in nodes}:
        for lost in found.lines():  # a trace reads what it does not use
            ops = {programs.trace.graph.nodes[node].op for node in lost.nodes if lost.is_in_first}
            assert ops <= {"prim::GetAttr"}


# ── size ────────────────────────────────────────────────────────────────────────────────────────

COUNT = 50_000


def long_program(program: Program, *, dropped: range) -> Program:
    """One with a chain of many ops, each on a line of its own, called from one of 50 lines."""
    graph = program.graph
    param = graph.block.params[-1]
    kind = graph.types[param]
    values: dict[int, Value] = {}
    nodes: list[Node] = []
    links: dict[int, Link] = {}
    last = param
    for at in range(COUNT):
        if at in dropped:
            continue
        node, out = fresh_id(), fresh_id()
        values[out] = Value(out, f"v{at}")
        nodes.append(Node(node, "aten::relu" if at % 3 else "aten::tanh", "", (last,), (out,)))
        frames = (FileRange("model.py", at // 4 + 1), FileRange("model.py", 90_000 + at % 50))
        links[node] = Link(called_from(frames), How.EXACT)
        last = out
    made = Graph(
        graph.name,
        graph.dialect,
        Block(graph.block.params, tuple(nodes), (last,)),
        {**{value: graph.values[value] for value in graph.block.params}, **values},
        {**graph.types, **dict.fromkeys(values, kind)},
        links,
    )
    return replace(program, graph=made)


def test_fifty_thousand_nodes():
    program = tsviz.capture(nn.ReLU(), (torch.ones(2),), via="trace")
    whole = long_program(program, dropped=range(0))
    cut = long_program(program, dropped=range(20_000, 20_100))
    found = align_variants(whole, cut)
    assert len(found.pairs) == COUNT - 100
    assert len(found.only_first) == 100
    assert [lost.line.line for lost in found.lines()] == list(range(5_001, 5_026))
    assert all(len(lost.nodes) == 4 for lost in found.lines())
    assert len(align_variants(whole, whole).pairs) == COUNT


def test_words():
    found = from_zoo("shared-module")
    assert found.summary == "11 pairs, 0 only in trace, 2 only in script"
    assert repr(found) == f"<Alignment of SharedModule.forward: {found.summary}>"
    assert found.counterparts[found.pairs[0].first] == found.pairs[0].second
