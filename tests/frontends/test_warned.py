"""What PyTorch's tracer warns of is told as a diagnostic, once, and the user's filters hold."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.frontends import warning as models
from tsviz.errors import Diagnostic
from tsviz.frontends.failures.warned import WARNINGS
from tsviz.jit.warned import TracerWarning
from tsviz.location import iter_frames

FILE = Path(models.__file__)
ROWS = FILE.read_text(encoding="utf-8").splitlines()
X = torch.ones(2, 3)
MODELS: dict[str, type[nn.Module]] = {
    "decided-in-python": models.Branches,
    "tensor-to-numpy": models.Leaves,
    "tensor-to-python": models.Counts,
    "len": models.Measures,
    "iterated": models.Loops,
    "constant": models.Makes,
}


def warned(model: nn.Module, via: str = "trace") -> tuple[Diagnostic, ...]:
    found = tsviz.capture(model.eval(), (X,), via=via).diagnostics
    return tuple(one for one in found if one.code == "TSV-C08")


@pytest.mark.parametrize("name", MODELS)
def test_each_is_told_at_its_line(name: str, golden: Callable[[str, str], None]):
    program = tsviz.capture(MODELS[name]().eval(), (X,), via="trace")
    (found, *_) = program.diagnostics
    (number,) = [at for at, row in enumerate(ROWS, 1) if row.endswith(f"# {name}")]
    assert next(iter_frames(found.location)).line == number
    text = found.render(tuple(program.sources.values())).replace(str(FILE), FILE.name)
    golden(f"errors/warned/{name}.txt", text + "\n")


def test_the_table_is_tested():
    known = {message.name for message in WARNINGS}
    assert known - MODELS.keys() == {"shared-memory"}  # it depends on the order of references


def test_a_line_that_runs_often_is_told_once():
    assert len(warned(models.Repeats())) == 1


@pytest.mark.parametrize("via", ["trace", "hybrid"])
def test_nothing_is_printed_beside(via: str, capfd: pytest.CaptureFixture[str]):
    with warnings.catch_warnings(record=True) as printed:
        warnings.simplefilter("always")
        warned(models.Counts(), via)
    assert [one for one in printed if issubclass(one.category, TracerWarning)] == []
    assert capfd.readouterr().err == ""


def test_what_the_user_ignores_is_not_told():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting a tensor", TracerWarning)
        assert warned(models.Counts()) == ()
        assert len(warned(models.Measures())) == 1


def test_an_error_of_the_users_filters_is_told_and_stops_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error", TracerWarning)
        before = list(warnings.filters)
        assert len(warned(models.Counts())) == 1
        assert list(warnings.filters) == before


def test_what_pytorch_ignores_in_its_own_layers_is_not_told():
    layer = nn.TransformerEncoderLayer(3, 1, batch_first=True)
    assert warned(layer) == ()


def test_a_trace_that_is_right_warns_of_nothing():
    assert warned(nn.Linear(3, 4)) == ()
