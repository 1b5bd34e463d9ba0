"""tsviz: see what PyTorch really runs, every node linked to the Python line it came from.

    import tsviz
    tsviz.explore(model)                   # the explorer, in a notebook
    tsviz.capture(model, (x,)).coverage()  # how much leads back to a source line
    print(tsviz.doctor(model, (x,)))       # what stops it from being scripted
    tsviz.save(tsviz.open("model.pt"), "model.html")

Importing this package imports neither torch nor pandas nor plotly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsviz.comparison.comparing import compare
    from tsviz.comparison.programs import diff
    from tsviz.debugger import debug
    from tsviz.diagnosis import doctor
    from tsviz.errors import TsvizError
    from tsviz.exploring import explore
    from tsviz.frontends.archive import open
    from tsviz.frontends.irtext import parse
    from tsviz.frontends.torchscript import capture
    from tsviz.passes.pipeline import run_passes
    from tsviz.profiler.measure import profile
    from tsviz.saving import save

__version__ = "0.1.0"

_PUBLIC = {
    "TsvizError": "tsviz.errors",
    "capture": "tsviz.frontends.torchscript",
    "compare": "tsviz.comparison.comparing",
    "debug": "tsviz.debugger",
    "diff": "tsviz.comparison.programs",
    "doctor": "tsviz.diagnosis",
    "explore": "tsviz.exploring",
    "open": "tsviz.frontends.archive",
    "parse": "tsviz.frontends.irtext",
    "profile": "tsviz.profiler.measure",
    "run_passes": "tsviz.passes.pipeline",
    "save": "tsviz.saving",
}

_ROOMS = ("passes", "profiler")
"""What further names live in, for those who write `tsviz.passes.catalog`."""

__all__ = [
    "TsvizError",
    "__version__",
    "capture",
    "compare",
    "debug",
    "diff",
    "doctor",
    "explore",
    "open",
    "parse",
    "profile",
    "run_passes",
    "save",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"tsviz.{name}")
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'tsviz' has no attribute {name!r}")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext tsviz`: registers `%tsdebug`."""
    from tsviz.magic import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext tsviz`: leaves the shell as it was."""
    from tsviz.magic import unload

    unload(shell)
