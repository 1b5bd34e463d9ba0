"""Programs for the tests of views: captured once, or made to measure."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import tsviz
from tests.models.seeding import seeded
from tsviz.examples import registry
from tsviz.examples.bert import Bert, BertConfig
from tsviz.examples.resnet import ResNet
from tsviz.frontends import ModuleInfo, Program
from tsviz.ir import Graph
from tsviz.location import FileRange, How, Link
from tsviz.views import ContainerTree
from tsviz.views.tree import Container, count_boxes

VIAS = ("script", "trace", "hybrid", "freeze", "optimize")


NARROW = {
    "resnet50": seeded(lambda: ResNet(blocks=(3, 4, 6, 3), width=16)),
    "bert": seeded(lambda: Bert(BertConfig(width=96, inner_width=192))),
}
"""The large examples, node by node the same: their weights would stay, gigabytes of them.

Not narrower: PyTorch prints tensors of up to ten numbers, which tells equal blocks apart.
"""


@cache
def example(name: str, via: str = "script") -> Program:
    """An example of the package, captured once in this process."""
    found = registry.get(name)
    build = NARROW.get(name, found.build)
    return tsviz.capture(build().eval(), found.inputs(), via=via)


def chain(scopes: Iterable[str], lines: Iterable[int] | None = None) -> Program:
    """Relu after relu, each in the module of its scope and on its line of `model.py`."""
    paths = list(scopes)
    text = ["graph(%v : Tensor):"]
    text += [f"  %v{at + 1} : Tensor = aten::relu(%v{at or ''})" for at in range(len(paths))]
    text.append(f"  return (%v{len(paths) or ''})")
    program = tsviz.parse("\n".join(text).replace("%v0", "%v"))
    numbers = list(lines) if lines is not None else range(1, len(paths) + 1)
    return dress(program, paths, numbers)


def dress(program: Program, scopes: Iterable[str], lines: Iterable[int]) -> Program:
    """The program with scopes and lines for its nodes, in printed order."""
    nodes = list(program.graph.nodes)
    links = [Link(FileRange("model.py", line), How.EXACT) for line in lines]
    paths = list(scopes)
    graph = replace(
        program.graph,
        scopes=dict(zip(nodes, paths, strict=True)),
        links=dict(zip(nodes, links, strict=True)),
    )
    modules = [ModuleInfo("", "Model")]
    for path in dict.fromkeys(paths):
        parts = path.split(".") if path else []
        for end in range(1, len(parts) + 1):
            modules.append(ModuleInfo(".".join(parts[:end]), "Block"))
    return replace(program, graph=graph, modules=tuple(dict.fromkeys(modules)))


def count_visible(tree: ContainerTree, graph: Graph) -> int:
    """The boxes of the default view."""
    count, stack = 0, [tree.containers[0]]
    while stack:
        container = stack.pop()
        opened = [inner for inner in container.inner if inner.open]
        count += count_boxes(container, graph) - len(opened)
        stack += opened
    return count


def count_closed(tree: ContainerTree) -> int:
    """Containers that are visible and folded."""
    stack, count = [tree.containers[0]], 0
    while stack:
        inner = stack.pop().inner
        count += sum(not container.open for container in inner)
        stack += [container for container in inner if container.open]
    return count


def labels(container: Container) -> list[str]:
    return [inner.label for inner in container.inner]


def count_calls(work: Callable[[], object]) -> int:
    """How many functions, Python's and C's, are called while `work` runs."""
    calls = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
