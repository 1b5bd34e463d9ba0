"""A request that runs the model, in a real kernel whose cell still runs.

Each way in which a kernel takes a message meanwhile: over a subshell, and on the cells' own thread
while a cell awaits something, or after it.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

PATIENCE = 60
"""How long a kernel may take to answer, in seconds."""

LOADED = """\
import asyncio
import torch
%load_ext tsviz

class Net(torch.nn.Module):
    def forward(self, x):
        print("the model runs")
        return x.relu()
"""
EXPLORED = "e = %tsdebug --via=script Net()(torch.ones(2, 3))\nprint(e.comm.comm_id)"
COMPUTES = "print('in'); open('turnstile').read(); print('out', flush=True)"
AWAITS = """\
print('in')
await asyncio.to_thread(lambda: open('turnstile').read())
print('out', flush=True)"""

WAITS = "waiting for the running cell"
RUNS = "running the model once with its example inputs"


class Kernel:
    """A kernel with an explorer, and what it says."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self._numbers = count()
        control = client.session.msg("create_subshell_request", {})
        client.control_channel.send(control)
        created = client.get_control_msg(timeout=PATIENCE)
        self.subshells: dict[str, str | None] = {
            "the cells' shell": None,
            "a subshell": created["content"]["subshell_id"],
        }
        self.subshell: str | None = None
        self.run(LOADED)

    def run(self, code: str) -> str:
        """Runs a cell and returns what it printed."""
        printed: list[str] = []

        def keep(message: Any) -> None:
            assert message["msg_type"] != "error", message["content"]["traceback"]
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        self.client.execute_interactive(code, output_hook=keep, timeout=PATIENCE)
        return "".join(printed)

    def explore(self, subshell: str | None, code: str = EXPLORED) -> None:
        """Makes an explorer to which messages go over `subshell`, or over the cells' own shell.

        Some versions of ipykernel answer where the front end says, others where the explorer spoke
        last.
        """
        self.comm = self.run(code).split()[-1]
        self.subshell = subshell
        self._send("execute_request", {"code": "e.send({}); print('over')", "silent": True})
        self.listen("over")

    def tell(self, **content: object) -> None:
        """Sends a message to the explorer."""
        data = {"method": "custom", "content": content}
        self._send("comm_msg", {"comm_id": self.comm, "data": data})

    def ask(self, kind: str, **payload: object) -> str:
        """Makes a request and returns its id."""
        identity = f"request-{next(self._numbers)}"
        self.tell(type="request", id=identity, revision=0, kind=kind, payload=payload)
        return identity

    def _send(self, kind: str, content: dict[str, object]) -> None:
        message = self.client.session.msg(kind, content)
        message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)

    def listen(self, until: str) -> list[str]:
        """What is printed and answered from now to `until`."""
        heard: list[str] = []
        while until not in heard:
            heard += _words(self.client.get_iopub_msg(timeout=PATIENCE))
        return heard

    def listen_to_all(self, until: str) -> list[str]:
        """The same, with what was printed before it, which a kernel passes on later."""
        heard = self.listen(until)
        self.client.execute("print('that is all')")
        return heard + self.listen("that is all")


def _words(message: Any) -> list[str]:
    content = message["content"]
    if message["msg_type"] == "stream":
        # a line and its end may come in two messages
        return [line for line in content["text"].splitlines() if line]
    if message["msg_type"] == "comm_msg":
        said = content["data"].get("content", {})
        if said.get("type") == "progress":
            return [f"{said['id']}: {said['text']}"]
        if said.get("type") == "event":
            return [f"event: {said['payload'].get('status')}"]
        if said.get("type") == "reply":
            return [f"{said['id']}: {'failed' if said['error'] else 'answered'}"]
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernel")


@pytest.fixture(scope="module")
def kernel(folder: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(startup_timeout=PATIENCE, cwd=str(folder))
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def release(folder: Path) -> Iterator[Callable[[], None]]:
    """Lets the waiting cell end."""
    turnstile = folder / "turnstile"
    os.mkfifo(turnstile)
    yield lambda: Path(turnstile).write_text("go")
    turnstile.unlink()


@pytest.fixture(params=["the cells' shell", "a subshell"])
def way(request: pytest.FixtureRequest, kernel: Kernel) -> str:
    """What the messages go over."""
    kernel.explore(kernel.subshells[request.param])
    return request.param


@pytest.fixture(params=["computes", "awaits"])
def busy(
    request: pytest.FixtureRequest, kernel: Kernel, way: str, release: Callable[[], None]
) -> bool:
    """A cell runs; whether the explorer hears what is said meanwhile."""
    kernel.client.execute({"computes": COMPUTES, "awaits": AWAITS}[request.param])
    kernel.listen("in")
    return request.param == "awaits" or way == "a subshell"


def test_the_model_runs_when_the_cell_has_ended(
    kernel: Kernel, busy: bool, release: Callable[[], None]
):
    request = kernel.ask("observe")
    if busy:
        kernel.listen(f"{request}: {WAITS}")
    release()
    heard = kernel.listen_to_all(f"{request}: answered")
    assert heard.index("out") < heard.index(f"{request}: {RUNS}") < heard.index("the model runs")


def test_a_cancelled_request_never_runs(kernel: Kernel, busy: bool, release: Callable[[], None]):
    cancelled = kernel.ask("observe")
    kernel.tell(type="cancel", id=cancelled)
    request = kernel.ask("observe")
    if busy:
        kernel.listen(f"{request}: {WAITS}")
    release()
    heard = kernel.listen_to_all(f"{request}: answered")
    assert f"{cancelled}: answered" not in heard
    assert heard.count("the model runs") == 1


def test_a_search_begins_when_the_cell_has_ended_and_runs_beside_the_next(
    kernel: Kernel, busy: bool, release: Callable[[], None]
):
    wish = {"variants": ["trace"], "domain": "", "tries": 10**9, "seconds": 1e9}
    never, request = kernel.ask("compare", **wish), kernel.ask("compare", **wish)
    kernel.tell(type="cancel", id=never)
    if busy:
        kernel.listen(f"{never}: failed")
    release()
    kernel.listen(f"{request}: trace: 0 found")
    assert kernel.run("print('meanwhile')") == "meanwhile\n"
    kernel.tell(type="cancel", id=request)
    heard = kernel.listen_to_all(f"{request}: answered")
    assert "the model runs" not in heard


def test_what_runs_nothing_does_not_wait(kernel: Kernel, busy: bool, release: Callable[[], None]):
    request = kernel.ask("asset", name="widget.css")
    if busy:
        assert kernel.listen(f"{request}: answered") == [f"{request}: answered"]
    release()
    kernel.listen("out" if busy else f"{request}: answered")


def test_without_a_running_cell_it_runs_at_once(kernel: Kernel, way: str):
    request = kernel.ask("observe")
    heard = kernel.listen_to_all(f"{request}: answered")
    assert "the model runs" in heard
    assert f"{request}: {WAITS}" not in heard


# ── a stepped program ───────────────────────────────────────────────────────────────────────────

ENDLESS = """\
class Endless(torch.nn.Module):
    def forward(self, x):
        while bool(x.sum() > 0):
            x = x + 1
        return x

e = %tsdebug --via=script Endless()(torch.ones(2, 3))
print(e.comm.comm_id)"""
NOTHING = {"by": "node", "target": "", "node": -1, "text": "", "number": 0, "after": 0}


@pytest.fixture
def stepped(kernel: Kernel, way: str) -> Iterator[Callable[[str], str]]:
    """Asks a stepped program, one without an end, for something; returns the request's id."""
    kernel.explore(kernel.subshell, ENDLESS)

    def ask(verb: str) -> str:
        return kernel.ask("debug", **{**NOTHING, "verb": verb})

    kernel.listen(f"{ask('start')}: answered")
    yield ask
    kernel.listen(f"{ask('close')}: answered")
    assert kernel.run(THREADS) == "0\n"


THREADS = """\
import threading
programs = [one for one in threading.enumerate() if one.name == "tsviz program"]
for one in programs:
    one.join(60)
print(sum(one.is_alive() for one in programs))"""


def test_cells_run_while_the_program_runs_and_while_it_is_held(
    kernel: Kernel, stepped: Callable[[str], str]
):
    assert kernel.run("print('held')") == "held\n"
    kernel.listen(f"{stepped('continue')}: answered")
    assert kernel.run("print('it runs', 6 * 7)") == "it runs 42\n"
    heard = kernel.listen_to_all(f"{stepped('pause')}: answered")
    if "event: paused" not in heard:
        kernel.listen("event: paused")


def test_a_step_waits_for_the_cell_and_a_pause_does_not(
    kernel: Kernel, stepped: Callable[[str], str], busy: bool, release: Callable[[], None]
):
    paused, step = stepped("pause"), stepped("step")
    if busy:
        heard = kernel.listen(f"{step}: {WAITS}")
        assert f"{paused}: answered" in heard
    release()
    heard = kernel.listen_to_all(f"{step}: answered")
    assert heard.index("out") < heard.index(f"{step}: answered")
