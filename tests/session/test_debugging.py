"""A program that is stepped from the explorer: each request is answered at once, in words."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import torch

import tsviz
from tests.session import stepped
from tests.session.test_session import answer, request
from tsviz.session import Session
from tsviz.widgets.explorer import Explorer

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

X = torch.ones(2, 2)
FILE = stepped.__file__
LINES = Path(FILE).read_text(encoding="utf-8").split("\n")


def line_of(text: str) -> int:
    return next(at for at, line in enumerate(LINES, start=1) if text in line)


class Asking:
    """One view of a session."""

    def __init__(self, session: Session, view: str = "v") -> None:
        self.session = session
        self.view = view
        self.heard: Queue[dict[str, Any]] = Queue()

    def ask(self, kind: str, payload: dict[str, object]) -> dict[str, Any]:
        """The reply."""
        message = {**request(kind, payload), "id": f"{self.view}/1"}
        (reply,) = [said for said, _ in self.session.handle(message, self.heard.put)]
        return reply

    def do(self, verb: str, **more: object) -> dict[str, Any]:
        """The state after a verb."""
        return self._fine("debug", {**NOTHING, "verb": verb, **more})

    def refused(self, verb: str, **more: object) -> tuple[str, str, str]:
        error = self.ask("debug", {**NOTHING, "verb": verb, **more})["error"]
        return error["code"], error["message"], error["help"]

    def values(self, first: int = 0, count: int = 100) -> dict[str, dict[str, Any]]:
        found = self._fine("debug_values", {"first": first, "count": count})
        return {row["name"]: row for row in found["rows"]}

    def page(self, text: str, first: int = 0, count: int = 100) -> dict[str, Any]:
        return self._fine("debug_page", {"text": text, "first": first, "count": count})

    def _fine(self, kind: str, payload: dict[str, object]) -> dict[str, Any]:
        reply = self.ask(kind, payload)
        assert reply["error"] is None, reply["error"]
        return reply["payload"]

    def event(self) -> dict[str, Any]:
        """What is told next, the state in it."""
        said = self.heard.get(timeout=60)
        assert (said["type"], said["kind"]) == ("event", "debug")
        return said["payload"]


NOTHING: dict[str, object] = {
    "by": "node",
    "target": "",
    "node": -1,
    "text": "",
    "number": 0,
    "after": 0,
}


@pytest.fixture
def opened() -> Iterator[Callable[..., Asking]]:
    sessions: list[Session] = []

    def opened(model: torch.nn.Module, x: torch.Tensor = X) -> Asking:
        sessions.append(Session(tsviz.capture(model.eval(), (x,), via="script"), "1.2.3"))
        return Asking(sessions[-1])

    yield opened
    for session in sessions:
        session.close()


@pytest.fixture
def walk(opened: Callable[..., Asking]) -> Asking:
    walk = opened(stepped.Walk())
    walk.do("start")
    return walk


def node_of(asking: Asking, op: str) -> int:
    ops = [node.op for node in asking.session.program.graph.iter_nodes()]
    return ops.index(op)


# ── stepping ────────────────────────────────────────────────────────────────────────────────────


def test_before_it_begins_and_after_it_was_closed(opened: Callable[..., Asking]):
    asking = opened(stepped.Walk())
    assert asking.do("state")["status"] == "none"
    nothing = ("TSV-D60", "expected a program that is stepped, there is none")
    assert asking.refused("step") == (*nothing, "the button Start begins")
    assert asking.do("start")["status"] == "paused"
    assert asking.do("close")["status"] == "none"
    assert asking.refused("step") == (*nothing, "the button Start begins")
    assert asking.do("start")["position"] == 1


def test_it_begins_before_the_first_node(walk: Asking):
    state = walk.do("state")
    assert (state["status"], state["reason"], state["position"]) == ("paused", "entry", 1)
    assert (state["path"], state["line"]) == (FILE, line_of("self.fc(x)"))
    assert state["text"].endswith('prim::GetAttr[name="fc"](%self)')
    assert state["node"] == node_of(walk, "prim::GetAttr")
    assert [frame["function"] for frame in state["frames"]] == ["forward"]
    assert not state["is_other"]


def test_steps_and_back(walk: Asking):
    line = walk.do("over", by="line")
    assert (line["line"], line["reason"]) == (line_of("torch.zeros"), "step")
    inside = walk.do("run_to", node=node_of(walk, "aten::add_"))
    assert inside["iteration"] == 1
    assert walk.do("run_to", target="aten::add_")["iteration"] == 2
    back = walk.do("back")
    assert back["position"] == back["furthest"] - 1
    assert walk.do("goto", number=1)["reason"] == "back"
    assert walk.do("out")["result"].startswith("f32[2, 2]")
    assert walk.do("restart")["reason"] == "entry"


def test_breakpoints_with_conditions_and_counts(walk: Asking):
    at = line_of("z.add_(1)")
    (one,) = walk.do("break", target=f"{FILE}:{at}", text="i == 2")["breakpoints"]
    assert (one["path"], one["line"], one["node"], one["hits"]) == (FILE, at, -1, 0)
    state = walk.do("continue")
    assert (state["reason"], state["iteration"], state["line"]) == ("breakpoint 1", 3, at)
    assert state["breakpoints"][0]["hits"] == 1
    node = node_of(walk, "aten::log")
    _, two = walk.do("break", node=node, after=1)["breakpoints"]
    assert (two["path"], two["node"], two["after"]) == ("", node, 1)
    _, two = walk.do("condition", number=2, text="isnan(out)")["breakpoints"]
    assert (two["when"], two["after"], two["hits"]) == ("isnan(out)", 0, 0)
    assert walk.refused("condition", number=2, text="x +")[0] == "TSV-D01"
    assert [one["number"] for one in walk.do("clear", number=1)["breakpoints"]] == [2]
    assert walk.do("clear")["breakpoints"] == []


def test_the_first_value_that_is_not_finite(opened: Callable[..., Asking]):
    asking = opened(stepped.Walk(), torch.full((2, 2), -40.0))
    asking.do("start")
    state = asking.do("odd")
    assert (state["reason"], state["is_after"]) == ("not finite", True)
    assert state["node"] == node_of(asking, "aten::log")
    (odd,) = [row for row in asking.values().values() if row["nans"]]
    assert (odd["kind"], odd["is_new"]) == ("f32[2, 2]", True)


def test_an_error_is_explained_where_it_was_raised(walk: Asking):
    walk.do("run_to", target=f"{FILE}:{line_of('if bool')}")
    walk.do("set", target="y", text="y * 1e9")
    state = walk.do("continue")
    assert (state["status"], state["line"]) == ("failed", line_of("raise ValueError"))
    fault = state["fault"]
    assert (fault["code"], fault["message"]) == (
        "TSV-F01",
        "the code raises ValueError: too much",
    )
    assert fault["notes"] == []
    assert walk.values()["%y"]["is_edited"]


def test_what_it_returned(walk: Asking):
    state = walk.do("continue")
    assert state["status"] == "finished"
    assert state["result"].startswith("f32[2, 2]  ")


# ── values ──────────────────────────────────────────────────────────────────────────────────────


def test_values_are_summaries_with_what_changed(walk: Asking):
    at = line_of("z.add_(1)")
    walk.do("break", target=f"{FILE}:{at}")
    walk.do("continue")
    first = walk.values()
    assert first["%z.1"]["kind"] == "f32[2, 2]"
    assert (first["%z.1"]["least"], first["%z.1"]["most"], first["%z.1"]["mean"]) == (0, 0, 0)
    assert first["%z.1"]["row"] == [
        value.name for value in walk.session.program.graph.values.values()
    ].index("z.1")
    assert first["%z.1"]["is_used"]
    walk.do("continue")
    second = walk.values()
    assert [name for name in second if second[name]["is_changed"]] == ["%y.5", "%i.1", "%z.1"]
    assert walk.values() == second  # asked once more it is the same
    walk.do("watch", text="z.sum()")
    assert walk.values() == second


def test_values_come_in_pages_the_last_one_made_first(walk: Asking):
    walk.do("run_to", target="aten::log")
    every = list(walk.values())
    assert every[-1] == "%x.1"
    assert [*walk.values(0, 3), *walk.values(3, 1000)] == every
    assert list(walk.values(-5, -5)) == []


def test_numbers_on_demand(opened: Callable[..., Asking]):
    asking = opened(stepped.Walk(), torch.arange(2000.0).reshape(-1, 2) / -8 - 1)
    asking.do("start")
    page = asking.page("x", 1998, 10)
    assert (page["total"], page["first"], page["items"]) == (2000, 1998, ["-250.75", "-250.88"])
    assert page["title"].startswith("f32[1000, 2]  -250.88 … -1")
    assert len(asking.page("x", 0, 10**9)["items"]) == 1000
    assert asking.page("x.T", 0, 2)["items"] == ["-1", "-1.25"]
    assert asking.page("list(x.shape)")["items"] == ["1000", "2"]
    assert asking.page("{'a': x.shape[0]}")["items"] == ["'a': 1000"]
    assert asking.page("'text'")["items"] == ["text"]
    assert asking.page("torch.empty(2, device='meta')")["items"] == []
    error = asking.ask("debug_page", {"text": "x.foo", "first": 0, "count": 1})["error"]
    assert (error["code"], error["message"]) == (
        "TSV-D51",
        "`x.foo` failed: AttributeError: 'Tensor' object has no attribute 'foo'",
    )


def test_watches_are_shown_wherever_it_is_held(walk: Asking):
    walk.do("run_to", target="aten::log")
    state = walk.do("watch", text="z.sum()")
    assert state["watches"] == [{"text": "z.sum()", "shown": "f32[]  [12]"}]
    assert walk.do("goto", number=1)["watches"] == [
        {"text": "z.sum()", "shown": "no value is called `z` here"}
    ]
    assert walk.do("unwatch", text="z.sum()")["watches"] == []


def test_an_edit_goes_on(walk: Asking):
    walk.do("run_to", target="aten::log")
    before = walk.do("state")["position"]
    state = walk.do("set", target="%y", text="torch.ones(2, 2)")
    assert (state["position"], state["reason"]) == (before, "edit")
    assert walk.values()["%y"]["is_edited"]
    assert walk.do("continue")["result"] == "f32[2, 2]  0 … 0  mean 0  [0, 0, 0, 0]"
    assert walk.do("back")["status"] == "paused"
    assert walk.refused("set", target="%y", text="1")[0] == "TSV-D34"
    assert walk.refused("set", target="%y", text="1 / 0") == (
        "TSV-D51",
        "`1 / 0` failed: ZeroDivisionError: division by zero",
        "",
    )


# ── beside the kernel ───────────────────────────────────────────────────────────────────────────


def programs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tsviz program"]


def gone(before: list[threading.Thread]) -> bool:
    for thread in programs():
        if thread not in before:
            thread.join(60)
    return all(thread in before for thread in programs())


def test_one_that_runs_on_is_held_by_a_pause(opened: Callable[..., Asking]):
    before = programs()
    asking = opened(stepped.Endless())
    asking.do("start")
    assert asking.do("continue")["status"] == "running"
    assert asking.refused("step")[0] == "TSV-D40"
    state = asking.do("pause")
    if state["status"] == "running":  # one that is held late says so
        state = asking.event()
    assert (state["status"], state["reason"]) == ("paused", "pause")
    assert state["serial"] > 0
    assert asking.do("continue")["status"] == "running"
    asking.session.close()
    assert gone(before)


def test_where_it_is_held_later_is_told(opened: Callable[..., Asking]):
    asking = opened(stepped.Endless())
    asking.do("start")
    asking.do("break", target="aten::add", after=3000)
    state = asking.do("continue")
    while state["status"] == "running":
        state = asking.event()
    assert state["breakpoints"][0]["hits"] == 3001


def test_the_last_view_that_leaves_frees_its_thread(opened: Callable[..., Asking]):
    before = programs()
    asking = opened(stepped.Endless())
    other = Asking(asking.session, "w")
    asking.do("start")
    other.do("state")
    assert asking.do("step")["position"] == 2
    assert asking.event()["position"] == 2  # for the other
    list(asking.session.handle({"type": "bye", "view": "w"}))
    assert asking.do("step")["position"] == 3
    list(asking.session.handle({"type": "bye", "view": "v"}))
    assert gone(before)
    assert asking.do("state")["status"] == "none"


def test_an_explorer_that_is_closed_frees_its_thread():
    before = programs()
    explorer = Explorer(tsviz.capture(stepped.Walk(), (X,), via="script"))
    Asking(explorer.session).do("start")
    assert not gone_now(before)
    explorer.close()
    assert gone(before)


def gone_now(before: list[threading.Thread]) -> bool:
    return all(thread in before for thread in programs())


def test_two_at_once(opened: Callable[..., Asking]):
    one, two = opened(stepped.Walk()), opened(stepped.Walk())
    one.do("start")
    two.do("start")
    one.do("continue")
    assert two.do("step")["position"] == 2


def test_nothing_of_the_users_is_changed(opened: Callable[..., Asking]):
    model = stepped.Walk()
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    asking = opened(model)
    asking.do("start")
    random = torch.get_rng_state()
    asking.do("continue")
    asking.do("back")
    asking.page("torch.rand(3)")
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(tensor, kept[name]) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        model.fc.bias.add_(1)
    assert [note["code"] for note in asking.do("restart")["notes"]] == []


# ── what cannot be ──────────────────────────────────────────────────────────────────────────────


def test_forks_are_stepped_in_a_graph_of_their_own(opened: Callable[..., Asking]):
    asking = opened(stepped.Forking())
    assert [graph.kind for graph in asking.session.document().graphs] == ["inlined", "method"]
    assert asking.do("start")["is_other"]
    document = asking.session.document()
    assert [graph.kind for graph in document.graphs][-1] == "stepped"
    state = asking.do("run_to", target="aten::mul")
    stepped_graph = document.graphs[-1]
    op = stepped_graph.nodes.op.data[state["node"]]
    assert document.strings[op] == "aten::mul"
    assert asking.session.document(shared=True).graphs[-1].kind == "method"


@pytest.mark.parametrize(
    ("verb", "more", "said"),
    [
        ("dance", {}, ("TSV-D61", "expected a verb among start, state, close, ", "")),
        ("break", {"node": 1000}, ("TSV-D62", "expected a node among ", "")),
        ("goto", {"number": 9}, ("TSV-D30", "expected a position from 1 to 1, got 9", "")),
        ("break", {"target": "aten::rely"}, ("TSV-D10", "expected a line, an op, a value", "")),
        ("step", {"by": "hour"}, ("TSV-D21", "expected by to be one of node, line, module", "")),
        ("clear", {"number": 7}, ("TSV-D13", "expected the number of a breakpoint (none)", "")),
        ("back", {}, ("TSV-D38", "expected a node before this one, got the first", "")),
    ],
)
def test_refused(walk: Asking, verb: str, more: dict[str, object], said: tuple[str, str, str]):
    code, message, _ = walk.refused(verb, **more)
    assert (code, message[: len(said[1])]) == said[:2]


def test_refusals_in_full(walk: Asking):
    count = len(walk.session.program.graph.nodes)
    assert walk.refused("break", node=1000) == (
        "TSV-D62",
        f"expected a node among {count}, got number 1000",
        "",
    )
    assert walk.refused("dance") == (
        "TSV-D61",
        "expected a verb among start, state, close, step, over, out, back, continue, odd, run_to, "
        "goto, differs, pause, restart, break, condition, clear, watch, unwatch, pin, unpin, set, "
        "got 'dance'",
        "",
    )


def test_why_it_cannot_begin():
    text = Session(tsviz.parse("graph(%x : Tensor):\n  return (%x)"), "1")
    capabilities = text.document().capabilities
    assert not capabilities.debug
    assert capabilities.reasons["debug"] == "a graph that was read from text"
    without = Session(tsviz.capture(stepped.Walk(), via="script"), "1")
    assert without.document().capabilities.reasons["debug"] == (
        "there are no example inputs: use %tsdebug model(x)"
    )
    error = answer(without, request("debug", {**NOTHING, "verb": "start"}))["error"]
    assert error["code"] == "TSV-D20"
    saved = without.document(shared=True).capabilities
    assert (saved.debug, saved.reasons["debug"]) == (
        False,
        "this is a saved file: nothing can be run",
    )


# ── variants ────────────────────────────────────────────────────────────────────────────────────


def test_to_the_first_value_that_another_variant_has_otherwise(opened: Callable[..., Asking]):
    asking = opened(stepped.TwoWays())
    asking.do("start")
    state = asking.do("differs", text="eager")
    if state["status"] == "running":  # both are recorded while it answers
        state = asking.event()
    assert (state["status"], state["is_after"]) == ("paused", True)
    assert state["node"] == node_of(asking, "aten::mul")
    assert state["reason"] == "first difference from eager, relative 0.333"
    code, message, _ = asking.refused("differs", text="onnx")
    assert code == "TSV-D23"
    assert message.endswith("got 'onnx'")
