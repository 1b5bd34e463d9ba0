"""Any constant is read from what PyTorch prints for it, and from what tsviz prints for it."""

from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from tsviz.ir import Opaque, TensorRef, read_graph, render_graph

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INTS = st.integers(-(2**63), 2**63 - 1)


def read_back(value: object) -> Any:
    """What is read of the constant as PyTorch prints it; it is the same from tsviz's own text."""
    native = torch._C.Graph()
    constant = native.insertConstant(value)
    native.registerOutput(constant)
    graph = read_graph(str(native)).graph
    (node,) = graph.block.nodes
    assert node.outputs == graph.block.returns
    assert graph.types[node.outputs[0]].text == constant.type().str()
    text = render_graph(graph)
    assert text.count("\n") == 2
    again = read_graph(text).graph
    assert repr(again.block.nodes[0].attributes) == repr(node.attributes)
    assert render_graph(again) == text
    return node.get_attribute("value")


@given(TEXTS)
@example('"')
@example("\\")
@example("\\n\n\r\t\v\f\a\b\0\x7f")
@example("%3 : Tensor = aten::relu(%2)")
@example("]()\n  return (%0)")
@example("as “ü” 模型 🙂 \u2028 \x85")
@example("\\303\\251")
@example(", scope: a # b.py:1:2")
def test_strings(text: str) -> None:
    assert read_back(text) == text


@given(st.lists(TEXTS, min_size=1))
@example([", ", "]", "[", '"', "a\nb", "é"])
def test_lists_of_strings(texts: list[str]) -> None:
    assert read_back(texts) == tuple(texts)


@given(INTS)
def test_integers(number: int) -> None:
    assert read_back(number) == number


@given(st.floats())
@example(-0.0)
@example(5e-324)
@example(1.7976931348623157e308)
@example(float("-inf"))
@example(1e16)
def test_floats(number: float) -> None:
    assert repr(read_back(number)) == repr(number)


@given(st.lists(INTS, min_size=1))
def test_lists_of_integers(numbers: list[int]) -> None:
    assert read_back(numbers) == tuple(numbers)


@given(st.lists(st.floats(), min_size=1))
def test_lists_of_floats(numbers: list[float]) -> None:
    assert repr(read_back(numbers)) == repr(tuple(numbers))


@given(st.complex_numbers(allow_nan=False))
@example(complex(float("inf"), float("-inf")))
@example(complex(1e-300, -1e300))
def test_complex_numbers(number: complex) -> None:
    assert read_back(number) == number


def test_complex_numbers_that_are_none() -> None:
    number = read_back(complex(float("nan"), float("nan")))
    assert repr(number) == "(nan+nanj)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([True, False], "[True, False]"),
        ({"a": 1, "]": 2}, '{"a": 1, "]": 2}'),
        ({1: 2.0}, "{1: 2.}"),
        ((1, "%0 : int", 2.5), '(1, "%0 : int", 2.5)'),
        ([[1, 2], [3]], "[[1, 2], [3]]"),
        ([["a]", "b"]], '[["a]", "b"]]'),
    ],
)
def test_what_has_no_form_of_its_own_is_kept_as_it_is_printed(value: object, text: str) -> None:
    assert read_back(value) == Opaque(text)


@given(st.dictionaries(TEXTS, INTS, min_size=1))
def test_dictionaries_of_any_keys_end_where_they_end(value: dict[str, int]) -> None:
    found = read_back(value)
    assert isinstance(found, Opaque)
    assert found.text.count("\n") == 0


@pytest.mark.parametrize(
    ("value", "reference"),
    [
        (torch.tensor(3.5), TensorRef(text="{3.5}")),
        (torch.tensor(-7), TensorRef(text="{-7}")),
        (torch.ones(2), TensorRef(text=" 1  1 [ CPUFloatType{2} ]")),
        (torch.zeros(0), TensorRef(text="[ CPUFloatType{0} ]")),
        (torch.ones(100), TensorRef()),
    ],
)
def test_tensors_are_references(value: torch.Tensor, reference: TensorRef) -> None:
    assert read_back(value) == reference


def test_nothing() -> None:
    native = torch._C.Graph()
    native.registerOutput(native.insertConstant(None))
    (node,) = read_graph(str(native)).graph.block.nodes
    assert node.attributes == ()
