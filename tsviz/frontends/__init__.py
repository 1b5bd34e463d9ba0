"""Foreign programs → `Program`."""

from tsviz.frontends.lines import (
    find_model_frame,
    find_own_frame,
    is_library,
    is_printed,
    is_torch,
    iter_model_frames,
)
from tsviz.frontends.links import describe
from tsviz.frontends.program import (
    Came,
    Inputs,
    ModuleInfo,
    Program,
    TextOnly,
    Variant,
    WeightInfo,
)
from tsviz.frontends.sources import read_source

__all__ = [
    "Came",
    "Inputs",
    "ModuleInfo",
    "Program",
    "TextOnly",
    "Variant",
    "WeightInfo",
    "describe",
    "find_model_frame",
    "find_own_frame",
    "is_library",
    "is_printed",
    "is_torch",
    "iter_model_frames",
    "read_source",
]
