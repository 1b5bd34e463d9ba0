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
