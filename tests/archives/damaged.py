"""Files that are broken, or are something else than their suffix says."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import torch

from tests.archives.everyday import plain_pt
from tests.archives.saved_models import CarriageReturn, Perceptron
from tests.archives.zipfiles import is_own_code


def empty(folder: Path) -> Path:
    """No byte at all."""
    path = folder / "empty.pt"
    path.touch()
    return path


def truncated(folder: Path) -> Path:
    """The first half of an archive, as an interrupted download leaves it."""
    path = plain_pt(folder)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def not_a_zip(folder: Path) -> Path:
    """Bytes that are no archive of any kind."""
    path = folder / "garbage.pt"
    path.write_bytes(bytes(range(256)) * 16)
    return path


def _damage(path: Path, chosen: Callable[[str], bool]) -> Path:
    """Flip eight bytes in the middle of a record and leave its checksum as it was."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        entry = next(entry for entry in file.infolist() if chosen(entry.filename))
    # The local header has 30 bytes and ends in the lengths of the name and of an extra field.
    lengths = content[entry.header_offset + 26 : entry.header_offset + 30]
    name_length = int.from_bytes(lengths[:2], "little")
    extra_length = int.from_bytes(lengths[2:], "little")
    start = entry.header_offset + 30 + name_length + extra_length
    middle = start + entry.compress_size // 2
    for place in range(middle, middle + 8):
        content[place] ^= 0xFF
    path.write_bytes(content)
    return path


def corrupt_code(folder: Path) -> Path:
    """Eight bytes of the compressed code are wrong."""
    return _damage(plain_pt(folder), is_own_code)


def corrupt_weights(folder: Path) -> Path:
    """Eight bytes of the weights are wrong: the checksum says so, and PyTorch does not look."""
    return _damage(plain_pt(folder), lambda name: name.endswith("/data/0"))


def unreadable_string(folder: Path) -> Path:
    """PyTorch wrote a carriage return in a string in a form that it cannot read back."""
    path = folder / "windows.pt"
    torch.jit.save(torch.jit.script(CarriageReturn()), path)
    return path


def state_dict(folder: Path) -> Path:
    """Weights alone, in today's zip format."""
    path = folder / "weights.pt"
    torch.save(Perceptron().state_dict(), path)
    return path


def legacy_state_dict(folder: Path) -> Path:
    """Weights alone, in the format of before PyTorch 1.6, which is no zip."""
    path = folder / "weights.pth"
    torch.save(Perceptron().state_dict(), path, _use_new_zipfile_serialization=False)
    return path


def pickled_module(folder: Path) -> Path:
    """A whole `nn.Module` through `torch.save`: a pickle that names its class."""
    path = folder / "module.pt"
    torch.save(Perceptron(), path)
    return path


def other_zip(folder: Path) -> Path:
    """A zip file that has nothing to do with PyTorch."""
    path = folder / "pictures.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("holiday/readme.txt", "no pictures yet")
    return path


def directory(folder: Path) -> Path:
    """A directory under a model's name."""
    path = folder / "unpacked.pt"
    path.mkdir()
    return path
