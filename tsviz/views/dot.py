"""The folded graph as Graphviz DOT, and as a static SVG without any system package.

Shows what the explorer shows at first: the default folds, constants and attribute reads left out.
"""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.views.containers import Container, Kind, Role, build_containers, role_of

_TIME_LIMIT = 20.0
_NODE = {"shape": "box", "style": "rounded,filled", "fontname": "Helvetica", "fontsize": "11"}


def render_dot(program: Program) -> str:
    """DOT text of the default view of the inlined graph."""
    import graphviz

    picture = graphviz.Digraph(program.title)
    picture.attr(rankdir="TB", nodesep="0.25", ranksep="0.35", bgcolor="transparent")
    picture.attr("node", **_NODE, fillcolor="#f5f7fa", color="#8b95a3", fontcolor="#1c2430")
    picture.attr("edge", color="#646e7c", arrowsize="0.6")
    _Drawing(program.graph, build_containers(program, program.graph).containers).draw(picture)
    return picture.source


def render_svg(program: Program) -> str:
    """The same view as SVG text.

    Raises:
        UsageError: `TSV-U30` no Graphviz was found, `TSV-U31` it failed.
    """
    command = _find_dot()
    source = render_dot(program)
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


class _Drawing:
    """One walk over the open containers, then the edges between what is visible."""

    def __init__(self, graph: Graph, containers: tuple[Container, ...]) -> None:
        self.graph = graph
        self.root = containers[0]
        self.names = {id(container): f"c{row}" for row, container in enumerate(containers)}
        self.owned = {c.node for c in containers if c.kind is Kind.CONTROL}
        self.boxes: dict[int, str] = {}

    def draw(self, picture: "object") -> None:
        for value in self.graph.block.params[1:]:
            name = f"v{value}"
            label = _escape(self.graph.values[value].name)
            picture.node(name, label, shape="ellipse")  # type: ignore[attr-defined]
        self._open(picture, self.root)
        for source, target in dict.fromkeys(self._edges()):
            picture.edge(source, target)  # type: ignore[attr-defined]

    def _open(self, picture: "object", container: Container) -> None:
        for child in container.children:
            if isinstance(child, int):
                self._node(picture, child)
            elif child.open:
                with picture.subgraph(name=f"cluster_{self.names[id(child)]}") as inner:  # type: ignore[attr-defined]
                    warm = child.kind in (Kind.CONTROL, Kind.BLOCK)
                    inner.attr(
                        label=_escape(_title(child)),
                        style="rounded",
                        color="#e8b75c" if warm else "#d5dbe5",
                        fontname="Helvetica",
                        fontsize="11",
                    )
                    self._open(inner, child)
            else:
                self._folded(picture, child)

    def _node(self, picture: "object", identity: int) -> None:
        node = self.graph.nodes[identity]
        if identity in self.owned or role_of(node) in (Role.CONSTANT, Role.ATTRIBUTE):
            return
        name = f"n{identity}"
        picture.node(name, _escape(node.op.rpartition("::")[2]))  # type: ignore[attr-defined]
        self.boxes[identity] = name

    def _folded(self, picture: "object", container: Container) -> None:
        name = self.names[id(container)]
        stack: list[Container | int] = [container]
        count = 0
        while stack:
            item = stack.pop()
            if isinstance(item, int):
                self.boxes[item] = name
                count += role_of(self.graph.nodes[item]) not in (Role.CONSTANT, Role.ATTRIBUTE)
            else:
                stack += item.children
        label = f"{_title(container)}\n{count} nodes"
        picture.node(name, _escape(label), fillcolor="#e8edf5")  # type: ignore[attr-defined]

    def _edges(self) -> "list[tuple[str, str]]":
        params = {value: f"v{value}" for value in self.graph.block.params[1:]}
        found: list[tuple[str, str]] = []
        for node in self.graph.nodes.values():
            target = self.boxes.get(node.id)
            for value in node.inputs:
                maker = self.graph.producers.get(value)
                source = self.boxes.get(maker.id) if maker is not None else params.get(value)
                if source and target and source != target:
                    found.append((source, target))
        return found


def _title(container: Container) -> str:
    detail = container.detail if container.kind is Kind.MODULE else ""
    return f"{container.label}: {detail}" if detail else container.label


def _escape(text: str) -> str:
    """Text that Graphviz shows as it is: no HTML-like labels, no escape sequences but line ends."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")
