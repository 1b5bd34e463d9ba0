"""The timeline of one run for other viewers: Perfetto, `chrome://tracing`, and speedscope."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tsviz.errors import Diagnostic, UsageError
from tsviz.location import FileRange
from tsviz.profiler.samples import Piece

_SPEEDSCOPE, _CHROME = ".speedscope.json", ".json"
_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_HOST = 0
_DEVICE = 1  # a device is shown as a process of its own


@dataclass(frozen=True, slots=True)
class Label:
    """What is told of a node: its op, its module, and its line."""

    op: str
    module: str
    line: FileRange | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One run: its name, its ops, and what is told of their nodes."""

    name: str
    pieces: tuple[Piece, ...]
    labels: Mapping[int, Label]


def write(timeline: Timeline, path: str | Path) -> str:
    """Writes it in the format that the suffix names, and says what was written.

    Raises:
        UsageError: `TSV-T10` another suffix.
    """
    path = Path(path)
    if path.name.endswith(_SPEEDSCOPE):
        document, viewer = _speedscope(timeline), "speedscope"
    elif path.suffix == _CHROME:
        document, viewer = _chrome(timeline), "Perfetto and chrome://tracing"
    else:
        message = f"expected a file that ends in {_CHROME} or {_SPEEDSCOPE}, got `{path.name}`"
        raise UsageError(Diagnostic("TSV-T10", message))
    path.write_text(json.dumps(document), encoding="utf-8")
    return f"{path}: {len(timeline.pieces):,} ops of one run, for {viewer}"


# ── Perfetto and chrome://tracing ───────────────────────────────────────────────────────────────


def _chrome(timeline: Timeline) -> dict[str, object]:
    """Times in microseconds; node, module and line are arguments of each event."""
    name = {"name": "process_name", "ph": "M", "pid": _HOST, "args": {"name": timeline.name}}
    events = [name, *_chrome_events(timeline)]
    return {"traceEvents": events, "displayTimeUnit": "ns"}


def _chrome_events(timeline: Timeline) -> Iterator[dict[str, object]]:
    number = 0
    for piece in timeline.pieces:
        args = _told(timeline, piece)
        here = {"pid": _HOST, "tid": piece.thread}
        yield {**_span(piece.name, piece.start, piece.end), **here, "cat": "op", "args": args}
        for name, start, end, device, stream in piece.kernels:
            number += 1
            there = {"pid": _DEVICE + device, "tid": stream}
            flow = {"name": "launch", "cat": "launch", "id": number}
            yield {**_span(name, start, end), **there, "cat": "kernel", "args": args}
            yield {**flow, "ph": "s", "ts": piece.start / 1e3, **here}
            yield {**flow, "ph": "f", "bp": "e", "ts": start / 1e3, **there}


def _span(name: str, start: int, end: int) -> dict[str, object]:
    return {"name": name, "ph": "X", "ts": start / 1e3, "dur": (end - start) / 1e3}


def _told(timeline: Timeline, piece: Piece) -> dict[str, object]:
    labels = [timeline.labels[node] for node in piece.nodes]
    return {
        "nodes": list(piece.nodes),
        "ops": [label.op for label in labels],
        "modules": sorted({label.module for label in labels}),
        "lines": sorted({_place(label.line) for label in labels if label.line is not None}),
    }


def _place(line: FileRange) -> str:
    return f"{line.file}:{line.line}"


# ── speedscope ──────────────────────────────────────────────────────────────────────────────────

_Frame = tuple[str, FileRange | None]


def _speedscope(timeline: Timeline) -> dict[str, object]:
    """One profile a thread; on its stacks are modules, the line, and the op."""
    frames: dict[_Frame, int] = {}
    threads = dict.fromkeys(piece.thread for piece in timeline.pieces)
    profiles = [_thread(timeline, thread, frames) for thread in threads]
    return {
        "$schema": _SCHEMA,
        "exporter": "tsviz",
        "name": timeline.name,
        "activeProfileIndex": 0,
        "shared": {"frames": [_named(*frame) for frame in frames]},
        "profiles": profiles,
    }


def _named(name: str, line: FileRange | None) -> dict[str, object]:
    return {"name": name} if line is None else {"name": name, "file": line.file, "line": line.line}


def _thread(timeline: Timeline, thread: int, frames: dict[_Frame, int]) -> dict[str, object]:
    """The stack opens and closes as little as it must from op to op."""
    events: list[dict[str, object]] = []
    stack: list[int] = []
    now = 0

    def close_to(depth: int) -> None:
        while len(stack) > depth:
            events.append({"type": "C", "frame": stack.pop(), "at": now})

    for piece in (one for one in timeline.pieces if one.thread == thread):
        wanted = [frames.setdefault(key, len(frames)) for key in _stack(timeline, piece)]
        shared = 0
        while shared < min(len(stack), len(wanted) - 1) and stack[shared] == wanted[shared]:
            shared += 1
        close_to(shared)
        now = piece.start
        for frame in wanted[shared:]:
            stack.append(frame)
            events.append({"type": "O", "frame": frame, "at": now})
        now = piece.end
        close_to(len(wanted) - 1)
    close_to(0)
    return {
        "type": "evented",
        "name": f"thread {thread}",
        "unit": "nanoseconds",
        "startValue": 0,
        "endValue": now,
        "events": events,
    }


def _stack(timeline: Timeline, piece: Piece) -> Iterator[_Frame]:
    label = timeline.labels[piece.nodes[0]] if piece.nodes else None
    yield timeline.name, None
    if label is not None and label.module:
        parts = label.module.split(".")
        yield from ((".".join(parts[: at + 1]), None) for at in range(len(parts)))
    if label is not None and label.line is not None:
        yield _place(label.line), label.line
    yield piece.name, None
