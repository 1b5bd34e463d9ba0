"""`tsdebug/*`: what a front end can ask the kernel, in the form of the Debug Adapter Protocol.

The answers come from what is there already; no torch is imported and nothing compiled or run for
them, so that they come while a cell runs, and in a kernel without torch.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import tsviz
from tsviz.location import FileRange, iter_frames
from tsviz.magic import REQUESTS
from tsviz.magic.cells import Cells
from tsviz.magic.failures import Failures
from tsviz.magic.shell import Shell

if TYPE_CHECKING:
    from tsviz.frontends import Program

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What answers are made from."""

    shell: Shell
    cells: Cells
    failures: Failures


def answer_request(context: Context, message: Mapping[str, Any]) -> Body:
    """The reply to one request; it never raises for a malformed one."""
    command = str(message.get("command", ""))
    reply: Body = {
        "type": "response",
        "request_seq": message.get("seq", 0),
        "command": command,
        "success": True,
    }
    handler = _HANDLERS.get(command.removeprefix(REQUESTS))
    arguments: Any = message.get("arguments") or {}
    if handler is None:
        known = ", ".join(f"{REQUESTS}{name}" for name in _HANDLERS)
        return reply | {"success": False, "message": f"expected one of {known}, got {command}"}
    if not isinstance(arguments, dict):
        kind = type(arguments).__name__
        return reply | {"success": False, "message": f"expected arguments by name, got {kind}"}
    return reply | {"body": handler(context, cast("Body", arguments))}


def _info(context: Context, _: Body) -> Body:
    return {"version": tsviz.__version__, "requests": [f"{REQUESTS}{name}" for name in _HANDLERS]}


def _cells(context: Context, _: Body) -> Body:
    """Every text that ran, with the cells that hold it: two equal cells share one file name."""
    return {
        "cells": [
            {
                "path": path,
                "number": cell.number,
                "cellIds": list(context.cells.ids(path)),
                "lines": cell.source.count("\n") + 1,
            }
            for path in context.cells.paths
            if (cell := context.cells.find(path)) is not None
        ]
    }


def _programs(context: Context, _: Body) -> Body:
    return {
        "programs": [
            {
                "name": name,
                "title": program.title,
                "method": program.method,
                "variant": str(program.variant),
                "nodes": len(program.graph.nodes),
            }
            for name, program in iter_programs(context.shell)
        ]
    }


def _links(context: Context, arguments: Body) -> Body:
    """The nodes that lead to lines of a cell (`cellId`) or a file (`path`), `line` of it or all."""
    path = arguments.get("path") or context.cells.path_of(str(arguments.get("cellId", "")))
    line = arguments.get("line")
    found: list[Body] = []
    for name, program in iter_programs(context.shell):
        for node in program.graph.iter_nodes():
            link = program.graph.link(node)
            for frame in iter_frames(link.location):
                if frame.file == path and line in (None, frame.line):
                    place = {"line": frame.line, "column": frame.col, "how": str(link.how)}
                    found.append({"program": name, "node": node.id, "op": node.op} | place)
                    break
    return {"path": path or "", "links": found}


def _last_error(context: Context, _: Body) -> Body:
    found = context.failures.last
    if found is None:
        return {"error": None}
    diagnostic = found.diagnostic
    return {
        "error": {
            "phase": str(found.phase),
            "name": found.name,
            "code": diagnostic.code,
            "message": diagnostic.message,
            "notes": list(diagnostic.notes),
            "help": diagnostic.help,
            "text": str(found.error),
            "place": [_frame(context, frame) for frame in iter_frames(diagnostic.location)],
            "stack": [_frame(context, frame) for frame in found.frames],
        }
    }


def _frame(context: Context, frame: FileRange) -> Body:
    return {
        "path": frame.file,
        "line": frame.line,
        "column": frame.col,
        "name": frame.function,
        "cellIds": list(context.cells.ids(frame.file)),
    }


_HANDLERS: dict[str, Callable[[Context, Body], Body]] = {
    "info": _info,
    "cells": _cells,
    "programs": _programs,
    "links": _links,
    "lastError": _last_error,
}


def iter_programs(shell: Shell) -> "Iterator[tuple[str, Program]]":
    """The captured programs that the user's names stand for, explorers' included."""
    if "torch" not in sys.modules or "tsviz.frontends.program" not in sys.modules:
        return
    from tsviz.frontends import Program

    for name, value in list(shell.user_ns.items()):
        program = getattr(value, "program", value) if _is_ours(value) else None
        if isinstance(program, Program) and (name == "_" or not name.startswith("_")):
            yield name, program


def _is_ours(value: object) -> bool:
    return type(value).__module__.startswith("tsviz.")
