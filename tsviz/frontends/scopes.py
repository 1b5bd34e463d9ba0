"""Module paths from what PyTorch says about the module hierarchy of a node."""

import re
from collections.abc import Mapping
from functools import lru_cache

_STEP = re.compile(r"([^.()]+)\(((?:[^()]|\([^()]*\))*)\)")
_FUNCTION = "UNKNOWN_INSTANCE"


def module_paths(hierarchies: Mapping[int, str]) -> dict[int, str]:
    """Node id → dotted module path; nodes at the top level are left out."""
    return {node: path for node, text in hierarchies.items() if (path := module_path(text))}


@lru_cache(maxsize=65536)
def module_path(hierarchy: str) -> str:
    """The dotted path in `l1(Block).c1(Conv2d)` or `__module.l1/__module.l1.c1`.

    Calls of free functions, which the hierarchy shows as an unknown instance, add nothing.
    """
    if hierarchy.startswith("__module"):
        return hierarchy.rsplit("/", 1)[-1].removeprefix("__module").lstrip(".")
    steps = [name for name, _ in _STEP.findall(hierarchy) if name != _FUNCTION]
    return ".".join(step for step in steps if step != "SELF")
