"""Reads the text of a TorchScript error: where it happened, and what PyTorch says in words.

A failed run prints the compiled call stack, outermost first: scripted frames with an excerpt, and
for what was traced the Python stack of the recording, innermost first. A loaded archive prints its
own code first, then the original. A failed compilation prints its words, the place, where the value
was used, and for each function why it was compiled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tsviz.jit.ranges import UNDERLINE, find_heads, is_known_file, underlined
from tsviz.location import FileRange, Origin, SourceFile

RAN = "Traceback of TorchScript"
_PART = re.compile(rf"^{RAN}(?P<kind>, [a-z]+ code)? .*$", re.MULTILINE)
_FRAME = re.compile(r"^(?P<file>[^\s(][^\n]*)\((?P<line>\d+)\): (?P<function>[\w<>]+)$", re.M)
_ENTERS_TRACE = re.compile(r"[/\\]torch[/\\]jit[/\\]_trace\.py$")
_RAISED = re.compile(r"^(?P<kind>builtins\.\w+|[A-Za-z_][\w.]*): ?", re.MULTILINE)
_CALLED = re.compile(
    r"^'(?P<callee>[^'\n]+)' is being compiled since it was called from '(?P<caller>[^'\n]+)'$",
    re.MULTILINE,
)
_ONE_FUNCTION = re.compile(
    r"(?P<what>Expected a single top-level function): (?P<file>.+):(?P<line>\d+)$"
)
_DIFFERS = re.compile(r"^\s*[-+][^\n]* # (?P<file>[^\n]+):(?P<line>\d+):\d+$", re.MULTILINE)
_CHECKED = "Graphs differed across invocations"
_USED = "and was used here:"
_ORIGINAL_CALL = "The original call is"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that a text names.

    Attributes:
        start: where in the text.
        end: behind the excerpt's last marked line.
        excerpt: the lines up to the marked ones, at their numbers; the others are empty.
    """

    start: int
    end: int
    place: FileRange
    excerpt: SourceFile
    serialized: bool


@dataclass(frozen=True, slots=True)
class CompiledFor:
    """Why a function was compiled: `caller` calls it at `place`."""

    callee: str
    caller: str
    place: FileRange


@dataclass(frozen=True, slots=True)
class FailureText:
    """What a text says.

    Attributes:
        words: PyTorch's words alone.
        raised: class of what a compiled `raise` or `assert` raised, "" for a failed op.
        frames: the places, innermost first; PyTorch's own are among them.
        printed: the innermost place in an archive's own code, where the text names one.
        used: where a compilation says the value "was used here".
        chain: why the failing function was compiled, innermost first.
        excerpts: the lines of the files, as PyTorch has them.
        has_run: whether this is a failed run.
    """

    words: str
    raised: str = ""
    frames: tuple[FileRange, ...] = ()
    printed: FileRange | None = None
    used: FileRange | None = None
    chain: tuple[CompiledFor, ...] = ()
    excerpts: tuple[SourceFile, ...] = ()
    has_run: bool = False


def read_failure(text: str) -> FailureText:
    """Reads the text of an exception."""
    return _read_run(text) if RAN in text else _read_compilation(text)


# ── runs ────────────────────────────────────────────────────────────────────────────────────────


def _read_run(text: str) -> FailureText:
    """The last traceback counts: a run inside a run (a Python op) prints the outer one around."""
    parts = list(_PART.finditer(text))
    printed: FileRange | None = None
    if len(parts) > 1 and parts[-2]["kind"] == ", serialized code":
        inner = _mentions(text[parts[-2].end() : parts[-1].start()])
        printed = inner[-1].place if inner else None
    body = text[parts[-1].end() :]
    mentions = _mentions(body)
    stack, end = _stack(body, mentions)
    raised = _RAISED.search(body, end)
    words = body[raised.end() if raised else end :].strip()
    kind = raised["kind"].removeprefix("builtins.") if raised else ""
    if words.startswith("AssertionError"):
        kind, words = "AssertionError", words.removeprefix("AssertionError").lstrip(": ").strip()
    return FailureText(
        words,
        "" if kind == "RuntimeError" and raised and "builtins" not in raised["kind"] else kind,
        tuple(stack),
        printed,
        excerpts=tuple(mention.excerpt for mention in mentions),
        has_run=True,
    )


def _stack(body: str, mentions: list[Mention]) -> tuple[list[FileRange], int]:
    """The frames, innermost first, and where the last of them ends."""
    groups: list[tuple[int, list[FileRange]]] = [(m.start, [m.place]) for m in mentions]
    ends = [m.end for m in mentions]
    for start, end, frames in _traced_groups(body, mentions):
        groups.append((start, frames))
        ends.append(end)
    stack: list[FileRange] = []
    for _, frames in sorted(groups, key=lambda group: group[0], reverse=True):
        stack += [frame for frame in frames if frame not in stack and is_known_file(frame.file)]
    return stack, max(ends, default=0)


def _traced_groups(
    body: str, mentions: list[Mention]
) -> Iterator[tuple[int, int, list[FileRange]]]:
    """Recorded Python stacks: (start, end, frames inside the traced call)."""
    start, end = -1, -1
    frames: list[FileRange] = []
    for match in _FRAME.finditer(body):
        if any(mention.start <= match.start() < mention.end for mention in mentions):
            continue  # a line of somebody's source
        if match.start() != end + 1 and frames:
            yield start, end, _inside_trace(frames)
            frames = []
        start = start if frames else match.start()
        end = match.end()
        frames.append(FileRange(match["file"], int(match["line"]), function=match["function"]))
    if frames:
        yield start, end, _inside_trace(frames)


def _inside_trace(frames: list[FileRange]) -> list[FileRange]:
    ends = (at for at, frame in enumerate(frames) if _ENTERS_TRACE.search(frame.file))
    return frames[: next(ends, len(frames))]


# ── compilations ────────────────────────────────────────────────────────────────────────────────


def _read_compilation(text: str) -> FailureText:
    if single := _ONE_FUNCTION.match(text):
        place = FileRange(single["file"], int(single["line"]))
        return FailureText(single["what"], frames=(place,))
    if _CHECKED in text and (differs := _DIFFERS.search(text)):
        return FailureText(text.strip(), frames=(FileRange(differs["file"], int(differs["line"])),))
    mentions = _mentions(text)
    if not mentions:
        return FailureText(text.strip())
    words = text[: mentions[0].start].strip()
    words = words.removesuffix(":").rstrip().removesuffix(_ORIGINAL_CALL).rstrip(": \n")
    chain = tuple(_chain(text, mentions))
    used_at = text.find(_USED)
    used = _following(mentions, used_at) if used_at >= 0 else None
    printed = next((m.place for m in mentions if _is_printed(m)), None)
    frames = [m.place for m in mentions[:1] if not _is_printed(m)]
    return FailureText(
        words,
        frames=(*frames, *(link.place for link in chain)),
        printed=printed,
        used=used.place if used else None,
        chain=chain,
        excerpts=tuple(mention.excerpt for mention in mentions),
    )


def _chain(text: str, mentions: list[Mention]) -> Iterator[CompiledFor]:
    for match in _CALLED.finditer(text):
        found = _following(mentions, match.end())
        if found is not None:
            yield CompiledFor(match["callee"], match["caller"], found.place)


def _following(mentions: list[Mention], at: int) -> Mention | None:
    return next((mention for mention in mentions if mention.start >= at), None)


def _is_printed(mention: Mention) -> bool:
    return mention.serialized or mention.place.file.startswith("code/")


# ── places ──────────────────────────────────────────────────────────────────────────────────────


def _mentions(text: str) -> list[Mention]:
    heads = find_heads(text)
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    found: list[Mention] = []
    for head, end in zip(heads, ends, strict=True):
        rows = text[head.end() + 1 : end].split("\n")
        line = int(head["line"])
        marks = [at for at, row in enumerate(rows) if at > 0 and UNDERLINE.match(row)]
        place = underlined(head["file"], line, head["function"] or "", rows)
        excerpt = _excerpt(head["file"], line, rows, marks)
        last = marks[-1] + 1 if marks else 0
        behind = head.end() + 1 + sum(len(row) + 1 for row in rows[:last])
        serialized = bool(head["serialized"])
        found.append(Mention(head.start(), min(behind, len(text)), place, excerpt, serialized))
    return found


def _excerpt(file: str, line: int, rows: list[str], marks: list[int]) -> SourceFile:
    if not marks:
        return SourceFile(file, "", Origin.MISSING)
    shown = [row for at, row in enumerate(rows[: marks[-1]]) if at not in marks]
    first = line - (marks[0] - 1)
    return SourceFile(file, "\n" * (first - 1) + "\n".join(shown), Origin.ARCHIVE)
