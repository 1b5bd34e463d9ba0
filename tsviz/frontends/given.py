"""From whatever the user has to a `Program`."""

import sys
from pathlib import Path
from typing import Any

from tsviz.frontends.program import Program


def program_of(target: object) -> Program:
    """The program of a model, a function or a file; a program is itself.

    Args:
        target: a `Program`, anything `tsviz.capture` takes, or a path that `tsviz.open` takes.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    if isinstance(target, Program):
        return target
    if isinstance(target, (str, Path)):
        from tsviz.frontends.archive import open as open_archive

        return open_archive(target)
    from tsviz.frontends.torchscript import capture

    return capture(target)


def as_comparison(target: object) -> Any:
    """The target, if it is a `Comparison`, else `None`; to name that class would import PyTorch."""
    module = sys.modules.get("tsviz.comparison.comparing")
    return target if module is not None and isinstance(target, module.Comparison) else None


def as_alignment(target: object) -> Any:
    """The target, if it is an `Alignment`, else `None`; few have ever made one."""
    module = sys.modules.get("tsviz.comparison.align")
    return target if module is not None and isinstance(target, module.Alignment) else None


def as_profile(target: object) -> Any:
    """The target, if it is a `Profile`, else `None`; to name that class would import PyTorch."""
    module = sys.modules.get("tsviz.profiler.profile")
    return target if module is not None and isinstance(target, module.Profile) else None


def as_profile_comparison(target: object) -> Any:
    """The target, if it is a `ProfileComparison`, else `None`, as above."""
    module = sys.modules.get("tsviz.profiler.against")
    is_one = module is not None and isinstance(target, module.ProfileComparison)
    return target if is_one else None


def as_sweep(target: object) -> Any:
    """The target, if it is a `Sweep`, else `None`, as above."""
    module = sys.modules.get("tsviz.profiler.sweeping")
    return target if module is not None and isinstance(target, module.Sweep) else None


def as_trace(target: object) -> Any:
    """The target, if it is a `PassTrace`, else `None`; to name that class would import PyTorch."""
    module = sys.modules.get("tsviz.passes.trace")
    return target if module is not None and isinstance(target, module.PassTrace) else None
