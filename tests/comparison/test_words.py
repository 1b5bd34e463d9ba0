"""Every kind of edit as a sentence, and what differs in a tensor."""

import pytest

import tsviz
from tests.ir.made import changed
from tsviz.comparison import Kind, WeightDiff
from tsviz.comparison.words import describe_weight

TEXT = """graph(%c : bool, %x : Tensor):
  %k : int = prim::Constant[value=1]()
  %y : Tensor = prim::If(%c)
    block0():
      %a : Tensor = aten::add(%x, %x, %k)
      -> (%a)
    block1():
      -> (%x)
  return (%y)"""


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("value=1", "value=2", "value was 1, is 2"),
        ("value=1", "value=1, more=3", "more is new: 3"),
        ("(%x, %x, %k)", "(%x, %x)", "input 2 is gone: %k of prim::Constant"),
        (
            "block1():\n      -> (%x)",
            "block1():\n      -> (%c)",
            "return 0 of block 1 was %x, is %c",
        ),
        ("%a : Tensor =", "%a : Float(2) =", "type of %a was Tensor, is Float(2)"),
        ("return (%y)", "return (%x)", "return 0 of block 0 was %y of prim::If, is %x"),
        ("value=1", f'value="{"x" * 100}"', f'value was 1, is "{"x" * 59}…'),
    ],
)
def test_one_edit(was: str, now: str, words: str):
    found = tsviz.diff(tsviz.parse(TEXT), tsviz.parse(TEXT.replace(was, now)))
    assert [node.words for node in found.changed] == [words]


def test_a_block_that_is_gone():
    graph = tsviz.parse(TEXT).graph
    node = next(node for node in graph.iter_nodes() if node.blocks)
    found = tsviz.diff(graph, changed(graph, node, blocks=node.blocks[:1]))
    assert [node.words for node in found.changed] == ["block 1 is gone: 0 nodes"]


@pytest.mark.parametrize(
    ("diff", "words"),
    [
        (
            WeightDiff(Kind.CHANGED, "w", "f32", "f32", (2, 4), (2, 4), 2, 0.5, 0.25, 3),
            "2 elements (25.000%) differ; by 0.5 at most, relatively by 0.25; 3 ulp at most",
        ),
        (
            WeightDiff(Kind.CHANGED, "w", "u64", "u64", (4,), (4,), 1),
            "1 element (25.000%) differs",
        ),
        (
            WeightDiff(Kind.CHANGED, "w", "f32", "f16", (4,), (2, 2)),
            "f32 → f16; [4] → [2, 2]",
        ),
        (WeightDiff(Kind.ADDED, "w", None, "f16", None, ()), "f16; []"),
    ],
)
def test_a_weight(diff: WeightDiff, words: str):
    assert describe_weight(diff) == words
