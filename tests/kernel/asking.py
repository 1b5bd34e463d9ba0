"""Asks a kernel as a front end does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

WAIT = 120


@dataclass(frozen=True)
class Asked:
    """A kernel with its client.

    Attributes:
        folder: where it runs.
    """

    client: BlockingKernelClient
    folder: Path

    @classmethod
    @contextmanager
    def started(cls, folder: Path, name: str = "tsdebug", *, beside: str = "") -> Iterator["Asked"]:
        """Starts the kernel `name`, and ends it.

        Args:
            folder: where it is started.
            name: of its kind.
            beside: the file that Jupyter says it is started for.
        """
        manager = KernelManager(kernel_name=name)
        manager.start_kernel(
            cwd=str(folder), env={**os.environ, "JPY_SESSION_NAME": str(folder / beside)}
        )
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=WAIT)
            yield cls(client, folder)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def run(self, code: str, cell_id: str = "") -> dict[str, str]:
        """Runs a cell; what it wrote, by stream, and the name of its error under `error`."""
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }  # fmt: skip
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        found = {"stdout": "", "stderr": "", "error": "", "order": ""}
        while True:
            got = self.client.get_iopub_msg(timeout=WAIT)
            if got["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, body = got["msg_type"], got["content"]
            if kind == "stream":
                found[body["name"]] += body["text"]
                found["order"] += f"{body['name']} "
            elif kind == "error":
                found["error"] = body["ename"]
                found["order"] += "error "
            elif kind == "execute_result":
                found["stdout"] += body["data"]["text/plain"]
            elif kind == "status" and body["execution_state"] == "idle":
                return found

    def reply(self, message_id: str) -> dict[str, Any]:
        """The reply to a request on the shell channel."""
        while True:
            reply = self.client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message_id:
                return reply["content"]

    def debug(self, command: str, **arguments: object) -> dict[str, Any]:
        """Sends a request of the debug protocol; its reply."""
        content = {"type": "request", "seq": 7, "command": command, "arguments": arguments}
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    def ask(self, command: str, **arguments: object) -> Any:
        """The body of a reply to `tsdebug/…`."""
        reply = self.debug(f"tsdebug/{command}", **arguments)
        assert reply["success"], reply
        return reply["body"]
