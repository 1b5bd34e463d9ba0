"""The request `profile`: how far it is, what it gives, how it is stopped, what it refuses."""

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import nn

import tsviz
from tsviz.errors import Diagnostic, PassError
from tsviz.profiler import Point, Sweep, sweep
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
    kind = "sweep" if "threads" in payload else "profile"
    given = {"against": "", **payload}
    request = {"type": "request", "id": "v/1", "kind": kind, "payload": given}
    return [message for message, _ in session.handle(request, tell)]


def test_it_says_how_far_it_is_and_gives_the_document(session: Session):
    told: list[dict[str, Any]] = []
    first, reply, *chunks = ask(session, told.append, runs=3, nodes="ops")
    assert first["text"] == (
        "running the model until PyTorch compiles no more; cells wait meanwhile"
    )
    words = {one["text"] for one in told if not one["text"].startswith("warming up: run ")}
    assert words == {"measuring", "counting", "reading shapes"}
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


def test_stopped_in_the_warm_up_it_says_how_far_it_came(session: Session):
    def tell(said: dict[str, Any]) -> None:
        if said["text"] == "warming up: run 2":
            session.cancel("v/1")

    _, reply = ask(session, tell, runs=50, nodes="ops")
    assert reply["error"]["code"] == "TSV-T30"
    assert reply["error"]["notes"] == ["it had come to: warming up: run 2"]


def test_stopped_before_a_run_it_says_so(session: Session):
    work = Profiling(session.program, ProfileRequest(3, "ops", ""))
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


# ── held against another, and at other sizes ────────────────────────────────────────────────────


def test_measured_again_it_is_held_against_the_profile_before(session: Session):
    _, reply, *_ = ask(session, runs=2, nodes="ops")
    assert reply["payload"]["against"] is None
    before = session.profile
    _, reply, *_ = ask(session, runs=2, nodes="ops")
    against = reply["payload"]["against"]
    assert session.measured.against is not None
    assert session.measured.against.before is before
    assert session.measured.against.after is session.profile
    assert against["whole"]["verdicts"] == ["too few runs to tell"]
    assert any("torch.relu(self.fc(x))" in code for code in against["codes"])


def test_it_is_held_against_a_variant(session: Session):
    told: list[dict[str, Any]] = []
    _, reply, *_ = ask(session, told.append, runs=2, nodes="ops", against="trace")
    assert reply["error"] is None
    assert " · trace · " in reply["payload"]["against"]["before"]
    assert " · script · " in reply["payload"]["against"]["after"]
    assert "trace: measuring" in {one["text"] for one in told}
    assert reply["payload"]["variant"] == "script"


def test_stopped_before_the_variant_it_shows_the_profile(session: Session):
    def tell(said: dict[str, Any]) -> None:
        if (said["text"], said["done"]) == ("measuring", 4):
            session.cancel("v/1")

    _, reply, *_ = ask(session, tell, runs=50, nodes="ops", against="trace")
    assert reply["payload"]["profile"]["profiled"]["length"] == 3
    assert reply["payload"]["against"] is None


def test_a_variant_that_is_none(session: Session):
    _, reply = ask(session, runs=2, nodes="ops", against="magic")
    assert reply["error"]["code"] == "TSV-P05"


def test_a_sweep_says_how_far_it_is_and_comes_with_the_first_profile(session: Session):
    told: list[dict[str, Any]] = []
    _, reply, *_ = ask(session, told.append, batch_sizes=[1, 3], threads=[1], runs=2)
    assert "batch size 3, 1 thread: measuring" in {one["text"] for one in told}
    sweep = reply["payload"]["sweep"]
    assert (sweep["failures"], sweep["shown"], sweep["is_interrupted"]) == (["", ""], 0, False)
    assert reply["payload"]["profile"] is not None
    mine = session.profile
    ask(session, batch_sizes=[2], threads=[1], runs=1)
    assert session.profile is mine, "a profile that is there stays"


def test_a_sweep_that_is_stopped_keeps_its_points(session: Session):
    def tell(said: dict[str, Any]) -> None:
        if said["text"] == "batch size 4, 1 thread: measuring":
            session.cancel("v/1")

    _, reply, *_ = ask(session, tell, batch_sizes=[1, 2, 4, 8], threads=[1], runs=2)
    sweep = reply["payload"]["sweep"]
    assert sweep["is_interrupted"]
    assert len(sweep["failures"]) == 3, "of the third, one run was measured"


def test_a_sweep_with_wrong_numbers(session: Session):
    _, reply = ask(session, batch_sizes=[1, 0], threads=[], runs=2)
    assert reply["error"]["code"] == "TSV-T20"
    _, reply = ask(session, batch_sizes=[1], threads=[], runs=0)
    assert reply["error"]["code"] == "TSV-T05"


def test_a_sweep_that_fails_everywhere():
    program = tsviz.capture(Small().eval(), (torch.ones(2, 4),), via="script")
    failure = PassError(Diagnostic("TSV-S01", "no room")).diagnostic
    found = Sweep(program, (Point(1, 1, None, failure), Point(2, 1, None, failure)))
    with pytest.raises(tsviz.TsvizError) as caught:
        tsviz.explore(found)
    assert str(caught.value) == (
        "error[TSV-T31]: `Small` failed at each of 2 points\n  note: no room"
    )


def test_what_was_compared_or_swept_is_explored_and_saved(session: Session, tmp_path: Path):
    first, second = (tsviz.profile(session.program, runs=2) for _ in range(2))
    against = second.against(first)
    shown = tsviz.explore(against)
    assert (shown.profile, shown.session.measured.against) == (second, against)
    swept = sweep(session.program, batch_sizes=(1, 2), runs=1)
    assert tsviz.explore(swept).session.measured.sweep is swept
    for one in (against, swept):
        assert "a profile of" in tsviz.save(one, tmp_path / "found.html")
