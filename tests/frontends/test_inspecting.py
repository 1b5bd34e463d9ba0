"""What an archive holds is told without loading it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.archives import ARCHIVES
from tests.archives.zipfiles import replace_in
from tsviz.frontends.archive import inspect
from tsviz.frontends.stored_tensors import StoredTensor
from tsviz.location import FileRange

Build = Callable[[str], Path]


class Kinds(nn.Module):
    """A tensor of every kind, in every place where one can be."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 3))
        self.shared = self.weight
        self.half = torch.zeros(4, dtype=torch.float16)
        self.brain = torch.zeros(4, dtype=torch.bfloat16)
        self.double = torch.zeros(4, dtype=torch.float64)
        self.number = torch.tensor(3)
        self.mask = torch.zeros(5, dtype=torch.bool)
        self.complex = torch.zeros(2, dtype=torch.complex64)
        self.part = torch.zeros(10)[2:4]
        self.parts = [torch.zeros(1), torch.zeros(2)]
        self.named = {"a": torch.zeros(3)}
        self.layers = nn.ModuleList([nn.Linear(1, 1)])

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[0](x) + self.weight + self.parts[0] + self.named["a"] + self.shared


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda name: ARCHIVES[name].build(tmp_path)


def test_tensors(tmp_path: Path) -> None:
    path = tmp_path / "kinds.pt"
    torch.jit.save(torch.jit.script(Kinds()), path)
    found = {tensor.name: tensor for tensor in inspect(path).tensors}
    assert found.pop("weight") == StoredTensor("weight", "f32", (2, 3), "cpu", 24)
    assert {name: (t.dtype, t.shape, t.nbytes) for name, t in found.items()} == {
        "half": ("f16", (4,), 8),
        "brain": ("bf16", (4,), 8),
        "double": ("f64", (4,), 32),
        "number": ("i64", (), 8),
        "mask": ("bool", (5,), 5),
        "complex": ("c64", (2,), 16),
        "part": ("f32", (2,), 8),
        "parts.0": ("f32", (1,), 4),
        "parts.1": ("f32", (2,), 8),
        "named.a": ("f32", (3,), 12),
        "layers.0.weight": ("f32", (1, 1), 4),
        "layers.0.bias": ("f32", (1,), 4),
    }


def test_constants_of_a_frozen_model(build: Build) -> None:
    tensors = inspect(build("frozen")).tensors
    assert sorted((tensor.name, tensor.shape) for tensor in tensors) == [
        ("constants.0", (4, 4)),
        ("constants.1", (4,)),
    ]


def test_code_and_classes(build: Build) -> None:
    contents = inspect(build("plain-pt"))
    names = [re.sub(r"\.___torch_mangle_\d+", "", name) for name in contents.classes]
    assert names == [
        "__torch__.tests.archives.saved_models.Perceptron",
        "__torch__.torch.nn.modules.linear.Linear",
    ]
    assert contents.version == "3"
    assert contents.records["data/0"] == 64
    assert contents.summary == "2 classes in 24 lines of code, 2 tensors of 0.0 MiB in all"


@pytest.mark.parametrize(
    ("name", "devices"),
    [("plain-pt", ("cpu",)), ("cuda-constant", ("cuda:0",)), ("cuda-weights", ("cuda:0",))],
)
def test_devices(name: str, devices: tuple[str, ...], build: Build) -> None:
    assert inspect(build(name)).devices == devices


def test_operators_that_are_not_pytorchs(build: Build) -> None:
    assert inspect(build("missing-operator")).operators == ("torchvision::nms",)
    assert inspect(build("plain-pt")).operators == ()


def test_original_places(build: Build) -> None:
    contents = inspect(build("plain-pt"))
    code = "code/__torch__/tests/archives/saved_models.py"
    line = contents.code[code].split("\n").index("    return torch.relu((linear).forward(x, ))")
    found = contents.find_original(FileRange(code, line + 1, 11, line + 1, 21))
    assert found is not None
    assert (Path(found.file).name, found.line, found.col) == ("saved_models.py", 14, 15)
    assert contents.find_original(FileRange("code/none.py", 1, 0)) is None


def test_a_record_of_the_owners_is_no_code(build: Build) -> None:
    contents = inspect(build("extra-files"))
    assert {"extra/config.json", "extra/<b>.html"} <= contents.records.keys()
    assert all(name.startswith("code/") for name in contents.code)


def pickled_name(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


@pytest.mark.parametrize(
    ("module", "name"), [("torch.distributed.rpc", "rref"), ("os", "system"), ("torchx", "Tensor")]
)
def test_names_that_archives_do_not_hold(module: str, name: str, build: Build) -> None:
    path = build("plain-pt")
    old = pickled_name("collections", "OrderedDict")
    replace_in(path, lambda record: record.endswith("data.pkl"), old, pickled_name(module, name))
    assert inspect(path).on_load == (
        f"`data.pkl` names what archives of TorchScript do not hold: `{module}.{name}`",
    )


def test_a_pickle_that_is_not_understood(build: Build) -> None:
    path = build("plain-pt")
    replace_in(path, lambda record: record.endswith("constants.pkl"), b"\x80\x02).", b"\x80\x02I1")
    assert inspect(path).on_load == (
        "`constants.pkl` is not written as PyTorch writes it: "
        "instruction b'I' is none that PyTorch writes",
    )


def test_hostile_names_are_only_names(build: Build) -> None:
    contents = inspect(build("hostile-names"))
    names = [tensor.name for tensor in contents.tensors]
    assert "parts.<script>alert('module')</script>.weight" in names
    assert "<script>alert('file')</script>.py" in contents.stored_sources


def test_no_torch_is_imported(build: Build) -> None:
    program = (
        "import sys\n"
        "from tsviz.frontends.archive import inspect\n"
        "print(inspect(sys.argv[1]).summary)\n"
        "assert 'torch' not in sys.modules\n"
    )
    command = [sys.executable, "-c", program, build("plain-pt")]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    assert child.stdout == "2 classes in 24 lines of code, 2 tensors of 0.0 MiB in all\n"
