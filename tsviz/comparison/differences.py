"""What `tsviz.diff` says: code, structure and weights, each by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.frontends import is_library
from tsviz.ir import Edit, Graph
from tsviz.location import FileRange

if TYPE_CHECKING:
    import pandas


class Kind(StrEnum):
    """In what way something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class NodeDiff:
    """A node that differs.

    Attributes:
        kind: in what way.
        op: its op; `graph` for the graph itself.
        before, after: its ids on both sides, `None` where it is not; 0 is the graph itself.
        scope: path of the module call it belongs to, after if it is there.
        line_before, line_after: its model lines, where they are known.
        edits: what changed in it; of values that both sides have, the ids are those before.
        words: the same in words.
    """

    kind: Kind
    op: str
    before: int | None
    after: int | None
    scope: str
    line_before: FileRange | None
    line_after: FileRange | None
    edits: tuple[Edit, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class FunctionDiff:
    """A function or method that differs.

    Attributes:
        kind: `added`, `removed` or `changed`.
        name: qualified, without TorchScript's mangling; as it was before, if it was there.
        line_before, line_after: where its Python text begins, where that is known.
        is_python: whether `diff` is of the Python text; else it is of the code that TorchScript
            prints, because a side has no other, or because the Python text is the same.
        same_text: whether the same Python text was compiled to other code: by another value that
            it reads, or by another version of PyTorch.
        diff: the lines that differ, as a unified diff with the line numbers of the files.
    """

    kind: Kind
    name: str
    line_before: FileRange | None
    line_after: FileRange | None
    is_python: bool
    same_text: bool
    diff: str

    @property
    def is_library(self) -> bool:
        """Whether it belongs to PyTorch or another installed package."""
        line = self.line_after or self.line_before
        return self.name.startswith("torch.") or (line is not None and is_library(line.file))


@dataclass(frozen=True, slots=True)
class ModuleDiff:
    """A submodule that is there on one side only, or of another class.

    Attributes:
        path: dotted; "" is the model itself.
        before, after: its classes, `None` where it is not.
    """

    kind: Kind
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AttributeDiff:
    """An attribute of a module or of a tensor that both sides have.

    Attributes:
        owner: dotted path of the module or tensor.
        name: of the attribute; of a tensor `kind`, `device`, `requires_grad`, `quantiser` or
            `shared with`.
        before, after: its values as text, `None` where it is not.
    """

    owner: str
    name: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Kind:
        """`added`, `removed` or `changed`."""
        if self.before is None or self.after is None:
            return Kind.ADDED if self.before is None else Kind.REMOVED
        return Kind.CHANGED

    @property
    def path(self) -> str:
        """Its dotted path."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class WeightDiff:
    """A tensor that differs.

    Attributes:
        kind: `added`, `removed` or `changed`.
        name: dotted, as it was before, if it was there.
        dtype_before, dtype_after: short names such as `f32`, `None` where it is not.
        shape_before, shape_after: `None` where it is not.
        differing: how many of its elements have other bits; `None` where they are not comparable.
        absolute, relative: the largest error, `inf` where one is finite or a number and the other
            is not, and relatively where it was zero. Of quantised tensors, of the stored integers.
        ulp: units in the last place, at most, of floats.
    """

    kind: Kind
    name: str
    dtype_before: str | None
    dtype_after: str | None
    shape_before: tuple[int, ...] | None
    shape_after: tuple[int, ...] | None
    differing: int | None = None
    absolute: float | None = None
    relative: float | None = None
    ulp: int | None = None

    @property
    def share(self) -> float | None:
        """The share of its elements that differ."""
        elements = prod(self.shape_before or ())
        return None if self.differing is None else self.differing / elements


@dataclass(frozen=True, slots=True)
class WeightsDiff:
    """How the tensors differ: parameters, buffers, constants and those in other attributes.

    Attributes:
        before, after: how many there are.
        equal: how many have the same dtype, shape and bits.
        tensors: those that differ.
        left_out: whose elements were not compared, and why.
    """

    before: int
    after: int
    equal: int
    tensors: tuple[WeightDiff, ...]
    left_out: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How many are equal, or how many differ."""
        if not self.tensors:
            return f"{_count(self.equal, 'tensor')} equal"
        counts = {kind: sum(diff.kind is kind for diff in self.tensors) for kind in Kind}
        both = self.before - counts[Kind.REMOVED]
        changed = counts.pop(Kind.CHANGED)
        verb = "differs" if changed == 1 else "differ"
        found = [f"{changed:,} of {_count(both, 'tensor')} {verb}"] if changed else []
        if not found and both:
            found = [f"{_count(self.equal, 'tensor')} equal"]
        found += [f"{count:,} {kind}" for kind, count in counts.items() if count]
        return ", ".join(found)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a tensor that differs: dtypes, shapes, how many elements, the largest errors."""
        return renderer("weights_dataframe")(self)


@dataclass(frozen=True, slots=True)
class ContentsDiff:
    """What differs between two models beside their graphs."""

    code: tuple[FunctionDiff, ...]
    modules: tuple[ModuleDiff, ...]
    attributes: tuple[AttributeDiff, ...]
    weights: WeightsDiff

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.code or self.modules or self.attributes or self.weights.tensors)


@dataclass(frozen=True)
class ProgramDiff:
    """What leads from one program to another.

    Names, ids, lines and scopes of nodes are no differences; neither is TorchScript's mangling.

    Attributes:
        title_before, title_after: what was compared.
        before, after: the graphs.
        pairs: id of a node before → id of the node after that corresponds to it.
        added, removed, changed, moved: the nodes that differ, in printed order; one that changed
            and moved is in both.
        contents: code, modules, attributes and weights; `None` where they were not compared.
        left_out: what was not compared, in words.
    """

    title_before: str
    title_after: str
    before: Graph
    after: Graph
    pairs: Mapping[int, int]
    added: tuple[NodeDiff, ...] = ()
    removed: tuple[NodeDiff, ...] = ()
    changed: tuple[NodeDiff, ...] = ()
    moved: tuple[NodeDiff, ...] = ()
    contents: ContentsDiff | None = None
    left_out: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.nodes or self.contents)

    @property
    def nodes(self) -> tuple[NodeDiff, ...]:
        """All nodes that differ."""
        return (*self.removed, *self.added, *self.changed, *self.moved)

    @property
    def summary(self) -> str:
        """Whether code, structure and weights differ; of graphs alone, how many nodes do."""
        if self.contents is None:
            return self._nodes_summary
        parts = (self.code_summary, self.structure_summary, self.contents.weights.summary)
        return ("; " if any(":" in part for part in parts) else ", ").join(parts)

    @property
    def code_summary(self) -> str:
        """How many functions differ, and how; "" where they were not compared."""
        if self.contents is None:
            return ""
        code = self.contents.code
        kinds = [diff.kind for diff in code if not diff.same_text]
        found = [f"{kinds.count(kind):,} {kind}" for kind in Kind if kind in kinds]
        words = f"code: {', '.join(found)}" if found else "same code"
        otherwise = sum(diff.same_text for diff in code)
        return f"{words} ({otherwise:,} compiled otherwise)" if otherwise else words

    @property
    def structure_summary(self) -> str:
        """How many modules, attributes and nodes differ, and how."""
        parts = self.contents
        found = [
            *([_count(len(parts.modules), "module")] if parts and parts.modules else []),
            *([_count(len(parts.attributes), "attribute")] if parts and parts.attributes else []),
            *([f"nodes: {self._nodes_summary}"] if self.nodes else []),
        ]
        return f"structure: {', '.join(found)}" if found else "same structure"

    @property
    def _nodes_summary(self) -> str:
        counts = {kind: len(getattr(self, kind)) for kind in Kind}
        found = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        return found or f"the same {len(self.before.nodes):,} nodes"

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a difference: part, kind, name, scope, lines, what changed."""
        return renderer("diff_dataframe")(self)

    def __str__(self) -> str:
        return renderer("diff_text")(self)

    def __repr__(self) -> str:
        return f"<ProgramDiff {self.title_before} → {self.title_after}: {self.summary}>"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
