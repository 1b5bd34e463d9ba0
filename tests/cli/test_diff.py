"""`tsviz diff`: what it prints, and the exit codes by which scripts go."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz as package
from tests.cli.conftest import Done

Tsviz = Callable[..., Done]

NET = """\
import torch
from torch import nn


def scale(x):
    return x * 2


class Block(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.eps = eps
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        return scale(self.linear(x)) + self.eps


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Block(1e-5)
        self.second = Block(1e-5)
        self.register_buffer("count", torch.zeros(1, dtype=torch.int64))

    def forward(self, x):
        return self.second(self.first(x))
"""
SHIFT = """\
class Shift(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        return x - self.shift


"""
OTHER = (
    NET.replace("import torch\n", '"""The second version."""\n\nimport torch\n')
    .replace("x * 2", "x * 3")
    .replace("self.second = Block(1e-5)", "self.second = Block(1e-3)")
    .replace(
        "        self.register_buffer", "        self.third = Shift()\n        self.register_buffer"
    )
    .replace("dtype=torch.int64", "dtype=torch.float16")
    .replace("return self.second(self.first(x))", "return self.third(self.second(self.first(x)))")
    .replace("class Net(", SHIFT + "class Net(")
)


def save(folder: Path, name: str, text: str, change: Callable[[nn.Module], None]) -> None:
    """Saves the net whose module has a text, with weights that follow from their shapes."""
    place = folder / name / "net.py"
    place.parent.mkdir()
    place.write_text(text)
    spec = importlib.util.spec_from_file_location("net", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net: nn.Module = module.Net().eval()
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(torch.arange(weight.numel()).reshape(weight.shape) / 8)
        change(net)
    torch.jit.script(net).save(folder / f"{name}.pt")


def tune(net: nn.Module) -> None:
    """Changes two of nine elements of one weight, by powers of two."""
    weight = net.get_parameter("first.linear.weight")
    weight[0, 0] += 2.0**-10
    weight[2, 2] += 0.25


@pytest.fixture
def archives(folder: Path) -> Path:
    """A model, the same fine-tuned, and another version of it."""
    save(folder, "one", NET, lambda net: None)
    save(folder, "tuned", NET, tune)
    save(folder, "two", OTHER, tune)
    return folder


def test_the_same(tsviz: Tsviz, archives: Path):
    assert tsviz("diff", "one.pt", "one.pt") == Done(
        0,
        "one.pt (Net.forward) → one.pt (Net.forward)\n"
        "same code, same structure, 5 tensors equal\n"
        "code: the same\n"
        "structure: the same\n"
        "weights: 5 tensors equal\n",
        "",
    )


def test_weights_alone(tsviz: Tsviz, archives: Path, golden: Callable[[str, str], None]):
    done = tsviz("diff", "one.pt", "tuned.pt")
    assert (done.code, done.err) == (1, "")
    assert done.out.split("\n")[1] == "same code, same structure, 1 of 5 tensors differs"
    golden("diff/tuned.txt", whole_lines(done.out))


def test_everything(tsviz: Tsviz, archives: Path, golden: Callable[[str, str], None]):
    done = tsviz("diff", "one.pt", "two.pt")
    assert (done.code, done.err) == (1, "")
    golden("diff/other.txt", whole_lines(done.out))


def whole_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


def test_a_file_and_an_object(tsviz: Tsviz, folder: Path):
    import nets

    torch.jit.script(nets.model).save("net.pt")
    assert tsviz("diff", "net.pt", "net.pt", "--trust").code == 0
    file = Path(nets.__file__ or "")
    file.write_text(
        f"{file.read_text()}\nfor weight in model.parameters():\n    weight.data.fill_(0.5)\n"
    )
    model = nets.make()
    for weight in model.parameters():
        weight.data.fill_(0.5)
    torch.jit.script(model).save("filled.pt")
    live = tsviz("diff", "filled.pt", "nets:model")
    assert "same structure, 2 tensors equal" in live.out
    traced = tsviz("diff", "nets:model", "nets:model", "--via=trace", "--args=example")
    assert (traced.code, traced.err) == (0, "")


def test_json(tsviz: Tsviz, archives: Path):
    done = tsviz("diff", "one.pt", "two.pt", "--json")
    found = json.loads(done.out)
    assert (done.code, found["same"]) == (1, False)
    (code,) = (function for function in found["code"] if function["name"] == "net.scale")
    assert code["diff"].split("\n")[2:] == [
        "@@ -5,2 +7,2 @@",
        " def scale(x):",
        "-    return x * 2",
        "+    return x * 3",
    ]
    assert (code["kind"], code["python"], code["same_text"]) == ("changed", True, False)
    structure = found["structure"]
    assert structure["modules"] == [
        {"kind": "added", "path": "third", "before": None, "after": "net.Shift"}
    ]
    assert structure["attributes"] == [
        {"owner": "second", "name": "eps", "before": "1e-05", "after": "0.001"}
    ]
    assert "value was 2, is 3" in [node["words"] for node in structure["nodes"]]
    weights = found["weights"]
    assert (weights["before"], weights["after"], weights["equal"]) == (5, 6, 3)
    cast, changed, added = weights["tensors"]
    assert (cast["name"], cast["dtype_before"], cast["dtype_after"]) == ("count", "i64", "f16")
    assert (cast["differing"], cast["absolute"]) == (None, None)
    assert changed == {
        "kind": "changed",
        "name": "first.linear.weight",
        "dtype_before": "f32",
        "dtype_after": "f32",
        "shape_before": [3, 3],
        "shape_after": [3, 3],
        "differing": 2,
        "absolute": 0.25,
        "relative": "inf",
        "ulp": 0x3A800000,
    }
    assert (added["kind"], added["name"], added["shape_after"]) == ("added", "third.shift", [3])
    assert found["not compared"] == []


def test_json_of_what_has_no_weights(tsviz: Tsviz, archives: Path):
    package.save(package.open("one.pt"), "one.tsviz")
    done = tsviz("diff", "one.tsviz", "one.pt", "--json")
    found = json.loads(done.out)
    assert (done.code, found["code"], found["weights"]) == (0, None, None)
    assert found["not compared"] == [
        "code, modules and weights, unknown of `Net.forward`: it is a saved .tsviz file, "
        "which holds no weights"
    ]


def test_errors_are_no_difference(tsviz: Tsviz, archives: Path):
    gone = tsviz("diff", "one.pt", "gone.pt")
    assert (gone.code, gone.out) == (3, "")
    assert gone.err.startswith("error[TSV-A01]: expected a file, found nothing at `gone.pt`")
    assert tsviz("diff", "one.pt") == Done(
        2,
        "",
        "error[TSV-L01]: the following arguments are required: AFTER\n  help: tsviz diff --help\n",
    )
    (archives / "bad.pt").write_bytes(b"PK nothing")
    assert tsviz("diff", "one.pt", "bad.pt").code == 3
