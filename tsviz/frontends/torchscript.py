"""Models and functions → `Program`, through TorchScript.

`capture` is the one gesture: it takes what the user has (a module, a function, a bound method,
something already compiled) and makes the variant asked for. The user's model, its buffers, the
random number generator and the global settings are left as they were found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
from os import PathLike
from types import MappingProxyType
from typing import cast

from tsviz.collector import collector_held
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.compiling import compile_variant
from tsviz.frontends.failures.warned import with_nodes
from tsviz.frontends.inputs import check_inputs, takes_nothing
from tsviz.frontends.links import link_nodes
from tsviz.frontends.program import (
    Came,
    Inputs,
    ModuleInfo,
    Program,
    Variant,
    WeightInfo,
)
from tsviz.frontends.sources import ReadSource, collect_sources, read_source
from tsviz.ir import Graph
from tsviz.jit import Evidence, Evidences, NativeGraph, import_graph, import_inlined, natives
from tsviz.location import SourceFile

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
        args: positional example inputs; needed where `via` traces. A single tensor stands for
            itself.
        kwargs: example inputs by name.
        via: `auto` (already compiled: as it is; else script; else trace), `script`, `trace`,
            `hybrid`, `freeze` or `optimize`.

    Raises:
        UsageError: wrong arguments (`TSV-U03` …).
        CaptureError: PyTorch could not make the variant; the diagnostic carries its words and,
            where they are known, the user's line.
    """
    if via not in VIAS:
        message = f"expected via to be one of {', '.join(VIAS)}, got {via!r}"
        close = get_close_matches(str(via), VIAS, n=1)
        help = f"did you mean {close[0]!r}?" if close else ""
        raise UsageError(Diagnostic("TSV-U03", message, help=help))
    target = find_target(model)
    inputs = find_inputs(target, args, kwargs)
    compiled = compile_variant(target.owner, target.method, inputs, via)
    program = import_program(
        compiled.native,
        compiled.method,
        variant=compiled.variant,
        inputs=inputs or (Inputs() if takes_nothing(target.owner, target.method) else None),
        title=target.title,
        banner=compiled.banner,
        diagnostics=compiled.diagnostics,
        evidence=compiled.evidence,
        modules=compiled.modules,
    )
    return program if natives.is_compiled(target.owner) else replace(program, model=target.owner)


def check_empty_call(model: object) -> None:
    """Refuses a call without arguments where there must be some.

    Raises:
        UsageError: `TSV-U15` and as `capture`.
    """
    target = find_target(model)
    check_inputs(target.owner, target.method, Inputs())


@collector_held()
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
    read_other: ReadSource = read_source,
    evidence: Evidences | None = None,
    modules: tuple[tuple[str, str, bool], ...] = (),
) -> Program:
    """Reads a compiled module or function as it is.

    Args:
        native: what PyTorch compiled or loaded.
        method: the entry point.
        variant: how it was made; told from the module where it is not given.
        inputs, title, came, banner, diagnostics: as those of `Program`.
        sources: texts that take precedence over files on this machine, by path.
        read_other: finds the text of a file that is not among these.
        evidence: what is known about its nodes; by default what the live graphs say.
        modules: (path, class, training) of its module tree; by default what it has now.
    """
    if evidence is None:
        read = import_inlined(native, method)
    else:
        read = import_graph(natives.inlined_graph(native, method), method, evidence)
    graph = _linked(read, sources or {})
    methods = LazyMethods(native, sources or {})
    tree = tuple(ModuleInfo(*row) for row in modules or natives.iter_modules(native))
    return Program(
        graph=graph,
        methods=methods,
        sources=collect_sources(graph.links.values(), sources or {}, read_other),
        variant=variant or detect_variant(native, graph, read.evidence),
        inputs=inputs,
        native=native,
        title=title or (tree[0].type_name if tree else method),
        method=method,
        came=came,
        banner=banner,
        diagnostics=with_nodes(diagnostics, graph),
        modules=tree,
        weights=tuple(_weights(native)),
        read_code=partial(natives.code_of, native, method),
    )


def with_forks_inlined(program: Program) -> Program:
    """A program whose forks hold the nodes of what they call; itself, if it forks nothing.

    The nodes of the other have ids of their own.
    """
    if not any(node.op == "prim::fork" for node in program.graph.iter_nodes()):
        return program
    read = import_inlined(program.get_native(), program.method, forks=True)
    graph = _linked(read, program.sources)
    sources = collect_sources(graph.links.values(), program.sources, read_source)
    return replace(program, graph=graph, sources=sources)


def _linked(read: NativeGraph, sources: Mapping[str, SourceFile] = MappingProxyType({})) -> Graph:
    links, beside = link_nodes(read.graph, read.evidence, sources)
    scopes = {node: path for node, found in read.evidence.items() if (path := found.stack.module)}
    for node, other in beside.items():
        if read.evidence[node].stack.is_unknown and other in scopes:
            scopes.setdefault(node, scopes[other])  # made by a pass, for that node
    return replace(read.graph, links=links, scopes=scopes)


class LazyMethods(Mapping[str, Graph]):
    """The compiled methods by qualified name; each is imported when first asked for."""

    def __init__(self, native: object, sources: Mapping[str, SourceFile]) -> None:
        self._native = native
        self._sources = sources
        self._graphs: dict[str, Graph] = {}

    @cached_property
    def _readers(self) -> dict[str, natives.ReadGraph]:
        return dict(natives.iter_method_graphs(self._native))

    def __getitem__(self, name: str) -> Graph:
        graph = self._graphs.get(name)
        if graph is None:
            read = import_graph(self._readers[name](), name)
            graph = self._graphs[name] = _linked(read, self._sources)
        return graph

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)


def detect_variant(native: object, graph: Graph, evidence: Mapping[int, Evidence]) -> Variant:
    """What a program that was compiled elsewhere is, by the marks each way of making leaves.

    Args:
        native: the compiled module or function.
        graph: of the entry point, inlined.
        evidence: by node id; recorded Python stacks are the mark of a trace.
    """
    ops = {node.op for node in graph.iter_nodes()}
    if any("mkldnn" in op.lower() for op in ops):
        return Variant.OPTIMIZE
    if natives.is_frozen(native):
        return Variant.FREEZE
    recorded = {
        evidence[node.id].traced for node in graph.iter_nodes() if node.op.startswith("aten::")
    }
    if recorded == {True}:
        return Variant.TRACE
    return Variant.HYBRID if True in recorded else Variant.SCRIPT


def _weights(native: object) -> Iterator[WeightInfo]:
    for name, kind, tensor in natives.iter_tensors(native):
        dtype = natives.short_dtype(tensor)
        size = tensor.numel() * tensor.element_size()
        yield WeightInfo(name, kind, dtype, tuple(tensor.shape), size)


def find_target(model: object) -> Target:
    """What a user means by a model: an object and its entry point.

    Raises:
        UsageError: `TSV-U04` it is nothing that can be captured.
    """
    if natives.is_script_method(model):
        module = natives.owner_of(model)
        return Target(module, model.name, natives.title_of(module))
    if natives.is_module(model):
        return Target(model, "forward", natives.title_of(model))
    owner = getattr(model, "__self__", None)
    name = getattr(model, "__name__", type(model).__name__)
    if natives.is_module(owner):
        method = "forward" if name == "__call__" else name
        return Target(owner, method, natives.title_of(owner))
    if callable(model) and not isinstance(model, type):
        return Target(model, name, natives.title_of(model))
    what, help = _describe(model)
    message = f"expected a module, a function or something TorchScript has compiled, got {what}"
    raise UsageError(Diagnostic("TSV-U04", message, help=help))


def _describe(model: object) -> tuple[str, str]:
    """What was given instead of a model, and what to do."""
    what, help = f"a value of type {type(model).__name__}", "pass the model itself"
    if isinstance(model, type):
        what = f"the class `{model.__name__}`"
        help = f"make an instance of it: {model.__name__}(…)"
    elif isinstance(model, (str, PathLike)):
        help = "open a file with tsviz.open(path)"
    elif isinstance(model, Mapping):
        help = "a state_dict holds weights and no code: load it into the model and pass that"
    return what, help


def find_inputs(target: Target, args: object, kwargs: object) -> Inputs | None:
    """Example inputs as they were passed; `None` where there are none.

    Raises:
        UsageError: `TSV-U15`, `TSV-U16` they do not fit.
    """
    positional = (args,) if natives.is_tensor(args) else args
    named: object = {} if kwargs is None else kwargs
    if not isinstance(positional, (tuple, list)):
        raise UsageError(_odd_inputs("args to be a tuple of arguments", args, "(x,)"))
    if not isinstance(named, Mapping):
        raise UsageError(_odd_inputs("kwargs to map names to arguments", kwargs, '{"x": x}'))
    if positional or named:
        inputs = Inputs(
            tuple(cast("Sequence[object]", positional)),
            MappingProxyType(dict(cast("Mapping[str, object]", named))),
        )
        check_inputs(target.owner, target.method, inputs)
        return inputs
    return None


def _odd_inputs(expected: str, got: object, example: str) -> Diagnostic:
    message = f"expected {expected}, got a value of type {type(got).__name__}"
    return Diagnostic("TSV-U16", message, help=f"write {example}")
