"""Model files that a front end opens by themselves: the kernel's side."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import comm
import pytest
import torch

import tsviz
from tsviz.frontends import TextOnly
from tsviz.widgets import documents
from tsviz.widgets.documents import TARGET, Opening, open_file, serve


class Gate(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.relu() + 1


class Smooth(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sigmoid() + 1


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    torch.jit.script(Gate()).save(tmp_path / "gate.pt")
    return tmp_path / "gate.pt"


@pytest.fixture
def smooth(tmp_path: Path) -> Path:
    torch.jit.script(Smooth()).save(tmp_path / "smooth.pt")
    return tmp_path / "smooth.pt"


class Channel:
    """A comm whose other end is the test."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.receive: Callable[[Mapping[str, Any]], None] = lambda message: None
        self.close: Callable[[object], None] = lambda message: None

    def on_msg(self, receive: Callable[[Mapping[str, Any]], None]) -> None:
        self.receive = receive

    def on_close(self, close: Callable[[object], None]) -> None:
        self.close = close

    def send(self, data: dict[str, Any], buffers: list[bytes] | None) -> None:
        self.said.append(data)

    def ask(self, kind: str, **payload: object) -> list[dict[str, Any]]:
        """What is said to a request."""
        self.said.clear()
        request = {"type": "request", "id": f"v/{kind}", "revision": 0, "kind": kind}
        self.receive({"content": {"data": {**request, "payload": payload}}})
        return self.said


def opened(**asked: object) -> Channel:
    """The channel of an explorer that asked for a file."""
    serve()
    channel = Channel()
    target: Any = comm.get_comm_manager().targets[TARGET]
    target(channel, {"content": {"data": asked}})
    return channel


def test_the_file_is_read_when_the_program_is_asked_for(gate: Path):
    channel = opened(path=str(gate))
    asset = channel.ask("asset", name="loader.js")
    assert asset[0]["payload"]["name"] == "loader.js"
    assert Path(gate).absolute() not in documents._seen
    progress, reply, *_ = channel.ask("document")
    assert progress["text"] == "reading the file"
    assert reply["payload"]["title"] == "Gate"
    channel.close({})


def test_it_greets_before_it_has_read_anything(gate: Path):
    channel = opened(path=str(gate))
    channel.receive({"content": {"data": {"type": "hello", "protocol": 1, "package": "x"}}})
    assert channel.said == [{"type": "hello", "protocol": 1, "package": tsviz.__version__}]


def test_a_failure_is_said_and_tried_again(tmp_path: Path, gate: Path):
    late = tmp_path / "late.pt"
    channel = opened(path=str(late))
    *_, reply = channel.ask("document")
    assert reply["error"]["code"] == "TSV-A01"
    gate.rename(late)
    assert channel.ask("document")[1]["payload"]["title"] == "Gate"


def test_what_names_no_file_is_refused():
    *_, reply = opened(paths=[]).ask("document")
    assert reply["error"]["code"] == "TSV-P06"
    assert reply["error"]["message"] == "expected the path of a file to open, got {'paths': []}"


def test_limits_that_are_no_numbers_are_none(gate: Path):
    _, reply, *_ = opened(path=str(gate), seconds=-1, memory="much").ask("document")
    assert reply["payload"]["title"] == "Gate"


def test_what_reads_a_file_is_limited_as_the_user_set_it(tmp_path: Path):
    path = tmp_path / "large.pt"
    frozen = torch.jit.freeze(torch.jit.script(torch.nn.Linear(4096, 4096).eval()))
    torch.jit.save(frozen, path)  # its weights are constants, which are read
    *_, reply = opened(path=str(path), memory=16).ask("document")
    assert reply["error"]["code"] == "TSV-A16"


def test_two_files_stand_beside_each_other(gate: Path, smooth: Path):
    session = open_file(str(gate), str(smooth))
    (laid,) = session.variants
    assert laid.name == "smooth.pt"
    assert laid.alignment is not None
    first, second = laid.alignment.first.graph, laid.alignment.second.graph
    paired = {
        (first.nodes[pair.first].op, second.nodes[pair.second].op) for pair in laid.alignment.pairs
    }
    assert ("aten::add", "aten::add") in paired
    assert [lone.op for lone in laid.alignment.only_first] == ["aten::relu"]
    assert [lone.op for lone in laid.alignment.only_second] == ["aten::sigmoid"]
    assert session.program.banner.startswith("against smooth.pt: ")


def test_a_file_is_held_against_what_it_was(gate: Path, smooth: Path):
    assert open_file(str(gate), since=True).variants == ()
    smooth.rename(gate)
    (laid,) = open_file(str(gate), since=True).variants
    assert laid.name == "the version before"
    assert laid.alignment is not None
    assert [lone.op for lone in laid.alignment.only_second] == ["aten::relu"]


def test_a_page_is_told_what_changed_also_after_another_has_looked(gate: Path, smooth: Path):
    open_file(str(gate))
    smooth.rename(gate)
    open_file(str(gate))  # the other page
    (laid,) = open_file(str(gate), since=True).variants
    assert laid.alignment is not None
    assert [lone.op for lone in laid.alignment.only_second] == ["aten::relu"]


def test_it_runs_only_where_the_user_trusts_it(gate: Path):
    looked_at = open_file(str(gate))
    assert isinstance(looked_at.program.native, TextOnly)
    trusted = open_file(str(gate), trust=True)
    assert not isinstance(trusted.program.native, TextOnly)


def test_closing_ends_the_session(gate: Path):
    opening = Opening(lambda: open_file(str(gate)))
    opening.cancel("v/1")
    opening.close()  # before it began: nothing is there to end
    assert [message["type"] for message, _ in opening.handle({"type": "bye", "view": "v"})] == []
