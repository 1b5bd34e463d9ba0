"""Scripts run in a process of their own: what they show there is proven."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.machinery import PathFinder
from pathlib import Path
from threading import Timer
from types import ModuleType
from typing import Any, Protocol, cast

from tsviz.comparison.snippets import SHOWS, Script, code_folders, preamble
from tsviz.comparison.subject import Subject
from tsviz.jit import natives
from tsviz.jit.running import outcome_of

SECONDS = 300
"""How long one script may take."""

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

def answer(path, shows):
    sys.stdout = sys.stderr = open(os.devnull, "w")
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump(run(path, shows), file)

for line in sys.stdin:
    path, shows = json.loads(line)
    if not hasattr(os, "fork"):
        answer(path, shows)
    elif (child := os.fork()) == 0:
        answer(path, shows)
        os._exit(0)
    else:
        os.waitpid(child, 0)
    print(path, file=sys.__stdout__, flush=True)
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


LATE = Answer(False, "it was interrupted before a process of its own showed it")


class Prover:
    """A process in which scripts are run; it is started when there is one to run.

    Attributes:
        is_interrupted: whether someone stopped it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.is_interrupted = False

    def __enter__(self) -> "Prover":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def prove(self, subject: Subject, scripts: Sequence[Script]) -> list[Answer]:
        """Runs each script in a process of its own."""
        with tempfile.TemporaryDirectory(prefix="tsviz-proof-") as folder:
            paths = [Path(folder) / f"case_{number}.py" for number in range(len(scripts))]
            for path, script in zip(paths, scripts, strict=True):
                _, error = outcome_of(partial(write, subject, script, path))
                if error is not None:
                    reason = f"the model cannot be stored for a process of its own: {error}"
                    return [Answer(False, reason)] * len(scripts)
            return self._answers(paths)

    def _answers(self, paths: Sequence[Path]) -> list[Answer]:
        """Those of all scripts; after an interrupt, of those that came first."""
        answers: list[Answer] = []
        try:
            for path in paths:
                answers.append(self._answer(path))
        except KeyboardInterrupt:
            self.is_interrupted = True
            self.__exit__()
            answers += [LATE] * (len(paths) - len(answers))
        return answers

    def _answer(self, path: Path) -> Answer:
        lines = path.read_text(encoding="utf-8").splitlines()
        shows = next(number for number, line in enumerate(lines, 1) if line.startswith(SHOWS))
        process = self._started()
        assert process.stdin is not None
        process.stdin.write(json.dumps((str(path), shows)) + "\n")
        process.stdin.flush()
        if not self._is_done(process):
            self.__exit__()
            return Answer(False, f"a process of its own gave no answer within {SECONDS} s")
        answer = Path(f"{path}.json")
        text = answer.read_text(encoding="utf-8") if answer.exists() else ""
        if not text:
            return Answer(False, "a process of its own ended without an answer")
        shown, said = json.loads(text)
        return Answer(shown, "" if shown else f"in a process of its own: {said}")

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _RUNNER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,  # Ctrl-C is for this process
            )
        return self._process

    def _is_done(self, process: "subprocess.Popen[str]") -> bool:
        """Waits for the line that follows each script."""
        assert process.stdout is not None
        timer = Timer(SECONDS, process.kill)
        timer.start()
        try:
            return bool(process.stdout.readline())
        finally:
            timer.cancel()


def write(subject: Subject, script: Script, path: Path) -> None:
    """Writes a script, and beside it a file with the model and the inputs.

    Raises:
        Exception: the model cannot be pickled.
    """
    stored: tuple[Any, ...] = (
        subject.owner,
        subject.example.inputs.args,
        dict(subject.example.inputs.kwargs),
    )
    if script.inputs is not None:
        stored += (script.inputs.args, dict(script.inputs.kwargs))
    with _by_value(subject.owner):
        data = _pickler().dumps(stored)
    beside = path.with_suffix(".model")
    beside.write_bytes(data)
    head = preamble(beside.name, code_folders(), loads_inputs=script.inputs is not None)
    path.write_text(head + script.text, encoding="utf-8")


class _Pickler(Protocol):
    def dumps(self, obj: object) -> bytes: ...
    def register_pickle_by_value(self, module: ModuleType) -> None: ...
    def unregister_pickle_by_value(self, module: ModuleType) -> None: ...


def _pickler() -> _Pickler:
    """cloudpickle, which gives few types."""
    import cloudpickle

    return cast("_Pickler", cloudpickle)


@contextmanager
def _by_value(owner: object) -> Generator[None]:
    """Classes of modules that no other process can import travel with the model."""
    kinds = {type(part) for part in owner.modules()} if natives.is_module(owner) else {owner}
    names = {str(getattr(kind, "__module__", "")) for kind in kinds}
    own = [sys.modules[name] for name in names if name in sys.modules and not _is_found(name)]
    done: list[ModuleType] = []
    try:
        for module in own:
            _pickler().register_pickle_by_value(module)
            done.append(module)
        yield
    finally:
        for module in done:
            _pickler().unregister_pickle_by_value(module)


def _is_found(name: str) -> bool:
    """Whether another process would import the module of this name."""
    if name == "__main__":
        return True  # cloudpickle takes that along by itself
    top = name.partition(".")[0]
    return top in sys.builtin_module_names or PathFinder.find_spec(top) is not None
