"""Models and functions → `Program`, through TorchScript.

`capture` is the one gesture: it takes what the user has (a module, a function, a bound method,
something already compiled) and makes the variant asked for. The user's model, its buffers, the
random number generator and the global settings are left as they were found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.compiling import compile_variant
from tsviz.frontends.links import link_nodes
from tsviz.frontends.program import (
    Came,
    Inputs,
    ModuleInfo,
    Program,
    Variant,
    WeightInfo,
)
from tsviz.frontends.sources import collect_sources
from tsviz.ir import Graph, Node
from tsviz.jit import Evidence, NativeGraph, import_graph, natives
from tsviz.location import SourceFile, iter_frames

VIAS = ("auto", "script", "trace", "hybrid", "freeze", "optimize")


@dataclass(frozen=True, slots=True)
class Target:
    """What to capture: an object and its entry point."""

    owner: object
    method: str
    title: str


def capture(
    model: object,
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    via: str = "auto",
) -> Program:
    """Captures a model, a function or a bound method as a `Program`.

    Args:
        model: an `nn.Module`, a function, a bound method of a module, or anything TorchScript
            has compiled already.
        args, kwargs: example inputs; needed where `via` traces.
        via: `auto` (already compiled: as it is; else script; else trace), `script`, `trace`,
            `hybrid`, `freeze` or `optimize`.

    Raises:
        UsageError: wrong arguments (`TSV-U03` …).
        CaptureError: PyTorch could not make the variant; the diagnostic carries its words and,
            where they are known, the user's line.
    """
    if via not in VIAS:
        raise UsageError(
            Diagnostic("TSV-U03", f"expected via to be one of {', '.join(VIAS)}, got {via!r}")
        )
    target = _find_target(model)
    inputs = Inputs(tuple(args), MappingProxyType(dict(kwargs or {}))) if args or kwargs else None
    compiled = compile_variant(target.owner, target.method, inputs, via)
    return import_program(
        compiled.native,
        compiled.method,
        variant=compiled.variant,
        inputs=inputs,
        title=target.title,
        banner=compiled.banner,
        diagnostics=compiled.diagnostics,
        origins=compiled.origins,
    )


def import_program(
    native: object,
    method: str = "forward",
    *,
    variant: Variant | None = None,
    inputs: Inputs | None = None,
    title: str = "",
    came: Came = Came.LIVE,
    banner: str = "",
    diagnostics: tuple[Diagnostic, ...] = (),
    sources: Mapping[str, SourceFile] | None = None,
    origins: tuple[Evidence | None, ...] = (),
) -> Program:
    """Reads a compiled module or function as it is."""
    callstacks = not origins and not natives.has_stale_stacks(native)
    graph = _linked(
        import_graph(
            natives.inlined_graph(native, method),
            method,
            origins=origins,
            callstacks=callstacks,
            sources=sources or {},
        ),
        sources or {},
    )
    methods = LazyMethods(native)
    modules = tuple(ModuleInfo(*row) for row in natives.iter_modules(native))
    return Program(
        graph=graph,
        methods=methods,
        sources=collect_sources(graph.links.values(), sources),
        variant=variant or detect_variant(graph),
        inputs=inputs,
        native=native,
        title=title or (modules[0].type_name if modules else method),
        method=method,
        came=came,
        banner=banner,
        diagnostics=diagnostics,
        modules=modules,
        weights=tuple(_weights(native)),
        code=natives.code_of(native, method),
    )


def _linked(
    read: NativeGraph, sources: Mapping[str, SourceFile] = MappingProxyType({})
) -> Graph:
    links = link_nodes(read.graph, read.evidence, sources)
    scopes = {node: path for node, found in read.evidence.items() if (path := found.module)}
    return replace(read.graph, links=links, scopes=scopes)


class LazyMethods(Mapping[str, Graph]):
    """The compiled methods by qualified name; each is imported when first asked for."""

    def __init__(self, native: object) -> None:
        self._readers: dict[str, Callable[[], object]] = dict(natives.iter_method_graphs(native))
        self._graphs: dict[str, Graph] = {}

    def __getitem__(self, name: str) -> Graph:
        graph = self._graphs.get(name)
        if graph is None:
            graph = self._graphs[name] = _linked(
                import_graph(self._readers[name](), name, callstacks=False)
            )
        return graph

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)


def detect_variant(graph: Graph) -> Variant:
    """What a graph that was compiled elsewhere is, by the marks each way of making leaves."""
    ops = {node.op for node in graph.iter_nodes()}
    if any("mkldnn" in op.lower() for op in ops):
        return Variant.OPTIMIZE
    if "prim::GetAttr" not in ops and any(
        value.name.startswith("self.") for value in graph.values.values()
    ):
        return Variant.FREEZE
    recorded = {
        _is_recorded(graph, node) for node in graph.iter_nodes() if node.op.startswith("aten::")
    }
    if recorded == {True}:
        return Variant.TRACE
    return Variant.HYBRID if True in recorded else Variant.SCRIPT


def _is_recorded(graph: Graph, node: Node) -> bool:
    """Whether a node carries a Python stack: one that passes through `Module.__call__`."""
    return any(
        frame.file.replace("\\", "/").endswith("torch/nn/modules/module.py")
        for frame in iter_frames(graph.link(node).location)
    )


def _weights(native: object) -> Iterator[WeightInfo]:
    for name, kind, tensor in natives.iter_tensors(native):
        dtype = natives.short_dtype(tensor)
        size = tensor.numel() * tensor.element_size()
        yield WeightInfo(name, kind, dtype, tuple(tensor.shape), size)


def _find_target(model: object) -> Target:
    owner = getattr(model, "__self__", None)
    if natives.is_script_method(model):
        method = cast("str", model.name)  # type: ignore[attr-defined]
        module = natives.owner_of(model)
        return Target(module, method, natives.title_of(module))
    if owner is not None and natives.is_module(owner):
        method = cast("str", model.__name__)  # type: ignore[attr-defined]
        return Target(owner, "forward" if method == "__call__" else method, natives.title_of(owner))
    if natives.is_module(model):
        return Target(model, "forward", natives.title_of(model))
    if natives.is_script_function(model) or callable(model) and not isinstance(model, type):
        return Target(model, getattr(model, "__name__", type(model).__name__), natives.title_of(model))
    raise UsageError(
        Diagnostic(
            "TSV-U04",
            f"expected a module, a function or something TorchScript has compiled, "
            f"got {type(model).__name__}",
            help="pass the model itself, or use tsviz.open(path) for a file",
        )
    )
