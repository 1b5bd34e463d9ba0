"""What `tsviz show --passes` and `%tsdebug --passes --text` print: a pipeline as a table."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.passes import PassRecord, PassTrace, RunRecord, describe_rewrites, lesson_of
from tsviz.terminal import diagnostic_text, printable

_NAME_WIDTH = 40
_COUNTS = ("added", "removed", "changed", "moved")


def passes_page(trace: PassTrace) -> RenderableType:
    """Title, the steps that changed something under their stage, and findings."""
    sources = tuple(trace.program.sources.values())
    findings = [diagnostic_text(finding, sources) for finding in trace.diagnostics]
    parts: list[RenderableType] = [_head(trace)]
    parts += [Text(f"  {printable(_run_words(run))}", "dim") for run in trace.runs]
    parts += ["", _table(trace)]
    led = dict.fromkeys(filter(None, (lesson_of(step.name) for step in trace.changed)))
    if led:
        parts += ["", Text(f"lessons, by `tsviz passes NAME`: {', '.join(led)}", "dim")]
    for finding in findings:
        parts += ["", finding]
    return Group(*parts)


def _head(trace: PassTrace) -> Text:
    program = trace.program
    changed = len(trace.changed)
    return Text.assemble(
        (printable(f"{program.title}.{program.method}"), "bold"),
        f" · {program.variant} · {trace.pipeline} pipeline\n",
        f"{len(trace)} steps, {changed} changed something; "
        f"{len(trace.first.nodes):,} nodes before, {len(trace.last.nodes):,} after",
    )


def _run_words(run: RunRecord) -> str:
    """What one run did: `run 2, 0.31 s: 41 steps, 3 parts compiled, plan of step 45`."""
    bailed = f" ({run.bailouts} for bail-outs)" if run.bailouts else ""
    said = [f"{run.steps:,} steps" if run.steps else "nothing compiled"]
    said += [f"{run.parts:,} part{'s' * (run.parts > 1)} compiled{bailed}"] if run.parts else []
    said += [f"ran the plan of step {run.plan}"] if run.plan >= 0 else []
    return f"run {run.number}, {run.seconds:.2f} s: {', '.join(said)}"


def _table(trace: PassTrace) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("step", justify="right", no_wrap=True)
    table.add_column("pass", max_width=_NAME_WIDTH)
    table.add_column("nodes", justify="right", no_wrap=True)
    for name in _COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what it did", overflow="fold")
    for title, records in groupby(trace, key=_band):
        table.add_row("", Text(title, "bold"))
        for is_changed, group in groupby(records, key=lambda r: r.is_changed or bool(r.failure)):
            if is_changed:
                for record in group:
                    table.add_row(*_row(record))
            else:
                table.add_row("", Text(_folded(len(list(group))), "dim"))
    return table


def _band(record: PassRecord) -> str:
    """The heading above a step: its run, its stage, and whether it works on a part only."""
    run = f"run {record.run} · " if record.run else ""
    part = f" · part {record.part}, of step {record.parent}" if record.part else ""
    return f"{run}{record.stage}{part}"


def _folded(count: int) -> str:
    return "… 1 pass changed nothing" if count == 1 else f"… {count} passes changed nothing"


def _row(record: PassRecord) -> Iterator[RenderableType]:
    diff = record.diff
    counts = (diff.added, diff.removed, diff.changed, diff.moved)
    yield str(record.index)
    yield Text(printable(record.name), "cyan")
    yield f"{len(record.after.nodes):,}"
    yield from (f"{len(ids):,}" if ids else "" for ids in counts)
    words = [printable(words) for words in describe_rewrites(record)]
    if record.failure:
        words.append(f"failed: {printable(record.failure)}")
    yield Text("\n".join(words))
