"""A captured program: graphs, sources, and the live object they came from."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.lines import find_model_frame, find_own_frame
from tsviz.ir import Graph, Node, render_graph
from tsviz.ir.coverage import Coverage, measure_coverage
from tsviz.location import FileRange, How, SourceFile

if TYPE_CHECKING:
    import pandas


class Variant(StrEnum):
    """How a program was made."""

    SCRIPT = "script"
    TRACE = "trace"
    HYBRID = "hybrid"
    FREEZE = "freeze"
    OPTIMIZE = "optimize"
    TEXT = "text"


class Came(StrEnum):
    """From where a program came into tsviz; every face shows it."""

    LIVE = "live"
    TRUSTED = "archive, loaded live (trusted)"
    CHILD = "archive, read in a child process"
    SAVED = "saved .tsviz file"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Example inputs, as they were passed."""

    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TextOnly:
    """Stands where a live object would: this program cannot be run here.

    Attributes:
        reason: why, in words.
        help: what makes it runnable, or "".
    """

    reason: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """The archive that a program was read from, as it was then.

    Attributes:
        size: in bytes.
        modified: in nanoseconds, as the file system counts them.
    """

    path: Path
    size: int
    modified: int

    @classmethod
    def find(cls, path: Path) -> "OpenedFile | None":
        """The file at `path` as it is now, `None` where there is none."""
        with suppress(OSError):
            found = path.stat()
            return cls(path.absolute(), found.st_size, found.st_mtime_ns)
        return None

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is still the one that was read."""
        return OpenedFile.find(self.path) == self


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """A submodule of a captured module, by its dotted path ("" is the root)."""

    path: str
    type_name: str
    training: bool = False


@dataclass(frozen=True, slots=True)
class WeightInfo:
    """A parameter or buffer.

    Attributes:
        name: dotted name.
        kind: `parameter`, `buffer` or `constant` (folded into the graph by freezing).
        dtype: short name such as `f32`.
        nbytes: size of its storage view, in bytes.
    """

    name: str
    kind: str
    dtype: str
    shape: tuple[int, ...]
    nbytes: int


@dataclass(frozen=True)
class Program:
    """One variant of one entry point.

    Attributes:
        graph: the inlined entry point.
        methods: the graphs as compiled, by qualified name (read when first asked for).
        sources: the source files its nodes point at, by path.
        variant: how it was made.
        inputs: the example inputs, or `None`.
        native: the live torch object, or `TextOnly`.
        title: name for people, usually the class of the model.
        method: the entry point's name.
        came: from where.
        banner: a sentence that stays in view, or "".
        diagnostics: findings of the capture.
        modules, weights: the module tree and its tensors.
        read_code: what gives `code`; PyTorch needs long to print that of a large graph.
        model: what was compiled here to make it, `None` where it came compiled.
        file: the archive it was read from.
    """

    graph: Graph
    methods: Mapping[str, Graph]
    sources: Mapping[str, SourceFile]
    variant: Variant
    inputs: Inputs | None
    native: object
    title: str
    method: str = "forward"
    came: Came = Came.LIVE
    banner: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    modules: tuple[ModuleInfo, ...] = ()
    weights: tuple[WeightInfo, ...] = ()
    read_code: Callable[[], str] = str
    model: object = None
    file: OpenedFile | None = None

    @cached_property
    def code(self) -> str:
        """TorchScript's own `.code` view of the entry point, or ""."""
        return self.read_code()

    def model_line(self, node: Node) -> FileRange | None:
        """The innermost frame of `node` outside PyTorch, or `None`."""
        link = self.graph.link(node)
        return None if link.how is How.NONE else find_model_frame(link.location)

    def own_line(self, node: Node) -> FileRange | None:
        """The innermost frame of `node` outside every installed package, or `None`."""
        link = self.graph.link(node)
        return None if link.how is How.NONE else find_own_frame(link.location)

    def at(self, file: str, line: int) -> tuple[Node, ...]:
        """The nodes whose model line is `line` (1-based) of `file`.

        Args:
            file: a path, or enough of its end to be unique, such as `resnet.py`.
        """
        return tuple(self.nodes_by_id[identity] for identity in self._find_lines(file, line))

    def coverage(self) -> Coverage:
        """How many nodes have a model line, and how surely."""
        return measure_coverage(
            (self.model_line(node), self.graph.link(node).how) for node in self.graph.iter_nodes()
        )

    def iter_graphs(self) -> Iterator[tuple[str, Graph]]:
        """The inlined entry point, then every method as compiled."""
        yield self.method, self.graph
        yield from self.methods.items()

    @property
    def text(self) -> str:
        """The canonical IR text of the inlined entry point."""
        return render_graph(self.graph)

    @property
    def name(self) -> str:
        """The entry point for people: `ResNet.forward`; of a function its name alone."""
        return f"{self.title}.{self.method}" if self.modules else self.title

    @property
    def nodes_by_id(self) -> Mapping[int, Node]:
        """Node id → node of the inlined graph, in printed order."""
        return self.graph.nodes

    def get_native(self) -> object:
        """The live torch object.

        Raises:
            UsageError: `TSV-U01` there is none; the diagnostic says what would bring one.
        """
        if isinstance(self.native, TextOnly):
            message = f"expected a program that can run, got {self.native.reason}"
            raise UsageError(Diagnostic("TSV-U01", message, help=self.native.help))
        return self.native

    # ── faces ────────────────────────────────────────────────────────────────────────────────

    def dot(self) -> str:
        """The folded graph as Graphviz DOT text."""
        return renderer("dot")(self)

    def svg(self) -> str:
        """The folded graph as a static SVG picture; no system package is needed."""
        return renderer("svg")(self)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a node: op, scope, model line, how it is known, inputs, outputs, types."""
        return renderer("dataframe")(self)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("mimebundle")(self)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return (
            f"<tsviz.Program {self.name} ({self.variant}, "
            f"{len(self.nodes_by_id)} nodes, {self.coverage().summary})>"
        )

    @cached_property
    def _lines(self) -> Mapping[tuple[str, int], list[int]]:
        lines: dict[tuple[str, int], list[int]] = {}
        for node in self.graph.iter_nodes():
            place = self.model_line(node)
            if place is not None:
                lines.setdefault((place.file, place.line), []).append(node.id)
        return lines

    def _find_lines(self, file: str, line: int) -> list[int]:
        exact = self._lines.get((file, line))
        if exact is not None:
            return exact
        files = {path for path, _ in self._lines if _ends_with(path, file)}
        if len(files) > 1:
            message = f"expected a file name that fits one file, `{file}` fits {len(files)}"
            raise UsageError(Diagnostic("TSV-U02", message, notes=tuple(sorted(files))))
        return [i for path in files for i in self._lines.get((path, line), ())]


def _ends_with(path: str, tail: str) -> bool:
    path, tail = path.replace("\\", "/"), tail.replace("\\", "/")
    return path == tail or path.endswith("/" + tail.lstrip("/"))
