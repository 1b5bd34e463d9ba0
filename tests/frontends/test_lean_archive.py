"""Copies of archives in which every weight is one number."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tsviz.frontends.archive_loading import read_in_child
from tsviz.frontends.inspecting import open_archive
from tsviz.frontends.lean_archive import write_lean


class Net(nn.Module):
    """More than 16 MiB of weights, and tensors of every layout that is plain."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5000, 1024)
        self.tied = nn.Parameter(self.table.weight)
        self.turned = nn.Parameter(torch.rand(3, 4).t())
        base = torch.arange(12.0)
        self.register_buffer("tail", base[4:].view(2, 4))
        self.register_buffer("scalar", torch.tensor(7))
        self.register_buffer("empty", torch.empty(0, 3))
        self.register_buffer("flags", torch.tensor([False, True]))
        self.register_buffer("low", torch.full((2, 2, 2), 0.5, dtype=torch.float16))
        self.register_buffer("wide", torch.ones(2, dtype=torch.complex128))
        self.register_buffer("spread", torch.ones(1).expand(9))

    def forward(self, x: Tensor) -> Tensor:
        """Map `[n]` to `[n, 1024]`, with a constant that the graph keeps."""
        return self.table(x) * torch.tensor([[0.25]]) + self.turned.sum() + self.tail.sum()


class Other(nn.Module):
    """A large weight, and a tensor that is more than its elements."""

    def __init__(self, other: Tensor) -> None:
        super().__init__()
        self.table = nn.Embedding(5000, 1024)
        self.register_buffer("other", other)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[n]` to `[n, 1024]`."""
        return self.table(x)


MARK = b"found here and nowhere else"


class Constant(nn.Module):
    """A large weight, and a constant that can be found in the file."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5000, 1024)
        self.mark = torch.tensor(list(MARK), dtype=torch.uint8)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[n]` to `[n, 1024]`."""
        return self.table(x) * self.mark.sum()


def save(module: nn.Module, path: Path) -> Path:
    torch.jit.save(torch.jit.script(module.eval()), path)
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save(Net(), tmp_path_factory.mktemp("lean") / "net.pt")


def lean_copy(path: Path, folder: Path) -> Path | None:
    with open_archive(path) as directory:
        return write_lean(directory, folder)


def test_every_tensor_keeps_its_shape_and_dtype_and_its_first_element(
    archive: Path, tmp_path: Path
):
    copy = lean_copy(archive, tmp_path)
    assert copy is not None
    assert copy.stat().st_size < 20_000 < archive.stat().st_size
    full = torch.jit.load(archive).state_dict()
    lean = torch.jit.load(copy).state_dict()
    assert list(lean) == list(full)
    for name, tensor in full.items():
        assert (lean[name].shape, lean[name].dtype) == (tensor.shape, tensor.dtype), name
        assert lean[name].untyped_storage().nbytes() == min(1, tensor.numel()) * tensor.itemsize
        if tensor.numel():
            first = tensor.as_strided((), (), 0)  # of its storage
            assert torch.equal(lean[name], first.expand(tensor.shape)), name


def test_the_program_is_the_one_of_the_archive(archive: Path):
    read, loaded = tsviz.open(archive), tsviz.open(archive, trust=True)
    assert read.text == loaded.text
    assert read.code == loaded.code
    assert read.weights == loaded.weights
    assert read.modules == loaded.modules
    assert read.coverage() == loaded.coverage()


def make_quantised() -> Tensor:
    return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)


def make_sparse() -> Tensor:
    return torch.eye(3).to_sparse()


@pytest.mark.parametrize("make", [make_sparse, make_quantised])
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_other_tensors_are_left_as_they_are(tmp_path: Path, make: Callable[[], Tensor]):
    path = save(Other(make()), tmp_path / "other.pt")
    assert lean_copy(path, tmp_path) is None
    assert len(tsviz.open(path).weights) == 2


def test_little_is_left_as_it_is(tmp_path: Path):
    assert lean_copy(save(nn.Linear(3, 4), tmp_path / "small.pt"), tmp_path) is None


def test_a_record_of_another_size_is_left_to_pytorch(archive: Path, tmp_path: Path):
    """Its words about what is wrong are about the archive, not about a copy."""
    path = tmp_path / "short.pt"
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(path, "w") as short:
        for entry in whole.infolist():
            data = whole.read(entry)
            cut = entry.filename == "net/data/0"
            short.writestr(entry.filename, io.BytesIO(data).read(len(data) - 4 * cut))
    assert lean_copy(path, tmp_path) is None


def test_a_damaged_constant_is_left_to_pytorch(tmp_path: Path):
    path = tmp_path / "damaged.pt"
    torch.jit.save(torch.jit.trace(Constant().eval(), torch.tensor([1])), path)
    path.write_bytes(path.read_bytes().replace(MARK, MARK[::-1]))
    assert lean_copy(path, tmp_path) is None
    program = tsviz.open(path)
    assert [found.code for found in program.diagnostics] == ["TSV-A31"]


def test_what_pytorch_says_is_about_the_archive(archive: Path, tmp_path: Path):
    """A copy that PyTorch refuses is passed over, and the archive itself is loaded."""
    refused = tmp_path / "refused.pt"
    refused.write_bytes(b"no archive")
    request = {"packages": [], "sources": {}, "calls": []}
    answer = read_in_child({**request, "paths": [str(refused), str(archive)]})
    assert "forward" in str(answer["facts"])
    answer = read_in_child({**request, "paths": [str(archive), str(refused)]})
    assert "forward" in str(answer["facts"])
    assert "refused" in read_in_child({**request, "paths": [str(refused), str(refused)]})
