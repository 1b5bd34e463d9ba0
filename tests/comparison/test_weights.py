"""Weights are compared bit by bit, whatever their dtype and however they lie in their storages."""

import math
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import tsviz
from tests.archives.demanding import QUANTISATION_WARNINGS
from tests.test_architecture import modules_after
from tsviz.comparison import ContentsDiff, Kind, WeightDiff
from tsviz.comparison.contents import compare_states
from tsviz.frontends.archive_state import ArchiveState
from tsviz.frontends.inspecting import open_archive

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
COMPLEX = (torch.complex32, torch.complex64, torch.complex128)
OTHERS = (torch.bool, torch.float8_e4m3fn, torch.uint16)
WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class Holder(nn.Module):
    """Holds tensors by names."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def hold(path: Path, **tensors: torch.Tensor) -> Path:
    """Saves a model that holds some tensors as they lie."""
    holder = Holder()
    for name, tensor in tensors.items():
        setattr(holder, name, tensor)
    torch.jit.script(holder).save(path)
    return path


def compared(before: Path, after: Path) -> ContentsDiff:
    with open_archive(before) as old, open_archive(after) as new:
        return compare_states(ArchiveState(old), ArchiveState(new))


def the_one(found: ContentsDiff) -> WeightDiff:
    (diff,) = found.weights.tensors
    return diff


Pair = Callable[[torch.Tensor, torch.Tensor], ContentsDiff]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Compares two tensors of one name."""
    folder = tmp_path_factory.mktemp("pairs")

    def compare(before: torch.Tensor, after: torch.Tensor) -> ContentsDiff:
        return compared(hold(folder / "a.pt", it=before), hold(folder / "b.pt", it=after))

    return compare


def random_bytes(shape: tuple[int, ...], dtype: torch.dtype, seed: int) -> torch.Tensor:
    """A tensor of any bits at all, NaN and infinity among them."""
    if dtype == torch.bool:
        return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) > 0.5
    made = torch.Generator().manual_seed(seed)
    data = torch.randint(0, 256, (*shape, dtype.itemsize), generator=made, dtype=torch.uint8)
    return data.view(dtype).reshape(shape)


def with_other_bits(tensor: torch.Tensor, places: list[int]) -> torch.Tensor:
    """The tensor with the lowest bit of some elements turned."""
    changed = tensor.clone(memory_format=torch.contiguous_format)
    width = tensor.element_size()
    flat = changed.view(-1).view(torch.uint8).view(-1, width)
    flat[places, 0] ^= 1
    return changed


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@given(data=st.data(), dtype=st.sampled_from((*FLOATS, *INTEGERS, *COMPLEX, *OTHERS)))
def test_as_many_elements_differ_as_were_changed(
    pair: Pair, data: st.DataObject, dtype: torch.dtype
):
    shape = data.draw(st.lists(st.integers(1, 5), max_size=3).map(tuple))
    tensor = random_bytes(shape, dtype, data.draw(st.integers(0, 999)))
    places = data.draw(st.lists(st.integers(0, tensor.numel() - 1), unique=True))
    found = pair(tensor, with_other_bits(tensor, places))
    if not places:
        assert (found.weights.tensors, found.weights.equal) == ((), 1)
        return
    diff = the_one(found)
    assert (diff.kind, diff.name, diff.differing) == (Kind.CHANGED, "it", len(places))
    assert diff.share == len(places) / tensor.numel()
    assert not found.code
    assert not found.modules
    assert not found.attributes


@given(
    before=st.lists(st.floats(width=32), min_size=1, max_size=6),
    after=st.floats(width=32),
    at=st.integers(0, 5),
)
def test_the_largest_error_is_the_one_that_was_made(
    pair: Pair, before: list[float], after: float, at: int
):
    at %= len(before)
    now = [*before[:at], after, *before[at + 1 :]]
    found = pair(torch.tensor(before), torch.tensor(now))
    was = before[at]
    if struct.pack("f", was) == struct.pack("f", after):
        assert not found.weights.tensors
        return
    diff = the_one(found)
    assert diff.differing == 1
    if math.isnan(was) and math.isnan(after):
        assert (diff.absolute, diff.relative) == (0.0, 0.0)
    elif not (math.isfinite(was) and math.isfinite(after)):
        assert diff.absolute == math.inf
    else:
        assert diff.absolute == abs(was - after)
        expected = abs(was - after) / abs(was) if was else math.inf if after else 0.0
        assert diff.relative == expected


@pytest.mark.parametrize(
    ("dtype", "ulp"),
    [
        (torch.float16, 3),
        (torch.bfloat16, 3),
        (torch.float32, 3),
        (torch.float64, 3),
        (torch.complex64, 3),
        (torch.int64, None),
    ],
)
def test_ulp(pair: Pair, dtype: torch.dtype, ulp: int | None):
    before = torch.ones(4, dtype=dtype)
    real = torch.view_as_real(before) if dtype.is_complex else before
    after = before.clone()
    word = WORDS[real.element_size()]
    (torch.view_as_real(after) if dtype.is_complex else after).view(word).view(-1)[2] += 3
    diff = the_one(pair(before, after))
    assert (diff.differing, diff.ulp) == (1, ulp)


def test_integers_beyond_the_precision_of_floats(pair: Pair):
    before = torch.tensor([2**62, 5])
    diff = the_one(pair(before, before + torch.tensor([1, 0])))
    assert (diff.differing, diff.absolute) == (1, 1.0)
    diff = the_one(pair(torch.tensor([0, 5]), torch.tensor([0, 9])))
    assert (diff.absolute, diff.relative) == (4.0, 0.8)


def test_signed_zeros_have_other_bits_and_no_distance(pair: Pair):
    diff = the_one(pair(torch.tensor([0.0, 1.0]), torch.tensor([-0.0, 1.0])))
    assert (diff.differing, diff.absolute, diff.relative, diff.ulp) == (1, 0.0, 0.0, 0)


BASE = torch.arange(24.0)


@pytest.mark.parametrize(
    "view",
    [
        BASE.reshape(4, 6).t(),
        BASE.reshape(4, 6)[1:3, ::2],
        BASE.reshape(2, 3, 2, 2).to(memory_format=torch.channels_last),
        torch.arange(3.0).expand(4, 3),
        BASE[20:],
        torch.zeros(0, 3),
        torch.tensor(3.0),
    ],
    ids=["transposed", "slice", "channels last", "expanded", "tail", "empty", "scalar"],
)
def test_views_are_compared_by_their_elements(pair: Pair, view: torch.Tensor):
    plain = view.clone(memory_format=torch.contiguous_format)
    for one, other in ((view, view), (view, plain), (plain, view)):
        assert pair(one, other).weights.summary == "1 tensor equal"
    if not view.numel():
        return
    changed = plain.clone()
    changed.view(-1)[-1] += 8
    for one, other in ((view, changed), (changed, view)):
        diff = the_one(pair(one, other))
        assert (diff.differing, diff.absolute) == (1, 8.0)


def test_other_dimensions_that_are_repeated(pair: Pair):
    rows = torch.arange(3.0).expand(3, 3)
    diff = the_one(pair(rows, rows.t()))
    assert (diff.differing, diff.absolute) == (6, 2.0)


def test_what_is_repeated_counts_as_often(pair: Pair):
    before, after = torch.zeros(3), torch.tensor([0.0, 2.0, 0.0])
    diff = the_one(pair(before.expand(4, 3), after.expand(4, 3)))
    assert (diff.differing, diff.share, diff.absolute) == (4, 1 / 3, 2.0)


def test_elements_that_overlap_are_refused_in_words(pair: Pair):
    windows = torch.arange(8.0).unfold(0, 4, 1)
    found = pair(windows, windows)
    assert found.weights.left_out == (
        "the numbers of `it`: its elements lie over or between one another",
    )
    assert (found.weights.equal, found.weights.tensors) == (0, ())


def test_other_shape_and_dtype(pair: Pair):
    diff = the_one(pair(torch.zeros(2, 3), torch.zeros(3, 2)))
    assert (diff.shape_before, diff.shape_after, diff.differing) == ((2, 3), (3, 2), None)
    diff = the_one(pair(torch.zeros(2), torch.zeros(2, dtype=torch.float16)))
    assert (diff.dtype_before, diff.dtype_after, diff.absolute) == ("f32", "f16", None)


def test_devices_without_elements(pair: Pair):
    meta = torch.zeros(3, device="meta")
    assert pair(meta, meta).weights.summary == "1 tensor equal"
    found = pair(meta, torch.zeros(3))
    assert found.weights.left_out == ("the numbers of `it`: one side has none",)
    (device,) = found.attributes
    assert (device.path, device.before, device.after) == ("it.device", "meta", "cpu")


@pytest.mark.filterwarnings(*(f"ignore:{start}" for start in QUANTISATION_WARNINGS))
def test_quantised_tensors_are_compared_by_their_integers(pair: Pair):
    numbers = torch.tensor([0.0, 0.5, 1.0])
    before = torch.quantize_per_tensor(numbers, 0.5, 3, torch.qint8)
    diff = the_one(pair(before, torch.quantize_per_tensor(numbers * 2, 0.5, 3, torch.qint8)))
    assert (diff.dtype_before, diff.differing, diff.absolute) == ("qi8", 2, 2.0)
    found = pair(before, torch.quantize_per_tensor(numbers * 2, 1.0, 3, torch.qint8))
    assert found.weights.tensors == ()
    (scale,) = found.attributes
    assert (scale.path, scale.before) == ("it.quantiser", "(torch.per_tensor_affine, 0.5, 3)")


@pytest.mark.filterwarnings(*(f"ignore:{start}" for start in QUANTISATION_WARNINGS))
def test_channels_have_scales_of_their_own(pair: Pair):
    def made(scale: float) -> torch.Tensor:
        scales = torch.tensor([0.5, scale], dtype=torch.float64)
        zeros = torch.zeros(2, dtype=torch.int64)
        return torch.quantize_per_channel(torch.zeros(2, 3), scales, zeros, 0, torch.qint8)

    diff = the_one(pair(made(0.5), made(0.75)))
    assert (diff.name, diff.differing, diff.absolute) == ("it.quantiser.1", 1, 0.25)


def test_sparse_tensors_are_compared_by_their_parts(pair: Pair):
    before = torch.eye(3).to_sparse()
    diff = the_one(pair(before, (torch.eye(3) * 2).to_sparse()))
    assert (diff.name, diff.differing, diff.absolute) == ("it.4", 3, 1.0)


def test_tied_weights_are_two_names(tmp_path: Path):
    weight, other = torch.ones(3), torch.ones(3)
    tied = hold(tmp_path / "a.pt", one=weight, two=weight)
    loose = hold(tmp_path / "b.pt", one=weight, two=other)
    assert compared(tied, tied).weights.summary == "2 tensors equal"
    found = compared(tied, loose)
    assert found.weights.summary == "2 tensors equal"
    (shared,) = found.attributes
    assert (shared.path, shared.before, shared.after) == ("two.shared with", "one", None)
    changed = torch.full((3,), 2.0)
    found = compared(tied, hold(tmp_path / "c.pt", one=changed, two=changed))
    assert [diff.name for diff in found.weights.tensors] == ["one", "two"]


def test_many_pieces(pair: Pair):
    """Tensors are read in pieces; changes on both sides of a border are found."""
    before = torch.zeros(3 * 2**18 + 5, dtype=torch.float32)
    after = before.clone()
    after[[0, 2**18 - 1, 2**18, -1]] = 1.0
    diff = the_one(pair(before, after))
    assert (diff.differing, diff.absolute) == (4, 1.0)


def test_large_tensors_need_little_memory(tmp_path: Path):
    paths = [hold(tmp_path / f"{name}.pt", it=torch.zeros(2**23)) for name in "ab"]
    tracemalloc.start()
    try:
        assert not compared(*paths)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**23  # a quarter of one of them


def test_equal_archives_need_no_pytorch_here(tmp_path: Path):
    path = hold(tmp_path / "a.pt", it=torch.zeros(3))
    loaded = modules_after(f"import tsviz; assert not tsviz.diff({str(path)!r}, {str(path)!r})")
    assert "torch" not in loaded


def test_constants_are_found_again_where_one_is_new(tmp_path: Path):
    x = torch.ones(3)
    first, second, new = torch.rand(3), torch.rand(3), torch.rand(2, 3)

    def before(x: torch.Tensor) -> torch.Tensor:
        return x * first + second

    def after(x: torch.Tensor) -> torch.Tensor:
        return (x + new) * first + second

    paths = [tmp_path / "a.pt", tmp_path / "b.pt"]
    for path, function in zip(paths, (before, after), strict=True):
        torch.jit.trace(function, x).save(str(path))
    weights = compared(*paths).weights
    assert (weights.before, weights.after, weights.equal) == (2, 3, 2)
    assert [diff.kind for diff in weights.tensors] == [Kind.ADDED]
    (function,) = compared(*paths).code
    assert "CONSTANTS.new" in function.diff


def test_table(pair: Pair):
    frame = pair(torch.zeros(4), torch.tensor([0.0, 0.0, 1.0, 0.0])).weights.to_dataframe()
    (row,) = frame.to_dict("records")
    assert list(frame.index) == ["it"]
    assert (row["kind"], row["differing"], row["share"]) == ("changed", 1, 0.25)
    assert (row["absolute"], row["relative"]) == (1.0, math.inf)
    assert len(pair(torch.zeros(4), torch.zeros(4)).weights.to_dataframe()) == 0


def test_live_models_are_compared_likewise():
    torch.manual_seed(0)
    before = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    after = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    after.load_state_dict(before.state_dict())
    with torch.no_grad():
        after[0].bias[2] += 1
    found = tsviz.diff(before, after)
    assert found.summary == "same code, same structure, 1 of 7 tensors differs"
    assert found.contents is not None
    assert the_one(found.contents).name == "0.bias"
