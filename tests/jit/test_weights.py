"""Statistics of a weight, held against a plain computation."""

import math
import warnings

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.frontends import refused
from tsviz.examples import registry
from tsviz.jit.weights import BINS, Statistics, find_statistics, iter_statistics, summarize

NAN, INF = math.nan, math.inf


def bins(counts: dict[int, int]) -> tuple[int, ...]:
    return tuple(counts.get(at, 0) for at in range(BINS))


MIDDLE = bins({0: 1, 16: 2, 31: 1})


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.0, 32.0], Statistics(0.0, 32.0, 16.0, 16.0, 1, 0, bins({0: 1, 31: 1}))),
        ([1.0, 1.0, 1.0], Statistics(1.0, 1.0, 1.0, 0.0, 0, 0, bins({0: 3}))),
        ([0.0], Statistics(0.0, 0.0, 0.0, 0.0, 1, 0, bins({0: 1}))),
        ([NAN, 0.0, 4.0, INF], Statistics(0.0, 4.0, 2.0, 2.0, 1, 2, bins({0: 1, 31: 1}))),
        ([NAN, -INF], Statistics(0.0, 0.0, 0.0, 0.0, 0, 2, bins({}))),
        ([-1.0, -0.0, 1.0, 0.0], Statistics(-1.0, 1.0, 0.0, 0.5**0.5, 2, 0, MIDDLE)),
    ],
    ids=["two", "equal", "single zero", "not all finite", "none finite", "negative zero"],
)
def test_numbers(numbers: list[float], expected: Statistics):
    assert summarize(torch.tensor(numbers, dtype=torch.float64)) == expected


def quantised(tensor: Tensor) -> Tensor:
    with warnings.catch_warnings():  # PyTorch says that these will be removed; files hold them
        warnings.simplefilter("ignore", UserWarning)
        return torch.quantize_per_tensor(tensor, 1.0, 0, torch.quint8)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(65),
        torch.arange(65, dtype=torch.uint8),
        torch.arange(65).to(torch.bfloat16),
        torch.arange(65).to(torch.float16),
        torch.arange(65).double().requires_grad_(),
        torch.arange(65).float().reshape(5, 13).t(),
        torch.arange(65).float().to_sparse(),
        torch.complex(torch.zeros(65), torch.arange(65).float()),
        quantised(torch.arange(65).float()),
    ],
    ids=["i64", "u8", "bf16", "f16", "f64", "transposed", "sparse", "complex", "quantised"],
)
def test_every_kind_of_tensor(tensor: Tensor):
    found = summarize(tensor)
    assert (found.minimum, found.maximum, found.mean) == (0.0, 64.0, 32.0)
    assert found.std == pytest.approx(math.sqrt((65**2 - 1) / 12))
    assert (found.zeros, found.not_finite) == (1, 0)
    assert sum(found.histogram) == 65
    assert found.histogram[0] == found.histogram[1] == 2


def test_booleans():
    found = summarize(torch.tensor([True, False, True, True]))
    assert (found.minimum, found.maximum, found.mean, found.zeros) == (0.0, 1.0, 0.75, 1)


def test_a_module_by_name():
    model = torch.jit.script(nn.BatchNorm1d(3).eval())
    assert find_statistics(model, "running_var") == Statistics(
        1.0, 1.0, 1.0, 0.0, 0, 0, bins({0: 3})
    )
    assert find_statistics(model, "num_batches_tracked") == Statistics(
        0.0, 0.0, 0.0, 0.0, 1, 0, bins({0: 1})
    )
    assert find_statistics(model, "running") is None


def test_weights_without_numbers():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("empty", torch.zeros(0))
            self.register_buffer("full", torch.ones(1))

        def forward(self, x: Tensor) -> Tensor:
            return x

    model = torch.jit.script(Odd().eval())
    assert find_statistics(model, "empty") is None
    assert [name for name, _ in iter_statistics(model)] == ["full"]
    assert find_statistics(torch.jit.script(refused.TakesThree().to("meta")), "linear.bias") is None


@pytest.mark.parametrize("via", ["script", "trace", "freeze", "optimize"])
def test_every_weight_of_a_program_has_statistics(via: str):
    example = registry.get("resnet-tiny")
    program = tsviz.capture(example.build(), example.inputs(), via=via)
    found = dict(iter_statistics(program.native))
    assert found.keys() == {weight.name for weight in program.weights}
    (name,) = (name for name in found if name.startswith("layer1.0.conv1.weight"))
    assert find_statistics(program.native, name) == found[name]


def test_the_tensor_stays_as_it_is():
    tensor = torch.tensor([NAN, 1.0, -2.0], requires_grad=True)
    copy = tensor.detach().clone()
    summarize(tensor)
    assert torch.equal(tensor.detach().nan_to_num(7.0), copy.nan_to_num(7.0))
    assert tensor.grad is None
