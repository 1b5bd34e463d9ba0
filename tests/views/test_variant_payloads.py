"""What the browser is told of two variants is what their alignment knows."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.models.gates import Encoder, Formats, Outer, TwoWays
from tests.models.seeding import seeded
from tsviz.comparison import Beside, align_variants, lay_beside
from tsviz.comparison.align import Alignment, Match
from tsviz.protocol.tables import Document, GraphPayload
from tsviz.protocol.variant_tables import VariantPayload
from tsviz.views import document_of
from tsviz.views.variant_payloads import HOW

X = torch.ones(2, 3)
MODEL = Path(__file__).parents[2] / "labextension/packages/core/src/model/variants.ts"
MODELS: dict[str, Callable[[], nn.Module]] = {
    "two-ways": TwoWays, "methods": Encoder, "part-branches": Outer
}  # fmt: skip


def aligned(name: str, *vias: str) -> Alignment:
    model = seeded(MODELS[name])().eval()
    return align_variants(*(tsviz.capture(model, (X,), via=via) for via in vias))


def laid(document: Document) -> tuple[VariantPayload, GraphPayload]:
    (variant,) = document.variants
    return variant, document.graphs[variant.graph]


@pytest.mark.parametrize("vias", [("trace", "script"), ("script", "trace"), ("hybrid", "freeze")])
@pytest.mark.parametrize("name", MODELS)
def test_nodes_that_correspond_have_one_number(name: str, vias: tuple[str, str]):
    found = aligned(name, *vias)
    document = document_of(found.first, variants=[Beside.of(found)])
    variant, graph = laid(document)
    assert (variant.variant, variant.failure, graph.kind) == (vias[1], None, "variant")
    assert graph.name == f"forward · {vias[1]}"
    assert variant.graph == len(document.graphs) - 1
    here = dict(zip(found.first.graph.nodes, document.graphs[0].nodes.id.data, strict=True))
    there = dict(zip(found.second.graph.nodes, graph.nodes.id.data, strict=True))
    assert [here[pair.first] for pair in found.pairs] == list(variant.pairs.data)
    assert [there[pair.second] for pair in found.pairs] == list(variant.pairs.data)
    assert [HOW[how] for how in variant.how.data] == [pair.how for pair in found.pairs]
    alone = {there[lone.node] for lone in found.only_second}
    assert len(alone) == len(found.only_second)
    assert alone.isdisjoint(number for g in document.graphs[:-1] for number in g.nodes.id.data)
    assert variant.coverage is not None
    assert variant.coverage.nodes == len(there)


@pytest.mark.parametrize("name", MODELS)
def test_lines_lead_to_the_same_files(name: str):
    found = aligned(name, "trace", "script")
    document = document_of(found.first, variants=[Beside.of(found)])
    variant, graph = laid(document)
    lost = [
        (document.files[file].path, line, bool(here))
        for file, line, here in zip(
            variant.lost_file.data, variant.lost_line.data, variant.lost_here.data, strict=True
        )
    ]
    known = [(lost.line.file, lost.line.line, lost.is_in_first) for lost in found.lines()]
    assert lost == known != []
    frames, files = document.frames, {file.path for file in document.files}
    assert len(files) == len(document.files)
    rows = zip(found.second.graph.iter_nodes(), graph.nodes.model.data, strict=True)
    for node, row in rows:
        line = found.second.model_line(node)
        place = None if row < 0 else (document.files[frames.file.data[row]].path, row)
        assert (line is None) == (place is None)
        if line is not None and place is not None:
            assert (line.file, line.line) == (place[0], frames.line.data[place[1]])


def test_methods_stay_those_of_the_program():
    """The scripted variant has a method of its own that the trace has inlined."""
    found = aligned("methods", "trace", "script")
    document = document_of(found.first, variants=[Beside.of(found)])
    kinds = [graph.kind for graph in document.graphs]
    assert kinds == ["inlined", *["method"] * len(found.first.methods), "variant"]


def test_several_variants_and_passes_share_a_document():
    program = tsviz.capture(seeded(TwoWays)().eval(), (X,), via="script")
    trace = tsviz.run_passes(program, pipeline=["dce", "cse"])
    besides = [lay_beside(program, via) for via in ("trace", "freeze")]
    document = document_of(program, trace=trace, variants=besides)
    assert [graph.kind for graph in document.graphs][-2:] == ["variant", "variant"]
    assert [variant.graph for variant in document.variants] == [
        len(document.graphs) - 2,
        len(document.graphs) - 1,
    ]
    assert document.passes is not None
    assert max(record.graph for record in document.passes.records) < len(document.graphs) - 2


def test_modules_of_a_variant_are_those_of_the_document():
    found = aligned("two-ways", "trace", "script")
    document = document_of(found.first, variants=[Beside.of(found)])
    _, graph = laid(document)
    paths = [document.strings[path] for path in graph.containers.path.data]
    rows = graph.containers.module.data
    assert {path for path, row in zip(paths, rows, strict=True) if row >= 0} >= {"cell", "out"}
    for path, row in zip(paths, rows, strict=True):
        assert row < 0 or document.modules[row].path == path


def test_what_could_not_be_made_is_told_with_its_place():
    program = tsviz.capture(Formats().eval(), (X,), via="trace")
    document = document_of(program, variants=[lay_beside(program, "script")], shared=True)
    (variant,) = document.variants
    assert (variant.graph, len(variant.pairs.data), variant.coverage) == (-1, 0, None)
    assert variant.failure is not None
    assert (variant.failure.code, variant.failure.severity) == ("TSV-C01", "error")
    file = document.files[variant.failure.file]
    assert file.path == "tests/models/gates.py"
    assert 'f"{x.shape[0]:>3}"' in list(file.text)[variant.failure.line - 1]
    assert document.diagnostics == []


def test_a_program_aligned_with_itself_has_nothing_alone():
    program = tsviz.capture(seeded(TwoWays)().eval(), (X,), via="script")
    document = document_of(program, variants=[Beside.of(align_variants(program, program))])
    variant, graph = laid(document)
    assert list(graph.nodes.id.data) == list(document.graphs[0].nodes.id.data)
    assert len(variant.lost_line.data) == 0


def test_the_browser_counts_matches_alike():
    assert tuple(Match) == HOW
    names = ", ".join(f'"{match}"' for match in Match)
    assert f"export const MATCHES = [{names}] as const" in MODEL.read_text(encoding="utf-8")
