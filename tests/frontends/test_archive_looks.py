"""Looks that were taken ahead: used once, for the same file, and nothing of them stays."""

import gc
import os
from pathlib import Path
from shutil import copy

import pytest
import torch
from torch import nn

import tsviz
from tests.frontends import test_lean_archive
from tsviz.errors import ArchiveError
from tsviz.frontends.archive_looks import look_ahead, take_look
from tsviz.ir.printer import render_graph


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One whose weights are worth leaving out."""
    torch.manual_seed(0)
    return test_lean_archive.save(test_lean_archive.Net(), tmp_path / "net.pt")


def test_it_is_taken_once(archive: Path):
    assert take_look(archive) is None
    look_ahead(archive)
    found = take_look(archive)
    assert found is not None
    assert found.contents.path == str(archive)
    assert found.files[1:] == (archive,)
    assert take_look(archive) is None


def test_what_is_opened_with_it_is_what_is_opened_without(archive: Path):
    plain = tsviz.open(archive)
    look_ahead(archive)
    ahead = tsviz.open(archive)
    assert take_look(archive) is None  # it was used
    assert render_graph(ahead.graph) == render_graph(plain.graph)
    assert ahead.sources == plain.sources
    assert ahead.diagnostics == plain.diagnostics


def test_its_copy_goes_with_it(archive: Path):
    look_ahead(archive)
    found = take_look(archive)
    assert found is not None
    lean = found.files[0]
    assert lean.is_file()
    del found
    gc.collect()
    assert not lean.parent.exists()


def test_another_file_of_the_same_name_is_looked_at_anew(archive: Path):
    look_ahead(archive)
    times = archive.stat()
    other = Path(copy(archive, archive.with_name("other.pt")))
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(archive)
    assert take_look(archive) is None
    assert tsviz.open(archive).title == "Net"


def test_a_newer_look_takes_the_place_of_one_that_nobody_took(archive: Path, tmp_path: Path):
    other = tmp_path / "relu.pt"
    torch.jit.script(nn.ReLU()).save(other)
    look_ahead(archive)
    look_ahead(other)
    assert take_look(archive) is None
    found = take_look(other)
    assert found is not None
    assert found.files == (other,)  # nothing to leave out


@pytest.mark.parametrize("words", ["", "no archive", "PK\3\4"])
def test_what_cannot_be_looked_into_is_told_to_whoever_opens_it(tmp_path: Path, words: str):
    path = tmp_path / "broken.pt"
    path.write_text(words)
    with pytest.raises(ArchiveError) as plain:
        tsviz.open(path)
    look_ahead(path)
    with pytest.raises(ArchiveError) as ahead:
        tsviz.open(path)
    assert str(ahead.value) == str(plain.value)


def test_a_file_that_is_not_there_is_not_looked_for(tmp_path: Path):
    look_ahead(tmp_path / "none.pt")
    assert take_look(tmp_path / "none.pt") is None
