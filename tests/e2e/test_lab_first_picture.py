"""JupyterLab: what passes between page and kernel from a double click to the first picture."""

import re
import shutil
from pathlib import Path

import pytest
import torch
from playwright.sync_api import WebSocket

from tests.e2e.browsing import Watched
from tests.e2e.servers import JupyterServer
from tests.e2e.test_lab_files import Files, Gate

_KIND = re.compile(rb'"msg_type":\s*"(\w+)"')


class Wire:
    """The messages on a page's way to its kernel, in order: `> kind` sent, `< kind` received."""

    def __init__(self, files: Files) -> None:
        self.seen: list[str] = []
        self.bodies: list[bytes] = []
        files.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self._note(">", payload))
        socket.on("framereceived", lambda payload: self._note("<", payload))

    def _note(self, way: str, payload: str | bytes) -> None:
        body = payload.encode() if isinstance(payload, str) else payload
        if found := _KIND.search(body):
            self.seen.append(f"{way} {found[1].decode()}")
            self.bodies.append(body)

    def count(self, way: str, *parts: bytes) -> int:
        return sum(
            seen.startswith(way) and all(part in body for part in parts)
            for seen, body in zip(self.seen, self.bodies, strict=True)
        )


@pytest.fixture
def files(lab: JupyterServer, watched: Watched, tmp_path: Path) -> Files:
    torch.jit.script(Gate().eval()).save(tmp_path / "gate.pt")
    shutil.move(tmp_path / "gate.pt", lab.root / "gate.pt")
    return Files(watched.page, lab)


def test_the_program_is_asked_for_once_and_before_the_kernel_has_answered(
    files: Files, lab: JupyterServer
):
    wire = Wire(files)
    files.go().open("gate.pt").explorer.wait()
    assert wire.seen.count("> execute_request") == wire.seen.count("> comm_open") == 1
    assert wire.seen.index("> comm_open") < wire.seen.index("< execute_reply")
    assert wire.count("> comm_msg", b'"kind":"document"') == 1
    assert wire.count("> comm_msg", b'"kind":"asset"') == 1
    lab.end_kernels()
