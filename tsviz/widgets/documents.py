"""Model files that JupyterLab opens by themselves: their explorers' side in a kernel.

A front end has a kernel started beside the file, calls `serve` in it, and opens a comm for each
explorer. The file is read here and stays here; what travels is what travels for any explorer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import comm

import tsviz
from tsviz.errors import Diagnostic, ProtocolError
from tsviz.frontends import Program
from tsviz.frontends.archive_looks import look_ahead
from tsviz.reading_ahead import start_reader
from tsviz.replies import Message, asset_reply, guarded, hello
from tsviz.requests import progress_of
from tsviz.session import Session, Tell
from tsviz.views import package_versions
from tsviz.widgets.answering import Answering
from tsviz.widgets.turns import find_turns

TARGET = "tsviz.document"
"""Name of the comms that explorers of files open."""

_MEBIBYTE = 2**20

_Stamp = tuple[int, int]
_seen: dict[Path, tuple[_Stamp, Program, Program | None]] = {}
"""What each file held when it was opened last, and before it changed; several pages may look."""


def prepare(file: Path) -> None:
    """Does ahead what opening a file takes besides PyTorch; best called in a thread."""
    look_ahead(file)
    for name in ("tsviz.frontends.archive", "tsviz.comparison.beside"):
        import_module(name)
    package_versions()


def serve() -> str:
    """Has this kernel take explorers of files; returns the version of tsviz.

    The front end calls it as a cell whose output nobody sees: what runs the model waits for the
    ends of cells, and so has to hear of one. It will be asked for the file next.
    """
    if not _seen:
        start_reader()
    find_turns()
    comm.get_comm_manager().register_target(TARGET, _open)
    return tsviz.__version__


class Opening:
    """Becomes the session of a file when it is asked for more than what draws.

    Args:
        begin: opens the file; a failure is the answer to whoever asked, and the next one who asks
            has it tried again.
    """

    def __init__(self, begin: Callable[[], Session]) -> None:
        self._begin = begin
        self._session: Session | None = None

    def handle(self, message: object, tell: Tell = lambda said: None) -> Iterator[Message]:
        """Answers one message, as `Session.handle`."""
        content = cast("Mapping[str, object]", message)
        identity = str(content.get("id", ""))
        if self._session is not None:
            yield from self._session.handle(message, tell)
        elif content.get("type") == "hello":
            yield hello(tsviz.__version__), []
        elif content.get("kind") == "asset":
            yield from guarded(identity, asset_reply(identity, content.get("payload")))
        elif content.get("type") == "request":
            yield from guarded(identity, self._opened(identity, message, tell))

    def cancel(self, identity: str) -> None:
        """As `Session.cancel`."""
        if self._session is not None:
            self._session.cancel(identity)

    def close(self) -> None:
        """As `Session.close`."""
        if self._session is not None:
            self._session.close()

    def _opened(self, identity: str, message: object, tell: Tell) -> Iterator[Message]:
        yield progress_of(identity, 0, 0, "reading the file"), []
        self._session = self._begin()
        yield from self._session.handle(message, tell)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads a file may use; 0 for as much as suits what is in it.

    Attributes:
        seconds: of processor time.
        memory: mebibytes.
    """

    seconds: int = 0
    memory: int = 0


def open_file(
    path: str,
    beside: str = "",
    *,
    since: bool = False,
    trust: bool = False,
    limits: Limits = Limits(),
) -> Session:
    """The session of a file.

    Args:
        path: of the file, from the kernel's folder on.
        beside: path of another one, to hold this one against, or "".
        since: hold it against what it was before it was changed, if it was opened then.
        trust: as of `tsviz.open`.
        limits: for the process that reads it.

    Raises:
        TsvizError: as `tsviz.open` and `tsviz.diff`.
    """
    from tsviz.frontends.archive import open_within

    def read(file: Path, *, trust: bool = False) -> Program:
        memory = limits.memory * _MEBIBYTE
        return open_within(file, trust=trust, seconds=limits.seconds, memory=memory)

    file = Path(path).absolute()
    program, before = _opened_now(file, lambda: read(file, trust=trust))
    if beside:
        return _compared(program, read(Path(beside).absolute()), Path(beside).name)
    if since and before is not None:
        return _compared(program, before, "the version before")
    return Session(program, tsviz.__version__)


def _opened_now(file: Path, read: Callable[[], Program]) -> tuple[Program, Program | None]:
    """What a file holds, and what it held before it was changed."""
    known = _seen.get(file)
    program = read()
    found = file.stat()
    stamp = (found.st_mtime_ns, found.st_size)
    before = None
    if known is not None:
        then, last, earlier = known
        before = earlier if then == stamp else last
    _seen[file] = (stamp, program, before)
    return program, before


def _compared(program: Program, other: Program, name: str) -> Session:
    """The program with the other one beside it; what differs is said above both."""
    from tsviz.comparison import lay_version_beside  # and with it PyTorch

    found = tsviz.diff(other, program)
    banner = "; ".join(
        text for text in (f"against {name}: {found.summary}", program.banner) if text
    )
    laid = lay_version_beside(program, other, found, name)
    return Session(replace(program, banner=banner), tsviz.__version__, variants=(laid,))


def _whole(asked: object) -> int:
    """A number of the front end's; 0 for what is none."""
    return max(0, asked) if isinstance(asked, int) else 0


def _open(channel: Any, message: Mapping[str, Any]) -> None:
    """Called when a front end opens a comm."""
    asked = message["content"]["data"]

    def begin() -> Session:
        if not isinstance(asked.get("path"), str):
            text = f"expected the path of a file to open, got {asked!r}"
            raise ProtocolError(Diagnostic("TSV-P06", text))
        beside, since, trust = (asked.get(name) for name in ("beside", "since", "trust"))
        limits = Limits(*(_whole(asked.get(name)) for name in ("seconds", "memory")))
        return open_file(
            asked["path"], str(beside or ""), since=bool(since), trust=trust is True, limits=limits
        )

    def send(content: dict[str, object], buffers: list[bytes] | None) -> None:
        channel.send(data=content, buffers=buffers)

    def receive(said: Mapping[str, Any]) -> None:
        answering.answer(said["content"]["data"])

    def close(_: object) -> None:
        answering.close()

    answering = Answering(Opening(begin), send)
    channel.on_msg(receive)
    channel.on_close(close)
