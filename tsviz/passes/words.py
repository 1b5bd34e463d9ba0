"""What a pass did, in sentences computed from origins and fates: the largest rewrites first."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tsviz.frontends import find_model_frame
from tsviz.ir import Graph
from tsviz.location import How
from tsviz.passes.records import Action, Cause, Fate, Origin
from tsviz.passes.trace import PassRecord

_SHOWN_LINES = 3


@dataclass(slots=True)
class _Rewrite:
    """Alike rewrites of one pass."""

    nodes: dict[int, None] = field(default_factory=dict[int, None])
    times: int = 0


_Key = tuple[str, str, str]
"""What happened, the ops it happened to, the op that came of it."""


def describe_rewrites(record: PassRecord, most: int = 3) -> tuple[str, ...]:
    """The rewrites of a step that touched most nodes, each as a sentence.

    Args:
        most: how many.
    """
    found: defaultdict[_Key, _Rewrite] = defaultdict(_Rewrite)
    explained: set[int] = set()
    for origin in record.origins:
        if origin.action is Action.MOVED:
            continue
        _note(found[_origin_key(record, origin)], origin.sources)
        if origin.action is not Action.CREATED:
            explained.update(origin.sources)
    for fate in record.fates.values():
        if fate.node not in explained:
            _note(found[_fate_key(record, fate)], (fate.node,))
    if record.diff.moved:
        moved = [node for node in record.diff.moved if node in record.after.nodes]
        ops = _ops(record.after, moved)
        found["moved", ops, ""].nodes.update(dict.fromkeys(moved))
        found["moved", ops, ""].times = len(moved)
    ordered = sorted(found.items(), key=lambda item: -item[1].times)
    sentences = (_sentence(record, key, rewrite) for key, rewrite in ordered)
    return (*list(sentences)[:most], *_types(record))[:most]


def _note(rewrite: _Rewrite, nodes: Iterable[int]) -> None:
    rewrite.nodes.update(dict.fromkeys(nodes))
    rewrite.times += 1


def _origin_key(record: PassRecord, origin: Origin) -> _Key:
    sources = _ops(record.before, origin.sources)
    return str(origin.action), sources, record.after.nodes[origin.node].op


def _fate_key(record: PassRecord, fate: Fate) -> _Key:
    became = _ops(record.after, fate.successors) if fate.cause is Cause.REPLACED else ""
    return str(fate.cause), _ops(record.before, (fate.node,)), became


def _ops(graph: Graph, nodes: Iterable[int]) -> str:
    """The distinct ops of some nodes, in words."""
    ops = list(dict.fromkeys(graph.nodes[node].op for node in nodes if node in graph.nodes))
    shown = ", ".join(f"`{op}`" for op in ops[:_SHOWN_LINES])
    return f"{shown} …" if len(ops) > _SHOWN_LINES else shown


_WORDS: dict[str, Callable[[str, str, str], str]] = {
    Action.REPLACED: lambda of, to, at: f"{of}{at} became `{to}`",
    Action.MERGED: lambda of, to, at: f"{of}{at} went into `{to}`",
    Action.INLINED: lambda of, to, at: f"{of}{at} was put in place as `{to}`",
    Action.COPIED: lambda of, _, at: f"{of}{at} was copied",
    Action.GRADIENT: lambda _, to, at: f"`{to}` was made for the gradient{at}",
    Action.CREATED: lambda of, to, at: f"`{to}` was made for {of or 'the gradient'}{at}",
    Cause.REPLACED: lambda of, to, at: f"{of}{at} gave way to `{to}`",
    Cause.FOLDED: lambda of, _, at: f"{of}{at} was folded to a constant",
    Cause.COMMON: lambda of, _, at: f"{of}{at} is computed once for all that are equal",
    Cause.BYPASSED: lambda of, _, at: f"{of}{at} was taken out: its users take what it was given",
    Cause.DEAD: lambda of, _, at: f"{of}{at} was taken away: nothing used it",
    "moved": lambda of, _, at: f"{of}{at} stands elsewhere now",
}


def _sentence(record: PassRecord, key: _Key, rewrite: _Rewrite) -> str:
    what, of, to = key
    at = _places(record, rewrite.nodes)
    to = to.strip("`") if what == Cause.REPLACED else to
    text = _WORDS[what](of, to, at)
    return f"{text} ({rewrite.times:,} times)" if rewrite.times > 1 else text


def _places(record: PassRecord, nodes: Iterable[int]) -> str:
    """` at line 12 of model.py`, or how many lines there are."""
    lines: dict[tuple[str, int], None] = {}
    for node in nodes:
        link = record.after.links.get(node) or record.before.links.get(node)
        frame = None if link is None else find_model_frame(link.location)
        if link is not None and link.how is not How.NONE and frame is not None:
            lines[frame.file, frame.line] = None
    if not lines:
        return ""
    numbers = sorted({line for _, line in lines})
    if len(lines) > _SHOWN_LINES:
        return f" at {len(lines)} lines"
    return f" at line{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


def _types(record: PassRecord) -> tuple[str, ...]:
    """A sentence on values whose type is another one now."""
    edits = [edit for change in record.diff.changed for edit in change.edits]
    values = sum(edit.what == "type" for edit in edits)
    inputs = sum(edit.what in ("input", "return") for edit in edits)
    types = "the type of one value" if values == 1 else f"the types of {values:,} values"
    uses = "one use takes" if inputs == 1 else f"{inputs:,} uses take"
    found = ((values, f"{types} changed"), (inputs, f"{uses} another value"))
    return tuple(text for count, text in found if count)
