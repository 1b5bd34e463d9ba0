"""A profile as tables of numbers; times in whole nanoseconds over all runs add up exactly."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tsviz.frontends import read_source
from tsviz.location import FileRange
from tsviz.profiler import Profile, Sample, Spread
from tsviz.profiler.flow import Share

if TYPE_CHECKING:
    import pandas

_COUNTS = (
    *("line", "calls", "kernels", "bytes_allocated", "peak_bytes", "bytes_moved", "iterations"),
    *("cpu_ns", "total_ns", "device_ns", "marked_ns", "marked_self_ns"),
)
_SHARE = (
    *("calls", "cpu_ns", "share_percent", "device_ns", "bytes_allocated", "flops", "is_shared"),
)
_NODE = (
    *("op", "file", "line", "module", "calls", "cpu_ns", "total_ns", "share_percent"),
    *("cpu_us_median", "cpu_us_quartile_1", "cpu_us_quartile_3", "device_ns", "kernels"),
    *("bytes_allocated", "peak_bytes", "inputs", "outputs", "flops", "bytes_moved"),
    *("gflop_per_s", "gb_per_s", "roof_percent", "iterations", "taken", "members", "is_shared"),
    *("marked_ns", "marked_self_ns"),
)


def nodes_frame(profile: Profile) -> "pandas.DataFrame":
    """One row a node of the plan that has a time, in the order in which they stand there.

    Columns: `node` (the index), `op`, `file`, `line`, `module`, `calls`, `cpu_ns` (its own ops,
    over all runs), `total_ns` (with what runs in its blocks), `share_percent` (of all ops' time),
    `cpu_us_median`, `cpu_us_quartile_1`, `cpu_us_quartile_3` (of one run), `device_ns`, `kernels`,
    `bytes_allocated`, `peak_bytes`, `inputs`, `outputs`, `flops`, `bytes_moved` (of one run),
    `gflop_per_s`, `gb_per_s`, `roof_percent`, `iterations`, `taken`, `members`, `is_shared`,
    `marked_ns`, `marked_self_ns`. What was not measured is missing.
    """
    rows = [
        _node_row(profile, sample)
        for sample in profile.samples.values()
        if sample.total_ns is not None or sample.kernels or sample.marked_ns is not None
    ]
    return _frame(rows, ["node"], ["node", *_NODE])


def origins_frame(profile: Profile) -> "pandas.DataFrame":
    """One row a node of the program; what the plan's nodes took is shared among its origins.

    Columns: `node` (the index; 0 is what none is known for), `op`, `file`, `line`, `module`,
    `calls`, `cpu_ns`, `share_percent`, `device_ns`, `bytes_allocated`, `flops`, `is_shared`.
    """
    graph = profile.program.graph
    rows: list[dict[str, object]] = []
    for node, share in profile.by_origin.items():
        known = graph.nodes.get(node)
        rows.append(
            {
                "node": node,
                "op": None if known is None else known.op,
                **_place(profile.line_of(node)),
                "module": None if known is None else graph.scope(known),
                **_share_row(profile, share),
            }
        )
    return _frame(rows, ["node"], ["node", "op", "file", "line", "module", *_SHARE])


def lines_frame(profile: Profile) -> "pandas.DataFrame":
    """One row a line of Python, the longest first.

    Columns: `file` and `line` (the index; missing for what no line is known for), `code`, `nodes`,
    and as `origins_frame`.
    """
    rows = [
        {
            "file": line.file,
            "line": line.line or None,
            "code": line.code,
            "nodes": len(line.nodes),
            **_share_row(profile, line.share),
        }
        for line in sum_lines(profile)
    ]
    return _frame(rows, ["file", "line"], ["file", "line", "code", "nodes", *_SHARE])


def modules_frame(profile: Profile) -> "pandas.DataFrame":
    """One row a module that is called, and each one around it.

    Columns: `module` (the index; "" is the program), `nodes`, `total_ns` (with the modules in
    it), and as `origins_frame`.
    """
    rows = [
        {
            "module": module.path,
            "nodes": len(module.nodes),
            "total_ns": module.total_ns,
            **_share_row(profile, module.share),
        }
        for module in sum_modules(profile)
    ]
    return _frame(rows, ["module"], ["module", "nodes", "total_ns", *_SHARE])


# ── sums ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LineSum:
    """What one line took; `file` is "" where none is known."""

    file: str
    line: int
    code: str
    nodes: tuple[int, ...]
    share: Share


@dataclass(frozen=True, slots=True)
class ModuleSum:
    """What one module took by itself, and with the modules in it."""

    path: str
    nodes: tuple[int, ...]
    share: Share
    total_ns: int


def sum_lines(profile: Profile) -> list[LineSum]:
    """The lines, the longest first."""
    groups: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for node in profile.by_origin:
        place = profile.line_of(node)
        groups["" if place is None else place.file, 0 if place is None else place.line].append(node)
    sums = [
        LineSum(file, line, _code(profile, file, line), tuple(nodes), _sum(profile, nodes))
        for (file, line), nodes in groups.items()
    ]
    return sorted(sums, key=lambda one: (-_weight(one.share), one.file, one.line))


def sum_modules(profile: Profile) -> list[ModuleSum]:
    """The modules, by path."""
    graph = profile.program.graph
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for node in profile.by_origin:
        known = graph.nodes.get(node)
        groups["" if known is None else graph.scope(known)].append(node)
    for path in list(groups):
        for around in _iter_around(path):
            groups.setdefault(around, [])
    own = {path: _sum(profile, nodes) for path, nodes in groups.items()}
    totals: defaultdict[str, int] = defaultdict(int)
    for path, share in own.items():
        for around in (path, *_iter_around(path)):
            totals[around] += share.cpu_ns
    return [
        ModuleSum(path, tuple(groups[path]), own[path], totals[path]) for path in sorted(groups)
    ]


def _iter_around(path: str) -> Iterator[str]:
    """The modules that a module lies in, the innermost first."""
    while path:
        path = path.rpartition(".")[0]
        yield path


def _sum(profile: Profile, nodes: Iterable[int]) -> Share:
    whole = Share()
    for node in nodes:
        share = profile.by_origin[node]
        calls = [known for known in (whole.calls, share.calls) if known is not None]
        flops = [known for known in (whole.flops, share.flops) if known is not None]
        whole = replace(
            whole,
            cpu_ns=whole.cpu_ns + share.cpu_ns,
            device_ns=whole.device_ns + share.device_ns,
            bytes_allocated=whole.bytes_allocated + share.bytes_allocated,
            flops=sum(flops) if flops else None,
            calls=max(calls, default=None),
            is_shared=whole.is_shared or share.is_shared,
        )
    return whole


def _weight(share: Share) -> int:
    return max(share.cpu_ns, share.device_ns)


def _code(profile: Profile, file: str, line: int) -> str:
    if not file:
        return ""
    source = profile.program.sources.get(file) or read_source(file)
    return source.slice(FileRange(file, line))


# ── rows ────────────────────────────────────────────────────────────────────────────────────────


def _node_row(profile: Profile, sample: Sample) -> dict[str, object]:
    node = profile.plan.nodes[sample.node]
    low, middle, high = _of_one_run(sample)
    flops, moved = sample.flops_per_second, sample.bytes_per_second
    return {
        "node": sample.node,
        "op": sample.op,
        **_place(profile.line_of(sample.node)),
        "module": profile.plan.scope(node),
        "calls": sample.calls,
        "cpu_ns": sample.cpu_ns,
        "total_ns": sample.total_ns,
        "share_percent": percent_of(sample.cpu_ns, profile),
        "cpu_us_median": middle,
        "cpu_us_quartile_1": low,
        "cpu_us_quartile_3": high,
        "device_ns": None if sample.device_ns is None else sum(sample.device_ns),
        "kernels": sample.kernels,
        "bytes_allocated": sample.bytes_allocated,
        "peak_bytes": sample.peak_bytes,
        "inputs": _words(sample.inputs),
        "outputs": _words(sample.outputs),
        "flops": sample.flops,
        "bytes_moved": sample.bytes_moved,
        "gflop_per_s": flops and flops / 1e9,
        "gb_per_s": moved and moved / 1e9,
        "roof_percent": roof_percent(profile, sample),
        "iterations": sample.iterations,
        "taken": sample.taken,
        "members": sample.members,
        "is_shared": sample.is_shared,
        "marked_ns": sample.marked_ns,
        "marked_self_ns": sample.marked_self_ns,
    }


def roof_percent(profile: Profile, sample: Sample) -> float | None:
    """The rate it achieved, in percent of the best that its operations a byte allow here."""
    roof, rate = profile.roofline, sample.flops_per_second
    if roof is None or rate is None or not sample.flops or not sample.bytes_moved:
        return None
    intensity = sample.flops / sample.bytes_moved
    return 100 * rate / min(roof.flops_per_second, intensity * roof.bytes_per_second)


def percent_of(nanoseconds: int | None, profile: Profile) -> float | None:
    """Its share of the time of all ops."""
    whole = profile.accounting.ops
    return None if nanoseconds is None or not whole else 100 * nanoseconds / whole


def _of_one_run(sample: Sample) -> tuple[float | None, float | None, float | None]:
    if sample.self_ns is None:
        return None, None, None
    spread = Spread(sample.self_ns)
    low, high = spread.quartiles
    return low / 1e3, spread.median / 1e3, high / 1e3


def _share_row(profile: Profile, share: Share) -> dict[str, object]:
    has_device = profile.accounting.kernels is not None
    return {
        "calls": share.calls,
        "cpu_ns": share.cpu_ns,
        "share_percent": percent_of(share.cpu_ns, profile),
        "device_ns": share.device_ns if has_device else None,
        "bytes_allocated": share.bytes_allocated,
        "flops": share.flops,
        "is_shared": share.is_shared,
    }


def _place(place: FileRange | None) -> dict[str, object]:
    return {
        "file": None if place is None else place.file,
        "line": None if place is None else place.line,
    }


def _words(values: tuple[str, ...] | None) -> str | None:
    return None if values is None else ", ".join(filter(None, values))


def _frame(
    rows: list[dict[str, object]], index: list[str], columns: list[str]
) -> "pandas.DataFrame":
    import pandas

    frame = pandas.DataFrame(rows, columns=columns)
    kinds: Mapping[str, str] = {name: "Int64" for name in _COUNTS if name in frame}
    names = [str(name) for name in frame]
    floats = [name for name in names if name.endswith(("_percent", "_per_s")) or name == "flops"]
    return frame.astype({**kinds, **dict.fromkeys(floats, "float64")}).set_index(index)
