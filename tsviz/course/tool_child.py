"""The two processes behind `measure_tools`.

One makes the tools' programs and calls them: what `torch.export` and `torch.compile` leave behind
in a process, graphs, caches, workers and words on stderr, goes with it. The other one knows nothing
of the model's classes, and loads the files.
"""

import gc
import json
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from tsviz.comparison.gaps import gap
from tsviz.comparison.subject import Outcome
from tsviz.course.tool_rows import ToolRow
from tsviz.frontends import is_torch
from tsviz.frontends.failures import find_frames
from tsviz.jit.compile_errors import first_words
from tsviz.jit.running import outcome_of

_torch = cast("Any", torch)  # much of what is called here has no types

FILES = {
    "eager": "eager.pt",
    "trace": "trace.pt",
    "script": "script.pt",
    "export": "export.pt2",
    "compile": "compile.pt",
    "ONNX": "model.onnx",
}
ONNX_NEEDS = ("onnx", "onnxscript", "onnxruntime")
_WARM_UPS = 5
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_NO_COMPILER = "C++ compiler"

Call = Callable[..., object]
Given = tuple[object, ...]


# ── the process that measures ───────────────────────────────────────────────────────────────────


def measure(folder: Path) -> None:
    """Measures what `job.pkl` asks for, and writes `rows.json`."""
    import cloudpickle

    job = cast("Any", cloudpickle).loads((folder / "job.pkl").read_bytes())
    torch.set_num_threads(job["threads"])
    _wake({row["tool"] for row in job["rows"]})
    measuring = _Measuring(folder, job["model"], job["inputs"], job["dynamic_shapes"])
    with torch.no_grad():
        for row in job["rows"]:
            measuring.add(ToolRow.of_json(row))
        measuring.time(job["repetitions"])
    rows = [asdict(row) for row in measuring.rows.values()]
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")


def _wake(tools: set[str]) -> None:
    """Has PyTorch import and set up what each tool begins with: that belongs to no model."""
    x = torch.ones(1)
    if tools & {"trace", "script"}:
        made = _torch.jit.script(_branching)
        for _ in range(_WARM_UPS):
            made(x)
    if tools & {"export", "compile", "ONNX"}:
        _torch.export.export(torch.nn.ReLU(), (x,)).module()(x)
        _torch.compile(torch.nn.ReLU(), backend="eager")(x)


def _branching(x: torch.Tensor) -> torch.Tensor:
    return x * 2 if bool(x.sum() > 0) else x - 1


class _Measuring:
    """Fills the rows, first one by one, at last all latencies by turns."""

    def __init__(self, folder: Path, model: Any, inputs: Sequence[Given], shapes: object) -> None:
        self.rows: dict[str, ToolRow] = {}
        self._folder, self._model, self._inputs, self._shapes = folder, model, inputs, shapes
        self._expected = [_outcome(deepcopy(model), given) for given in inputs]
        self._calls: dict[str, Call] = {}

    def add(self, row: ToolRow) -> None:
        """Makes the program of a tool, unless it is there, and calls it with each input."""
        if row.missing or row.refused:
            self.rows[row.tool] = row
            return
        start = time.perf_counter()
        made, error = outcome_of(lambda: _MAKERS[row.tool](self))
        if made is None:
            self.rows[row.tool] = _refused(row, error, self._model)
            return
        call, decides = made
        if row.tool in ("export", "ONNX"):
            row = replace(row, made=time.perf_counter() - start)
        row = replace(row, decides=row.decides or decides)
        start = time.perf_counter()
        found = _outcome(call, self._inputs[0])
        row = replace(row, first=time.perf_counter() - start)
        if found.error is not None:
            self.rows[row.tool] = _refused(row, found.error, self._model)
            return
        others = [_outcome(call, given) for given in self._inputs[1:]]
        row = _held(row, self._expected, [found, *others])
        self.rows[row.tool] = self._counted(row) if row.tool == "compile" else row
        self._calls[row.tool] = call

    def _counted(self, row: ToolRow) -> ToolRow:
        """How many graphs are compiled, counted in a second go with a compiler that only counts."""
        seen = Counter[str]()

        def count(graph: Any, _: object) -> object:
            seen["graphs"] += 1
            seen.update(dict(_decisions(graph)))
            return graph.forward

        _torch.compiler.reset()
        call = _torch.compile(deepcopy(self._model), backend=count)
        _outcome(call, self._inputs[0])
        first = seen["graphs"]
        inside = _listed({name: number for name, number in seen.items() if name != "graphs"})
        for given in self._inputs[1:]:
            _outcome(call, given)
        _torch.compiler.reset()
        decides = f"Python, between {first} graphs" if first > 1 else inside or "nothing"
        return replace(row, graphs=(first, seen["graphs"]), decides=decides)

    def time(self, repetitions: int) -> None:
        """Calls all by turns, another one first each time, after a call that is not timed."""
        given = self._inputs[0]
        for call in self._calls.values():
            for _ in range(_WARM_UPS):
                call(*deepcopy(given))
        names = list(self._calls)
        gc.collect()
        gc.disable()
        for turn in range(repetitions):
            first = turn % len(names) if names else 0
            for name in names[first:] + names[:first]:
                row = self.rows[name]
                self.rows[name] = replace(row, seconds=(*row.seconds, self._timed(name)))
        gc.enable()

    def _timed(self, name: str) -> float:
        call = self._calls[name]
        before, given = deepcopy(self._inputs[0]), deepcopy(self._inputs[0])
        call(*before)
        start = time.perf_counter()
        call(*given)
        return time.perf_counter() - start

    # Each maker returns what is called, and what decides in it.

    def eager(self) -> tuple[Call, str]:
        return deepcopy(self._model), "Python"

    def torchscript(self, tool: str) -> tuple[Call, str]:
        return _torch.jit.load(str(self._folder / FILES[tool])), ""

    def export(self) -> tuple[Call, str]:
        program = _torch.export.export(
            deepcopy(self._model), deepcopy(self._inputs[0]), dynamic_shapes=self._shapes
        )
        _torch.export.save(program, str(self._folder / FILES["export"]))
        return program.module(), _listed(dict(_decisions(program.graph_module))) or "nothing"

    def compile(self) -> tuple[Call, str]:
        return _torch.compile(deepcopy(self._model)), ""

    def onnx(self) -> tuple[Call, str]:
        import onnx  # pyright: ignore[reportMissingImports]

        path = str(self._folder / FILES["ONNX"])
        _torch.onnx.export(
            deepcopy(self._model),
            deepcopy(self._inputs[0]),
            path,
            dynamo=True,
            dynamic_shapes=self._shapes,
            external_data=False,
            verbose=False,
        )
        nodes = cast("Any", onnx).load(path).graph.node
        ops = Counter(node.op_type for node in nodes if node.op_type in ("If", "Loop"))
        return _onnx_call(path), _listed(dict(ops)) or "nothing"


_MAKERS: dict[str, Callable[[_Measuring], tuple[Call, str]]] = {
    "eager": _Measuring.eager,
    "trace": lambda measuring: measuring.torchscript("trace"),
    "script": lambda measuring: measuring.torchscript("script"),
    "export": _Measuring.export,
    "compile": _Measuring.compile,
    "ONNX": _Measuring.onnx,
}


def _outcome(call: Call, given: Given) -> Outcome:
    torch.default_generator.manual_seed(0)
    result, error = outcome_of(lambda: call(*deepcopy(given)))
    return Outcome(tuple(tree_leaves(result)), error=error)


def _held(row: ToolRow, expected: Sequence[Outcome], found: Sequence[Outcome]) -> ToolRow:
    """The row with how far its results are from those of Python."""
    gaps = [gap(one, other) for one, other in zip(expected, found, strict=True)]
    worst = next(((at, one.words) for at, one in enumerate(gaps) if one.counts), None)
    errors = [
        one.difference.absolute for one in gaps if one.difference and not one.difference.kinds
    ]
    raised = sum(one.error is not None for one in found)
    return replace(
        row,
        tried=len(gaps),
        wrong=sum(one.counts for one in gaps) - raised,
        raised=raised,
        error=max(errors, default=None),
        worst=f"with input {worst[0]} {worst[1]}" if worst else "",
    )


def _refused(row: ToolRow, error: Exception | None, model: nn.Module) -> ToolRow:
    """The row with why a tool does not take the model, and at which line."""
    if _NO_COMPILER in str(error):
        return replace(row, missing=f"it needs a working {_NO_COMPILER}")
    return replace(row, refused=_words(error), place=_line_of(error, model))


def _line_of(error: Exception | None, model: nn.Module) -> tuple[str, int] | None:
    """The innermost line of the model's own files; else the innermost outside PyTorch."""
    if error is None:
        return None
    files = {type(part).forward.__code__.co_filename for part in model.modules()}
    for summary in reversed(traceback.extract_tb(error.__traceback__)):
        if summary.filename in files and not is_torch(summary.filename):
            return summary.filename, summary.lineno or 1
    return next(((frame.file, frame.line) for frame in find_frames(error)), None)


def _decisions(graph: Any) -> Iterator[tuple[str, int]]:
    """What decides in a graph of torch.fx, and how often it stands there."""
    names = [getattr(node.target, "__name__", "") for node in graph.graph.nodes]
    for name in ("cond", "while_loop"):
        if number := names.count(name):
            yield name, number


def _listed(ops: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(ops.items()))


# ── the process that knows nothing ──────────────────────────────────────────────────────────────


def load_alone(folder: Path) -> None:
    """Loads the files of `alone.json` without the model's modules, and writes `loaded.json`."""
    asked = json.loads((folder / "alone.json").read_text(encoding="utf-8"))
    for name in asked["modules"]:
        sys.modules[name] = cast("Any", None)  # so that importing it fails
    given = torch.load(folder / "example.pt", weights_only=False)
    failures = {tool: _load_failure(folder, tool, given) for tool in asked["tools"]}
    (folder / "loaded.json").write_text(json.dumps(failures), encoding="utf-8")


def _load_failure(folder: Path, tool: str, given: Given) -> str:
    with torch.no_grad():
        _, error = outcome_of(lambda: _LOADERS[tool](str(folder / FILES[tool]))(*given))
    if error is None:
        return ""
    if isinstance(error, ModuleNotFoundError):
        return f"it needs the module `{error.name}`"
    return _words(error)


def _words(error: Exception | None) -> str:
    """The first sentence of an error, without the colours of a terminal."""
    return first_words(_COLOUR.sub("", str(error)).strip()) or type(error).__name__


def _onnx_call(path: str) -> Call:
    import onnxruntime  # pyright: ignore[reportMissingImports]

    session = cast("Any", onnxruntime).InferenceSession(path)
    names = [one.name for one in session.get_inputs()]

    def call(*given: torch.Tensor) -> object:
        fed = {name: one.numpy() for name, one in zip(names, given, strict=True)}
        return [_torch.from_numpy(one) for one in session.run(None, fed)]

    return call


_LOADERS: dict[str, Callable[[str], Call]] = {
    "eager": lambda path: _torch.load(path, weights_only=False),
    "trace": _torch.jit.load,
    "script": _torch.jit.load,
    "export": lambda path: _torch.export.load(path).module(),
    "compile": lambda path: _torch.load(path, weights_only=False),
    "ONNX": _onnx_call,
}


def missing_for(tool: str) -> str:
    """What a tool needs and this environment has not, in words, or ""."""
    absent = [name for name in ONNX_NEEDS if tool == "ONNX" and find_spec(name) is None]
    if not absent:
        return ""
    return (
        f"it needs {', '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not installed"
    )
