"""Every kind of edit as a sentence."""

import pytest

import tsviz
from tests.ir.made import changed

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
