"""Work that may crash, hang or swallow the memory, done in a child process.

The parent starts a fresh interpreter that imports an entry point, and sends it one request as
JSON. The child then confines itself, does the work and answers with JSON, never with a pickle:
the answer of a process that has read hostile bytes is hostile itself. It runs in an empty folder
of its own, without the parent's environment and the secrets in it. Whatever becomes of the child,
the parent lives and can say what happened.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any, Self

from tsviz.jit.confinement import Limits, confine
from tsviz.jit.postponed import OF_TORCH, postpone

Json = Any
Entry = Callable[[Json], Json]

_COMMAND = [
    *(sys.executable, "-I", "-W", "ignore", "-c"),
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tsviz.jit.isolate import serve; serve(sys.argv[2])",
]
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_SET = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}  # no thread pools, no device is woken
_GRACE = 60
_PATIENCE = 60.0
"""How long a child waits for a request that nobody may have, in seconds."""
_MOST_WORDS = 4000
OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "DefaultCPUAllocator", "Cannot allocate memory")
"""Words that stand in what Python, C++ or PyTorch say when there is no more memory."""


ARCHIVE_READER = "tsviz.frontends.archive_loading:read_in_child"
"""The entry point that reads archives; named here, where nothing of what it needs is imported."""


class ChildFailure(Exception):  # noqa: N818 (the child failed; to the parent that is an answer)
    """The child gave no answer.

    Attributes:
        reason: `time`, `memory`, `crash` (ended by a signal) or `error` (an exception).
        words: the signal's name, or the end of what the child wrote.
    """

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(reason, words)
        self.reason = reason
        self.words = words


class Child:
    """A child process for one request; use it as a context manager.

    It starts to import at once, so the parent can prepare the request meanwhile.

    Attributes:
        folder: the child's working folder, empty at first; gone with the child.
    """

    def __init__(self, entry: str) -> None:
        """Starts a child.

        Args:
            entry: `module:function`; the function takes the request and returns the answer.
        """
        with ExitStack() as opened:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="tsviz-"))
            self._answer = opened.enter_context(tempfile.TemporaryFile())
            self._words = opened.enter_context(tempfile.TemporaryFile())
            opened.enter_context(suppress(BrokenPipeError))  # of a request that was never read
            self._process = opened.enter_context(
                subprocess.Popen(
                    [*_COMMAND, json.dumps(_search_path()), entry],
                    stdin=subprocess.PIPE,
                    stdout=self._answer,
                    stderr=self._words,
                    cwd=folder,
                    env=_environment(folder),
                    start_new_session=True,
                )
            )
            self.folder = Path(folder)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Ends it, whatever it does, and removes its folder."""
        if self.is_running:
            self._process.kill()
        self._opened.close()

    def ask(self, request: Json, limits: Limits) -> Json:
        """Sends the request and waits for the answer.

        Raises:
            ChildFailure: there is none.
        """
        message = "\n".join(map(json.dumps, (asdict(limits), request)))
        late = Event()
        # Not `communicate`'s own limit: with one it looks every 50 ms whether the child has ended.
        timer = Timer(limits.seconds + _GRACE, lambda: (late.set(), self._process.kill()))
        timer.daemon = True
        timer.start()
        try:
            self._process.communicate(message.encode())
        finally:
            timer.cancel()
        status = self._process.returncode
        if late.is_set():
            raise ChildFailure("time", "")
        if status:
            raise self._failure(status)
        self._answer.seek(0)
        try:
            return json.loads(self._answer.read(limits.output))
        except (ValueError, RecursionError) as error:
            raise ChildFailure("error", f"its answer is no JSON: {error}") from error

    def _failure(self, status: int) -> ChildFailure:
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _MOST_WORDS))
        words = self._words.read().decode("utf-8", "replace").strip()
        if any(sign in words for sign in OUT_OF_MEMORY):
            return ChildFailure("memory", words)
        if status > 0:
            return ChildFailure("error", words)
        name = signal.Signals(-status).name
        return ChildFailure("time" if name == "SIGXCPU" else "crash", name)


_waiting: list[tuple[str, Child]] = []
_lock = Lock()


@contextmanager
def started_ahead(entry: str) -> Generator[None]:
    """Has a child start to import now, for the first `get_child(entry)` in the block to take."""
    with Child(entry) as child:
        _waiting.append((entry, child))
        try:
            yield
        finally:
            _take(child)


def start_ahead(entry: str, patience: float = _PATIENCE) -> None:
    """Has a child start to import now, for a `get_child(entry)` that may come; one is enough.

    Args:
        entry: as of `Child`.
        patience: after so many seconds the child is ended, if nobody has taken it.
    """
    if any(started == entry for started, _ in _waiting):
        return
    child = Child(entry)
    _waiting.append((entry, child))
    timer = Timer(patience, _end_waiting, [child])
    timer.daemon = True
    timer.start()


def get_child(entry: str) -> Child:
    """A child for an entry point: one that was started ahead and still runs, or a new one."""
    for started, child in tuple(_waiting):
        if started == entry and _take(child):
            if child.is_running:
                return child
            child.end()
    return Child(entry)


def _take(child: Child) -> bool:
    """Whether it waits no more because of this call; several threads may ask."""
    with _lock:
        before = len(_waiting)
        _waiting[:] = [waiting for waiting in _waiting if waiting[1] is not child]
        return len(_waiting) < before


def _end_waiting(child: Child) -> None:
    if _take(child):
        child.end()


@atexit.register
def _end_all_waiting() -> None:
    for _, child in tuple(_waiting):
        _end_waiting(child)


def _search_path() -> list[str]:
    """Where the child finds what the parent finds: tsviz, torch and the rest of the environment.

    The parent's working folder is left out: a file there must not pass for a module.
    """
    package = str(Path(__file__).parents[2])
    return [package, *(entry for entry in sys.path if Path(entry).is_absolute())]


def _environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **_SET, "HOME": folder, "TMPDIR": folder}


def serve(entry: str) -> None:
    """The child's side: one request from stdin, one answer to stdout."""
    gc.disable()  # it lives too briefly to collect: a tenth of the time it takes to import PyTorch
    postpone(*OF_TORCH)
    answer = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever libraries print must not get between
    module, _, function = entry.partition(":")
    handler: Entry = getattr(import_module(module), function)
    limits, request = (json.loads(line) for line in sys.stdin)
    confine(Limits(**limits))
    answer.write(json.dumps(handler(request)))  # `json.dump` would go without its C encoder
    answer.close()
    os._exit(0)  # without farewells, some of which would write files
