"""Runs programs that fail, as files, and renders what is found about the failure."""

import importlib.util
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tsviz.frontends.failures import Explanation, explain, is_torchscript

HEAD = """\
import zipfile
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

"""
NEEDS_NO_CUDA = {"no-cuda", "archive-device"}
_MANGLED = re.compile(r"[./]___torch_mangle_\d+")
_TORCH = str(Path(torch.__file__).parents[1]) + "/"
_ADDRESS = re.compile(r"0x[0-9a-f]{4,}")
_TORCH_LINE = re.compile(r"(torch/[\w/]+\.py):\d+(?: in)")


def explanation_of(program: str, folder: Path, name: str = "program") -> Explanation:
    """Runs a program as the file `name`.py of `folder` and explains what it raises."""
    file = folder / f"{name}.py"
    file.write_text(program, encoding="utf-8")
    with run_quietly(), _imported(file) as error:
        assert is_torchscript(error)
        return explain(error, deeply=True)


@contextmanager
def run_quietly() -> Iterator[None]:
    """Hides PyTorch's warnings, which are not what these programs are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _imported(file: Path) -> Iterator[Exception]:
    """What importing a file raises, while the module is still there; our own frames are cut off."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        with pytest.raises(Exception) as raised:  # noqa: PT011 (of any class)
            spec.loader.exec_module(module)
        traceback = raised.value.__traceback__
        while traceback is not None and traceback.tb_frame.f_code.co_filename != str(file):
            traceback = traceback.tb_next
        assert isinstance(raised.value, Exception)
        yield raised.value.with_traceback(traceback)
    finally:
        del sys.modules[file.stem]


def rendered(found: Explanation, folder: Path) -> str:
    """The diagnostic as people see it, without what differs from run to run."""
    sources = tuple(replace(file, path=file.path) for file in found.sources)
    text = found.diagnostic.render(sources).replace(f"{folder}/", "").replace(str(folder), "…")
    text = _MANGLED.sub("", text.replace(_TORCH, ""))
    return _ADDRESS.sub("0x…", _TORCH_LINE.sub(r"\1 in", text)) + "\n"
