"""Every archive is what it claims to be, by what PyTorch, zipfile and pickle themselves do with it.

Loading runs in this process: what the hostile ones write, they write below `tmp_path`. Only the one
that crashes the loader is loaded in a child.
"""

import pickle
import signal
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.jit.mobile import _load_for_lite_interpreter

from tests.archives import ARCHIVES, written_by
from tests.archives.demanding import QUANTISATION_WARNINGS
from tests.archives.everyday import LITE_WARNING
from tests.archives.hostile import BOMB_SIZE, MANY, PAGE
from tests.archives.zipfiles import is_own_code

SETSTATE = [
    "writes-on-load",
    "submodule-writes-on-load",
    "setstate-after-tab",
    "setstate-on-next-line",
    "record-names-in-capitals",
    "record-twice",
    "two-roots",
]

LOADS = [
    "plain-pt",
    "plain-pth",
    "plain-jit",
    "lite",
    "traced",
    "frozen",
    "optimised",
    "exported-methods",
    "no-forward",
    "frozen-with-method",
    "extra-files",
    "without-debug-info",
    "awkward-path",
    "html-path",
    "dynamically-quantised",
    "frozen-quantised",
    "statically-quantised",
    "torchbind",
    "old-operators",
    "cuda-constant",
    "corrupt-weights",
    "debug-info-executes",
    "zip-bomb",
    "many-records",
    "names-that-escape",
    "hostile-names",
    *SETSTATE,
]

REFUSED = {
    "from-the-future": "maximum supported version for reading is",
    "missing-operator": "Unknown builtin op: torchvision::nms",
    "empty": "not a ZIP archive",
    "truncated": "failed finding central directory",
    "not-a-zip": "failed finding central directory",
    "corrupt-code": "",  # what PyTorch says depends on how the damaged code happens to unpack
    "unreadable-string": "ill formed octal specifier",
    "state-dict": "failed locating file constants.pkl",
    "legacy-state-dict": "failed finding central directory",
    "pickled-module": "failed locating file constants.pkl",
    "pickle-executes": "failed locating file constants.pkl",
    "other-zip": 'Expected hasRecord("version") to be true',
    "directory": "is a directory",
}

DEPENDS_ON_THE_MACHINE = ["cuda-weights"]
CRASHES = ["crashes-the-loader"]

Build = Callable[[str], Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda name: ARCHIVES[name].build(tmp_path)


def load(path: Path) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        for start in (*QUANTISATION_WARNINGS, LITE_WARNING):
            warnings.filterwarnings("ignore", message=start)
        return torch.jit.load(path)


def code(path: Path) -> str:
    """Join the code of an archive as Python's zipfile reads it."""
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if "/code/" in name and name.endswith(".py")]
        return "\n".join(file.read(name).decode() for name in names)


def records(path: Path) -> set[str]:
    """Name the records of an archive without its root folder."""
    with zipfile.ZipFile(path) as file:
        return {name.split("/", 1)[-1] for name in file.namelist()}


def test_every_archive_is_judged_once() -> None:
    judged = [*LOADS, *REFUSED, *DEPENDS_ON_THE_MACHINE, *CRASHES]
    assert sorted(judged) == sorted(ARCHIVES)
    assert all(archive.special.endswith(".") for archive in ARCHIVES.values())


@pytest.mark.parametrize("name", LOADS)
def test_loads(name: str, build: Build) -> None:
    assert isinstance(load(build(name)), torch.jit.ScriptModule)


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str, build: Build) -> None:
    path = build(name)
    with pytest.raises((RuntimeError, ValueError)) as caught:
        torch.jit.load(path)
    assert REFUSED[name] in str(caught.value)


def test_lite_has_bytecode_for_the_mobile_interpreter(build: Build) -> None:
    path = build("lite")
    assert "bytecode.pkl" in records(path)
    x = torch.ones(1, 4)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=LITE_WARNING)
        mobile = _load_for_lite_interpreter(str(path))
    assert torch.equal(mobile(x), load(path)(x))


def test_traced_holds_its_example_inputs(build: Build) -> None:
    assert "traced_inputs.pkl" in records(build("traced"))


def test_frozen_has_constants_for_weights(build: Build) -> None:
    path = build("frozen")
    assert "constants/0" in records(path)
    assert list(load(path).parameters()) == []


def test_optimised_is_rewritten(build: Build) -> None:
    assert "torch.matmul(x, CONSTANTS.c0)" in code(build("optimised"))


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("plain-pt", ["forward"]),
        ("exported-methods", ["forward", "encode", "decode"]),
        ("no-forward", ["score"]),
        ("frozen-with-method", ["forward", "encode"]),
    ],
)
def test_methods(name: str, methods: list[str], build: Build) -> None:
    assert sorted(load(build(name))._c._method_names()) == sorted(methods)


def test_extra_files_come_back(build: Build) -> None:
    path = build("extra-files")
    assert {"extra/config.json", "extra/<b>.html"} <= records(path)
    files = {"config.json": ""}
    torch.jit.load(path, _extra_files=files)
    assert files["config.json"] == b'{"classes": 4}'


def test_original_lines_are_gone_without_debug_info(build: Build) -> None:
    here = f'{Path(__file__).with_name("saved_models.py")}", line'
    whole = load(build("plain-pt")).graph
    assert here in whole.findNode("aten::relu").sourceRange()
    path = build("without-debug-info")
    assert not any(name.endswith(".debug_pkl") for name in records(path))
    stripped = load(path).graph
    assert here not in stripped.findNode("aten::relu").sourceRange()


def test_awkward_paths(build: Build) -> None:
    path = build("awkward-path")
    assert " " in path.name
    assert not path.name.isascii()
    assert build("html-path").name == "<img src=x onerror=alert('path')>.pt"


def test_quantised_weights_are_torchbind_objects(build: Build) -> None:
    packed = "__torch__.torch.classes.quantized."
    assert packed + "LinearPackedParamsBase" in code(build("dynamically-quantised"))
    assert packed + "Conv2dPackedParamsBase" in code(build("statically-quantised"))
    assert packed + "LinearPackedParamsBase" in code(build("torchbind"))


def test_frozen_torchbind_object_shows_in_the_constants_only(build: Build) -> None:
    path = build("frozen-quantised")
    assert "def __setstate__" not in code(path)
    assert "PackedParams" not in code(path)
    with zipfile.ZipFile(path) as file:
        assert b"torch.classes.quantized" in file.read("frozen_quantised/constants.pkl")


def test_upgraders_give_old_operators_their_old_meaning(build: Build) -> None:
    path = build("old-operators")
    x = torch.tensor([3, -3])
    assert "if" not in code(path)
    assert load(path).graph.findNode("prim::If") is not None
    assert load(path)(x)[0].tolist() == [1, -1]
    assert torch.div(x, 2).tolist() == [1.5, -1.5]


def test_cuda_constant_stands_in_the_code(build: Build) -> None:
    assert 'torch.device("cuda:0")' in code(build("cuda-constant"))


def test_cuda_weights_name_their_device(build: Build) -> None:
    path = build("cuda-weights")
    moved = torch.jit.load(path, map_location="cpu")
    assert {weight.device.type for weight in moved.parameters()} == {"cpu"}
    if torch.cuda.is_available():
        assert {weight.device.type for weight in load(path).parameters()} == {"cuda"}
    else:
        with pytest.raises((NotImplementedError, RuntimeError), match=r"(?i)cuda"):
            torch.jit.load(path)


def test_missing_operator_is_registered_nowhere(build: Build) -> None:
    assert "ops.torchvision.nms" in code(build("missing-operator"))


def test_corrupt_weights_fail_their_checksum(build: Build) -> None:
    with zipfile.ZipFile(build("corrupt-weights")) as file:
        assert file.testzip() == "model/data/0"


def test_corrupt_code_does_not_unpack(build: Build) -> None:
    with zipfile.ZipFile(build("corrupt-code")) as file:
        damaged = next(name for name in file.namelist() if is_own_code(name))
        with pytest.raises((zipfile.BadZipFile, zlib.error)):
            file.read(damaged)


def test_legacy_weights_are_no_zip(build: Build) -> None:
    path = build("legacy-state-dict")
    assert not zipfile.is_zipfile(path)
    assert torch.load(path, weights_only=True).keys() == {"linear.weight", "linear.bias"}


def test_state_dict_holds_weights(build: Build) -> None:
    weights = torch.load(build("state-dict"), weights_only=True)
    assert weights.keys() == {"linear.weight", "linear.bias"}


def test_pickled_module_names_its_class(build: Build) -> None:
    path = build("pickled-module")
    with pytest.raises(pickle.UnpicklingError, match=r"saved_models\.Perceptron"):
        torch.load(path, weights_only=True)


@pytest.mark.parametrize("name", SETSTATE)
def test_loading_writes_a_file(name: str, build: Build) -> None:
    path = build(name)
    assert not written_by(path).exists()
    load(path)
    assert torch.load(written_by(path), weights_only=True).tolist() == [1.0, 1.0, 1.0, 1.0]


def test_a_careless_look_finds_no_setstate(build: Build) -> None:
    assert "def __setstate__" in code(build("writes-on-load"))
    assert "def __setstate__" not in code(build("setstate-after-tab"))
    assert "def __setstate__" not in code(build("setstate-on-next-line"))
    assert code(build("record-names-in-capitals")) == ""
    with zipfile.ZipFile(build("record-twice")) as file:
        names = [name for name in file.namelist() if name.endswith(".py")]
        assert len(names) == 2 * len(set(names))
        assert b"__setstate__" not in b"".join(file.read(name) for name in names)
    with zipfile.ZipFile(build("two-roots")) as file:
        names = [name for name in file.namelist() if name.endswith(".py")]
        harmless = [name for name in names if name.startswith("harmless/")]
        assert b"__setstate__" not in b"".join(file.read(name) for name in harmless)


def test_unpickling_debug_info_executes(build: Build) -> None:
    path = build("debug-info-executes")
    load(path)
    assert not written_by(path).exists()
    with zipfile.ZipFile(path) as file:
        name = next(name for name in file.namelist() if name.endswith(".debug_pkl"))
        pickle.loads(file.read(name))
    assert written_by(path).is_dir()


def test_unpickling_weights_executes(build: Build) -> None:
    path = build("pickle-executes")
    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        torch.load(path, weights_only=True)
    assert not written_by(path).exists()
    torch.load(path, weights_only=False)
    assert written_by(path).is_dir()


def test_loader_crashes(build: Build) -> None:
    command = "import sys, torch; torch.jit.load(sys.argv[1])"
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", command, build("crashes-the-loader")], check=False
    )
    assert child.returncode == -signal.SIGSEGV


def test_zip_bomb_is_small_and_large(build: Build) -> None:
    path = build("zip-bomb")
    with zipfile.ZipFile(path) as file:
        assert sum(entry.file_size for entry in file.infolist()) > BOMB_SIZE
    assert path.stat().st_size < 2**20


def test_many_records(build: Build) -> None:
    assert len(records(build("many-records"))) > MANY


def test_names_escape(build: Build) -> None:
    with zipfile.ZipFile(build("names-that-escape")) as file:
        names = file.namelist()
    assert {"/escaped.txt", "model/../../escaped.txt", "model\\..\\..\\escaped.txt"} <= set(names)


def test_hostile_names_reach_the_graph_and_the_source(build: Build) -> None:
    path = build("hostile-names")
    module = load(path)
    assert "<script>alert('module')</script>" in [name for name, _ in module.named_modules()][2]
    assert module.title == "<script>alert('attribute')</script>"
    assert "string" in module(torch.ones(1, 4))[1]
    graph = module.inlined_graph
    names = {node.output().debugName() for node in graph.findAllNodes("prim::GetAttr")}
    assert "<script>alert('module')</script>" in names
    where = graph.findNode("aten::add").sourceRange()
    assert f'File "{PAGE}", line' in where
    assert "<script>alert('string')</script>" in where
