"""A `.tsviz` file whose graphs are whole and whose words about the program are not."""

from typing import Any

import pytest
import torch

import tsviz
from tsviz.errors import ArchiveError
from tsviz.frontends import Program
from tsviz.frontends.saved import program_facts, program_of_saved
from tsviz.ir import SavedProgram, write_session


def opened(changes: dict[str, Any]) -> Program:
    program = tsviz.capture(torch.nn.Linear(2, 3))
    facts = {**program_facts(program), **changes}
    present = {name: value for name, value in facts.items() if value is not None}
    return program_of_saved(write_session(SavedProgram(present, {"": program.graph}, {})))


def test_the_whole_facts_are_read():
    assert [weight.shape for weight in opened({}).weights] == [(3, 2), (3,)]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"weights": None}, "KeyError: 'weights'"),
        ({"variant": "melted"}, "ValueError: 'melted' is not a valid Variant"),
        ({"modules": 3}, "TypeError: 'int' object is not iterable"),
        (
            {"weights": [{"name": "w", "kind": "parameter", "dtype": "f32", "shape": [-1]}]},
            "ValueError: expected a count, got -1",
        ),
    ],
)
def test_others_are_refused(changes: dict[str, Any], note: str):
    with pytest.raises(ArchiveError) as caught:
        opened(changes)
    assert str(caught.value) == (
        "error[TSV-A43]: expected a .tsviz file with title, variant, modules and weights, "
        f"got others\n  note: {note}\n  help: fetch the file again, or save the program again"
    )
