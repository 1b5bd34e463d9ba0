"""Files that do not open: each code with its full text, and nothing in the file has run."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

import tsviz
from tests.archives import ARCHIVES, written_by
from tests.archives.zipfiles import Records, append_record, edit_records
from tests.frontends.test_archive import OPENS
from tsviz.errors import ArchiveError
from tsviz.jit.confinement import Limits

Build = Callable[[str], Path]

AGAIN = "  help: fetch or save the file again"
ANEW = "  help: if you trust it, torch.jit.save(torch.jit.load(path), path) writes it anew"
TRUST = "  help: if you trust whoever made it: tsviz.open('FILE', trust=True)"
DOUBT = "  note: two programs could see different contents in it, so nothing in it was read"
UNPICKLED = "  note: it was not unpickled, which would run whatever code it names"
UNPICKLE = "  help: if you trust it: tsviz.capture(torch.load(path, weights_only=False), …)"
LOAD = "  help: build the model in Python, load the weights into it, then tsviz.capture(model, …)"
WRITE = "  help: tsviz reads TorchScript: write the model with torch.jit.save"
CHILD = (
    "  note: it was read in a child process, so nothing is lost here\n"
    "  help: take the file for damaged or hostile, and do not load it elsewhere"
)
HERE = "code/__torch__/tests/archives/saved_models.py"
PYTORCH = "  note: PyTorch said: …"


def would_run(reason: str, contents: str) -> str:
    return (
        "error[TSV-A13]: loading `FILE` would run code out of it, so it was not loaded\n"
        f"  note: {reason}\n  note: it holds {contents}\n{TRUST}"
    )


def packed(record: str) -> str:
    return (
        f"`{record}` holds objects of C++ classes, which set themselves up: "
        "`torch.classes.quantized.LinearPackedParamsBase`"
    )


def doubtful(reason: str) -> str:
    return f"error[TSV-A07]: `FILE` is no archive as PyTorch writes it: {reason}\n{DOUBT}\n{ANEW}"


WRITES = would_run(
    f"`{HERE}` defines `__setstate__`, which runs on load",
    "1 class in 25 lines of code, 1 tensor of 0.0 MiB in all",
)

SAID = {
    "directory": (
        "error[TSV-A02]: expected a file, got the folder `FILE`\n"
        "  help: open the file that the folder was unpacked from"
    ),
    "empty": f"error[TSV-A03]: expected an archive, `FILE` is empty\n{AGAIN}",
    "not-a-zip": (
        "error[TSV-A04]: expected a TorchScript archive, "
        "`FILE` is neither a zip file nor a pickle\n  note: it begins with "
        r"b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f'"
    ),
    "other-zip": (
        "error[TSV-A04]: expected a TorchScript archive, `FILE` is another zip file\n"
        "  note: it holds readme.txt"
    ),
    "truncated": (
        "error[TSV-A05]: `FILE` breaks off: it begins as a zip file and has no directory\n" + AGAIN
    ),
    "corrupt-code": f"error[TSV-A06]: `{HERE}` in `FILE` is damaged: …\n{AGAIN}",
    "record-twice": doubtful(f"`writes/{HERE}` is there twice"),
    "two-roots": doubtful("it has 2 root folders: harmless, writes"),
    "record-names-in-capitals": doubtful(
        "the name `CODE/__torch__/tests/archives/saved_models.PY` should be in lower case"
    ),
    "names-that-escape": doubtful("the name `model/../../escaped.txt` leads elsewhere"),
    "zip-bomb": (
        f"error[TSV-A08]: `FILE` would fill the memory: its 0.3 MiB unpack to 256.0 MiB\n{ANEW}"
    ),
    "many-records": (
        "error[TSV-A08]: `FILE` would fill the memory: "
        f"its directory of 70011 records takes 4.2 MiB\n{ANEW}"
    ),
    "state-dict": (
        "error[TSV-A09]: expected a TorchScript archive, `FILE` holds weights and no model\n"
        f"  note: it holds 2 tensors: linear.weight, linear.bias\n{LOAD}"
    ),
    "legacy-state-dict": (
        "error[TSV-A09]: expected a TorchScript archive, `FILE` holds weights and no model\n"
        f"  note: it holds 2 tensors: linear.weight, linear.bias\n{LOAD}"
    ),
    "pickled-module": (
        "error[TSV-A10]: expected a TorchScript archive, "
        "`FILE` holds a pickled `tests.archives.saved_models.Perceptron`\n"
        f"{UNPICKLED}\n  note: it names tests.archives.saved_models.Perceptron\n{UNPICKLE}"
    ),
    "pickle-executes": (
        "error[TSV-A10]: expected a TorchScript archive, `FILE` holds a pickled object\n"
        f"{UNPICKLED}\n  note: it names posix.mkdir\n{UNPICKLE}"
    ),
    "debug-info-executes": (
        f"error[TSV-A12]: the source positions in `{HERE}.debug_pkl` of `FILE` "
        "are not as PyTorch writes them\n  note: it names `posix.mkdir`\n"
        f"  note: they were not unpickled, which would run whatever code they name\n{AGAIN}"
    ),
    "writes-on-load": WRITES,
    "setstate-after-tab": WRITES,
    "setstate-on-next-line": WRITES.replace("25 lines", "26 lines"),
    "submodule-writes-on-load": WRITES.replace("1 class in 25", "2 classes in 35"),
    "dynamically-quantised": would_run(
        packed("data.pkl"), "3 classes in 98 lines of code, 2 tensors of 0.0 MiB in all"
    ),
    "frozen-quantised": would_run(
        packed("constants.pkl"), "1 class in 8 lines of code, 2 tensors of 0.0 MiB in all"
    ),
    "torchbind": would_run(
        packed("data.pkl"), "1 class in 11 lines of code, 1 tensor of 0.0 MiB in all"
    ),
    "statically-quantised": would_run(
        "`code/__torch__/torch/ao/nn/intrinsic/quantized/modules/conv_relu.py` "
        "defines `__setstate__`, which runs on load",
        "6 classes in 188 lines of code, 4 tensors of 0.0 MiB in all",
    ),
    "crashes-the-loader": f"error[TSV-A14]: `FILE` makes PyTorch crash (SIGSEGV)\n{CHILD}",
    "missing-operator": (
        "error[TSV-A17]: `FILE` calls `torchvision::nms`, which nothing here has registered\n"
        "  --> TESTS/archives/save_with_nms.py:16:16\n"
        "  16 |         return torch.ops.torchvision.nms(boxes, scores, 0.5)\n"
        "     |                ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  note: importing `torchvision` usually registers it\n"
        f"{PYTORCH}\n  help: pip install torchvision"
    ),
    "from-the-future": (
        f"error[TSV-A18]: expected a file format up to 10, `FILE` has 99\n{PYTORCH}\n"
        "  help: update PyTorch to the version that wrote it, or a later one"
    ),
    "unreadable-string": (
        "error[TSV-A19]: PyTorch cannot load `FILE`\n"
        "  --> TESTS/archives/saved_models.py:81:19\n"
        r'  81 |         return x, "two lines\r\nas on Windows"' + "\n"
        f"     |                   {'^' * 25}\n{PYTORCH}\n"
        "  help: try the version of PyTorch that wrote it; "
        "if that fails, too, save the model again"
    ),
}


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda name: ARCHIVES[name].build(tmp_path)


def said(path: Path, *, trust: bool = False) -> str:
    """What the user reads, without names of this machine and without PyTorch's and zlib's words."""
    with pytest.raises(ArchiveError) as caught:
        tsviz.open(path, trust=trust)
    text = str(caught.value).replace(str(path), "FILE").replace(str(path.parent), "FOLDER")
    text = text.replace(str(Path(__file__).parents[1]), "TESTS")
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if line.startswith(PYTORCH[:-1])), None)
    if start is not None:
        end = next(at for at, line in enumerate(lines) if line.startswith("  help: "))
        lines[start:end] = [PYTORCH]
    if lines[0].startswith("error[TSV-A06]"):
        lines[0] = lines[0].partition("damaged: ")[0] + "damaged: …"
    return "\n".join(lines)


def test_every_archive_is_judged_once() -> None:
    assert sorted([*OPENS, *SAID]) == sorted(ARCHIVES)


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name: str, build: Build) -> None:
    path = build(name)
    assert said(path) == SAID[name]
    assert not written_by(path).exists()


@pytest.mark.parametrize("name", ["record-twice", "state-dict", "missing-operator", "zip-bomb"])
def test_trust_does_not_make_it_sound(name: str, build: Build) -> None:
    assert said(build(name), trust=True) == SAID[name]


# ── what is not there ───────────────────────────────────────────────────────────────────────────


def test_no_such_file(build: Build) -> None:
    path = build("plain-pt")
    there = path.with_name("modle.pt")
    assert said(there) == (
        "error[TSV-A01]: expected a file, found nothing at `FILE`\n"
        "  help: models in that folder: model.pt"
    )
    assert said(path.parent / "none" / "model.pt") == (
        "error[TSV-A01]: expected a file, found nothing at `FILE`\n"
        "  help: there is no folder `FOLDER`"
    )
    assert said(path.with_suffix(".tsviz")).startswith("error[TSV-A01]")


def test_a_file_that_cannot_be_read(build: Build) -> None:
    assert said(build("plain-pt") / "inside.pt") == (
        "error[TSV-A01]: `FILE` cannot be read: Not a directory"
    )


def test_no_torch_here(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsviz.frontends.archive.find_spec", lambda name: None)
    assert said(build("plain-pt")) == (
        "error[TSV-A21]: reading `FILE` needs PyTorch, which is not installed here\n"
        "  help: pip install torch"
    )


# ── other formats ───────────────────────────────────────────────────────────────────────────────


def test_an_exported_program(tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    torch.export.save(torch.export.export(nn.ReLU(), (torch.ones(2),)), path)
    assert said(path) == (
        "error[TSV-A11]: expected a TorchScript archive, `FILE` is a program of torch.export, "
        f"which is no TorchScript\n{WRITE}"
    )


def test_a_flat_buffer(tmp_path: Path) -> None:
    path = tmp_path / "model.ptl"
    path.write_bytes(b"\x1c\0\0\0PTMF" + bytes(100))
    assert said(path) == (
        "error[TSV-A11]: expected a TorchScript archive, `FILE` is a FlatBuffer for the lite "
        f"interpreter, which holds no code\n{WRITE}"
    )


def without(path: Path, *unwanted: str) -> None:
    def edit(name: str, content: bytes) -> Records:
        if not any(part in name for part in unwanted):
            yield name, content

    edit_records(path, edit)


def test_a_lite_archive_without_code(build: Build) -> None:
    path = build("lite")
    without(path, "/code/")
    assert said(path) == (
        "error[TSV-A11]: expected a TorchScript archive, `FILE` is an archive for the lite "
        f"interpreter, without the code it came from\n{WRITE}"
    )


def test_an_archive_of_old(build: Build) -> None:
    path = build("plain-pt")
    without(path, "data.pkl")
    append_record(path, "model.json", b"{}")
    assert said(path) == (
        "error[TSV-A11]: expected a TorchScript archive, `FILE` is an archive of PyTorch 1.2 or "
        f"older, whose code cannot be checked\n{WRITE}"
    )


def test_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    layers = nn.Sequential(*(nn.Linear(2, 2) for _ in range(3)))
    torch.save({"model": layers.state_dict(), "epoch": 3, "loss": 0.5}, path)
    assert said(path) == (
        "error[TSV-A09]: expected a TorchScript archive, `FILE` holds weights and no model\n"
        "  note: it holds 6 tensors: model.0.weight, model.0.bias, model.1.weight, model.1.bias, "
        f"model.2.weight, …\n{LOAD}"
    )


def test_a_pickled_layer_of_pytorch_in_the_old_format(tmp_path: Path) -> None:
    path = tmp_path / "layer.pt"
    torch.save(nn.Linear(2, 2), path, _use_new_zipfile_serialization=False)
    assert said(path) == (
        "error[TSV-A10]: expected a TorchScript archive, "
        f"`FILE` holds a pickled `torch.nn.modules.linear.Linear`\n{UNPICKLED}\n{UNPICKLE}"
    )


def test_a_pickle_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01.")
    assert said(path) == (
        "error[TSV-A10]: expected a TorchScript archive, `FILE` holds a pickle\n"
        f"{UNPICKLED}\n  note: it could not be looked into: "
        f"it is written for a newer protocol than PyTorch uses\n{UNPICKLE}"
    )


def test_a_model_without_a_method(tmp_path: Path) -> None:
    path = tmp_path / "empty.pt"
    torch.jit.save(torch.jit.script(nn.Module()), path)
    expected = "error[TSV-A22]: expected a model with a method, the one in `FILE` has none"
    assert said(path) == said(path, trust=True) == expected


# ── zip files that two readers understand in two ways ───────────────────────────────────────────


def test_something_after_the_directory(build: Build) -> None:
    path = build("plain-pt")
    path.write_bytes(path.read_bytes() + b"more")
    assert said(path) == doubtful("something follows its directory")


def test_something_before_the_archive(build: Build) -> None:
    path = build("plain-pt")
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert said(path) == doubtful("its directory has two ends that disagree")
    path = build("old-operators")  # written by Python's zipfile, with one end
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert said(path) == doubtful("its directory does not lie where it says")


def test_a_directory_with_two_ends(build: Build) -> None:
    path = build("plain-pt")
    content = path.read_bytes()
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    path.write_bytes(content[:-22] + bytes(56) + locator + content[-22:])
    assert said(path) == doubtful("its directory has two ends that disagree")


def test_an_encrypted_record(build: Build) -> None:
    path = build("plain-pt")
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\1\2")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert said(path) == doubtful(
        "`model/data/0` is encrypted or packed in a way PyTorch cannot read"
    )


@pytest.mark.parametrize("name", ["model/../escaped.txt", "model\\escaped.txt"])
def test_a_name_that_leads_elsewhere(name: str, build: Build) -> None:
    path = build("plain-pt")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, b"")
    assert said(path) == doubtful(f"the name `{name}` leads elsewhere")


def test_names_that_differ_in_case(build: Build) -> None:
    path = build("plain-pt")
    append_record(path, "DATA.pkl", b"")
    assert said(path) == doubtful("`model/DATA.pkl` is there twice")


def test_a_damaged_directory(build: Build) -> None:
    path = build("plain-pt")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\1\2")
    content[at : at + 4] = b"XXXX"
    path.write_bytes(content)
    assert said(path).startswith("error[TSV-A06]: the directory at the end of `FILE` is damaged: ")


def test_a_record_too_large_to_be_what_it_claims(build: Build) -> None:
    path = build("plain-pt")
    append_record(path, "code/__torch__/large.py", b"\n" * (17 * 2**20))
    assert said(path) == (
        "error[TSV-A08]: `FILE` would fill the memory: `code/__torch__/large.py` takes "
        f"17.0 MiB more\n{ANEW}"
    )


# ── the child ───────────────────────────────────────────────────────────────────────────────────


def test_too_slow(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsviz.jit.isolate._GRACE", 0)
    monkeypatch.setattr("tsviz.frontends.archive._limits", lambda *_: Limits(seconds=0))
    assert said(build("plain-pt")) == f"error[TSV-A15]: `FILE` takes too long to read\n{CHILD}"


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.pt"
    frozen = torch.jit.freeze(torch.jit.script(nn.Linear(4096, 4096).eval()))
    torch.jit.save(frozen, path)  # its weights are constants, which are read
    monkeypatch.setattr("tsviz.frontends.archive._limits", lambda *_: Limits(memory=2**24))
    assert said(path).replace(f"{PYTORCH}\n", "") == (
        f"error[TSV-A16]: `FILE` takes more memory to read than it should\n{CHILD}"
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "KeyError('graphs')"),
        ([], "TypeError('list indices must be integers or slices, not str')"),
        ({"graphs": {"": 1}}, "ValueError('a graph record is an object')"),
        ({"graphs": {"a": {}}}, "ValueError('a graph record has a name, a dialect and a text')"),
    ],
)
def test_a_child_that_was_taken_over(
    answer: object, reason: str, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsviz.frontends.archive.ARCHIVE_READER", "tests.jit.child_work:echo")
    monkeypatch.setattr("tsviz.frontends.archive._request", lambda *_: answer)
    assert said(build("plain-pt")) == (
        "error[TSV-A20]: the child process that read `FILE` failed\n"
        f"  note: it said: its answer makes no sense: {reason}\n"
        "  help: please report this with the output of `tsviz env`"
    )


def test_many_reasons_are_counted(build: Build) -> None:
    path = build("writes-on-load")
    for number in range(6):
        append_record(path, f"code/__torch__/m{number}.py", b"def __setstate__(self): ...\n")
    text = said(path)
    assert "  note: and 2 more like these\n" in text
    assert text.count("defines `__setstate__`") == 5


def test_packages_that_register_operators_are_imported(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where torchvision is installed, its operators are there for the archive that calls them."""
    package = tmp_path / "site" / "torchvision"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import torch\n"
        "library = torch.library.Library('torchvision', 'DEF')\n"
        "library.define('nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
    )
    monkeypatch.syspath_prepend(str(package.parent))
    program = tsviz.open(build("missing-operator"))
    assert "torchvision::nms" in [node.op for node in program.graph.iter_nodes()]


def test_no_child_and_no_folder_is_left(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = build("plain-pt").parent / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = psutil.Process().children()  # a browser's driver, where one was started
    tsviz.open(build("plain-pt"))
    said(build("writes-on-load"))
    said(build("crashes-the-loader"))
    assert not list(scratch.iterdir())
    assert psutil.Process().children() == before
