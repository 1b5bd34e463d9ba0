"""What the browser is told of a recorded pipeline is what the trace knows."""

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
    own = [record for record in trace if not record.part]
    return list(zip(own, document.passes.records, strict=True))


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


def test_runs_lead_to_the_plans_they_ran(trace: PassTrace, document: Document):
    assert document.passes is not None
    told = document.passes.runs
    assert len(told) == len(trace.runs)
    for run, payload in zip(trace.runs, told, strict=True):
        assert payload.seconds == run.seconds
        assert (payload.number, payload.steps, payload.parts) == (run.number, run.steps, run.parts)
        assert payload.bailouts == run.bailouts
        plan = document.passes.records[payload.plan].graph if payload.plan >= 0 else -1
        ran = [] if run.plan < 0 else list(trace[run.plan].after.nodes)
        number = numbers_of(trace, document)
        known = [] if plan < 0 else list(document.graphs[plan].nodes.id.data)
        assert known == [number[node] for node in ran]
