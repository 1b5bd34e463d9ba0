"""What `tsviz.doctor` says of models that do not script, and of models that do.

A part of `python -m benchmarks.doctor`.
"""

import copy
import importlib.util
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest import mock

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from tests.diagnosis import spread, spread_parts, twelve
from tests.diagnosis.claims import claims_of
from tests.models import ZOO
from tests.models.faults import CLEAN
from tsviz.diagnosis import Diagnosis, doctor
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange

NUMBERED = re.compile(r"# \d+$")


@dataclass(frozen=True)
class Faulty:
    """A model whose faults are numbered in comments.

    Attributes:
        files: those that the faults stand in, the one of the model's class first.
        args: example inputs.
    """

    name: str
    files: tuple[ModuleType, ...]
    args: tuple[object, ...]

    @property
    def lines(self) -> set[tuple[str, int]]:
        """Where its faults are."""
        return {
            (str(module.__file__), number)
            for module in self.files
            for number, line in enumerate(_text(module).split("\n"), 1)
            if NUMBERED.search(line)
        }


MODELS = (
    Faulty("Twelve", (twelve,), (torch.arange(8.0).reshape(2, 4), 1)),
    Faulty("Spread", (spread, spread_parts), (torch.arange(8.0).reshape(2, 4),)),
)


def _text(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def report(console: Console) -> bool:
    """Prints the tables; returns whether anything is not as asked."""
    made = Table("model", "faults", "at their line", "others", "after the edits", "equal to eager")
    is_wrong = False
    for model in MODELS:
        torch.manual_seed(0)
        built = getattr(model.files[0], model.name)()
        found = doctor(built, model.args)
        places = [one.location for one in found.obstacles]
        lines = [(it.file, it.line) for it in places if isinstance(it, FileRange)]
        right, others = len(model.lines & set(lines)), len(places) - len(set(lines) & model.lines)
        left, equal = _after(model, built, found)
        row = (model.name, len(model.lines), right, others, left, "yes" if equal else "no")
        made.add_row(*map(str, row))
        is_wrong = is_wrong or (right, others, left, equal) != (len(model.lines), 0, 0, True)
    console.print(made)
    claimed, asked = list(_iter_claimed()), len(list(_iter_scripting()))
    for words in claimed:
        console.print(f"said of a model that scripts: {words}")
    console.print(f"said of {asked} models that script: {len(claimed)}, none asked")
    return is_wrong or bool(claimed)


def _after(model: Faulty, built: nn.Module, found: Diagnosis) -> tuple[int, bool]:
    """Obstacles that are left when the edits are made in files, and whether eager's bits come."""
    with tempfile.TemporaryDirectory() as folder:
        edited = dict(_edited(model, found, Path(folder)))
        try:
            patched = getattr(edited[model.files[0].__name__], model.name)()
            patched.load_state_dict(built.state_dict())
            left = doctor(patched, model.args)
            expected = copy.deepcopy(built)(*copy.deepcopy(model.args))
            if left:
                return len(left.obstacles), False
            return 0, torch.equal(torch.jit.script(patched)(*model.args), expected)
        finally:
            for module in edited.values():
                sys.modules.pop(module.__name__, None)


def _edited(model: Faulty, found: Diagnosis, folder: Path) -> Iterator[tuple[str, ModuleType]]:
    """Name → the edited module, those first that others import."""
    texts = found.patched()
    for module in reversed(model.files):
        text = texts.get(str(module.__file__), _text(module))
        for other in model.files:
            text = text.replace(other.__name__, f"edited_{other.__name__.rpartition('.')[2]}")
        name = f"edited_{module.__name__.rpartition('.')[2]}"
        file = folder / f"{name}.py"
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        made = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        yield module.__name__, made


def _iter_scripting() -> Iterator[tuple[str, object, tuple[object, ...]]]:
    """(name, model, inputs) of what PyTorch scripts."""
    for name, known in ZOO.items():
        if "traced" not in name:
            with mock.patch.object(torch.jit, "script", lambda model: model):
                model = known.build()  # as it is before it is scripted
            yield name, model, known.inputs()
    for clean in CLEAN:
        model = clean.build()
        if _scripts(model):
            yield clean.name, model, clean.inputs()


def _scripts(model: object) -> bool:
    _, error = outcome_of(lambda: torch.jit.script(copy.deepcopy(model)))
    return error is None


def _iter_claimed() -> Iterator[str]:
    for name, model, args in _iter_scripting():
        for one in claims_of(model, args):
            yield f"{name}: {one.rule}, {one.cause}"
