"""What the browser is told of a recorded pipeline is what the trace knows."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.views.reading import rows_of
from tsviz.examples import get
from tsviz.frontends import Program
from tsviz.passes import Action, Cause, PassRecord, PassTrace, Runtime, run_passes
from tsviz.protocol.pass_tables import PassPayload
from tsviz.protocol.tables import Document
from tsviz.views import document_of
from tsviz.views.pass_payloads import lay_out

MODEL = Path(__file__).parents[2] / "labextension/packages/core/src/model/passes.ts"


def captured(name: str) -> Program:
    example = get(name)
    return tsviz.capture(example.build(), example.inputs(), via="script")


@pytest.fixture(scope="module", params=["optimize", "runtime"])
def trace(request: pytest.FixtureRequest) -> PassTrace:
    pipeline = Runtime(grad=False) if request.param == "runtime" else request.param
    return run_passes(captured("resnet-tiny"), pipeline=pipeline)


@pytest.fixture(scope="module")
def document(trace: PassTrace) -> Document:
    return document_of(trace.program, trace=trace)


def steps(trace: PassTrace, document: Document) -> list[tuple[PassRecord, PassPayload]]:
    assert document.passes is not None
    return list(zip(trace, document.passes.records, strict=True))


def numbers_of(trace: PassTrace, document: Document) -> dict[int, int]:
    """Id of a node → what it is called in the document."""
    graphs = [trace.first, *(record.after for record in trace if record.is_changed)]
    payloads = [graph for graph in document.graphs if graph.kind != "method"]
    return {
        node: number
        for graph, payload in zip(graphs, payloads, strict=True)
        for node, number in zip(graph.nodes, payload.nodes.id.data, strict=True)
    }


def test_nodes_that_went_have_all_that_stand_for_them(trace: PassTrace, document: Document):
    number, seen = numbers_of(trace, document), 0
    for record, payload in steps(trace, document):
        heirs = rows_of(payload.heirs_at, payload.heirs)
        causes = [list(Cause)[cause] for cause in payload.cause.data]
        told = zip(payload.gone.data, causes, heirs, strict=True)
        known = [
            (number[fate.node], fate.cause, [number[heir] for heir in fate.successors])
            for fate in record.fates.values()
        ]
        assert list(told) == known
        seen += len(known)
    assert seen > 20


def test_nodes_that_came_have_all_that_they_come_from(trace: PassTrace, document: Document):
    number, seen = numbers_of(trace, document), 0
    for record, payload in steps(trace, document):
        sources = rows_of(payload.sources_at, payload.sources)
        actions = [list(Action)[action] for action in payload.action.data]
        told = zip(payload.made.data, actions, map(bool, payload.exact.data), sources, strict=True)
        known = [
            (
                number[origin.node],
                origin.action,
                origin.how == "exact",
                [number[source] for source in origin.sources],
            )
            for origin in record.origins
            if origin.node in record.diff.added
        ]
        assert list(told) == known
        seen += len(known)
    assert seen > 20


def test_steps_say_what_they_do_and_what_was_found():
    program = tsviz.capture(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), (torch.ones(1, 2),))

    def breaks(graph: object) -> None:
        raise RuntimeError("not today")

    trace = run_passes(program, pipeline=["dce", "cse", breaks])
    document = document_of(program, trace=trace)
    payloads = [payload for _, payload in steps(trace, document)]
    assert [payload.is_checked for payload in payloads] == [True, True, True]
    assert [payload.failure for payload in payloads] == ["", "", "RuntimeError: not today"]
    assert all(payload.seconds is not None and payload.seconds > 0 for payload in payloads)
    assert payloads[0].summary.startswith("Takes away nodes whose results nothing uses")
    assert payloads[2].summary == ""


def test_what_was_not_measured_or_checked_is_not_claimed(trace: PassTrace, document: Document):
    for _, payload in steps(trace, document):
        assert payload.seconds is None
        assert not payload.is_checked


def test_the_browser_counts_actions_and_causes_alike():
    text = MODEL.read_text(encoding="utf-8")
    (actions,) = re.findall(r"const ACTIONS = \[(.*?)\]", text, re.DOTALL)
    (causes,) = re.findall(r"const CAUSES = \[(.*?)\]", text, re.DOTALL)
    assert re.findall(r'"(\w+)"', actions) == list(map(str, Action))
    assert causes.count('",') == len(Cause)


def test_runs_lead_to_the_plans_they_ran(trace: PassTrace, document: Document):
    assert document.passes is not None
    told = document.passes.runs
    assert len(told) == len(trace.runs)
    for run, payload in zip(trace.runs, told, strict=True):
        assert payload.seconds == run.seconds
        assert (payload.number, payload.steps, payload.parts) == (run.number, run.steps, run.parts)
        assert payload.bailouts == run.bailouts
        assert payload.plan == run.plan


@pytest.fixture(scope="module")
def with_parts() -> PassTrace:
    return run_passes(captured("detector"), pipeline=Runtime(grad=True))


def test_parts_have_graphs_and_tell_where_they_come_from(with_parts: PassTrace):
    trace = with_parts
    document = document_of(trace.program, trace=trace)
    assert document.passes is not None
    parts = {part.number: part for part in document.passes.parts}
    assert [part.kind for part in parts.values()] == [
        *["prim::FallbackGraph"] * 3,
        *["prim::DifferentiableGraph"] * 3,
        "backward",
        "prim::FallbackGraph",
    ]
    assert parts[8].within == 7  # a check in the backward graph failed
    assert {part.within for part in parts.values() if part.number < 8} == {0}
    assert all(part.travels for part in parts.values())
    assert [part.graph < 0 for part in parts.values()] == [n == 7 for n in parts]
    for record, payload in steps(trace, document):
        assert payload.part == record.part
        assert len(document.graphs[payload.graph].nodes.id.data) == len(record.after.nodes)
        if record.part:
            assert parts[record.part].parent == record.parent


def test_a_node_of_a_part_has_the_number_it_has_in_the_program(with_parts: PassTrace):
    document = document_of(with_parts.program, trace=with_parts)
    assert document.passes is not None
    program = set(document.graphs[document.passes.records[41].graph].nodes.id.data)
    for part in document.passes.parts[:3]:
        assert set(document.graphs[part.graph].nodes.id.data) <= program


def test_parts_travel_whole_and_in_order_while_there_is_room(with_parts: PassTrace):
    everything = lay_out(with_parts, 1)
    sizes = [
        len(part.records[0].before.nodes)
        + sum(len(record.after.nodes) for record in part.records if record.is_changed)
        for part in everything.parts.values()
    ]
    recording = lay_out(with_parts, 1, most=sum(sizes[:4]))
    assert [part.travels for part in recording.parts.values()] == [True] * 4 + [False] * 4
    payload = recording.payload(int)
    for record, step in zip(with_parts, payload.records, strict=True):
        assert (step.graph < 0) == (record.part > 4)
        assert step.added == len(record.diff.added)
    own = [record for record in with_parts if not record.part and record.is_changed]
    inside = sum(len(snapshot.graph.nodes) for snapshot in recording.snapshots)
    assert inside == sum(sizes[:4]) + sum(len(record.after.nodes) for record in own)
