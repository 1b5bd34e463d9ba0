"""The tools beside which tsviz is measured: where they are, and how they are started on a file.

Each is started by its own command, the way its own documentation says, and told not to open a
browser of its own. A tool counts as started when it prints the address that a user would open.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALL = "pip install -c constraints.txt -e '.[torch,bench]'"
_HOST = "127.0.0.1"
_ADDRESS = re.compile(rf"http://{re.escape(_HOST)}:\d+\S*")


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
        cookie: set in a new profile, so that its page does not wait for a click; "" for none.
    """

    name: str
    tool: str
    package: str
    executable: str
    options: tuple[str, ...]
    suffix: str
    cookie: str = ""

    def command(self, model: Path, port: int) -> list[str]:
        """What is typed to look at `model`."""
        address = ["--host", _HOST, "--port", str(port)]
        return [self.executable, *address, *self.options, str(model)]

    def versions(self) -> dict[str, str]:
        """Versions of the tool and of the PyTorch beside it, asked of its own Python."""
        python = Path(self.executable).with_name("python")
        code = "import sys; from importlib.metadata import version\n"
        code += "for name in sys.argv[1:]: print(name, version(name))"
        words = [str(python), "-c", code, self.package, "torch"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{self.name} and PyTorch are not in one environment: {INSTALL}")
        return dict(line.split() for line in done.stdout.splitlines())


def find_peers() -> tuple[Peer, Peer]:
    """Netron and Model Explorer.

    Raises:
        SystemExit: one is missing; without it there is nothing to compare with.
    """
    netron = _find("netron", "netron")
    explorer = _find("model-explorer", "ai-edge-model-explorer")
    return (
        Peer("Netron", "netron", "netron", netron, (), ".pt", cookie="consent"),
        Peer(
            "Model Explorer",
            "model-explorer",
            "ai-edge-model-explorer",
            explorer,
            ("--no_open_in_browser",),
            ".pt2",
        ),
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
def serving(command: list[str]) -> Iterator[str]:
    """Runs a server for as long as the block runs.

    Yields:
        The address that it printed.

    Raises:
        SystemExit: it ended without printing one.
    """
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env=environment, **output)
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := _ADDRESS.search(line):
            return found[0]
    raise SystemExit("a peer ended instead of serving its page; it said:\n" + "".join(said))


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
