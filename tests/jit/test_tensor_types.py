"""Types of tensors are made from their text, and are printed as that text again."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsviz.ir import read_graph
from tsviz.jit.internals import internals
from tsviz.jit.making import set_type
from tsviz.jit.tensor_types import find_tensor_type
from tsviz.jit.walking import print_graph

DTYPES = ("Float", "Half", "Double", "Long", "Int", "Bool", "Char", "Byte", "ComplexFloat")
DIMENSIONS = st.lists(st.one_of(st.just("*"), st.integers(0, 9).map(str)), max_size=4)


def printed(text: str) -> str:
    """How PyTorch prints a graph that takes such a value, read by tsviz."""
    kind = find_tensor_type(text)
    assert kind is not None
    graph = internals.parse_ir("graph(%x : Tensor):\n  return (%x)\n")
    set_type(next(iter(graph.inputs())), kind)
    read = read_graph(print_graph(graph)).graph
    return read.types[read.block.params[0]].text


@given(st.sampled_from(DTYPES), DIMENSIONS, st.booleans(), st.sampled_from(["cpu", "cuda:1"]))
def test_a_strided_type(dtype: str, sizes: list[str], requires_grad: bool, device: str):
    requires_grad = requires_grad and getattr(torch, dtype.lower(), torch.int8).is_floating_point
    strides = ", ".join(str(2**at) for at in range(len(sizes)))
    facts = f"strides=[{strides}], requires_grad={int(requires_grad)}, device={device}"
    text = f"{dtype}({''.join(f'{size}, ' for size in sizes)}{facts})"
    if sizes:
        assert printed(text) == text


@given(st.sampled_from(("", *DTYPES)), DIMENSIONS)
def test_a_type_of_which_less_is_known(dtype: str, sizes: list[str]):
    text = f"{dtype or 'Tensor'}({', '.join(sizes)})" if sizes else f"{dtype}Tensor"
    assert printed(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "Tensor[]",
        "Nope(*)",
        "Float(*, strides=[1, 2], requires_grad=0, device=cpu)",
        "Float(*, strides=[1], requires_grad=0)",
        "Tensor(device=nowhere)",
        "AutogradZeroTensor",
        "Float(99999999999999999999)",
    ],
)
def test_what_is_no_such_type(text: str):
    assert find_tensor_type(text) is None
