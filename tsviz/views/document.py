"""A `Program` as the document that the browser works on alone."""

import json
import platform
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from math import prod
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.location import FileRange
from tsviz.protocol import tables
from tsviz.views.graph_tables import Known, graph_payload
from tsviz.views.places import Places
from tsviz.views.reports import coverage_payload, diagnostic_payload
from tsviz.views.sharing import share_text
from tsviz.views.variant_payloads import locations_of, sources_of, variant_graphs, variant_payloads

if TYPE_CHECKING:
    from tsviz.comparison import Beside
    from tsviz.passes import PassTrace
    from tsviz.profiler import Profile, ProfileComparison, Sweep
    from tsviz.protocol.profile_tables import AgainstPayload, ProfilePayload, SweepPayload
    from tsviz.views.pass_payloads import Recording

_NOTHING: Mapping[int, str] = {}


def document_of(
    program: Program,
    *,
    observed: Mapping[int, str] = _NOTHING,
    flops: Mapping[int, float] | None = None,
    stats: Mapping[str, tables.WeightStats] | None = None,
    schemas: Mapping[int, str] = _NOTHING,
    findings: Sequence[Diagnostic] = (),
    trace: "PassTrace | None" = None,
    comparison: tables.ComparisonPayload | None = None,
    variants: "Sequence[Beside]" = (),
    stepping: bool = False,
    stepped: Program | None = None,
    profile: "Profile | None" = None,
    against: "ProfileComparison | None" = None,
    sweep: "Sweep | None" = None,
    capabilities: tables.Capabilities | None = None,
    shared: bool = False,
) -> tables.Document:
    """Builds the document of a program.

    Args:
        observed: value id → what one run showed, such as `f32[1, 3, 8, 8]`.
        flops: node id → floating point operations of one call.
        stats: weight name → statistics.
        schemas: node id → operator schema.
        findings: what was found after the capture, shown beside the program's own.
        trace: a recorded pipeline, whose snapshots become graphs of the document.
        comparison: what was found when it was held against its Python code.
        variants: others of the same model, whose graphs become graphs of the document, too.
        stepping: whether something is stepped already.
        stepped: what is stepped, where that is another program: its graph becomes one, too.
        profile: where its time goes; the plan that ran becomes a graph of the document, too.
        against: that profile held against another.
        sweep: the program under other conditions.
        capabilities: what the other side can do; by default nothing.
        shared: whether the document leaves this machine: paths become relative and lose the
            home folder's name.
    """
    strings = {"": 0}
    numbers: dict[Hashable, int] = {}

    def intern(text: str) -> int:
        return strings.setdefault(text, len(strings))

    def number(node: Hashable) -> int:
        return numbers.setdefault(node, len(numbers))

    modules = {module.path: row for row, module in enumerate(program.modules)}
    known = Known(observed, flops or {}, schemas, modules, number)

    said = share_text if shared else str
    diagnostics = (*program.diagnostics, *findings)
    graphs = list(program.iter_graphs())
    recording = None if trace is None else _recording(trace, len(graphs))
    left = recording.snapshots if recording else ()
    plan = None if profile is None else _plan_of(profile)
    linked = [graph for _, graph in graphs] + [snapshot.graph for snapshot in left]
    linked += [] if plan is None else [plan]
    links = {id(link): link for graph in linked for link in graph.links.values()}
    locations = [link.location for link in links.values()]
    locations += [item.location for item in diagnostics]
    locations += [FileRange(path, 1) for path in (comparison.files if comparison else ())]
    if stepped is not None:
        locations += [link.location for link in stepped.graph.links.values()]
    sources = {**sources_of(variants), **(stepped or program).sources, **program.sources}
    places = Places([*locations, *locations_of(variants)], sources, intern)
    payloads = [
        graph_payload(program, graph, name, kind, known, intern, places)
        for (name, graph), kind in zip(graphs, _kinds(len(graphs)), strict=True)
    ]
    for name, graph, changes in left:
        after = replace(known, changes=changes)
        payloads.append(graph_payload(program, graph, name, "snapshot", after, intern, places))
    measured = None
    if profile is not None and plan is not None:
        ran = replace(known, observed=_observed_of(profile))
        measured = _measured(profile, len(payloads), number, places.files, said)
        payloads.append(graph_payload(program, plan, "plan", "plan", ran, intern, places))
    besides = variant_payloads(variants, len(payloads), number, places.files, said)
    payloads += variant_graphs(variants, known, intern, places)
    if stepped is not None:
        name = f"{program.method} · stepped"
        graph = stepped.graph
        payloads.append(graph_payload(stepped, graph, name, "stepped", known, intern, places))
    frames = places.frames_payload()
    return tables.Document(
        schema=1,
        title=program.title,
        variant=program.variant,
        method=program.method,
        source=program.came,
        banner=said(program.banner),
        versions=dict(package_versions()),
        strings=list(strings),
        files=list(places.iter_files(shared=shared)),
        frames=frames,
        graphs=payloads,
        modules=_modules(program, known.flops),
        weights=tables.PackedLines.of(list(_weights(program, stats or {}))),
        coverage=coverage_payload(program),
        diagnostics=[diagnostic_payload(item, places.files, said) for item in diagnostics],
        code=[tables.CodeLine(line, []) for line in _lines(program.code)],
        profile=measured,
        against=None if against is None else _against(against, places.files, said),
        sweep=None if sweep is None else _sweep(sweep, said),
        passes=recording and recording.payload(number),
        comparison=_share(comparison) if comparison and shared else comparison,
        variants=besides,
        capabilities=capabilities or tables.Capabilities(False, False, False, False),
        stepping=stepping,
    )


def _recording(trace: "PassTrace", first_row: int) -> "Recording":
    from tsviz.views.pass_payloads import lay_out  # PyTorch stays out where nothing was recorded

    return lay_out(trace, first_row)


def _plan_of(profile: "Profile") -> Graph:
    from tsviz.views.pass_payloads import own_tables  # as above

    return own_tables(profile.plan)


def _observed_of(profile: "Profile") -> Mapping[int, str]:
    from tsviz.views.profile_payloads import observed_of  # as above

    return observed_of(profile)


def _measured(
    profile: "Profile",
    graph: int,
    number: Callable[[int], int],
    files: Mapping[str, int],
    said: Callable[[str], str],
) -> "ProfilePayload":
    from tsviz.views.profile_payloads import profile_payload  # as above

    return profile_payload(
        profile, graph, number, files, lambda item: diagnostic_payload(item, files, said)
    )


def _against(
    found: "ProfileComparison", files: Mapping[str, int], said: Callable[[str], str]
) -> "AgainstPayload":
    from tsviz.views.profile_against import against_payload  # as above

    return against_payload(found, files, said)


def _sweep(found: "Sweep", said: Callable[[str], str]) -> "SweepPayload":
    from tsviz.views.profile_against import sweep_payload  # as above

    return sweep_payload(found, said)


def _share(comparison: tables.ComparisonPayload) -> tables.ComparisonPayload:
    from tsviz.views.comparison_payloads import share_comparison  # as above

    return share_comparison(comparison)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _kinds(graphs: int) -> list[str]:
    return ["inlined", *["method"] * (graphs - 1)]


def _modules(program: Program, flops: Mapping[int, float]) -> list[tables.ModulePayload]:
    rows = {module.path: row for row, module in enumerate(program.modules)}
    trained = [weight for weight in program.weights if weight.kind != "buffer"]
    numbers = _sums((_owner(w.name), prod(w.shape)) for w in trained)
    sizes = _sums((_owner(w.name), w.nbytes) for w in program.weights)
    counted = _sums((program.graph.scopes.get(node, ""), n) for node, n in flops.items())
    return [
        tables.ModulePayload(
            path=module.path,
            type_name=module.type_name,
            parent=rows.get(_owner(module.path), -1) if module.path else -1,
            parameters=int(numbers.get(module.path, 0)),
            bytes=int(sizes.get(module.path, 0)),
            flops=counted.get(module.path),
            training=module.training,
        )
        for module in program.modules
    ]


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _sums(amounts: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Module path → the sum of the amounts in the module and below it."""
    totals: dict[str, float] = {}
    for module, amount in amounts:
        path = module
        while path:
            totals[path] = totals.get(path, 0) + amount
            path = _owner(path)
        totals[""] = totals.get("", 0) + amount
    return totals


def _weights(program: Program, stats: Mapping[str, tables.WeightStats]) -> Iterator[str]:
    for weight in program.weights:
        row = tables.WeightPayload(
            name=weight.name,
            kind=weight.kind,
            dtype=weight.dtype,
            shape=list(weight.shape),
            bytes=weight.nbytes,
            stats=stats.get(weight.name),
        )
        yield json.dumps(asdict(row), separators=(",", ":"))


@cache
def package_versions() -> Mapping[str, str]:
    """Of Python, tsviz and PyTorch, as they are installed."""
    found = {"python": platform.python_version()}
    for package in ("tsviz", "torch"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed here"
    return found
