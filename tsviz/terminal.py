"""What tsviz prints: diagnostics, and programs as a page, by rich.

The command prints it in a terminal, the magic with `--text` in a cell. Text from models (names,
strings, paths) is never read as rich's markup.
"""

import math
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from tsviz.cells import find_cell
from tsviz.environment import Environment, install_command_for
from tsviz.errors import Diagnostic
from tsviz.frontends import Program, WeightInfo, read_source
from tsviz.ir import Node, list_graph
from tsviz.ir.coverage import Coverage, percent
from tsviz.location import CallSite, FileRange, How, Location, SourceFile, iter_frames, short_path

_MODULE_ROWS = 40
_WIDTH = 400
"""Columns where there is no terminal: paths stay whole for whoever searches in what was printed."""
_IR_LINES = 30
_GUTTER = 24
_PACKAGE = Path(__file__).parent
# Control characters but newline and tab, and marks that change the direction of writing.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def new_console() -> Console:
    """What pages are printed on: as wide as the terminal, if there is one."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH)


Steps = Callable[[int, int, str], None]
"""Called with how many steps are done, of how many (0: not known), and what is being done."""


@contextmanager
def steps_bar() -> Generator[Steps | None]:
    """A bar on stderr that tells how far long work is; for a person only."""
    console = Console(stderr=True, force_jupyter=False)
    if not console.is_terminal:
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")
    hint = TextColumn("Ctrl-C keeps what was found", style="dim")
    with Progress(*columns, hint, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, count="")

        def tell(done: int, of: int, doing: str) -> None:
            count = f"{done}/{of}" if of else ""
            is_other = bar.tasks[task].description != doing
            bar.update(task, completed=done, total=of or None, description=doing, count=count)
            if is_other:
                bar.refresh()  # a short step, too, is to be seen

        yield tell


@contextmanager
def tries_bar() -> Generator[Callable[[int, int], None] | None]:
    """The same for inputs that are tried."""
    with steps_bar() as tell:
        yield counting(tell, "trying inputs")


def counting(tell: Steps | None, doing: str) -> Callable[[int, int], None] | None:
    """What tells of steps that all do the same."""
    return None if tell is None else partial(_tell, tell, doing)


def _tell(tell: Steps, doing: str, done: int, of: int) -> None:
    tell(done, of, doing)


def diagnostic_text(diagnostic: Diagnostic, sources: tuple[SourceFile, ...] = ()) -> Text:
    """A diagnostic in colour, with the source line it points at; cells go by `Cell 4`."""
    known = {source.path for source in sources}
    frame = next(iter_frames(diagnostic.location), None)
    if frame is not None and frame.file not in known:
        sources = (*sources, read_source(frame.file))
    named = replace(diagnostic, location=_with_cell_names(diagnostic.location))
    renamed = tuple(replace(file, path=place_name(file.path)) for file in sources)
    text = Text(printable(named.render(renamed)))
    colour = "red" if diagnostic.severity == "error" else "yellow"
    text.stylize(f"bold {colour}", 0, len(f"{diagnostic.severity}[{diagnostic.code}]:"))
    text.highlight_regex(r"(?m)^ *\| +\^+$", colour)
    text.highlight_regex(r"(?m)^  (?:note|help|-->)", "bold")
    return text


def printable(text: str) -> str:
    """Text with what would steer a terminal made visible; names in a file are a stranger's."""
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _with_cell_names(location: Location) -> Location:
    if isinstance(location, FileRange):
        return replace(location, file=place_name(location.file))
    if isinstance(location, CallSite):
        callee = location.callee
        if isinstance(callee, FileRange):
            callee = replace(callee, file=place_name(callee.file))
        return CallSite(callee, _with_cell_names(location.caller))
    return location


def place_name(path: str) -> str:
    """A file for people: its path from here; a notebook's cell goes by its title."""
    cell = find_cell(path)
    return cell.title if cell is not None else short_path(path)


def unexpected(error: Exception) -> Diagnostic:
    """An error that tsviz did not foresee, in one line with what a report needs."""
    frames = [
        f"{Path(frame.filename).relative_to(_PACKAGE.parent).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if _PACKAGE in Path(frame.filename).parents
    ]
    message = f"tsviz failed, which is a mistake of its own: {type(error).__name__}: {error}"
    notes = (f"at {' > '.join(frames[-4:])}",) if frames else ()
    help = "please report it with this text and what `tsviz env` prints"
    return Diagnostic("TSV-X01", message, notes=notes, help=help)


def program_page(program: Program) -> RenderableType:
    """Title, coverage, modules, the top of the IR, and findings."""
    parts: list[RenderableType | None] = [_head(program), _modules(program), _ir(program)]
    sources = tuple(program.sources.values())
    for diagnostic in program.diagnostics:
        parts += ["", diagnostic_text(diagnostic, sources)]
    return Group(*[part for part in parts if part is not None])


def coverage_text(coverage: Coverage) -> str:
    """The coverage with what its sum alone would hide."""
    if not coverage.nodes:
        return coverage.summary
    top = percent(round(coverage.top_share * coverage.nodes), coverage.nodes)
    return (
        f"{_count(coverage.nodes, 'node')}, {coverage.summary}\n"
        f"{_count(coverage.lines, 'distinct line')}, the most frequent one has {top} of the nodes"
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _head(program: Program) -> Text:
    name = f"{program.title}.{program.method}" if program.modules else program.title
    text = Text.assemble(
        (printable(name), "bold"),
        f" · {program.variant} · {program.came}\n",
        coverage_text(program.coverage()),
    )
    if program.banner:
        text.append(f"\n{printable(program.banner)}", "yellow")
    return text


# ── modules ─────────────────────────────────────────────────────────────────────────────────────


def _modules(program: Program) -> RenderableType | None:
    if len(program.modules) < 2:
        return None
    shown = _outer_modules([module.path for module in program.modules])
    numbers, sizes = _weights_below(program.weights)
    nodes = Counter(
        path for scope in program.graph.scopes.values() for path in iter_prefixes(scope)
    )
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("module", "type"):
        table.add_column(title, no_wrap=True)
    for title in ("parameters", "bytes", "nodes"):
        table.add_column(title, justify="right", no_wrap=True)
    for module in program.modules:
        if module.path not in shown:
            continue
        depth, path = module.path.count(".") + bool(module.path), module.path
        name = "  " * depth + (path.rpartition(".")[2] or program.title)
        count = nodes[path] if path else len(program.nodes_by_id)
        table.add_row(
            Text(printable(name)),
            Text(printable(module.type_name)),
            f"{numbers[path]:,}",
            f"{sizes[path]:,}",
            f"{count:,}",
        )
    hidden = len(program.modules) - len(shown)
    return Group("", table, *([Text(f"… {hidden} more modules inside", "dim")] if hidden else []))


def _outer_modules(paths: list[str]) -> set[str]:
    """The paths down to the greatest depth whose rows still fit on a page."""
    depths = Counter(path.count(".") + bool(path) for path in paths)
    rows, limit = 0, 1
    for depth in sorted(depths):
        rows += depths[depth]
        if rows <= _MODULE_ROWS:
            limit = max(limit, depth)
    return {path for path in paths if path.count(".") + bool(path) <= limit}


def _weights_below(weights: tuple[WeightInfo, ...]) -> tuple[Counter[str], Counter[str]]:
    """Module path → number of parameters in it and below, and their bytes, buffers included."""
    numbers, sizes = Counter[str](), Counter[str]()
    for weight in weights:
        for path in iter_prefixes(weight.name.rpartition(".")[0]):
            sizes[path] += weight.nbytes
            if weight.kind == "parameter":
                numbers[path] += math.prod(weight.shape)
    return numbers, sizes


def iter_prefixes(path: str) -> Iterator[str]:
    """`a.b.c` → `a.b.c`, `a.b`, `a` and the root ""."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


# ── IR ──────────────────────────────────────────────────────────────────────────────────────────


def _ir(program: Program) -> RenderableType:
    """The first lines, each with its model line in the gutter."""
    listing = list_graph(program.graph, comments=False)
    places = {
        first: _place(program, program.nodes_by_id[node])
        for node, (first, _) in listing.rows.items()
        if first < _IR_LINES
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    widest = max((len(place) for place in places.values()), default=0)
    table.add_column(no_wrap=True, style="dim", min_width=min(widest, _GUTTER))
    table.add_column(no_wrap=True)
    for row, line in enumerate(listing.lines[:_IR_LINES]):
        text = Text(printable(line))
        text.highlight_regex(r"\b(?:aten|prim|quantized|mkldnn|torchvision)::\w+", "cyan")
        table.add_row(Text(places.get(row, "")), text)
    more = max(0, len(listing.lines) - _IR_LINES)
    notes = [f"… {_count(more, 'more line')}"] if more else []
    notes += ["? an inferred line"] if any(place.endswith("?") for place in places.values()) else []
    return Group("", table, *(Text(note, "dim") for note in notes))


def _place(program: Program, node: Node) -> str:
    place = program.model_line(node)
    if place is None:
        return ""
    mark = "?" if program.graph.link(node).how is How.INFERRED else ""
    return printable(f"{Path(place_name(place.file)).name}:{place.line}{mark}")


# ── environment ─────────────────────────────────────────────────────────────────────────────────


def environment_page(environment: Environment) -> RenderableType:
    """What is installed, what this environment can be, its kernels, and what is wrong."""
    head = Text(f"Python {environment.version} ({environment.python})", "bold")
    parts: list[RenderableType] = [head, _packages(environment), "", _roles(environment)]
    if environment.kernels:
        parts += ["", _kernels(environment)]
    parts += [
        Text(
            "\nThe server and the kernel may be two environments: tsviz belongs into both, torch "
            "into the kernel's. This page is about one: run `tsviz env` where `jupyter lab` is "
            "started, and `%tsdebug --env` in a notebook.",
            "dim",
        )
    ]
    parts += [Text(finding, "red") for finding in environment.iter_findings()]
    return Group(*parts)


def _packages(environment: Environment) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("package", "installed", "needed"):
        table.add_column(title, no_wrap=True)
    for package in environment.packages:
        style = "" if package.fits else ("yellow" if package.optional else "red")
        installed = package.installed or "missing"
        needed = package.needed.removeprefix(package.name) or "any"
        table.add_row(package.name, installed, needed, style=style)
    return table


def _roles(environment: Environment) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for role, missing in environment.iter_roles():
        verdict = install_command_for(missing) if missing else "ready"
        table.add_row(Text(role), Text(verdict, "yellow" if missing else "green", overflow="fold"))
    return table


def _kernels(environment: Environment) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("other kernel", "Python", "tsviz", "torch", "to do"):
        table.add_column(title, overflow="fold")
    for kernel in environment.kernels:
        found = kernel.versions
        cells = [kernel.name, kernel.python]
        if found is None:
            cells += ["", "", "this Python does not start"]
        else:
            cells += [found["tsviz"] or "missing", found["torch"] or "missing", kernel.remedy]
        table.add_row(*map(Text, cells))
    return table
