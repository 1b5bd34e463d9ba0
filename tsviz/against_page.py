"""What `print(profile.against(other))` shows: slower, faster, or not to be told apart."""

from collections.abc import Iterator, Sequence
from io import StringIO
from math import isinf
from statistics import median

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.profile_page import page_bundle
from tsviz.profiler import FEW, Change, Profile, ProfileComparison
from tsviz.terminal import place_name, printable
from tsviz.views.quantities import time_words

_WIDTH = 132
_MOST = 15
_CODE_WIDTH = 40
_COLOURS = {"slower": "red", "new": "red", "faster": "green", "gone": "green"}
_LEGEND = (
    "in brackets: where the difference lies, with 95% confidence for all rows of a table together, "
    "from the spread of the runs and their drift; if 0 lies in it, it is noise. What changed "
    "between the two (other work on this machine, its clock) is not in it: measure one again, and "
    "hold it against itself"
)


def against_text(found: ProfileComparison) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(against_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def against_mimebundle(found: ProfileComparison) -> dict[str, str]:
    """The page as text, and the same in a fixed font."""
    return page_bundle(against_text(found))


def against_page(found: ProfileComparison, *, most: int = _MOST) -> RenderableType:
    """The whole, then modules and lines.

    Args:
        most: so many that differ are listed of each.
    """
    return Group(
        *_head(found),
        *_part("by line", "line", found.lines, most),
        *_part("by module, with the modules in it", "module", found.modules, most),
        "",
        Text(_LEGEND, "dim"),
    )


def _head(found: ProfileComparison) -> Iterator[RenderableType]:
    for name, one in (("before", found.before), ("after", found.after)):
        program, shapes = one.program, _shapes(one)
        said = [program.variant, *filter(None, [shapes]), f"{one.conditions}, {one.runs} runs"]
        words = "".join(f" · {part}" for part in said)
        yield Text.assemble(f"{name:<8}", (printable(program.name), "bold"), printable(words))
    whole = found.whole
    what = "kernels" if found.of_kernels else "ops"
    ratio = "" if whole.ratio is None else f", {whole.ratio:.2f} times"
    yield Text(
        f"a run without a profiler: {_median(whole.before)} before, {_median(whole.after)} after"
        f"{ratio}, {_difference(whole)}: {whole.verdict}",
        "bold",
    )
    yield Text(f"below, times of {what} under the profiler, per run", "dim")


def _shapes(profile: Profile) -> str:
    """Dtype and shape of the tensors that went in."""
    words = {
        value: text
        for sample in profile.samples.values()
        if sample.inputs is not None
        for value, text in zip(profile.plan.nodes[sample.node].inputs, sample.inputs, strict=True)
        if text
    }
    return ", ".join(words[value] for value in profile.plan.block.params if value in words)


def _part(title: str, what: str, changes: Sequence[Change], most: int) -> Iterator[RenderableType]:
    if what == "module" and len(changes) < 2:
        return
    apart = [change for change in changes if change.verdict in _COLOURS]
    rest = len(changes) - len(apart)
    yield from ("", Text(title, "bold"))
    if apart:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for name in ("before", "after", "difference", "times", "verdict"):
            table.add_column(name, justify="left" if name == "verdict" else "right", no_wrap=True)
        table.add_column(what, overflow="fold")
        table.add_column("", overflow="fold")
        for change in apart[:most]:
            table.add_row(*_row(change, what), style=_COLOURS[change.verdict])
        yield table
    if len(apart) > most:
        yield Text(f"… {len(apart) - most:,} more that differ", "dim")
    if rest:
        few = any(change.verdict == FEW for change in changes)
        why = FEW if few else "no difference within the noise"
        yield Text(f"{_many(rest, what)}: {why}", "dim")


def _row(change: Change, what: str) -> Iterator[str]:
    yield from (_median(change.before), _median(change.after), _difference(change))
    yield "" if change.ratio is None else f"{change.ratio:.2f}"
    yield change.verdict
    yield _name(change, what)
    yield printable(_cut(change.code))


def _name(change: Change, what: str) -> str:
    if change.line:
        file = place_name(change.path).replace("\\", "/").rpartition("/")[2]
        return printable(f"{file}:{change.line}")
    return printable(change.path) or ("no line is known" if what == "line" else "(the program)")


def _median(values: tuple[float, ...]) -> str:
    return time_words(median(values)) if values else ""


def _difference(change: Change) -> str:
    apart = change.difference
    if isinf(apart.low):
        return _signed(apart.middle)
    return f"{_signed(apart.middle)} [{_signed(apart.low)}, {_signed(apart.high)}]"


def _signed(nanoseconds: float) -> str:
    return ("+" if nanoseconds > 0 else "") + time_words(nanoseconds)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _cut(code: str) -> str:
    return code if len(code) <= _CODE_WIDTH else code[: _CODE_WIDTH - 1] + "…"
