"""A stepped program in the terminal: where it is, around that, and what there is to see."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.debugger import Breakpoint, Debugger, Detail, Pin, RecordDiff, State, Status, ValueView
from tsviz.debugger.values import describe
from tsviz.ir import list_graph
from tsviz.location import FileRange
from tsviz.terminal import diagnostic_text, place_name, printable

_AROUND = 2
_BARS = " ▁▂▃▄▅▆▇█"
_WIDE = 40
_MOST_DRIFTS = 20
_OP = r"\b(?:aten|prim|quantized|mkldnn|torchvision)::\w+"


def state_page(session: Debugger, state: State) -> RenderableType:
    """Why the program is held and where, with the source line, the node and what is watched."""
    parts: list[RenderableType] = [_head(state)]
    if state.line is not None:
        parts += [_place(state.line), *_excerpt(session, state.line)]
    if state.text:
        parts.append(_node(state))
    if state.fault is not None:
        parts.append(Text(printable(f"{state.fault.kind}: {state.fault.message}"), "bold red"))
    if state.is_held:
        parts += [
            Text.assemble("  ", (printable(text), "bold"), " = ", printable(shown))
            for text, shown in session.watches().items()
        ]
    sources = tuple(session.program.sources.values())
    parts += [diagnostic_text(note, sources) for note in state.notes]
    return Group(*parts)


def _head(state: State) -> Text:
    if state.status is Status.RUNNING:
        return Text(f"running, {state.position:,} positions so far", "bold")
    if state.status is not Status.PAUSED:
        colour = "bold red" if state.status is Status.FAILED else "bold green"
        return Text(f"{state.status} after {state.position:,} positions", colour)
    text = Text.assemble(("held", "bold"), f" at {state.position:,}")
    if state.position < state.furthest:
        text.append(f" of {state.furthest:,} so far", "dim")
    text.append(f" · {printable(state.reason)}")
    if state.scope:
        text.append(f" · module {printable(state.scope)}")
    if state.iterations:
        text.append(f" · iteration {state.iterations[-1][1]}")
    return text


def _place(line: FileRange) -> Text:
    function = f" in {line.function.rpartition('.')[2]}" if line.function else ""
    return Text(printable(f"{place_name(line.file)}:{line.line}{function}"), "dim")


def _excerpt(session: Debugger, place: FileRange, around: int = _AROUND) -> Iterator[Text]:
    source = session.program.sources.get(place.file)
    rows = source.text.split("\n") if source is not None else []
    first, last = max(1, place.line - around), min(len(rows), place.line + around)
    while last > place.line and not rows[last - 1].strip():
        last -= 1
    for at in range(first, last + 1):
        row = printable(rows[at - 1].rstrip())
        is_here = at == place.line
        text = Text.assemble(("→" if is_here else " ", "bold cyan"), f"{at:>5} | ", row)
        if is_here and not place.is_whole_line and "\t" not in row:
            end = place.end_col if place.end_line == place.line else len(row)
            text.stylize("bold underline", 9 + place.col, 9 + end)
        elif not is_here:
            text.stylize("dim")
        yield text


def _node(state: State) -> Text:
    side = "after " if state.after else "head of " if state.is_head else ""
    text = Text(f"  {side}{printable(state.text)}")
    text.highlight_regex(_OP, "cyan")
    return text


def source_page(session: Debugger, state: State) -> RenderableType:
    """More of the source around the line."""
    if state.line is None:
        return Text("no line is known here: `list ir` shows the graph")
    return Group(_place(state.line), *_excerpt(session, state.line, around=8))


def graph_page(session: Debugger, state: State) -> RenderableType:
    """The IR around the node."""
    listing = list_graph(session.program.graph, comments=False)
    row = listing.rows[state.node.id][0] if state.node is not None else 0
    first = max(0, row - 8)
    lines: list[Text] = []
    for at, line in enumerate(listing.lines[first : row + 9], start=first):
        arrow = "→ " if at == row and state.node else "  "
        text = Text.assemble((arrow, "bold cyan"), printable(line))
        text.highlight_regex(_OP, "cyan")
        lines.append(text)
    return Group(*lines)


def frames_page(state: State) -> RenderableType:
    """The calls that lead to the node, innermost first."""
    if not state.frames:
        return Text("no frame is known here")
    table = Table.grid(padding=(0, 2, 0, 0))
    for at, frame in enumerate(state.frames):
        function = frame.function.rpartition(".")[2]
        name = Path(place_name(frame.file)).name
        place = Text(printable(f"{name}:{frame.line}"))
        table.add_row(f"#{at}", Text(printable(function or "?")), place)
    return Group(table, *([Text(f"module {printable(state.scope)}")] if state.scope else []))


def values_page(values: tuple[ValueView, ...]) -> RenderableType:
    """The values in sight, a line each."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("value", "type", "content"):
        table.add_column(title, overflow="fold")
    for value in values:
        content = value.text + (f"  ({value.note})" if value.text and value.note else "")
        shown = Text(printable(content or value.note), "" if value.text else "dim")
        if value.edited:
            shown.append("  edited", "yellow")
        table.add_row(Text(printable(value.name)), Text(printable(value.type)), shown)
    return table


def _breakpoint_text(one: Breakpoint) -> str:
    times = "time" if one.hits == 1 else "times"
    failure = f"; its condition failed: {one.failure}" if one.failure else ""
    return f"{one}, met {one.hits} {times}{failure}"


def breakpoints_page(breakpoints: Iterator[Breakpoint]) -> RenderableType:
    """All breakpoints and how often each was met."""
    rows = [Text(printable(_breakpoint_text(one))) for one in breakpoints]
    return Group(*rows) if rows else Text("no breakpoints")


def detail_page(detail: Detail) -> RenderableType:
    """One value: what it is, and of a tensor how its numbers are spread."""
    parts = [Text(printable(detail.title)), Text(printable("  " + " · ".join(detail.facts)), "dim")]
    spread = detail.portrait.histogram if detail.portrait else None
    if spread is not None and len(spread.counts) > 1:
        low, high = f"{spread.low:.5g}", f"{spread.high:.5g}"
        parts.append(Text.assemble(f"  {low} ", (bars(spread.counts), "cyan"), f" {high}"))
    return Group(*parts)


def bars(amounts: Sequence[float]) -> str:
    """Amounts from 0 on as one line of bars; what is more than nothing is seen."""
    most = max(amounts, default=0) or 1
    return "".join(
        _BARS[0] if not amount else _BARS[max(1, round(amount / most * (len(_BARS) - 1)))]
        for amount in amounts
    )


def pins_page(pins: Sequence[Pin]) -> RenderableType:
    """What was kept, a line each."""
    rows = [
        Text(printable(f"{pin.name} = {describe(pin.what)}  (position {pin.position:,})"))
        for pin in pins
    ]
    return Group(*rows) if rows else Text("no pins")


def drift_page(diff: RecordDiff) -> RenderableType:
    """Where two records part, and how far they drift apart along the program."""
    parts: list[RenderableType] = [Text(printable(str(diff)))]
    known = [pair.drift for pair in diff.pairs if pair.drift is not None]
    if any(known):
        stretch = max(1, -(-len(known) // _WIDE))
        ends = [max(known[at : at + stretch]) for at in range(0, len(known), stretch)]
        parts.append(Text.assemble("drift along the program ", (bars(ends), "cyan")))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("value", "op", "line", "drift"):
        table.add_column(title, overflow="fold")
    differing = [pair for pair in diff.pairs if not pair.is_equal and diff.one.op(pair.one)]
    for pair in differing[:_MOST_DRIFTS]:
        place = diff.one.line(pair.one)
        where = f"{Path(place_name(place.file)).name}:{place.line}" if place else ""
        drift = "" if pair.drift is None else f"{pair.drift:.3g}"
        texts = (diff.one.name(pair.one), diff.one.op(pair.one), where, drift)
        table.add_row(*(Text(printable(text)) for text in texts))
    left = len(differing) - _MOST_DRIFTS
    return Group(
        *parts,
        *([table] if differing else []),
        *([Text(f"and {left:,} more", "dim")] if left > 0 else []),
    )


def help_page(verbs: Mapping[str, tuple[str, str]]) -> RenderableType:
    """All verbs: name → (short form, what it does: `usage`)."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for name, (short, doc) in verbs.items():
        what, _, usage = doc.partition("\n")[0].rpartition(": `")
        table.add_row(Text(usage.rstrip("`.") or name, "bold"), short, Text(what))
    return Group(table, Text("`help VERB` says more; an empty line repeats the last verb", "dim"))
