"""What the tests have a child process do: the good, the slow, the greedy and the hostile."""

import ctypes
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


def echo(request: Any) -> Any:
    return request


def surroundings(_: Any) -> Any:
    return {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "files": [file.name for file in Path().iterdir()],
        "path": sys.path,
    }


def chatter(_: Any) -> str:
    sys.stdout.write("this is not the answer")
    sys.stdout.flush()
    os.write(1, b"nor is this\n")
    return "the answer"


def crash(_: Any) -> None:
    ctypes.string_at(0)


def fail(_: Any) -> None:
    raise ValueError("the words")


def spin(_: Any) -> None:
    while True:
        pass


def wait(_: Any) -> None:
    threading.Event().wait()


def hoard(size: int) -> int:
    return len(bytearray(size))


def answer_at_length(size: int) -> str:
    return "x" * size


def leave(_: Any) -> None:
    os._exit(0)


def attempt(target: str) -> dict[str, str]:
    """Tries what a hostile archive might; the answers name what came of it."""
    path = Path(target)
    attempts = {
        "write": lambda: path.write_text("here"),
        "truncate": lambda: os.truncate(f"{target}.kept", 0),
        "remove": lambda: Path(f"{target}.kept").unlink(),
        "folder": path.mkdir,
        "program": lambda: subprocess.run(["true"], check=True),
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
    }
    outcomes: dict[str, str] = {}
    for name, act in attempts.items():
        try:
            act()
        except OSError as error:
            outcomes[name] = type(error).__name__
        else:
            outcomes[name] = "done"
    return outcomes
