"""What archives are compared by is read as data, and archives that are not sound are refused."""

import contextlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tsviz
from tests.archives import ARCHIVES
from tests.archives.zipfiles import Records, edit_records, replace_in
from tests.frontends.test_archive import OPENS
from tsviz.errors import ArchiveError
from tsviz.frontends.archive_state import ArchiveState, Unreadable, open_state
from tsviz.frontends.inspecting import open_archive
from tsviz.frontends.program import OpenedFile, Program
from tsviz.frontends.stored_state import StoredArray

AGAIN = "\n  help: fetch or save the file again"


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.arange(12.0).reshape(3, 4))
        self.names = ["one", "two"]

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    torch.jit.script(Holder()).save(path)
    return path


def is_pickle(name: str) -> bool:
    return name.endswith("/data.pkl")


def integer(number: int) -> bytes:
    """As a pickle holds one of 32 bits."""
    return b"J" + struct.pack("<i", number)


SIZES, STRIDES = b"(K\x03K\x04t", b"(K\x04K\x01t"
HUGE = b"\x8a\x09" + (2**64).to_bytes(9, "little")
UNSOUND = {
    "absurd sizes": (
        SIZES,
        b"(" + integer(2**31 - 1) + integer(2**31 - 1) + b"t",
        "it ends at element 10,737,418,231, its storage has 12",
    ),
    "negative stride": (
        STRIDES,
        b"(" + integer(-4) + b"K\x01t",
        "its shape, strides and offset are no sizes",
    ),
    "wide strides": (
        STRIDES,
        b"(K\x05K\x01t",
        "it ends at element 14, its storage has 12",
    ),
    "other number of strides": (
        STRIDES,
        b"(K\x01t",
        "its shape, strides and offset are no sizes",
    ),
    "a size of 64 bits": (
        SIZES,
        b"(" + HUGE + b"K\x04t",
        "its shape, strides and offset are no sizes",
    ),
    "a size that is a truth": (SIZES, b"(\x88K\x04t", "its shape, strides and offset are no sizes"),
    "a storage that claims more": (
        b"K\x0ct",
        b"K\x0dt",
        "`data/0` has 48 bytes, which are not 13 f32",
    ),
    "a storage that is not there": (
        b"X\x01\x00\x00\x000",
        b"X\x01\x00\x00\x007",
        "`data/7` has 0 bytes, which are not 12 f32",
    ),
    "another dtype": (
        b"FloatStorage",
        b"DoubleStorage",
        "`data/0` has 48 bytes, which are not 12 f64",
    ),
    "no name of a storage": (
        b"ctorch\nFloatStorage\n",
        b"X\x01\x00\x00\x00f",
        "its storage is not named as PyTorch names one",
    ),
}


def read(archive: Path) -> list[int]:
    """How many bytes each tensor of an archive has, all of them read."""
    with open_archive(archive) as directory:
        state = ArchiveState(directory)
        return [sum(map(len, state.iter_span(array))) for array in state.state.tensors.values()]


def refusal(archive: Path) -> str:
    with pytest.raises(ArchiveError) as caught:
        read(archive)
    return str(caught.value).replace(str(archive), "FILE")


@pytest.mark.parametrize("name", UNSOUND)
def test_tensors_that_do_not_fit_their_storage(name: str, archive: Path):
    old, new, words = UNSOUND[name]
    replace_in(archive, is_pickle, old, new)
    assert refusal(archive) == (
        f"error[TSV-A23]: the tensor `table` in `FILE` does not fit its storage: {words}{AGAIN}"
    )


@pytest.mark.parametrize("name", UNSOUND)
def test_diff_refuses_what_is_unsound(name: str, archive: Path, tmp_path: Path):
    """Whoever finds it first, PyTorch's reader in its child or the comparison."""
    sound = tmp_path / "sound.pt"
    torch.jit.script(Holder()).save(sound)
    old, new, _ = UNSOUND[name]
    replace_in(archive, is_pickle, old, new)
    with pytest.raises(ArchiveError, match=r"^error\[TSV-A(13|14|19|2\d)\]"):
        tsviz.diff(sound, archive)


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (4, "`data/0` has 44 bytes, which are not 12 f32"),
        (48, "`data/0` has 0 bytes, which are not 12 f32"),
    ],
)
def test_a_storage_that_breaks_off(cut: int, words: str, archive: Path):
    def edit(name: str, content: bytes) -> Records:
        yield name, content[:-cut] if name.endswith("/data/0") else content

    edit_records(archive, edit)
    assert refusal(archive) == (
        f"error[TSV-A23]: the tensor `table` in `FILE` does not fit its storage: {words}{AGAIN}"
    )


def test_damaged_numbers(tmp_path: Path):
    """The checksum of the storage is wrong: PyTorch would load it with wrong numbers."""
    assert refusal(ARCHIVES["corrupt-weights"].build(tmp_path)) == (
        f"error[TSV-A06]: `data/0` in `FILE` is damaged: Bad CRC-32 for file 'model/data/0'{AGAIN}"
    )


def test_a_pickle_that_is_none(archive: Path):
    replace_in(archive, is_pickle, b"X\x05\x00\x00\x00names", b"\x95\x05\x00\x00\x00names")
    assert refusal(archive) == (
        "error[TSV-A26]: `data.pkl` in `FILE` is not written as PyTorch writes it\n"
        "  note: instruction b'\\x95' is none that PyTorch writes"
    )


WORD = b"X\x03\x00\x00\x00one"
LEVELS = [b"](h%ch%ceq%c" % (at, at, at + 1) for at in range(0xC0, 0xDF)]
BOUNDLESS = {
    "each list holds the one before twice": (
        b"".join((b"](", WORD, b"eq\xc0", *LEVELS)),
        "are too many",
    ),
    "one in another": (b"](" * 150 + WORD + b"e" * 150, "lie too deep in one another"),
    "a list that holds itself": (b"]q\xc0(h\xc0e", "lie too deep in one another"),
}


@pytest.mark.parametrize("name", BOUNDLESS)
def test_parts_without_end(name: str, archive: Path):
    """Few bytes describe more than any memory holds."""
    bomb, words = BOUNDLESS[name]
    replace_in(archive, is_pickle, WORD + b"q\x0e", bomb)
    message, _, help = refusal(archive).partition("\n")
    assert message.startswith("error[TSV-A24]: the parts of `names.")
    assert message.endswith(f"` in `FILE` {words}")
    assert f"\n{help}" == AGAIN


class Overlapping(nn.Module):
    """Eighty tensors that lie over one another in one storage of a mebibyte."""

    def __init__(self) -> None:
        super().__init__()
        storage = torch.zeros(2**18)
        self.parts = [storage[at:] for at in range(80)]

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_tensors_that_share_too_often(tmp_path: Path):
    path = tmp_path / "model.pt"
    torch.jit.script(Overlapping()).save(path)
    assert refusal(path) == (
        "error[TSV-A25]: the tensors in `FILE` share their storages too often\n"
        "  note: to compare them all takes more than 4 readings of the file"
    )


@pytest.mark.parametrize("name", OPENS)
def test_what_opens_is_the_same_as_itself(name: str, tmp_path: Path):
    path = ARCHIVES[name].build(tmp_path)
    if name == "corrupt-weights":  # see `test_damaged_numbers`
        return
    assert not tsviz.diff(path, path)


@given(data=st.data())
def test_no_byte_that_is_changed_makes_the_reader_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    """Whatever the bytes of the pickle are: it is read, or refused in words."""
    path = tmp_path_factory.mktemp("changed") / "model.pt"
    torch.jit.script(Holder()).save(path)

    def edit(name: str, content: bytes) -> Records:
        if is_pickle(name):
            at = data.draw(st.integers(0, len(content) - 1))
            content = content[:at] + bytes([data.draw(st.integers(0, 255))]) + content[at + 1 :]
        yield name, content

    edit_records(path, edit)
    with contextlib.suppress(ArchiveError):
        assert all(size <= 48 for size in read(path))


# ── where it comes from ─────────────────────────────────────────────────────────────────────────


def test_state(archive: Path):
    with open_archive(archive) as directory:
        state = ArchiveState(directory).state
    module = "tests.frontends.test_archive_state.Holder"
    assert state.modules == {"": module}
    assert state.tensors == {
        "table": StoredArray("table", "buffer", "f32", (3, 4), (4, 1), 0, "data/0", 4, False)
    }
    assert state.attributes == {
        ("", "training"): "True",
        ("", "_is_full_backward_hook"): "None",
        ("", "names"): "['one', 'two']",
        ("table", "kind"): "buffer",
        ("table", "device"): "cpu",
        ("table", "requires_grad"): "False",
    }


def test_only_the_bytes_that_are_asked_for(archive: Path):
    with open_archive(archive) as directory:
        assert struct.unpack("<2f", directory.read_range("data/0", 8, 8)) == (2.0, 3.0)
        assert struct.unpack("<f", directory.read_range("data/0", 0, 4)) == (0.0,)
        assert directory.read_range("version", 0, 1) in b"0123456789"
        with pytest.raises(ArchiveError, match=r"TSV-A06.*`data/0` in .* breaks off"):
            directory.read_range("data/0", 40, 16)


def unreadable(program: Program) -> str:
    with open_state(program) as state:
        assert isinstance(state, Unreadable)
        return state.reason


def test_a_file_that_changed_since(archive: Path):
    program = tsviz.open(archive)
    with open_state(program) as state:
        assert isinstance(state, ArchiveState)
    archive.write_bytes(archive.read_bytes() + b" ")
    assert unreadable(program) == "its file has changed since it was opened"
    archive.unlink()
    assert unreadable(program) == "its file has changed since it was opened"


def test_programs_without_an_archive():
    text = tsviz.parse("graph(%x : Tensor):\n  return (%x)")
    assert unreadable(text).startswith("it is ")


def test_the_other_byte_order(archive: Path):
    program = tsviz.open(archive)
    assert program.file is not None
    replace_in(archive, lambda name: name.endswith("/byteorder"), b"little", b"big")
    found = archive.stat()
    program = replace(program, file=OpenedFile(archive, found.st_size, found.st_mtime_ns))
    assert unreadable(program) == "its numbers are written in another byte order"


def test_a_live_program_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_state(tsviz.capture(Holder())) as state:
        assert isinstance(state, ArchiveState)
        assert [file.name for file in tmp_path.rglob("*.pt")] == ["model.pt"]
    assert list(tmp_path.iterdir()) == []
