"""Freezing and optimising a tagged clone of a module, with the log of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import torch

from tsviz.ir import read_graph
from tsviz.jit.executor_log import Dump, executor_log
from tsviz.jit.inlining import inline_forks
from tsviz.jit.internals import cpp_module, internals, jit
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.tags import tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

_FREEZE = ("graph_executor", "eliminate_no_ops", "frozen_concat_linear")
_PER_GRAPH = _FREEZE[:2]
_BEGINNING = "Before EliminateDeadCode (beginning"
_OPTIMIZE = ("frozen_ops_to_mkldnn", "frozen_linear_transpose")
FROZEN, OPTIMIZED = "After freeze", "After optimize_for_inference"


@dataclass(frozen=True, slots=True)
class FreezeLog:
    """What freezing did.

    Attributes:
        first: the text of the inlined entry point before, tags in its comments.
        dumps: the graphs printed, and at the end of each stage the graph as it came out; those of
            other graphs than the entry point's name a part as their executor.
        natives: those, live, by their titles.
    """

    first: str
    dumps: tuple[Dump, ...]
    natives: Mapping[str, object]


def record_freezing(native: object, method: str, *, optimize: bool) -> FreezeLog:
    """Freezes a clone of a compiled module; the one given stays as it is.

    Args:
        native: a live, not yet frozen `torch.jit.ScriptModule` in eval mode.
        method: the entry point that is kept.
        optimize: run `optimize_for_inference` on the result, too.
    """
    module = cast("torch.jit.ScriptModule", native)
    try:
        return _record(module, method, optimize, _OPTIMIZE)
    except RuntimeError:  # PyTorch cannot print MKL-DNN tensors of one element
        return _record(module, method, optimize, ())


def _record(
    module: torch.jit.ScriptModule, method: str, optimize: bool, logged: tuple[str, ...]
) -> FreezeLog:
    clone = internals._hack_do_not_use_clone_module_with_class(cpp_module(module), [], [])
    graph = clone._get_method(method).graph
    internals._jit_pass_inline(graph)
    inline_forks(graph)
    tag_nodes(live_nodes(graph, read_graph(print_graph(graph)).graph))
    first = print_graph(graph)
    kept = None if method == "forward" else [method]
    with held_interrupts() as let_through, executor_log(*_FREEZE) as log, let_through():
        frozen = jit.freeze(jit._recursive.wrap_cpp_module(clone), kept)
    natives = {FROZEN: _copied(frozen, method)}
    dumps = [*log.dumps(), _as_it_is(natives, FROZEN)]
    if optimize:
        with held_interrupts() as let_through, executor_log(*logged) as log, let_through():
            optimized = jit.optimize_for_inference(frozen, kept)
        natives[OPTIMIZED] = _copied(optimized, method)
        dumps += [*log.dumps(), _as_it_is(natives, OPTIMIZED)]
    return FreezeLog(first, tuple(_in_parts(_without_others(dumps))), natives)


def _copied(module: torch.jit.ScriptModule, method: str) -> torch._C.Graph:
    """The graph as it stands: optimising goes on with it."""
    return cpp_module(module)._get_method(method).graph.copy()


def _as_it_is(natives: Mapping[str, torch._C.Graph], title: str) -> Dump:
    return Dump("", title, print_graph(natives[title]))


def _without_others(dumps: list[Dump]) -> Iterator[Dump]:
    """The dumps of the entry point: constants are folded in small graphs, which print, too."""
    yield from (dump for dump in dumps if not dump.title.startswith("NoOpt"))


def _in_parts(dumps: Iterable[Dump]) -> Iterator[Dump]:
    """Names the parts: after the entry point, the graphs of what it forks are optimised."""
    part = -1
    for dump in dumps:
        part += dump.title.startswith(_BEGINNING)
        is_part = part > 0 and dump.file in _PER_GRAPH
        yield replace(dump, executor=f"part {part}") if is_part else dump
