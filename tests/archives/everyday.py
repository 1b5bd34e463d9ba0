"""Archives as people save them every day."""

import warnings
from pathlib import Path

import torch

from tests.archives.saved_models import Perceptron
from tests.archives.zipfiles import Records, edit_records
from tests.models.composition import ManyMethods, OnlyExported

LITE_WARNING = r"Lite Interpreter is deprecated"
"""How the warning begins that PyTorch gives for saving and loading for mobile."""


def _scripted() -> torch.jit.ScriptModule:
    return torch.jit.script(Perceptron().eval())


def _save(module: torch.jit.ScriptModule, path: Path) -> Path:
    torch.jit.save(module, path)
    return path


def plain_pt(folder: Path) -> Path:
    """A scripted module under the usual suffix."""
    return _save(_scripted(), folder / "model.pt")


def plain_pth(folder: Path) -> Path:
    """A scripted module under the suffix that also stands for weights alone."""
    return _save(_scripted(), folder / "model.pth")


def plain_jit(folder: Path) -> Path:
    """A scripted module under the suffix that says what it is."""
    return _save(_scripted(), folder / "model.jit")


def lite(folder: Path) -> Path:
    """A scripted module for the mobile interpreter, with bytecode beside the code."""
    path = folder / "model.ptl"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=LITE_WARNING)
        _scripted()._save_for_lite_interpreter(str(path))
    return path


def traced(folder: Path) -> Path:
    """A traced module; PyTorch keeps the example inputs in the archive."""
    module = torch.jit.trace(Perceptron().eval(), torch.randn(2, 4))
    return _save(module, folder / "traced.pt")


def frozen(folder: Path) -> Path:
    """A frozen module: its weights are constants, not attributes."""
    return _save(torch.jit.freeze(_scripted()), folder / "frozen.pt")


def optimised(folder: Path) -> Path:
    """A module after `optimize_for_inference`."""
    return _save(torch.jit.optimize_for_inference(_scripted()), folder / "optimised.pt")


def exported_methods(folder: Path) -> Path:
    """A module with two `@torch.jit.export`ed methods beside `forward`."""
    return _save(torch.jit.script(ManyMethods().eval()), folder / "methods.pt")


def no_forward(folder: Path) -> Path:
    """A module with an exported method and no `forward`."""
    return _save(torch.jit.script(OnlyExported().eval()), folder / "no_forward.pt")


def frozen_with_method(folder: Path) -> Path:
    """A frozen module of whose two other methods one was preserved."""
    module = torch.jit.script(ManyMethods().eval())
    return _save(torch.jit.freeze(module, preserved_attrs=["encode"]), folder / "preserved.pt")


def extra_files(folder: Path) -> Path:
    """A module with files of the owner's in the archive, one under a hostile name."""
    path = folder / "extra.pt"
    files = {"config.json": '{"classes": 4}', "<b>.html": "<script>alert('extra')</script>"}
    torch.jit.save(_scripted(), path, _extra_files=files)
    return path


def without_debug_info(folder: Path) -> Path:
    """A module whose `.debug_pkl` records were stripped: the original lines are gone."""
    path = _save(_scripted(), folder / "stripped.pt")

    def strip(name: str, content: bytes) -> Records:
        if not name.endswith(".debug_pkl"):
            yield name, content

    edit_records(path, strip)
    return path


def awkward_path(folder: Path) -> Path:
    """A path with spaces and non-ASCII letters, in a folder with such a name."""
    folder = folder / "meine Modelle"
    folder.mkdir()
    return _save(_scripted(), folder / "größtes Modell 日本.pt")


def html_path(folder: Path) -> Path:
    """A file name that is HTML."""
    return _save(_scripted(), folder / "<img src=x onerror=alert('path')>.pt")
