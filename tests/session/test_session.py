"""What the browser asks is answered or refused in words, whatever it asks and whenever."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.models.gates import Formats, TwoWays
from tsviz.passes import PIPELINES
from tsviz.session import Session

TEXT = "graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x)\n  return (%y)"

WHILE_RUNNING: list[Callable[[], None]] = []


class CallsBack(nn.Module):
    """Runs Python of the user's, which may do anything: ask the explorer, too."""

    @torch.jit.ignore
    def call_back(self, x: Tensor) -> Tensor:
        for callback in WHILE_RUNNING:
            callback()
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.call_back(x) * 2


@pytest.fixture
def session() -> Session:
    return Session(tsviz.parse(TEXT), "1.2.3")


def request(kind: str, payload: object = None) -> dict[str, object]:
    return {"type": "request", "id": "v/1", "kind": kind, "revision": 0, "payload": payload}


def answer(session: Session, message: object) -> dict[str, Any]:
    """The reply to a request."""
    (reply,) = (said for said, _ in session.handle(message) if said["type"] == "reply")
    assert reply["id"] == "v/1"
    return reply


def refused(session: Session, message: object) -> tuple[str, str, str]:
    """Code, message and help of the diagnostic that a request gets."""
    reply = answer(session, message)
    assert (reply["payload"], reply["chunks"]) == (None, 0)
    error = reply["error"]
    assert (error["severity"], error["file"], error["line"]) == ("error", -1, -1)
    return error["code"], error["message"], error["help"]


def test_hello(session: Session) -> None:
    assert list(session.handle({"type": "hello"})) == [
        ({"type": "hello", "protocol": 1, "package": "1.2.3"}, [])
    ]


@pytest.mark.parametrize("message", [None, "hello", [], {}, {"type": "bye"}])
def test_what_is_no_message_is_passed_over(session: Session, message: object) -> None:
    assert list(session.handle(message)) == []


def test_a_request_gets_its_document_in_parts(session: Session) -> None:
    (reply, none), *chunks = session.handle(request("document", {}))
    assert (reply["type"], reply["error"], none) == ("reply", None, [])
    assert reply["chunks"] == len(chunks) > 0
    assert [said["n"] for said, _ in chunks] == list(range(len(chunks)))
    assert all(len(parts) == 1 for _, parts in chunks)


@pytest.mark.parametrize("kind", ["dance", "", "Document"])
def test_another_kind(session: Session, kind: str) -> None:
    assert refused(session, request(kind, {})) == (
        "TSV-P01",
        "expected a request of one of the kinds document, asset, weight, observe, passes, "
        "variants, save_html, domain, compare, debug, debug_values, debug_attributes, "
        "debug_detail, debug_compare, debug_record, debug_drift, debug_page, profile, sweep, "
        f"got {kind!r}",
        "",
    )


@pytest.mark.parametrize("payload", [None, [], {}, {"nom": "fc"}])
def test_a_request_that_lacks_a_field(session: Session, payload: object) -> None:
    assert refused(session, request("weight", payload)) == (
        "TSV-P02",
        "expected name in a request of kind 'weight', got none",
        "",
    )


def test_a_request_from_inside_another() -> None:
    model = torch.jit.script(CallsBack().eval())
    session = Session(tsviz.capture(model, (torch.ones(2),)), "1.2.3")
    inner: list[tuple[str, str, str]] = []
    WHILE_RUNNING.append(lambda: inner.append(refused(session, request("document", {}))))
    try:
        outer = answer(session, request("observe", {}))
    finally:
        WHILE_RUNNING.clear()
    assert outer["error"] is None
    assert set(inner) == {
        (
            "TSV-P03",
            "expected one request at a time, got 'document' from inside 'observe'",
            "ask again when that has finished",
        )
    }
    assert answer(session, request("document", {}))["error"] is None


def test_a_request_that_fails_unexpectedly_is_answered_all_the_same() -> None:
    session = Session(tsviz.capture(nn.Linear(2, 2)), "1.2.3")
    assert refused(session, request("weight", {"name": ["weight"]})) == (
        "TSV-P09",
        "the request failed: TypeError: unhashable type: 'list'",
        "",
    )
    assert answer(session, request("weight", {"name": "weight"}))["error"] is None


class Doubling(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + 1) * 2


def test_passes_come_with_the_document_and_stay_in_it() -> None:
    program = tsviz.capture(Doubling().eval(), (torch.ones(2),), via="script")
    session = Session(program, "1.2.3")
    assert session.document().passes is None
    reply = answer(session, request("passes", {"pipeline": "runtime"}))
    records = reply["payload"]["passes"]["records"]
    names = [graph["name"] for graph in reply["payload"]["graphs"]]
    kinds = [graph["kind"] for graph in reply["payload"]["graphs"]]
    rows = [record["graph"] for record in records]
    left = {name for name in names if name.startswith("after ")}
    assert "after InsertProfileNodes" in left
    assert rows == sorted(rows)
    assert kinds.count("snapshot") == len(set(rows) - {0})
    shared = session.document(shared=True)
    assert shared.passes is not None
    assert [record.name for record in shared.passes.records] == [r["name"] for r in records]


def test_a_pipeline_that_needs_inputs_says_so() -> None:
    program = tsviz.capture(Doubling().eval(), via="script")
    known = Session(program, "1.2.3").document().capabilities
    assert known.passes
    assert known.pipelines == list(PIPELINES)
    assert known.reasons == dict.fromkeys(
        ("observe", "runtime", "compare", "profile", "debug"),
        "there are no example inputs: use %tsdebug model(x)",
    )


def test_nodes_have_one_number_in_all_snapshots() -> None:
    program = tsviz.capture(Doubling().eval(), (torch.ones(2),), via="script")
    session = Session(program, "1.2.3", tsviz.run_passes(program))
    document = session.document()
    numbers = [list(graph.nodes.id.data) for graph in document.graphs]
    ops = [[document.strings[op] for op in graph.nodes.op.data] for graph in document.graphs]
    first = dict(zip(ops[0], numbers[0], strict=True))
    last = dict(zip(ops[-1], numbers[-1], strict=True))
    assert first["aten::relu"] == last["aten::relu"]
    made = [graph.nodes.change.data for graph in document.graphs if graph.kind == "snapshot"]
    assert any(1 in changes for changes in made)


def test_what_cannot_be_recorded_is_refused_in_words(session: Session) -> None:
    code, message, _ = refused(session, request("passes", {"pipeline": "runtime"}))
    assert code == "TSV-U01"
    assert message.startswith("expected a program that can run")
    reasons = session.document().capabilities.reasons
    assert reasons["passes"] == reasons["observe"]


def test_variants_come_with_the_document_and_stay_in_it() -> None:
    program = tsviz.capture(TwoWays().eval(), (torch.ones(2, 3),), via="trace")
    session = Session(program, "1.2.3")
    assert session.document().variants == []
    assert session.document().capabilities.variants == dict.fromkeys(
        ("script", "hybrid", "freeze", "optimize"), ""
    )
    for variant in ("script", "freeze", "script"):
        said = [message for message, _ in session.handle(request("variants", {"variant": variant}))]
        assert said[0]["text"] == "making the variant, and finding which nodes correspond"
        assert said[1]["error"] is None
    assert [one.variant for one in session.variants] == ["freeze", "script"]
    document = session.document()
    assert [one.variant for one in document.variants] == ["freeze", "script"]
    assert [graph.kind for graph in document.graphs][-2:] == ["variant", "variant"]
    shared = session.document(shared=True)
    assert [one.variant for one in shared.variants] == ["freeze", "script"]
    assert shared.capabilities.variants == {}


def test_a_variant_that_cannot_be_made_comes_with_its_reason() -> None:
    session = Session(tsviz.capture(Formats().eval(), (torch.ones(2, 3),), via="trace"), "1.2.3")
    reply = answer(session, request("variants", {"variant": "script"}))
    assert reply["error"] is None
    (variant,) = reply["payload"]["variants"]
    assert (variant["graph"], variant["failure"]["code"]) == (-1, "TSV-C01")
    assert variant["failure"]["line"] > 0


@pytest.mark.parametrize("variant", ["trace", "eager", ""])
def test_what_is_no_other_variant(variant: str) -> None:
    session = Session(tsviz.capture(TwoWays().eval(), (torch.ones(2, 3),), via="trace"), "1.2.3")
    assert refused(session, request("variants", {"variant": variant})) == (
        "TSV-P05",
        f"expected a variant among script, hybrid, freeze, optimize, got {variant!r}",
        "",
    )
    assert session.variants == ()
