"""Scripts run in a process of their own: what they show there is proven."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tsviz.comparison.snippets import SHOWS, Script, code_folders, preamble
from tsviz.comparison.subject import Subject
from tsviz.jit import natives

SECONDS = 300
"""How long all scripts of a comparison may take together."""

# Each script runs in a fork of one process that has imported PyTorch, or one after the other where
# there is no fork. It shows the difference if it raises from its line `found = …` on.
_RUNNER = """
import json, os, sys, traceback, warnings
warnings.simplefilter("ignore")
import torch

def run(path, shows):
    text = open(path, encoding="utf-8").read()
    try:
        exec(compile(text, path, "exec"), {"__name__": "__main__", "__file__": path})
    except BaseException as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        last = (str(error).strip().splitlines() or [""])[0]
        return bool(lines) and lines[0] >= shows, f"{type(error).__name__}: {last}"
    return False, "it gave the same in a process of its own"

for path, shows in json.loads(sys.argv[1]):
    answer = path + ".json"
    child = os.fork() if hasattr(os, "fork") else 0
    if child == 0:
        sys.stdout = open(os.devnull, "w")
        with open(answer, "w", encoding="utf-8") as file:
            json.dump(run(path, shows), file)
        if hasattr(os, "fork"):
            os._exit(0)
    else:
        os.waitpid(child, 0)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script showed.

    Attributes:
        is_reproduced: whether it showed the difference.
        reason: why not, or "".
    """

    is_reproduced: bool
    reason: str = ""


def prove(subject: Subject, scripts: Sequence[Script]) -> list[Answer]:
    """Runs each script in a process of its own."""
    if not scripts:
        return []
    with tempfile.TemporaryDirectory(prefix="tsviz-proof-") as folder:
        jobs: list[tuple[str, int]] = []
        for number, script in enumerate(scripts):
            path = Path(folder) / f"case_{number}.py"
            try:
                write(subject, script, path)
            except Exception as error:  # pickling runs code of the user's classes
                reason = f"the model cannot be stored for a process of its own: {error}"
                return [Answer(False, reason)] * len(scripts)
            lines = path.read_text(encoding="utf-8").splitlines()
            first = next(n for n, line in enumerate(lines, 1) if line.startswith(SHOWS))
            jobs.append((str(path), first))
        return _answers(jobs)


def _answers(jobs: list[tuple[str, int]]) -> list[Answer]:
    command = [sys.executable, "-c", _RUNNER, json.dumps(jobs)]
    late = ""
    try:
        subprocess.run(
            command, capture_output=True, timeout=SECONDS, check=False, env=dict(os.environ)
        )
    except subprocess.TimeoutExpired:
        late = f" within {SECONDS} s"
    return [_read(Path(f"{path}.json"), late) for path, _ in jobs]


def _read(path: Path, late: str) -> Answer:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text:
        return Answer(False, f"the process of its own gave no answer{late}")
    shown, said = json.loads(text)
    return Answer(shown, "" if shown else f"in a process of its own: {said}")


def write(subject: Subject, script: Script, path: Path) -> None:
    """Writes a script, and beside it a file with the model and the inputs.

    Raises:
        Exception: the model cannot be pickled.
    """
    import cloudpickle

    stored: tuple[Any, ...] = (
        subject.owner,
        subject.example.inputs.args,
        dict(subject.example.inputs.kwargs),
    )
    if script.inputs is not None:
        stored += (script.inputs.args, dict(script.inputs.kwargs))
    with _by_value(subject.owner):
        data: bytes = cloudpickle.dumps(stored)
    beside = path.with_suffix(".model")
    beside.write_bytes(data)
    head = preamble(beside.name, code_folders(), loads_inputs=script.inputs is not None)
    path.write_text(head + script.text, encoding="utf-8")


@contextmanager
def _by_value(owner: object) -> Generator[None]:
    """Classes of modules that no other process can import travel with the model."""
    import cloudpickle

    kinds = {type(part) for part in owner.modules()} if natives.is_module(owner) else {owner}
    names = {str(getattr(kind, "__module__", "")) for kind in kinds}
    own = [sys.modules[name] for name in names if name in sys.modules and not _is_found(name)]
    done: list[ModuleType] = []
    try:
        for module in own:
            cloudpickle.register_pickle_by_value(module)
            done.append(module)
        yield
    finally:
        for module in done:
            cloudpickle.unregister_pickle_by_value(module)


def _is_found(name: str) -> bool:
    """Whether another process would import the module of this name."""
    if name == "__main__":
        return True  # cloudpickle takes that along by itself
    try:
        return importlib.util.find_spec(name) is not None and _is_on_disk(sys.modules[name])
    except (ImportError, ValueError):
        return False


def _is_on_disk(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is None or Path(file).exists()
