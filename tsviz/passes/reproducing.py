"""The smallest pieces of two snapshots that show a divergence, as a script of its own.

The pieces begin at values that both snapshots have alike. What one of them has for itself, weights
and large constants, is given as an input, too: text does not hold it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tsviz.errors import Diagnostic, PassError
from tsviz.ir import (
    Block,
    Graph,
    Node,
    Opaque,
    TensorRef,
    Type,
    Value,
    fresh_id,
    intern_type,
    iter_defined,
    render_graph,
)
from tsviz.jit.reproducer import run_text, write_script
from tsviz.jit.running import SEED
from tsviz.passes.narrowing import CONSTANT, Divergence, Piece, Scene, Scissors


@dataclass(frozen=True, slots=True)
class Case:
    """A divergence that a script is to show.

    Attributes:
        title: what it is, in a line.
    """

    scene: Scene
    divergence: Divergence
    title: str

    def write(self, path: Path) -> str:
        """Writes the script and what it needs; one line on it.

        Raises:
            PassError: `TSV-S20` the pieces alone show no difference, or cannot be written as text.
        """
        texts, inputs = self._parts()
        try:
            results = [run_text(text, inputs, SEED) for text in texts]
        except RuntimeError as error:
            raise _unable(f"PyTorch cannot run it from its text: {error}") from error
        if not self.scene.compare(*results).beyond:
            raise _unable("the nodes alone, with what they are given, make no difference")
        tolerance = self.scene.rtol, self.scene.atol
        beside = write_script(path, self.title, texts, inputs, SEED, tolerance)
        return f"{path}: {len(inputs)} inputs in {beside.name}"

    def _parts(self) -> tuple[list[str], list[object]]:
        """The texts of both pieces, which take the same inputs, and these."""
        scene, found = self.scene, self.divergence
        before, after = scene.before, scene.after
        new = Scissors(after, {*scene.counterparts, *_own(after)}).cut(found.after)
        stops = {*scene.counterparts.values(), *_own(before)}
        old = Scissors(before, stops).cut(found.before)
        if found.before in {scene.counterparts.get(value) for value in new.given}:
            old = Piece((), (found.before,))  # what passes put in takes what it stands for
        given = sorted(self._given(old, new), key=lambda pair: pair[0] is None)
        ours = [value for value, _ in given if value is not None]
        theirs = [other for value, other in given if value is None and other is not None]
        inputs = [*scene.probe(before, ours), *scene.probe(after, theirs)]
        types = {**after.types, **before.types}
        kinds = [types[value] for value in (*ours, *theirs)]
        texts: list[str] = []
        for graph, piece, end, side in (
            (before, old, found.before, 0),
            (after, new, found.after, 1),
        ):
            params = [pair[side] or fresh_id() for pair in given]
            cut = _graph_of(graph, piece, end, dict(zip(params, kinds, strict=True)))
            texts.append(render_graph(cut))
        return texts, inputs

    def _given(self, old: Piece, new: Piece) -> Iterator[tuple[int | None, int | None]]:
        """Ids before and after of what the pieces take: what both have, then what one has."""
        known = self.scene.counterparts
        back = {one: other for other, one in known.items()}
        used: set[int] = set()
        for value in new.given:
            before = known.get(value)
            yield None if before in used else before, value
            used.update(() if before is None else (before,))
        yield from ((value, back.get(value)) for value in old.given if value not in used)


def _graph_of(graph: Graph, piece: Piece, end: int, params: Mapping[int, Type]) -> Graph:
    """A piece as a graph of its own, without the shapes that its tensors were seen with."""
    block = Block(tuple(params), piece.nodes, (end,))
    made = [value for _, values in iter_defined(replace(graph, block=block)) for value in values]
    names = {value: graph.values[value].name for value in made if value not in params}
    names |= {param: f"given{at}" for at, param in enumerate(params)}
    types = {value: params.get(value) or graph.types[value] for value in made}
    return replace(
        graph,
        block=block,
        values={value: Value(value, name) for value, name in names.items()},
        types={value: _shapeless(kind) for value, kind in types.items()},
        scopes={},
    )


def _shapeless(kind: Type) -> Type:
    if kind.tensor is None:
        return kind
    return intern_type("Tensor?" if kind.text.endswith("?") else "Tensor")


def _unable(reason: str) -> PassError:
    message = f"no script can show this divergence by itself: {reason}"
    return PassError(Diagnostic("TSV-S20", message))


def _own(graph: Graph) -> set[int]:
    """Values that are data rather than computed: weights, and constants that no text holds."""
    return {value for node in graph.block.nodes if _is_data(graph, node) for value in node.outputs}


def _is_data(graph: Graph, node: Node) -> bool:
    if node.op == "prim::GetAttr":
        return "__torch__" not in graph.types[node.outputs[0]].text
    value = node.find_attribute("value")
    return node.op == CONSTANT and isinstance(value, TensorRef | complex | Opaque)
