"""The folded graph as Graphviz DOT, and as a static SVG without any system package.

Shows what the explorer shows at first: the default folds, constants and attribute reads left out.
"""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, cast

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.views.containers import build_containers
from tsviz.views.tree import Container, Kind, is_stub, nodes_in

_TIME_LIMIT = 20.0
_FONT = {"fontname": "Helvetica", "fontsize": "11"}
_NODE = {"shape": "box", "style": "rounded,filled", **_FONT}
_CLUSTER = {"style": "rounded", **_FONT}


def render_dot(program: Program) -> str:
    """DOT text of the default view of the inlined graph."""
    import graphviz

    picture = cast("_Picture", graphviz.Digraph(_quoted(program.title)))
    picture.attr(None, rankdir="TB", nodesep="0.25", ranksep="0.35", bgcolor="transparent")
    picture.attr("node", **_NODE, fillcolor="#f5f7fa", color="#8b95a3", fontcolor="#1c2430")
    picture.attr("edge", color="#646e7c", arrowsize="0.6")
    _Drawing(program.graph, build_containers(program, program.graph).containers).draw(picture)
    return picture.source


def render_svg(program: Program) -> str:
    """The same view as SVG text.

    Raises:
        UsageError: `TSV-U30` no Graphviz was found, `TSV-U31` it failed.
    """
    return draw_dot(render_dot(program))


def draw_dot(source: str) -> str:
    """What Graphviz draws of a DOT text, as SVG text; errors as `render_svg`."""
    command = _find_dot()
    try:
        done = subprocess.run(
            [*command, "-Tsvg"],
            input=source.encode(),
            capture_output=True,
            check=True,
            timeout=_TIME_LIMIT,
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        note = f"Graphviz said: {said.decode(errors='replace').strip()[:500]}"
        raise UsageError(
            Diagnostic("TSV-U31", "expected Graphviz to draw the graph, it failed", notes=(note,))
        ) from error
    return done.stdout.decode()


def _find_dot() -> list[str]:
    """Graphviz of the system, else the one that came with the wheel."""
    scripts = Path(sysconfig.get_path("scripts"))
    bundled = scripts / ("graphviz-pure.exe" if os.name == "nt" else "graphviz-pure")
    for found in (shutil.which("dot"), str(bundled), shutil.which("graphviz-pure")):
        if found and Path(found).exists():
            return [found]
    raise UsageError(
        Diagnostic(
            "TSV-U30",
            "expected a Graphviz to draw with, found neither `dot` nor `graphviz-pure`",
            help="pip install graphviz-pure",
        )
    )


class _Picture(Protocol):
    """What is used of graphviz.Digraph, which has no types of its own."""

    source: str

    def attr(self, kw: str | None, **attributes: str) -> None: ...
    def node(self, name: str, label: str, **attributes: str) -> None: ...
    def edge(self, tail_name: str, head_name: str) -> None: ...
    def subgraph(self, *, name: str) -> "AbstractContextManager[_Picture]": ...


class _Drawing:
    """One walk over the open containers, then the edges between what is visible."""

    def __init__(self, graph: Graph, containers: tuple[Container, ...]) -> None:
        self.graph = graph
        self.root = containers[0]
        self.names = {id(container): f"c{row}" for row, container in enumerate(containers)}
        self.owned = {c.node for c in containers if c.kind is Kind.CONTROL}
        self.boxes: dict[int, str] = {}

    def draw(self, picture: _Picture) -> None:
        for value, name in self._params().items():
            picture.node(name, _quoted(self.graph.values[value].name), shape="ellipse")
        self._open(picture, self.root)
        for source, target in dict.fromkeys(self._edges()):
            picture.edge(source, target)

    def _params(self) -> dict[int, str]:
        """The inputs; the module itself, which comes first, is not drawn."""
        params = self.graph.block.params
        first = bool(params) and self.graph.types[params[0]].text.startswith("__torch__.")
        return {value: f"v{value}" for value in params[first:]}

    def _open(self, picture: _Picture, container: Container) -> None:
        for child in container.children:
            if isinstance(child, int):
                self._node(picture, child)
            elif child.open:
                with picture.subgraph(name=f"cluster_{self.names[id(child)]}") as inner:
                    warm = child.kind in (Kind.CONTROL, Kind.BLOCK)
                    color = "#e8b75c" if warm else "#d5dbe5"
                    inner.attr(None, label=_quoted(_title(child)), color=color, **_CLUSTER)
                    self._open(inner, child)
            else:
                self._folded(picture, child)

    def _node(self, picture: _Picture, identity: int) -> None:
        node = self.graph.nodes[identity]
        if identity in self.owned or is_stub(node):
            return
        name = f"n{identity}"
        picture.node(name, _quoted(node.op.rpartition("::")[2]))
        self.boxes[identity] = name

    def _folded(self, picture: _Picture, container: Container) -> None:
        name = self.names[id(container)]
        inside = nodes_in(container)
        self.boxes.update(dict.fromkeys(inside, name))
        count = sum(not is_stub(self.graph.nodes[node]) for node in inside)
        label = f"{_title(container)}\n{count} nodes"
        picture.node(name, _quoted(label), fillcolor="#e8edf5")

    def _edges(self) -> Iterator[tuple[str, str]]:
        params = self._params()
        for node in self.graph.nodes.values():
            target = self.boxes.get(node.id)
            for value in node.inputs:
                maker = self.graph.producers.get(value)
                source = self.boxes.get(maker.id) if maker is not None else params.get(value)
                if source and target and source != target:
                    yield source, target


def _title(container: Container) -> str:
    detail = container.detail if container.kind is Kind.MODULE else ""
    return f"{container.label}: {detail}" if detail else container.label


def _quoted(text: str) -> str:
    """Text that Graphviz shows as it is: no HTML-like labels, no entities, no escapes."""
    import graphviz

    return graphviz.escape(text.replace("&", "&amp;"))
