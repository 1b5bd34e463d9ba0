"""What can be seen of a stepped program from the explorer: details, attributes, pins."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.session.test_debugging import Asking
from tsviz.session import Session

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


class Counting(nn.Module):
    """Changes an attribute, a buffer in place, and nothing else."""

    steps: int

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4)])
        self.steps = 0
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        self.steps += 1
        for layer in self.layers:
            x = layer(x)
        self.seen[1] = x.max()
        words = {"first": x, "second": x * 2}
        return words["first"].relu()


@torch.jit.script
class Box:
    """An object of a class of TorchScript's."""

    def __init__(self, x: Tensor) -> None:
        self.x = x


class Boxing(nn.Module):
    """Holds an object of a class, and a value that is not set where it returns early."""

    def forward(self, x: Tensor) -> Tensor:
        box = Box(x)
        for i in range(3):
            if bool(x.sum() > i):
                return box.x + i
        return x


@pytest.fixture
def asking() -> Iterator[Asking]:
    torch.manual_seed(0)
    program = tsviz.capture(Counting().eval(), (torch.rand(8, 4),), via="script")
    session = Session(program, "1.2.3")
    asking = Asking(session)
    asking.do("start")
    yield asking
    session.close()


def fine(asking: Asking, kind: str, **payload: object) -> dict[str, Any]:
    reply = asking_first(asking, kind, payload)
    assert reply["error"] is None, reply["error"]
    return reply["payload"]


def asking_first(asking: Asking, kind: str, payload: dict[str, object]) -> dict[str, Any]:
    """The reply; its columns follow in parts."""
    message = {"type": "request", "id": "v/1", "revision": 0, "kind": kind, "payload": payload}
    reply, *_ = [said for said, _ in asking.session.handle(message)]
    return reply


def test_a_tensor_at_one_look(asking: Asking):
    found = fine(asking, "debug_detail", text="x")
    assert (found["kind"], found["device"], found["count"], found["looked_at"]) == (
        *("f32[8, 4]", "cpu", 32, 32),
    )
    assert found["facts"] == ["128 B", "strides [4, 1]", "contiguous"]
    assert sum(found["histogram"]["counts"]) == 32
    assert found["statistics"]["zeros"] == 0
    assert found["least_course"]["length"] == found["most_course"]["length"] == 32
    picture = found["picture"]
    assert (picture["width"], picture["height"], picture["pixels"]["length"]) == (4, 8, 96)
    assert fine(asking, "debug_detail", text="x.T")["facts"][-1] == "not contiguous"
    assert fine(asking, "debug_detail", text="x[1:, 0]")["facts"][2:] == [
        *("not contiguous", "begins at number 4 of its storage"),
    ]


def test_other_values_at_one_look(asking: Asking):
    asking.do("run_to", target="aten::relu")
    found = fine(asking, "debug_detail", text="words")
    assert (found["facts"], found["statistics"], found["picture"]) == (
        ["dict", "2 items"],
        None,
        None,
    )
    assert asking.page("words")["items"][0].startswith("'first': f32[8, 4]")
    assert asking.page("words")["shape"] is None
    assert asking.page("x")["shape"] == [8, 4]
    assert fine(asking, "debug_detail", text="'abc'")["facts"] == ["str", "3 characters"]
    long = asking.page("'x' * 5000")["items"][0]
    assert long.endswith("x… and 1,000 characters more: `[4000:]` shows them")
    error = asking_first(asking, "debug_detail", {"text": "x.foo"})["error"]
    assert error["code"] == "TSV-D51"


def attributes(asking: Asking) -> dict[str, dict[str, Any]]:
    found = fine(asking, "debug_attributes", first=0, count=100)
    return {row["name"]: row for row in found["rows"]}


def test_attributes_and_which_of_them_changed(asking: Asking):
    first = attributes(asking)
    assert list(first) == [
        *("self.steps", "self.layers[0].weight", "self.layers[0].bias", "self.seen"),
    ]
    assert (first["self.steps"]["text"], first["self.seen"]["kind"]) == ("0", "f32[3]")
    assert not any(row["is_changed"] for row in first.values())
    asking.do("run_to", target="aten::relu")
    second = attributes(asking)
    assert [name for name, row in second.items() if row["is_changed"]] == [
        *("self.steps", "self.seen"),
    ]
    assert list(second)[:2] == ["self.steps", "self.seen"]
    assert attributes(asking) == second
    asking.do("goto", number=1)
    back = attributes(asking)
    assert back["self.steps"]["text"] == "0"
    assert back["self.seen"]["is_changed"]
    assert [fine(asking, "debug_attributes", first=3, count=9)["total"]] == [4]


def test_pins_are_kept_and_compared(asking: Asking):
    asking.do("run_to", target="aten::relu")
    (pin,) = asking.do("pin", text="x", target="before")["pins"]
    assert (pin["name"], pin["position"], pin["shown"][:9]) == (
        *("before", asking.do("state")["position"], "f32[8, 4]"),
    )
    linear = pin["node"]
    apart = fine(asking, "debug_compare", one="before", other="x * 1.5")
    assert (apart["differing"], apart["count"], apart["one"]["name"]) == (32, 32, "before")
    assert (apart["one"]["node"], apart["other"]["node"]) == (linear, -1)
    one, other = (float(apart[side]["number"]) for side in ("one", "other"))
    assert other == pytest.approx(1.5 * one)
    assert float(apart["absolute"]) == pytest.approx(abs(one - other), rel=1e-3)
    same = fine(asking, "debug_compare", one="before", other="x")
    assert (same["differing"], same["where"], same["one"]["number"]) == (0, [], "")
    assert asking_first(asking, "debug_compare", {"one": "before", "other": "3"})["error"][
        "message"
    ] == ("expected tensors, `3` is none")
    assert asking.refused("unpin", target="after") == (
        *("TSV-D15", "expected the name of a pin (`before`), got `after`", ""),
    )
    assert asking.do("unpin", target="before")["pins"] == []


def test_a_condition_that_raises_is_said_at_the_breakpoint(asking: Asking):
    asking.do("break", target="aten::relu", text="x.foo > 1")
    (point,) = asking.do("continue")["breakpoints"]
    assert point["failure"] == "AttributeError: 'Tensor' object has no attribute 'foo'"
    (point,) = asking.do("condition", number=1, text="x.sum() > -1e9")["breakpoints"]
    assert point["failure"] == ""


def test_what_stays_inside_pytorch_is_said_in_words():
    program = tsviz.capture(Boxing().eval(), (torch.rand(2, 4),), via="script")
    session = Session(program, "1.2.3")
    asking = Asking(session)
    asking.do("start")
    asking.do("run_to", target="aten::add")
    notes = {name: row["note"] for name, row in asking.values().items() if row["text"] == ""}
    session.close()
    said = {note.partition(" cannot be shown: ")[2].partition(":")[0] for note in notes.values()}
    assert said == {"objects of classes stay inside PyTorch", "it may be uninitialized"}
    assert notes["%box.1"] == "%box.1 cannot be shown: objects of classes stay inside PyTorch"


# ── records ─────────────────────────────────────────────────────────────────────────────────────


def record(asking: Asking, variant: str = "") -> dict[str, Any]:
    """The reply to the request for a record; the notice before it is left out."""
    payload = {"variant": variant}
    message = {
        "type": "request",
        "id": "v/1",
        "revision": 0,
        "kind": "debug_record",
        "payload": payload,
    }
    _, reply, *_ = [said for said, _ in asking.session.handle(message)]
    return reply


def drift(asking: Asking, one: str, other: str) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """How far two records are apart, and its columns."""
    payload = {"one": one, "other": other}
    message = {
        "type": "request",
        "id": "v/1",
        "revision": 0,
        "kind": "debug_drift",
        "payload": payload,
    }
    (reply, _), *parts = asking.session.handle(message)
    blob = b"".join(part for _, buffers in parts for part in buffers)
    found = reply["payload"]
    columns: dict[str, list[float]] = {}
    for name in ("position", "node", "drift", "equal"):
        kind, size = {"i32": ("i", 4), "f64": ("d", 8), "u8": ("B", 1)}[found[name]["dtype"]]
        at, length = found[name]["at"], found[name]["length"]
        columns[name] = list(memoryview(blob[at : at + size * length]).cast(kind))
    return found, columns


def test_records_before_and_after_an_edit_part_where_it_was_made(asking: Asking):
    asking.do("run_to", target="aten::linear")
    state = record(asking)["payload"]
    assert [(one["name"], one["fault"]) for one in state["records"]] == [("1 stepped", "")]
    assert state["position"] == asking.do("state")["position"]
    asking.do("set", target="x", text="x + 1")
    assert len(record(asking)["payload"]["records"]) == 2
    same, columns = drift(asking, "1 stepped", "1 stepped")
    assert (same["first"], set(columns["equal"]), set(columns["drift"])) == (-1, {1}, {0.0})
    found, columns = drift(asking, "1 stepped", "2 stepped")
    first = found["first"]
    ops = [node.op for node in asking.session.program.graph.iter_nodes()]
    assert found["ops"][first] == "aten::linear"
    assert columns["node"][first] == ops.index("aten::linear")
    assert found["places"][first].startswith("test_looking.py:")
    assert columns["drift"][first] > 0
    assert all(columns["equal"][:first])
    assert f"first difference: {found['names'][first]}, by `aten::linear`" in found["words"]


def test_a_record_of_another_variant(asking: Asking):
    record(asking)
    (one, two) = record(asking, "trace")["payload"]["records"]
    assert (one["name"], two["name"]) == ("1 stepped", "2 trace")
    found, columns = drift(asking, one["name"], two["name"])
    assert found["pairs"] >= 5
    assert max(columns["drift"]) == 0
    assert "aten::linear" in found["ops"]


def test_records_draw_the_same_random_numbers_and_leave_the_users_alone():
    class Dropping(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.dropout(x, 0.5, True)

    session = Session(tsviz.capture(torch.jit.script(Dropping().eval()), (torch.rand(8, 8),)), "1")
    asking = Asking(session)
    asking.do("start")
    torch.rand(3)  # a cell draws meanwhile
    before = torch.get_rng_state()
    record(asking)
    record(asking, "freeze")
    assert torch.equal(torch.get_rng_state(), before)
    found, columns = drift(asking, "1 stepped", "2 freeze")
    assert (found["first"], max(columns["drift"])) == (-1, 0)
    session.close()


def test_a_record_that_does_not_end_is_stopped():
    import threading

    from tests.session import stepped

    session = Session(tsviz.capture(stepped.Endless(), (torch.ones(2),), via="script"), "1")
    asking = Asking(session)
    asking.do("start")
    message = {"type": "request", "id": "v/9", "revision": 0, "kind": "debug_record"}
    replies = session.handle({**message, "payload": {"variant": ""}}, lambda _: heard.set())
    heard = threading.Event()
    assert next(replies)[0]["type"] == "progress"

    def stop() -> None:
        heard.wait()
        session.cancel("v/9")

    stopping = threading.Thread(target=stop)
    stopping.start()
    ((reply, _),) = list(replies)
    stopping.join()
    assert (reply["error"]["code"], reply["error"]["message"]) == (
        *("TSV-D63", "the recording was stopped before the program was done"),
    )
    assert asking.do("step")["position"] == 2
    session.close()


def test_records_that_there_are_not(asking: Asking):
    error = asking_first(asking, "debug_drift", {"one": "1", "other": "2"})["error"]
    assert (error["code"], error["message"]) == (
        *("TSV-D64", "expected the name of a record (none), got '1'"),
    )
    asking.do("close")
    assert record_refused(asking) == "TSV-D60"


def record_refused(asking: Asking) -> str:
    message = {"type": "request", "id": "v/1", "revision": 0, "kind": "debug_record"}
    (reply, _), *_ = asking.session.handle({**message, "payload": {"variant": ""}})
    return reply["error"]["code"]
