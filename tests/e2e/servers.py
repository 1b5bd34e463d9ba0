"""Servers for the tests, and notebooks to open in them."""

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.e2e.environments import without_python

PATIENCE = 60
"""How long a server may take to end, in seconds, before it is killed."""

ASK_EVERY = 0.1
"""How long to wait before a starting server is asked again, in seconds."""

_MODULES = {"lab": "jupyterlab", "notebook": "notebook"}
_QUIET = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}
_ALONE = {
    "jupyter_server_config.d/alone.json": {
        "ServerApp": {"jpserver_extensions": {"jupyter_server_ydoc": False}}
    },
    "labconfig/page_config.json": {
        "disabledExtensions": {
            "@jupyter/collaboration-extension": True,
            "@jupyter/docprovider-extension": True,
        }
    },
}
"""Settings without jupyter-collaboration, which is on wherever it is installed."""


class Server:
    """A server that ends with the `with` block.

    Args:
        command: what starts it.
        url: where it then answers.
        env: its environment.
        log: where to keep what it prints.
        status: what it is asked until it answers.
    """

    def __init__(
        self, command: Sequence[str], url: str, env: Mapping[str, str], log: Path, status: str
    ) -> None:
        self.url = url
        self.log = log
        self._command = command
        self._env = env
        self._status = status
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self.log.parent,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        while not self._answers():
            if self._ended.wait(ASK_EVERY):
                self._end()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _read(self) -> None:
        """Keeps the log."""
        assert self._process.stdout is not None
        with self._process.stdout as lines, self.log.open("w") as log:
            for line in lines:
                log.write(line)
                log.flush()
        self._ended.set()

    def _answers(self) -> bool:
        try:
            self._ask("GET", self._status)
        except OSError:
            return False
        return True

    def _ask(self, method: str, path: str) -> Any:
        with urlopen(
            Request(f"{self.url}{path}", method=method, headers=self._headers())
        ) as answer:
            return json.loads(answer.read() or "null")

    def _headers(self) -> dict[str, str]:
        return {}

    def _end(self) -> None:
        """Ends the server; it ends its kernels first."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
        self._reader.join()


class JupyterServer(Server):
    """A server with folders, a port and a token of its own; it ends with the `with` block.

    Args:
        app: `lab` or `notebook`.
        private: a folder for its settings, its log and, in `root`, the files it serves.
        python: the interpreter that runs it, this one if "".
        headers: what it says with each page besides what it says by itself.
        together: whether several people work on its documents at once (jupyter-collaboration).
    """

    def __init__(
        self,
        app: str,
        private: Path,
        *,
        python: str = "",
        headers: Mapping[str, str] | None = None,
        together: bool = False,
    ) -> None:
        self.root = private / "root"
        self.root.mkdir()
        self.token = secrets.token_hex(8)
        self.data = private / "data"
        url = find_address()
        command = [
            *(python or sys.executable, "-m", _MODULES[app], "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={url.rpartition(':')[2]}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            *(
                f"--{name}.expose_app_in_browser=True"  # so that tests can wait for Jupyter itself
                for name in ("LabApp", "JupyterNotebookApp")
            ),
            "--LabApp.news_url=None",
            "--LabApp.extension_manager=readonly",
            *([f"--ServerApp.tornado_settings={ {'headers': dict(headers)} }"] if headers else ()),
        ]
        self._settings = private / "settings"
        env = {
            **(without_python(os.environ) if python else os.environ),
            "JUPYTER_CONFIG_DIR": str(private / "config"),
            "JUPYTER_CONFIG_PATH": str(private / "first"),
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self._settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
            "IPYTHONDIR": str(private / "ipython"),
        }
        super().__init__(command, url, env, private / f"{app}.log", "/api/status")
        for name, value in _QUIET.items():
            self.set(name, value)
        for name, value in () if together else _ALONE.items():
            path = private / "first" / name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(value), encoding="utf-8")

    def address(self, path: str) -> str:
        """The address of a page of the server, such as `lab/tree/demo.ipynb`."""
        return f"{self.url}/{path}?token={self.token}&reset"

    def forget_theme(self) -> None:
        """Has pages that are loaded later forget which theme another test has chosen."""
        themes = (
            self._settings / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
        )
        themes.unlink(missing_ok=True)

    def set(self, name: str, values: Mapping[str, object]) -> None:
        """Sets what the user would in the settings `name`; pages that are loaded later see it."""
        path = self._settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")

    def add_kernel(self, name: str, python: str, start: tuple[str, ...] = ()) -> None:
        """Lets notebooks use the interpreter `python` under `name`.

        Args:
            start: what it is given before the connection file; `-m ipykernel_launcher` if empty.
        """
        folder = self.data / "kernels" / name
        folder.mkdir(parents=True)
        argv = [python, *(start or ("-m", "ipykernel_launcher")), "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")

    def kernels(self) -> list[str]:
        """The ids of the kernels that run."""
        return sorted(kernel["id"] for kernel in self._ask("GET", "/api/kernels"))

    def end_kernels(self) -> None:
        """Ends what still runs: each kernel that imported torch is large."""
        for session in self._ask("GET", "/api/sessions"):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


def write_notebook(path: Path, cells: Mapping[str, str], kernel: str = "python3") -> Path:
    """Writes a notebook of code cells that have not been run, their sources by their ids."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for name, source in cells.items()
        ],
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def find_address() -> str:
    """Where a server may listen: no other does."""
    return f"http://127.0.0.1:{_find_free_port()}"


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
