"""The learner's model in TorchScript, torch.export, torch.compile and ONNX, side by side.

What is measured is what the tools' own programs do. tsviz does not show them: it only calls them.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from tsviz.course.tool_child import FILES, load_alone, measure, missing_for
from tsviz.course.tool_rows import TOOLS, ToolRow
from tsviz.course.tool_table import ToolTable
from tsviz.course.trying import untouched
from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.torchscript import capture
from tsviz.ir import Graph
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange, iter_frames

_torch = cast("Any", torch)  # much of what is called here has no types

LEAST_REPETITIONS = 9
_DECIDE = ("prim::If", "prim::Loop")
_COMMAND = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from pathlib import Path; "
    "from tsviz.course import tool_child; getattr(tool_child, sys.argv[2])(Path(sys.argv[3]))"
)
_CACHES = ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")
"""Where compiled code is kept: in a new folder, so that nothing compiled before counts."""
_MOST_WORDS = 2000


def measure_tools(
    model: nn.Module,
    args: object,
    others: Sequence[object] = (),
    *,
    tools: Sequence[str] = TOOLS,
    repetitions: int = 15,
    dynamic_shapes: object = None,
) -> ToolTable:
    """Gives a model to each tool, and measures what comes back, in a process of its own.

    The model and random numbers stay as they are, and nothing is left of what is compiled. It takes
    about half a minute, most of it the C++ compiler that `torch.compile` calls; Ctrl-C ends it.
    Gradients are off. Times are wall times on this machine, with whatever else it does.

    Args:
        model: in the mode it is to be used in.
        args: the example; a single tensor stands for itself.
        others: further inputs that each result is called with and held against the model.
        tools: some of `eager`, `trace`, `script`, `export`, `compile`, `ONNX`.
        repetitions: timed calls of each tool, by turns, at least 9.
        dynamic_shapes: for `torch.export.export` and `torch.onnx.export`, as they take it.

    Raises:
        UsageError: `TSV-E04` an unknown tool, `TSV-E05` too few repetitions, `TSV-E06` no module,
            `TSV-E07` the model itself fails on an input.
    """
    inputs = [_given(one) for one in (args, *others)]
    _check(model, inputs, tools, repetitions)
    names = tuple(dict.fromkeys(tools))
    with tempfile.TemporaryDirectory(prefix="tsviz-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        rows = [_prepared(folder, tool, model, inputs[0]) for tool in names]
        job: dict[str, object] = {
            "model": deepcopy(model),
            "inputs": inputs,
            "dynamic_shapes": dynamic_shapes,
            "threads": torch.get_num_threads(),
            "repetitions": repetitions,
        }
        rows = _measured(folder, rows, job)
        rows = _loaded_alone(folder, rows, model, inputs[0])
    conditions = str(torch.__version__), torch.get_num_threads(), repetitions
    return ToolTable(type(model).__name__, tuple(rows), *conditions)


def _given(one: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", one) if isinstance(one, tuple) else (one,)


def _check(
    model: object, inputs: Sequence[tuple[object, ...]], tools: Sequence[str], repetitions: int
) -> None:
    for tool in tools:
        if tool not in TOOLS:
            message = f"expected tools among {', '.join(TOOLS)}, got {tool!r}"
            raise UsageError(Diagnostic("TSV-E04", message))
    if repetitions < LEAST_REPETITIONS:
        message = f"expected at least {LEAST_REPETITIONS} repetitions, got {repetitions}"
        raise UsageError(Diagnostic("TSV-E05", message))
    if not isinstance(model, nn.Module) or isinstance(model, torch.jit.ScriptModule):
        message = f"expected an `nn.Module` in Python, got {type(model).__name__}"
        raise UsageError(Diagnostic("TSV-E06", message))
    for at, given in enumerate(inputs):
        with untouched():
            _, error = outcome_of(lambda given=given: deepcopy(model)(*deepcopy(given)))
        if error is not None:
            message = f"`{type(model).__name__}` itself fails on input {at}"
            found, sources = describe_failure(error, "TSV-E07", message)
            raise UsageError(found, sources) from error


# ── what only this process can make: TorchScript reads sources that no other one may see ────────


def _prepared(folder: Path, tool: str, model: nn.Module, given: tuple[object, ...]) -> ToolRow:
    """The row of a tool, with the file that is made of the model here."""
    row = ToolRow(tool, missing=missing_for(tool))
    path = folder / FILES[tool]
    if tool in ("trace", "script"):
        return _torchscript(row, path, model, given)
    if tool in ("eager", "compile"):
        whole = model if tool == "eager" else _torch.compile(model)
        outcome_of(lambda: _torch.save(whole, path))
    return row


def _torchscript(row: ToolRow, path: Path, model: nn.Module, given: tuple[object, ...]) -> ToolRow:
    start = time.perf_counter()
    try:
        program = capture(model, given, via=row.tool)
    except CaptureError as error:
        return replace(
            row, refused=error.diagnostic.message, place=_place(error.diagnostic.location)
        )
    made = time.perf_counter() - start
    cast("Any", program.get_native()).save(str(path))
    return replace(row, made=made, decides=_decisions(program.graph) or "nothing")


def _place(location: Any) -> tuple[str, int] | None:
    frames: list[FileRange] = list(iter_frames(location))
    return (frames[0].file, frames[0].line) if frames else None


def _decisions(graph: Graph) -> str:
    ops = Counter(node.op for node in graph.iter_nodes())
    return ", ".join(f"{ops[op]} {op}" for op in _DECIDE if ops[op])


# ── other processes ─────────────────────────────────────────────────────────────────────────────


def _measured(folder: Path, rows: list[ToolRow], job: Mapping[str, object]) -> list[ToolRow]:
    """Has the rest measured in another process."""
    import cloudpickle

    whole = {**job, "rows": [asdict(row) for row in rows]}
    stored, error = outcome_of(lambda: cast("Any", cloudpickle).dumps(whole))
    if stored is None:
        return [replace(row, missing=f"the model cannot be sent: {error}") for row in rows]
    (folder / "job.pkl").write_bytes(stored)
    words = _run(measure, folder)
    answer = folder / "rows.json"
    if not answer.is_file():
        return [replace(row, missing=f"the process that measures ended: {words}") for row in rows]
    found = map(ToolRow.of_json, json.loads(answer.read_text(encoding="utf-8")))
    model = cast("nn.Module", job["model"])
    return [replace(row, place=row.place and _in_file(*row.place, model)) for row in found]


def _in_file(file: str, line: int, model: nn.Module) -> tuple[str, int]:
    """The place of a line, of which cloudpickle has kept the number but not the file."""
    codes = (type(part).forward.__code__ for part in model.modules())
    files = {
        code.co_filename
        for code in codes
        if any(line == number for _, _, number in code.co_lines())
    }
    return (files.pop() if not Path(file).is_file() and len(files) == 1 else file), line


def _loaded_alone(
    folder: Path, rows: list[ToolRow], model: nn.Module, given: tuple[object, ...]
) -> list[ToolRow]:
    """Has each file loaded where the model's classes are not."""
    kept = [row.tool for row in rows if row.works and (folder / FILES[row.tool]).is_file()]
    modules = {type(part).__module__ for part in model.modules()}
    own = sorted(name for name in modules if name != "__main__" and not name.startswith("torch."))
    torch.save(given, folder / "example.pt")
    asked = {"tools": kept, "modules": own}
    (folder / "alone.json").write_text(json.dumps(asked), encoding="utf-8")
    _run(load_alone, folder)
    answer = folder / "loaded.json"
    failures: dict[str, str] = (
        json.loads(answer.read_text(encoding="utf-8")) if answer.is_file() else {}
    )
    return [_with_file(folder, row, failures.get(row.tool)) for row in rows]


def _with_file(folder: Path, row: ToolRow, failure: str | None) -> ToolRow:
    path = folder / FILES[row.tool]
    if not row.works or not path.is_file():
        return row
    loads = None if failure is None else not failure
    size = path.stat().st_size
    return replace(row, file_bytes=size, loads=loads, load_failure=failure or "")


def _run(function: Callable[[Path], None], folder: Path) -> str:
    """Runs a function of `tool_child` in a new process; the end of what that writes."""
    path = [entry or str(Path.cwd()) for entry in sys.path]
    command = [sys.executable, "-W", "ignore", "-c", _COMMAND, json.dumps(path)]
    with (folder / "words.txt").open("wb") as words:
        process = subprocess.Popen(
            [*command, function.__name__, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={**os.environ, **{name: str(folder / name.lower()) for name in _CACHES}},
            start_new_session=True,
        )
        try:
            process.wait()
        finally:
            _end(process)
    text = (folder / "words.txt").read_text(encoding="utf-8", errors="replace")
    return text[-_MOST_WORDS:].strip()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends it with the workers that it has started; where it was interrupted, too."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
