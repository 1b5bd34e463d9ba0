"""A search from the explorer: beside the kernel, cancelled with what it has, and harmless to it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import tsviz
from tests.comparison.refused import Says
from tests.session import searched
from tests.session.test_session import answer, refused, request
from tsviz import searching
from tsviz.comparison import Step
from tsviz.errors import UsageError
from tsviz.jit import forking
from tsviz.replies import never_begun
from tsviz.session import Session

X = torch.ones(2, 3)
FILE = searched.__file__
EXAMPLE = '{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'


def session_of(model: object, *, via: str = "script") -> Session:
    return Session(tsviz.capture(model, (X,), via=via), "1.2.3")


def session_about(model: object) -> Session:
    """One that searches a model which nobody could capture: it would not come back."""
    program = tsviz.capture(searched.Gate(), (X,), via="script")
    return Session(replace(program, model=model), "1.2.3")


def asked(**wish: object) -> dict[str, object]:
    payload = {"variants": ["trace"], "domain": "", "tries": 40, "seconds": 600.0, **wish}
    return request("compare", payload)


def compared(session: Session, **wish: object) -> dict[str, Any]:
    """The comparison that a search is answered with."""
    reply = answer(session, asked(**wish))
    assert reply["error"] is None, reply["error"]
    return reply["payload"]["comparison"]


@pytest.fixture(params=["in a fork", "in its turn"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "in its turn":
        monkeypatch.setattr(forking, "why_no_fork", lambda: "there is no fork here")
    return request.param


# ── what is found ───────────────────────────────────────────────────────────────────────────────


def test_a_lost_branch_is_found_and_kept(way: str):
    session = session_of(searched.Gate())
    assert session.document().comparison is None
    found = compared(session)
    (finding,) = found["findings"]
    place = finding["place"]
    assert (finding["status"], finding["variant"], finding["loss"]) == ("proven", "trace", "branch")
    assert found["files"][place["file"]] == FILE
    row = Path(FILE).read_text(encoding="utf-8").split("\n")[place["line"] - 1]
    assert row[place["col"] : place["end_col"]] == "x.sum() > 0"
    assert finding["sentence"] == (
        "`x.sum() > 0` was True for your input; the trace always takes that branch"
    )
    assert finding["input"] == "x = torch.full((2, 3), 0.0)"
    assert finding["expected"] == "tensor([[0., 0., 0.],\n        [0., 0., 0.]])"
    assert finding["found"] == "tensor([[1., 1., 1.],\n        [1., 1., 1.]])"
    assert finding["script"].startswith("import copy\n")
    (flow,) = found["flow"]
    assert (flow["condition"], flow["went"], flow["held"]) == ("x.sum() > 0", "True", "always True")
    assert flow["findings"] == [0]
    assert found["variants"] == [
        {"variant": "trace", "words": "40 inputs tried; 1 proven", "failure": ""}
    ]
    kept = session.document().comparison
    assert kept is not None
    assert [one.sentence for one in kept.findings] == [finding["sentence"]]


def test_it_says_how_far_it_is(way: str):
    session, heard = session_of(searched.Gate()), list[dict[str, object]]()
    messages = [
        said for said, _ in session.handle(asked(variants=["trace", "script"]), heard.append)
    ]
    notice = "searching for inputs on which it differs"
    here = "; cells wait meanwhile: there is no fork here" if way == "in its turn" else ""
    assert messages[0]["text"] == notice + here
    assert [said["type"] for said in messages] == ["progress", "reply"]
    done = [said["done"] for said in heard]
    assert done == sorted(done, key=int)
    assert (done[0], done[-1]) == (0, 79)  # before the last one is tried
    assert {said["total"] for said in heard} == {80}
    assert [*dict.fromkeys(said["text"] for said in heard)] == [
        "trace: 0 found",
        "trace: 1 found",
        "trace: 1 found, showing it in a process of its own",
        "script: 0 found",
    ]


def test_steps_are_told_sparingly():
    heard: list[tuple[int, int]] = []
    tell = searching._sparingly(lambda step: heard.append((step.tried, step.found)))
    for tried in range(1000):
        tell(Step("trace", tried, 10**9, int(tried > 333)))
    assert len(heard) == 101
    assert (334, 1) in heard


def test_the_domain_is_offered_as_text_and_read_back():
    session = session_of(searched.Gate())
    text = answer(session, request("domain", {}))["payload"]["text"]
    assert text == "{'x': {'dims': {0: (1, 4)}}}"
    assert compared(session, domain=text, tries=3)["domain"] == text
    narrow = "{'x': {'dims': {}, 'range': (0.5, 1.0), 'also': (float('inf'),)}}"
    assert compared(session, domain=narrow, tries=30)["findings"][0]["status"] != "proven"


def test_other_methods_and_functions():
    two = tsviz.capture(Two().encode, (X,), via="script")
    assert compared(Session(two, "1"), tries=5)["title"] == "Two.encode"
    function = tsviz.capture(gate, (X,), via="trace")
    assert compared(Session(function, "1"))["findings"][0]["status"] == "proven"


def test_a_comparison_at_hand_is_explored_and_saved(tmp_path: Path):
    found = tsviz.compare(searched.Gate(), (X,), variants=("script", "trace"), tries=30)
    explorer = tsviz.explore(found)
    assert explorer.program.variant == "trace"  # of which most is proven
    document = explorer.session.document()
    assert document.capabilities.compare
    assert document.comparison is not None
    assert [one.status for one in document.comparison.findings] == ["proven"]
    assert document.comparison.files == [FILE]
    assert FILE in {file.path for file in document.files}
    shared = explorer.session.document(shared=True)
    assert shared.comparison is not None
    assert {"searched.py"} == {Path(path).name for path in shared.comparison.files}
    assert set(shared.comparison.files) <= {file.path for file in shared.files}
    assert not any(path.startswith("/") for path in shared.comparison.files)
    tsviz.save(explorer, tmp_path / "gate.html")
    assert (tmp_path / "gate.html").stat().st_size > 100_000


def test_a_comparison_without_any_variant_cannot_be_explored():
    found = tsviz.compare(Says(), (X,), variants=("trace",), tries=3)
    with pytest.raises(UsageError) as caught:
        tsviz.explore(found)
    told = "the traced function returns something that is no tensor"
    assert str(caught.value) == (
        "error[TSV-V29]: expected a comparison with a variant to show, got none of Says.forward\n"
        f"  note: TorchScript cannot trace `Says.forward`: {told}"
    )


def test_what_never_began_is_answered_all_the_same():
    error: Any = never_begun("v/1")["error"]
    assert (error["code"], error["message"]) == ("TSV-P04", "cancelled before it began")


class Two(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x

    @torch.jit.export
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(len(x), -1)


def gate(x: torch.Tensor) -> torch.Tensor:
    return x + 1 if bool(x.sum() > 0) else x


# ── the kernel goes on ──────────────────────────────────────────────────────────────────────────


def test_the_kernel_is_left_as_it_was(capfd: pytest.CaptureFixture[str]):
    model = searched.Counts()
    session = session_of(model, via="trace")
    searched.RUNS.clear()
    capfd.readouterr()
    drawn = torch.get_rng_state()
    assert len(compared(session)["findings"]) == 1
    assert searched.RUNS == []
    assert torch.equal(torch.get_rng_state(), drawn)
    assert capfd.readouterr() == ("", "")


def test_other_requests_are_answered_meanwhile():
    session, replies = session_of(searched.Gate()), list[dict[str, Any]]()

    def ask(_: object) -> None:
        asset = request("domain", {}) | {"id": "v/2"}
        replies.extend(said for said, _ in session.handle(asset))

    list(session.handle(asked(tries=3), ask))
    assert len(replies) >= 3
    assert {(said["id"], said["error"]) for said in replies} == {("v/2", None)}


def test_in_its_turn_others_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(forking, "why_no_fork", lambda: "there is no fork here")
    session, codes = session_of(searched.Gate()), set[str]()

    def ask(_: object) -> None:
        codes.add(refused(session, request("domain", {}))[0])

    list(session.handle(asked(tries=3), ask))
    assert codes == {"TSV-P03"}


# ── it ends ─────────────────────────────────────────────────────────────────────────────────────


def cancel_when(session: Session, is_time: Callable[[dict[str, object]], bool]) -> dict[str, Any]:
    def watch(said: dict[str, object]) -> None:
        if is_time(said):
            session.cancel("v/1")

    endless = asked(tries=10**9, seconds=1e9, variants=["trace", "script"])
    (reply,) = (said for said, _ in session.handle(endless, watch) if said["type"] == "reply")
    return reply


def test_cancelled_it_shows_what_it_found(way: str):
    session = session_of(searched.Gate())
    reply = cancel_when(session, lambda said: said["text"] == "trace: 1 found")
    found = reply["payload"]["comparison"]
    assert found["is_interrupted"]
    assert [finding["status"] for finding in found["findings"]] == ["proven"]
    trace, script = (one["words"] for one in found["variants"])
    assert ("tried, interrupted; 1 proven" in trace, script) == (
        True,
        "not come to before it was interrupted",
    )
    assert session.document().comparison is not None


def test_cancelled_while_it_is_proven_it_is_possible():
    session = session_of(searched.Gate())
    told: list[object] = []

    def twice(said: dict[str, object]) -> None:
        told.append(said["text"])
        if told.count("trace: 1 found") == 1 and told[-1] == "trace: 1 found":
            session.cancel("v/1")
        if str(said["text"]).endswith("of its own"):
            session.cancel("v/1")

    endless = asked(tries=10**9, seconds=1e9)
    (reply,) = (said for said, _ in session.handle(endless, twice) if said["type"] == "reply")
    (finding,) = reply["payload"]["comparison"]["findings"]
    assert (finding["status"], finding["reason"]) == (
        "possible",
        "it was interrupted before a process of its own showed it",
    )


def after_it_began(session: Session, act: Callable[[], None]) -> tuple[str, str, list[str], str]:
    """What a search is answered with when something was done once it had begun."""
    answers = session.handle(asked())
    next(answers)
    act()
    ((reply, _),) = answers
    error: Any = reply["error"]
    return error["code"], error["message"], error["notes"], error["help"]


def test_cancelled_before_there_was_anything():
    session = session_about(searched.Blocks())
    assert after_it_began(session, lambda: session.cancel("v/1")) == (
        "TSV-V25",
        "the search was stopped before any input was tried",
        [],
        "search again",
    )


def test_what_does_not_stop_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "PATIENCE", 0)
    hears, says = os.pipe()
    session = session_about(searched.Deaf(says))

    def cancel() -> None:
        os.read(hears, 1)
        session.cancel("v/1")

    assert after_it_began(session, cancel) == (
        "TSV-V26",
        "the search did not stop within 0 s, so it was ended",
        ["what it had found went with it"],
        "search with fewer seconds",
    )


def test_a_crash():
    session = session_of(searched.Crashes(), via="trace")
    reply = answer(session, asked())
    error = reply["error"]
    assert (error["code"], error["message"], error["notes"], error["help"]) == (
        "TSV-V24",
        "the process that searched was ended by SIGSEGV",
        ["your kernel and your model are as they were"],
        "narrow the inputs that count: PyTorch may crash on one of those that were tried",
    )
    assert answer(session, request("domain", {}))["error"] is None


def test_a_view_that_is_gone_ends_it():
    session = session_about(searched.Blocks())
    assert after_it_began(session, session.close)[0] == "TSV-V24"


def test_nobody_who_waits_ends_it():
    session = session_about(searched.Blocks())
    answers = session.handle(asked())
    next(answers)
    (search,) = session._running.values()
    answers.close()  # type: ignore[attr-defined]
    assert search._fork is not None
    with pytest.raises(ChildProcessError):
        os.waitpid(search._fork._child, 0)


ENDLESS = """
import os, sys
from tsviz.jit.forking import Fork
fork = Fork(lambda tell: (tell("begun"), os.read(os.pipe()[0], 1)))
print(next(fork.messages()), flush=True)
sys.stdin.read()
"""


def test_it_ends_with_its_kernel():
    reading, writing = os.pipe()
    kernel = subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(writing,),
    )
    os.close(writing)
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == b"begun\n"
    kernel.kill()
    kernel.communicate()
    assert os.read(reading, 1) == b""  # nobody holds the other end any more
    os.close(reading)


# ── what is refused ─────────────────────────────────────────────────────────────────────────────

SESSION = session_of(searched.Gate())


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (
            {"domain": "{'x': "},
            "error[TSV-V21]: expected the inputs that count as a literal of Python, got `{'x':`\n"
            "  note: Python says: '{' was never closed at line 1, column 1\n"
            f"  help: write {EXAMPLE}",
        ),
        (
            {"domain": "{'x': {'range': (0, open('f'))}}"},
            "error[TSV-V21]: expected the inputs that count as a literal of Python, got "
            "`{'x': {'range': (0, open('f'))}}`\n"
            "  note: names, calls and operators are not run; `float('nan')` and `float('inf')` may "
            "stand\n"
            f"  help: write {EXAMPLE}",
        ),
        (
            {"domain": "[1, 2]"},
            "error[TSV-V22]: expected a dictionary of dictionaries by argument, got `[1, 2]`\n"
            f"  help: write {EXAMPLE}",
        ),
        (
            {"domain": "{'y': {}}"},
            "error[TSV-V12]: expected tensors of the example inputs (x), got 'y'\n"
            f"  help: write inputs={EXAMPLE}",
        ),
        ({"variants": []}, "error[TSV-V23]: expected variants to compare, got none"),
        ({"tries": 0}, "error[TSV-V23]: expected tries to be a number above 0, got 0"),
        (
            {"seconds": float("inf")},
            "error[TSV-V23]: expected seconds to be a number above 0, got inf",
        ),
        (
            {"variants": ["frozen"]},
            "error[TSV-V14]: expected variants among trace, script, freeze, optimize, got 'frozen'",
        ),
    ],
    ids=["syntax", "call", "list", "argument", "none", "tries", "seconds", "variant"],
)
def test_wrong_wishes(wish: dict[str, object], words: str):
    error = answer(SESSION, asked(**wish))["error"]
    said = [f"error[{error['code']}]: {error['message']}"]
    said += [f"  note: {note}" for note in error["notes"]]
    said += [f"  help: {error['help']}"] if error["help"] else []
    assert "\n".join(said) == words


def test_a_model_that_fails_otherwise():
    class Odd(searched.Gate):
        def __deepcopy__(self, _: object) -> object:
            raise ZeroDivisionError("no copies")

    error = answer(session_about(Odd()), asked())["error"]
    assert (error["code"], error["message"]) == (
        "TSV-V27",
        "the search failed: ZeroDivisionError: no copies",
    )


def test_programs_that_cannot_be_compared_say_why():
    def reason(program: tsviz.frontends.Program) -> tuple[bool, str | None]:
        known = Session(program, "1").document().capabilities
        return known.compare, known.reasons.get("compare")

    assert reason(tsviz.capture(searched.Gate(), (X,))) == (True, None)
    assert reason(tsviz.capture(searched.Gate())) == (
        False,
        "there are no example inputs: use %tsdebug model(x)",
    )
    assert reason(tsviz.capture(torch.jit.script(searched.Gate()), (X,))) == (
        False,
        "it came compiled: capture the Python code it was made of to compare with that",
    )
    text = tsviz.parse("graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x)\n  return (%y)")
    assert reason(text) == (False, Session(text, "1").document().capabilities.reasons["passes"])
