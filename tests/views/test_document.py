"""The document says, row by row, what the program says node by node."""

import json
from dataclasses import replace
from importlib.metadata import version
from math import isnan

import pytest
import torch

import tsviz
from tests.frontends import refused
from tests.models import ZOO
from tests.views.made import VIAS, chain, example
from tests.views.reading import chain_of, column_lengths, frame, rows_of, strings
from tsviz.errors import Diagnostic
from tsviz.examples import registry
from tsviz.frontends import Program, describe
from tsviz.location import CallSite, FileRange, How, Link, Unknown, iter_frames
from tsviz.protocol import encode
from tsviz.protocol.tables import Document
from tsviz.views import build_containers, document_of, role_of

HOWS = [How.EXACT, How.CALL, How.INFERRED, How.NONE]


def check(program: Program, document: Document) -> None:
    graphs = dict(program.iter_graphs())
    assert [payload.name for payload in document.graphs] == list(graphs)
    assert [payload.kind for payload in document.graphs] == [
        "inlined",
        *["method"] * (len(graphs) - 1),
    ]
    for graph, payload in zip(graphs.values(), document.graphs, strict=True):
        nodes, values = list(graph.nodes.values()), list(graph.values.values())
        table = payload.nodes
        assert set(column_lengths(payload, "nodes").values()) == {len(nodes)}
        assert set(column_lengths(payload, "values").values()) == {len(values)}
        assert strings(document, table.op) == [node.op for node in nodes]
        assert list(table.role.data) == [role_of(node) for node in nodes]
        assert [HOWS[how] for how in table.how.data] == [graph.link(node).how for node in nodes]
        assert strings(document, table.reason) == [describe(graph.link(node)) for node in nodes]
        assert strings(document, payload.values.name) == [value.name for value in values]
        types = [graph.types[value.id].text for value in values]
        assert strings(document, payload.values.type) == types
        rows = {value.id: row for row, value in enumerate(values)}
        for at, flat, lists in (
            (table.inputs_at, table.inputs, [node.inputs for node in nodes]),
            (table.outputs_at, table.outputs, [node.outputs for node in nodes]),
        ):
            assert rows_of(at, flat) == [[rows[value] for value in row] for row in lists]
        places = zip(nodes, table.frame.data, table.model.data, table.own.data, strict=True)
        for node, row, model, own in places:
            link = graph.link(node)
            expected = [(f.file, f.line) for f in iter_frames(link.location)]
            assert chain_of(document, row) == expected
            for found, line in ((model, program.model_line), (own, program.own_line)):
                place = line(node) if graph is program.graph else None
                if graph is program.graph:
                    assert frame(document, found) == (place and (place.file, place.line))
        lines = list(payload.text)
        for node, first, end in zip(nodes, table.text_line.data, table.text_end.data, strict=True):
            name = node.op.rpartition("::")[2]
            assert name in lines[first]
            assert 0 <= first < end <= len(lines)


@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize("name", ["resnet-tiny", "bert-tiny", "detector", "decoder", "tagger"])
def test_examples(name: str, via: str):
    program = example(name, via)
    check(program, document_of(program))


@pytest.mark.parametrize("name", ZOO)
def test_zoo(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    check(program, document_of(program))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────


def test_blocks_and_parameters():
    program = tsviz.parse(
        "graph(%x : Tensor, %n : int, %c : bool):\n"
        "  %y : Tensor = prim::Loop(%n, %c, %x)\n"
        "    block0(%i : int, %t : Tensor):\n"
        "      %u : Tensor = aten::relu(%t)\n"
        "      -> (%c, %u)\n"
        "  return (%y)\n"
    )
    document = document_of(program)
    (payload,) = document.graphs
    blocks, names = payload.blocks, strings(document, payload.values.name)
    assert strings(document, blocks.label) == ["graph", "body"]
    assert list(blocks.node.data) == [-1, 0]
    named = [
        [[names[value] for value in row] for row in rows_of(at, flat)]
        for at, flat in ((blocks.params_at, blocks.params), (blocks.returns_at, blocks.returns))
    ]
    assert named == [[["x", "n", "c"], ["i", "t"]], [["y"], ["c", "u"]]]
    assert list(payload.nodes.block.data) == [0, 1]
    made = dict(zip(names, payload.values.node.data, strict=True))
    of_block = dict(zip(names, payload.values.block.data, strict=True))
    assert made == {"x": -1, "n": -1, "c": -1, "y": 0, "i": -1, "t": -1, "u": 1}
    assert of_block == {"x": 0, "n": 0, "c": 0, "y": -1, "i": 1, "t": 1, "u": -1}


@pytest.mark.parametrize("name", ["resnet-tiny", "detector"])
def test_containers(name: str):
    program = example(name)
    document = document_of(program)
    table = document.graphs[0].containers
    tree = build_containers(program, program.graph)
    rows = {id(container): row for row, container in enumerate(tree.containers)}
    parents = [-1 if c.parent is None else rows[id(c.parent)] for c in tree.containers]
    assert list(table.parent.data) == parents
    assert strings(document, table.label) == [c.label for c in tree.containers]
    assert strings(document, table.path) == [c.path for c in tree.containers]
    assert list(table.open.data) == [c.open for c in tree.containers]
    calls = [(c.frame.file, c.frame.line) if c.frame else None for c in tree.containers]
    assert [frame(document, row) for row in table.frame.data] == calls
    modules = [document.modules[row].path for row in table.module.data if row >= 0]
    assert modules == [c.path for c in tree.containers if c.kind <= 1]


def test_what_a_run_showed():
    program = chain(["", ""])
    first, second = program.graph.nodes
    value = program.graph.nodes[first].outputs[0]
    document = document_of(
        program, observed={value: "f32[2]"}, flops={second: 8.0}, schemas={first: "aten::relu(…)"}
    )
    table = document.graphs[0]
    assert strings(document, table.values.observed) == ["", "f32[2]", ""]
    assert isnan(table.nodes.flops.data[0])
    assert table.nodes.flops.data[1] == 8.0
    assert strings(document, table.nodes.schema) == ["aten::relu(…)", ""]


def test_sizes_and_operations_of_modules():
    resnet = registry.get("resnet50")
    program = tsviz.capture(resnet.build(), resnet.inputs())
    (conv,) = (n.id for n in program.graph.iter_nodes() if program.graph.scope(n) == "conv1"
               and n.op == "aten::conv2d")  # fmt: skip
    document = document_of(program, flops={conv: 7.0})
    modules = {module.path: module for module in document.modules}
    root = modules[""]
    assert root.parameters == 25_557_032
    assert root.bytes == sum(json.loads(line)["bytes"] for line in document.weights)
    assert (modules["conv1"].parameters, modules["conv1"].bytes) == (9408, 9408 * 4)
    assert (modules["bn1"].parameters, modules["bn1"].bytes) == (128, 4 * 64 * 4 + 8)
    assert [modules[path].flops for path in ("", "conv1", "bn1")] == [7.0, 7.0, None]
    parents = {path: document.modules[m.parent].path for path, m in modules.items() if path}
    assert parents["layer1.0.conv1"] == "layer1.0"
    assert parents["layer1"] == ""
    assert root.parent == -1


@pytest.mark.parametrize("via", VIAS)
def test_parameters_are_counted_in_every_variant(via: str):
    program = example("bert-tiny", via)
    expected = sum(p.numel() for p in example_model().parameters())
    found = document_of(program).modules[0].parameters
    if via in ("freeze", "optimize"):  # shared, folded or converted weights are not the model's
        assert found > 0
    else:
        assert found == expected


def example_model() -> torch.nn.Module:
    return registry.get("bert-tiny").build()


# ── places and findings ─────────────────────────────────────────────────────────────────────────


def test_deep_call_stacks_share_their_outer_frames():
    place: CallSite | FileRange = FileRange("main.py", 1)
    for depth in range(5000):
        place = CallSite(FileRange("model.py", depth + 1), place)
    program = chain(["", ""])
    first, second = program.graph.nodes
    other = CallSite(Unknown("no range"), CallSite(FileRange("model.py", 9999), place))
    links = {first: Link(place, How.CALL), second: Link(other, How.CALL)}
    program = replace(program, graph=replace(program.graph, links=links))
    document = document_of(program)
    assert len(document.frames.line) == 5002
    rows = list(document.graphs[0].nodes.frame.data)
    assert chain_of(document, rows[0])[:2] == [("model.py", 5000), ("model.py", 4999)]
    assert len(chain_of(document, rows[1])) == 5002
    assert chain_of(document, rows[1])[1:] == chain_of(document, rows[0])


def test_findings_point_at_their_lines():
    program = tsviz.capture(refused.Catches().eval(), (torch.ones(2),))
    later = Diagnostic("TSV-U13", "it failed", notes=("why",), help="do this", severity="warning")
    document = document_of(program, findings=[later])
    own, added = document.diagnostics
    assert (own.code, own.severity) == ("TSV-C01", "warning")
    assert document.files[own.file].path == refused.__file__
    assert list(document.files[own.file].text)[own.line - 1] == "        try:"
    assert (added.file, added.line, added.message, added.notes, added.help) == (
        -1, -1, "it failed", ["why"], "do this",
    )  # fmt: skip


def test_the_same_program_gives_the_same_document():
    program = example("detector")
    first, second = (encode(document_of(program)) for _ in range(2))
    assert first == second


def test_texts_and_facts():
    program = example("resnet-tiny")
    document = document_of(program)
    assert (document.title, document.method, document.variant) == ("ResNet", "forward", "script")
    assert document.source == "live"
    assert document.versions["torch"] == version("torch")
    assert document.versions["tsviz"] == tsviz.__version__
    assert [line.text for line in document.code] == program.code.split("\n")
    assert document.coverage.summary == program.coverage().summary
    assert document.coverage.nodes == len(program.nodes_by_id)
    rows = [json.loads(line) for line in document.weights]
    assert [(row["name"], row["kind"], tuple(row["shape"])) for row in rows] == [
        (weight.name, weight.kind, weight.shape) for weight in program.weights
    ]
    assert (document.capabilities.observe, document.capabilities.weights) == (False, False)
