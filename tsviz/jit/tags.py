"""Node identity that survives passes: ids that ride in source ranges.

Passes copy a node's source range to what they make from it and never look at it. So a graph whose
nodes all carry the ranges of a dummy script, one line a node, tells afterwards which node every
survivor was. Tagging overwrites ranges and scopes: tag clones only, and keep the originals aside.
"""

import linecache
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import cast

import torch

from tsviz.jit.internals import GraphFunction, jit, source_range

_LINES = 1000
_FILE = "<tsviz:{}>"
_TAG = re.compile(r'File "<tsviz:(\d+)>", line (\d+)')
_FIRST_LINE = 2  # line 1 is the def


def tag_nodes(nodes: Sequence[torch._C.Node]) -> None:
    """Gives the i-th node the tag i."""
    for start in range(0, len(nodes), _LINES):
        _, donors = _pool(start // _LINES)
        for node, donor in zip(nodes[start : start + _LINES], donors, strict=False):
            node.copyMetadata(donor)


def read_tag(node: torch._C.Node) -> int | None:
    """The tag a node carries, or `None`."""
    match = _TAG.search(source_range(node))
    return None if match is None else int(match[1]) * _LINES + int(match[2]) - _FIRST_LINE


@cache
def _pool(chunk: int) -> tuple[GraphFunction, list[torch._C.Node]]:
    """A compiled function of `_LINES` one-node lines under a file name of its own."""
    file = _FILE.format(chunk)
    lines = ["def tags(x):\n", *["    x = -x\n"] * _LINES, "    return x\n"]
    linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
    namespace: dict[str, Callable[..., object]] = {}
    exec(compile("".join(lines), file, "exec"), {"__name__": "tsviz_tags"}, namespace)  # noqa: S102 (our own text)
    function = cast("GraphFunction", jit.script(namespace["tags"]))
    donors = [node for node in function.graph.nodes() if node.kind() == "aten::neg"]
    return function, donors
