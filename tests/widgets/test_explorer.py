"""Explorers of one kernel: each by itself, and gone when it is closed."""

import gc
import weakref

import torch

import tsviz
from tsviz.session import Session
from tsviz.widgets.explorer import Explorer


class Gate(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.relu() + 1


def explorer() -> Explorer:
    return tsviz.explore(tsviz.capture(torch.jit.script(Gate().eval()), (torch.ones(2),)))


def asked(one: Explorer) -> list[dict[str, object]]:
    """What an explorer's view is told about its program."""
    request = {"type": "request", "id": "v/1", "revision": 0, "kind": "document", "payload": {}}
    return [message for message, _ in one.session.handle(request)]


def collect() -> None:
    """Twice: what has a finalizer, as widgets have, may outlast the first."""
    gc.collect()
    gc.collect()


def closed() -> list[weakref.ref[object]]:
    """What there was of an explorer that has answered and was closed."""
    goes = explorer()
    asked(goes)
    goes.close()
    return [weakref.ref(goes), weakref.ref(goes.session), weakref.ref(goes.program.native)]


def test_one_that_is_closed_leaves_nothing_and_the_others_as_they_were():
    stays = explorer()
    kept = (stays.session, stays.program, stays.program.graph)
    left = closed()
    collect()
    assert [reference() for reference in left] == [None, None, None]
    assert (stays.session, stays.program, stays.program.graph) == kept
    assert asked(stays)[0]["payload"] is not None


def test_fifty_of_them_leave_as_many_sessions_as_there_were():
    def alive() -> int:
        collect()
        return sum(type(found) is Session for found in gc.get_objects())

    before = alive()
    for _ in range(50):
        explorer().close()
    assert alive() == before
