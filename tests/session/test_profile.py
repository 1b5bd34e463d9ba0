"""The request `profile`: how far it is, what it gives, how it is stopped, what it refuses."""

from typing import Any, cast

import pytest
import torch
from torch import nn

import tsviz
from tsviz.profiling import Profiling
from tsviz.protocol.messages import ProfileRequest
from tsviz.session import Session


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.fc(x)).sum()


@pytest.fixture
def session() -> Session:
    return Session(tsviz.capture(Small().eval(), (torch.ones(2, 4),), via="script"), "0")


def ask(session: Session, tell: Any = lambda said: None, **payload: object) -> list[Any]:
    request = {"type": "request", "id": "v/1", "kind": "profile", "payload": payload}
    return [message for message, _ in session.handle(request, tell)]


def test_it_says_how_far_it_is_and_gives_the_document(session: Session):
    told: list[dict[str, Any]] = []
    first, reply, *chunks = ask(session, told.append, runs=3, nodes="ops")
    assert first["text"] == (
        "running the model until PyTorch compiles no more; cells wait meanwhile"
    )
    assert {"measuring", "counting", "warming up"} == {one["text"] for one in told}
    assert [(one["done"], one["total"]) for one in told if one["text"] == "measuring"] == [
        (0, 6), (2, 6), (4, 6),
    ]  # fmt: skip
    assert reply["error"] is None
    assert len(chunks) == reply["chunks"] > 0
    profile = reply["payload"]["profile"]
    assert profile["profiled"]["length"] == 3
    assert reply["payload"]["graphs"][profile["graph"]]["kind"] == "plan"
    assert session.profile is not None
    assert session.profile.runs == 3


def test_the_model_and_the_random_state_stay_as_they_are(session: Session):
    model = cast("nn.Module", session.program.model)
    before = torch.random.get_rng_state(), [p.clone() for p in model.parameters()]
    ask(session, runs=1, nodes="all")
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert all(map(torch.equal, before[1], model.parameters()))
    assert not model.training


def test_stopped_it_shows_what_was_measured(session: Session):
    def tell(said: dict[str, Any]) -> None:
        if (said["text"], said["done"]) == ("measuring", 4):
            session.cancel("v/1")

    _, reply, *_ = ask(session, tell, runs=50, nodes="ops")
    (warning,) = reply["payload"]["profile"]["diagnostics"]
    assert (warning["code"], warning["severity"]) == ("TSV-T04", "warning")
    assert warning["message"] == "interrupted: 3 of 50 runs were measured"
    assert reply["payload"]["profile"]["profiled"]["length"] == 3


def test_stopped_before_a_run_it_says_so(session: Session):
    work = Profiling(session.program, ProfileRequest(3, "ops"))
    work.stop()
    with pytest.raises(tsviz.TsvizError) as caught:
        work.follow(lambda done, total, words: None)
    assert str(caught.value) == (
        "error[TSV-T30]: the profile was stopped before any run was measured\n  help: measure again"
    )


def test_what_cannot_be_measured_is_an_answer(session: Session):
    _, reply = ask(session, runs=0, nodes="ops")
    assert reply["error"]["code"] == "TSV-T05"
    assert reply["error"]["message"] == "expected runs to be at least 1, got 0"
    assert session.profile is None


def test_without_example_inputs_the_reason_is_known_before():
    capabilities = Session(tsviz.capture(Small(), via="script"), "0").document().capabilities
    assert not capabilities.profile
    assert capabilities.reasons["profile"] == "there are no example inputs: use %tsdebug model(x)"
