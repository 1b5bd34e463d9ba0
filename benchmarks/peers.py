"""The tools beside which tsviz is measured: where they are, and how they are started on a file.

Each is started by its own command, the way its own documentation says, and told not to open a
browser of its own. A tool counts as started when it prints the address that a user would open.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALL = "pip install -c constraints.txt -e '.[torch,test,bench]'"
_HOST = "127.0.0.1"
ADDRESS = rf"http://{re.escape(_HOST)}:\d+\S*"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool that shows models in a browser.

    Attributes:
        name: its name for people.
        tool: its name for the probe.
        package: the package that brings it.
        executable: the command's path.
        options: what follows the command and the port, before the file.
        suffix: the kind of file it is given.
        counts: whether it is a peer to beat; else it is shown beside them.
        cookie: set in a new profile, so that its page does not wait for a click; "" for none.
    """

    name: str
    tool: str
    package: str
    executable: str
    options: tuple[str, ...]
    suffix: str
    counts: bool = True
    cookie: str = ""

    def command(self, model: Path, port: int) -> list[str]:
        """What is typed to look at `model`."""
        address = ["--host", _HOST, "--port", str(port)]
        return [self.executable, *address, *self.options, str(model)]

    def versions(self) -> dict[str, str]:
        """Versions of the tool and of the PyTorch beside it, asked of its own Python."""
        lines = self.run_python(_VERSIONS, self.package, "torch").splitlines()
        return dict(line.split() for line in lines)

    def run_python(self, code: str, *arguments: str) -> str:
        """What code prints in the tool's own environment.

        Raises:
            SystemExit: it failed, for want of PyTorch beside the tool.
        """
        python = str(Path(self.executable).with_name("python"))
        words = [python, "-W", "ignore", "-c", code, *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            message = f"{self.name} needs PyTorch in its environment: {INSTALL}"
            raise SystemExit(f"{message}\n{done.stderr}")
        return done.stdout


_VERSIONS = """
import sys
from importlib.metadata import version
for name in sys.argv[1:]: print(name, version(name))
"""
_CONVERT = """
import json, sys
from model_explorer.builtin_pytorch_exportedprogram_adapter import (
    BuiltinPytorchExportedProgramAdapter as Adapter,
)
from model_explorer.utils import convert_adapter_response
graphs = Adapter().convert(sys.argv[1], {"const_element_count_limit": 16})
json.dump(convert_adapter_response(graphs)["graphs"], open(sys.argv[2], "w"))
"""


def convert(peer: Peer, exported: Path, converted: Path) -> None:
    """Writes what Model Explorer's server makes of a file, as its own JSON."""
    peer.run_python(_CONVERT, str(exported), str(converted))


def find_peers() -> tuple[Peer, Peer, Peer]:
    """Netron, Model Explorer, and Model Explorer on a graph that it has converted before.

    Raises:
        SystemExit: one is missing; without it there is nothing to compare with.
    """
    netron = _find("netron", "netron")
    explorer = _find("model-explorer", "ai-edge-model-explorer")
    pair = ("model-explorer", "ai-edge-model-explorer", explorer, ("--no_open_in_browser",))
    return (
        Peer("Netron", "netron", "netron", netron, (), ".pt", cookie="consent"),
        Peer("Model Explorer", *pair, ".pt2"),
        Peer("Model Explorer, converted before", *pair, ".json", counts=False),
    )


def find_command(name: str) -> str | None:
    """A command beside this Python, else on the PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def _find(command: str, package: str) -> str:
    path = find_command(command)
    if path is None:
        raise SystemExit(
            f"this benchmark measures tsviz beside {package}, and the command `{command}` is "
            f"neither in this environment nor on the PATH\ninstall it: {INSTALL}\n"
            "or install it into another environment, with PyTorch, and put that on the PATH"
        )
    return path


@contextmanager
def running(command: list[str], ready: str) -> Iterator[str]:
    """Runs a command for as long as the block runs.

    Args:
        command: its words.
        ready: pattern of what it prints when a user can open its page.

    Yields:
        What matched.

    Raises:
        SystemExit: it ended without printing that.
    """
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=same, text=True) as process:
        try:
            found = _wait_for(process, ready)
            if found is None:
                raise SystemExit(f"`{shlex.join(command)}` ended without a page to open")
            yield found
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(process: subprocess.Popen[str], ready: str) -> str | None:
    """What matches in the first line that has it; what came before goes to stderr if none does."""
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(ready, line):
            return found[0]
    sys.stderr.writelines(said)
    return None


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
