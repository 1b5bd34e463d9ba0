"""Equal structure has equal numbers; anything else that computes differently has not."""

import pytest

import tsviz
from tests.views.made import chain, count_calls, dress, example
from tsviz.frontends import Program
from tsviz.views import Kind, build_containers
from tsviz.views.alike import number_alike


def alike(program: Program) -> dict[str, int]:
    """Module path → its number."""
    tree = build_containers(program, program.graph)
    number_alike(program.graph, tree)
    return {c.path: c.alike for c in tree.containers if c.kind is Kind.MODULE}


def pair(first: str, second: str) -> tuple[int, int]:
    """The numbers of two modules with these bodies, which read %x and %y."""

    def renamed(body: str, module: str) -> str:
        return body.replace("%0", f"%{module}0").replace("%1", f"%{module}1")

    bodies = [renamed(first, "a"), renamed(second, "b")]
    text = "graph(%x : Tensor, %y : Tensor):\n" + "\n".join(bodies) + "\n  return (%a0, %b0)\n"
    program = tsviz.parse(text)
    nodes = list(program.graph.iter_nodes())
    scopes = ["a" if program.graph.values[n.outputs[0]].name[0] == "a" else "b" for n in nodes]
    numbers = alike(dress(program, scopes, range(1, len(nodes) + 1)))
    return numbers["a"], numbers["b"]


ADD = "  %0 : Tensor = aten::relu(%x)\n  %1 : Tensor = aten::add(%0, %y)"


@pytest.mark.parametrize(
    "other",
    [
        ADD,
        "  %0 : Tensor = aten::relu(%y)\n  %1 : Tensor = aten::add(%0, %x)",
        "  %0 : Float(3) = aten::relu(%x)\n  %1 : Tensor = aten::add(%0, %y)",
    ],
    ids=["same", "other inputs in the same places", "other types"],
)
def test_equal(other: str):
    assert pair(ADD, other) == (0, 0)


@pytest.mark.parametrize(
    "other",
    [
        "  %0 : Tensor = aten::neg(%x)\n  %1 : Tensor = aten::add(%0, %y)",
        "  %0 : Tensor = aten::relu(%x)\n  %1 : Tensor = aten::add(%y, %0)",
        "  %0 : Tensor = aten::relu(%x)\n  %1 : Tensor = aten::add(%0, %0)",
        "  %0 : Tensor = aten::relu(%x)\n  %1 : Tensor = aten::add(%0, %x)",
        "  %0 : Tensor = aten::relu(%x)",
        "  %1 : Tensor = aten::add(%x, %y)\n  %0 : Tensor = aten::relu(%x)",
        "  %0 : Tensor = aten::relu[inplace=1](%x)\n  %1 : Tensor = aten::add(%0, %y)",
    ],
    ids=["op", "order of inputs", "same input twice", "wiring", "less", "order", "attribute"],
)
def test_different(other: str):
    assert pair(ADD, other) == (-1, -1)


CONSTANT = "  %0 : int = prim::Constant[value={}]()\n  %1 : Tensor = aten::add(%x, %0)"


def test_constants_count():
    assert pair(CONSTANT.format(1), CONSTANT.format(1)) == (0, 0)
    assert pair(CONSTANT.format(1), CONSTANT.format(2)) == (-1, -1)


BRANCH = """\
  %0 : Tensor = prim::If(%x)
    block0():
      -> ({})
    block1():
      -> ({})"""


def test_what_branches_return_counts():
    assert pair(BRANCH.format("%x", "%y"), BRANCH.format("%x", "%y")) == (0, 0)
    assert pair(BRANCH.format("%x", "%y"), BRANCH.format("%y", "%x")) == (-1, -1)
    assert pair(BRANCH.format("%x", "%y"), BRANCH.format("%x", "%x")) == (-1, -1)


@pytest.mark.parametrize("via", ["script", "trace", "hybrid", "freeze"])
def test_blocks_of_resnet50(via: str):
    """A stage's first block has a shortcut of its own; the later ones of a stage are equal."""
    numbers = alike(example("resnet50", via))
    blocks = {path: number for path, number in numbers.items() if path.count(".") == 1}
    sizes = {"layer1": 3, "layer2": 4, "layer3": 6, "layer4": 3}
    for stage, size in sizes.items():
        later = {blocks[f"{stage}.{at}"] for at in range(1, size)}
        assert len(later) == 1
        assert later != {-1}
        assert blocks[f"{stage}.0"] not in later


@pytest.mark.parametrize("via", ["script", "trace", "freeze"])
def test_layers_of_bert_are_equal(via: str):
    numbers = alike(example("bert", via))
    layers = {n for path, n in numbers.items() if path.count(".") == 1 and path[-1].isdigit()}
    assert len(layers) == 1
    assert layers != {-1}


def test_numbers_start_with_the_most_frequent():
    program = chain(["a", "b", "c", "d.e", "d", "f.g", "f"])
    assert alike(program) == {
        "a": 0, "b": 0, "c": 0, "d": 1, "d.e": 0, "f": 1, "f.g": 0,
    }  # fmt: skip


def test_work_grows_with_the_size_and_not_with_the_depth():
    def calls(size: int, depth: int) -> int:
        path = ".".join(["part"] * depth)
        program = chain([f"{path}.{at // 4}" for at in range(size)])
        tree = build_containers(program, program.graph)
        return count_calls(lambda: number_alike(program.graph, tree))

    flat = calls(500, 1)
    assert calls(5000, 1) <= 11 * flat
    assert calls(500, 200) <= 3 * flat
