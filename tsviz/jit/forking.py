"""Work on a snapshot of this process, done in a fork of it while it goes on.

The child has its own copy of all that the process holds, at no cost: the user's model, random
numbers and globals cannot be touched from there. What it tells comes back over a pipe. It runs no
threads of PyTorch's, prints nothing, can be interrupted by its parent alone, and ends with it.
"""

import faulthandler
import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import torch

from tsviz.jit.isolate import ChildFailure

Tell = Callable[[object], None]
_TICK = 0.2
_STREAMS = ("stdout", "stderr", "__stdout__", "__stderr__")


def why_no_fork() -> str:
    """Why a fork of this process could not go on with its work, or ""."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return "this system has no fork that PyTorch survives"
    if torch.cuda.is_initialized():
        return "this process has used CUDA, which does not work in a fork"
    return ""


class Fork:
    """A child that works and tells.

    Args:
        work: is called in the child with what sends a message (anything that can be pickled).
            What it returns is the last one; an interrupt that it lets through makes that `None`.
        patience: how long the child may be silent after `stop` before it is ended, in seconds.
    """

    def __init__(self, work: Callable[[Tell], object], patience: float = 30) -> None:
        self._patience = patience
        self._stopped_at: float | None = None
        self._lock = threading.Lock()
        self._is_reaped = False
        self._heard, told = Pipe(duplex=False)
        lives, self._life = os.pipe()
        # An interrupt that comes before the child can take it waits until then.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other threads: the child uses none of theirs
                self._child = os.fork()
            if self._child == 0:
                self._heard.close()
                os.close(self._life)
                _serve(work, told, lives)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        told.close()
        os.close(lives)

    def messages(self) -> Iterator[Any]:
        """What the child tells, the result last; to be read by one thread, any.

        Raises:
            ChildFailure: it ended without a result.
        """
        try:
            while True:
                while not self._heard.poll(_TICK):
                    self._end_if_silent()
                is_last, message = self._heard.recv()
                if self._stopped_at is not None:
                    self._stopped_at = time.monotonic()
                yield message
                if is_last:
                    return
        except (EOFError, OSError):
            raise self._failure() from None
        finally:
            self.close()

    def stop(self) -> None:
        """Interrupts the work; what it tells then is still heard."""
        self._stopped_at = time.monotonic()
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Ends the child at once."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Ends the child if it is still there, and lets go of it."""
        self.kill()
        self._reap()
        if not self._heard.closed:
            self._heard.close()
            os.close(self._life)

    def _end_if_silent(self) -> None:
        since = self._stopped_at
        if since is not None and time.monotonic() - since > self._patience:
            self.kill()

    def _signal(self, number: int) -> None:
        with self._lock:
            if not self._is_reaped:
                os.kill(self._child, number)

    def _reap(self) -> int:
        """The status with which the child ended."""
        with self._lock:
            if self._is_reaped:
                return 0
            self._is_reaped = True
            return os.waitpid(self._child, 0)[1]

    def _failure(self) -> ChildFailure:
        status = self._reap()
        if not os.WIFSIGNALED(status):
            return ChildFailure("error", f"it exited with {os.waitstatus_to_exitcode(status)}")
        name = signal.Signals(os.WTERMSIG(status)).name
        was_ended = name == "SIGKILL" and self._stopped_at is not None
        return ChildFailure("time" if was_ended else "crash", name)


# ── the child's side ────────────────────────────────────────────────────────────────────────────


def _serve(work: Callable[[Tell], object], told: Connection, lives: int) -> NoReturn:
    try:
        _settle(lives)
        result = None
        with suppress(KeyboardInterrupt):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            result = work(lambda message: told.send((False, message)))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        told.send((True, result))
        os._exit(0)
    finally:
        os._exit(1)  # without farewells: they are the parent's


def _settle(lives: int) -> None:
    """Lets go of what is the parent's: signals, streams, threads, and what is to be collected."""
    os.setsid()  # an interrupt of the kernel is not for it
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()
    faulthandler.disable()  # a crash is told by the parent
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    for stream in {getattr(sys, name) for name in _STREAMS} - {None}:
        with suppress(AttributeError):  # a kernel's own, which would send what it is given
            stream.write = len
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w", encoding="utf-8")
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, args=(lives,), daemon=True).start()


def _end_with_parent(lives: int) -> None:
    os.read(lives, 1)  # comes back when nobody holds the other end any more
    os._exit(1)
