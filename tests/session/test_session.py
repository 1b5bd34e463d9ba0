"""What the browser asks is answered or refused in words, whatever it asks and whenever."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tsviz
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
        "expected a request of one of the kinds document, asset, weight, observe, save_html, "
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
