"""Archives that mean harm: they write when opened carelessly, crash, or fill the memory.

Those that write make `written_by(path)`, beside the archive, and do nothing else.
"""

import linecache
import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from tests.archives.everyday import plain_pt
from tests.archives.saved_models import Holder, WritesOnLoad
from tests.archives.zipfiles import (
    Records,
    append_record,
    edit_records,
    is_own_code,
    replace_in,
)

BOMB_SIZE = 256 * 2**20
"""Bytes that the zip bomb unpacks to."""

MANY = 70_000
"""Records of the archive with too many: more than a zip file could have before zip64."""

PAGE = "<script>alert('file')</script>.py"
"""The name of the file from which the model with hostile names claims to come."""

PAGE_SOURCE = """
import torch
from torch import Tensor, nn


class Page(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({
            "<script>alert('module')</script>": nn.Linear(4, 4),
            "</script><script>alert('end')</script>": nn.ReLU(),
        })
        self.register_buffer("<img src=x onerror=alert('buffer')>", torch.ones(4))
        self.title = "<script>alert('attribute')</script>"

    def forward(self, x: Tensor) -> tuple[Tensor, str]:
        for part in self.parts.values():
            x = part(x)
        return x, self.title + "<script>alert('string')</script>"
"""


def written_by(archive: Path) -> Path:
    """Return the file or folder that a hostile archive makes when it is opened carelessly."""
    return archive.with_suffix(".was_here")


def writes_on_load(folder: Path) -> Path:
    """`__setstate__` writes a file while `torch.jit.load` runs."""
    path = folder / "writes.pt"
    torch.jit.save(torch.jit.script(WritesOnLoad(str(written_by(path)))), path)
    return path


def submodule_writes_on_load(folder: Path) -> Path:
    """The `__setstate__` that writes belongs to a submodule."""
    path = folder / "writes_within.pt"
    torch.jit.save(torch.jit.script(Holder(WritesOnLoad(str(written_by(path))))), path)
    return path


def _disguised(folder: Path, spelling: bytes) -> Path:
    path = writes_on_load(folder)
    replace_in(path, is_own_code, b"def __setstate__", spelling)
    return path


def setstate_after_tab(folder: Path) -> Path:
    """The compiler reads `def`, a tab, `__setstate__`; a search for the usual spelling does not."""
    return _disguised(folder, b"def\t__setstate__")


def setstate_on_next_line(folder: Path) -> Path:
    """The same with a continued line between the two words."""
    return _disguised(folder, b"def \\\n  __setstate__")


def record_names_in_capitals(folder: Path) -> Path:
    """PyTorch looks records up without regard to case, so `CODE/….PY` is code."""
    path = writes_on_load(folder)

    def shout(name: str, content: bytes) -> Records:
        yield name.replace("/code/", "/CODE/").replace(".py", ".PY"), content

    edit_records(path, shout)
    return path


def _without_setstate(code: bytes) -> bytes:
    return re.sub(rb"  def __[gs]etstate__.*?return [^\n]*\n", b"", code, flags=re.DOTALL)


def record_twice(folder: Path) -> Path:
    """Two records of one name: PyTorch reads the first, Python's zipfile the harmless last."""
    path = writes_on_load(folder)

    def repeat(name: str, content: bytes) -> Records:
        yield name, content
        if is_own_code(name):
            yield name, _without_setstate(content)

    edit_records(path, repeat)
    return path


def two_roots(folder: Path) -> Path:
    """Two archives in one: PyTorch reads the folder of the first record, the other is harmless."""
    path = writes_on_load(folder)

    def mirror(name: str, content: bytes) -> Records:
        yield name, content
        inner = name.split("/", 1)[1]
        yield f"harmless/{inner}", _without_setstate(content) if is_own_code(name) else content

    edit_records(path, mirror)
    return path


class _MakesFolder:
    """Pickles as a call: whoever unpickles it makes a folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.target),)


def debug_info_executes(folder: Path) -> Path:
    """A `.debug_pkl` that makes a folder when Python's pickle reads it."""
    path = plain_pt(folder)
    payload = pickle.dumps(_MakesFolder(written_by(path)), protocol=2)

    def poison(name: str, content: bytes) -> Records:
        yield name, payload if name.endswith(".debug_pkl") else content

    edit_records(path, poison)
    return path


def pickle_executes(folder: Path) -> Path:
    """A `state_dict`, it seems, that makes a folder when Python's pickle reads it."""
    path = folder / "weights.pt"
    torch.save({"linear.weight": torch.zeros(4), "step": _MakesFolder(written_by(path))}, path)
    return path


def crashes_the_loader(folder: Path) -> Path:
    """Parentheses nested so deeply that PyTorch's parser runs out of stack."""
    path = plain_pt(folder)
    depth = 200_000
    nested = b"(" * depth + b"x" + b")" * depth
    replace_in(path, is_own_code, b"forward(x, )", b"forward(" + nested + b", )")
    return path


def zip_bomb(folder: Path) -> Path:
    """A record of code of a quarter of a gigabyte in a file of a quarter of a megabyte."""
    path = plain_pt(folder)
    append_record(path, "code/__torch__/bomb.py", b"#" * BOMB_SIZE)
    return path


def many_records(folder: Path) -> Path:
    """More records than any model has."""
    path = plain_pt(folder)
    with zipfile.ZipFile(path, "a") as file:
        for number in range(MANY):
            file.writestr(f"model/extra/{number}", b"")
    return path


def names_that_escape(folder: Path) -> Path:
    """Records named so that unpacking them carelessly writes outside the target folder."""
    path = plain_pt(folder)
    append_record(path, "../../escaped.txt", b"outside")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("/escaped.txt", b"outside")
        file.writestr("model\\..\\..\\escaped.txt", b"outside")
    return path


def hostile_names(folder: Path) -> Path:
    """HTML in the names of modules, buffers and attributes, in strings, in the source's name."""
    path = folder / "page.pt"
    namespace: dict[str, type[nn.Module]] = {"__name__": "page"}
    lines = PAGE_SOURCE.splitlines(keepends=True)
    linecache.cache[PAGE] = (len(PAGE_SOURCE), None, lines, PAGE)
    exec(compile(PAGE_SOURCE, PAGE, "exec"), namespace)
    torch.jit.save(torch.jit.script(namespace["Page"]().eval()), path)
    del linecache.cache[PAGE]
    return path
