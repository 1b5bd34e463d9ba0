"""Node identity that survives passes: ids that ride in source ranges.

Passes copy a node's source range to what they make from it and never look at it. So a graph whose
nodes all carry the ranges of a dummy graph, one line a node, tells afterwards which node every
survivor was. Tagging overwrites ranges and scopes: tag copies only, and keep the originals aside.
"""

import re
from collections.abc import Sequence
from functools import cache

import torch

from tsviz.jit.internals import internals, source_range

_LINES = 256  # looking up a range takes time in proportion to the text it lies in
_TAG = re.compile(r"%tsviz_(\d+) : [^\n]*\n *~")


def tag_nodes(nodes: Sequence[torch._C.Node]) -> None:
    """Gives the i-th node the tag i."""
    for start in range(0, len(nodes), _LINES):
        _, donors = _pool(start)
        for node, donor in zip(nodes[start : start + _LINES], donors, strict=False):
            node.copyMetadata(donor)


def read_tag(node: torch._C.Node) -> int | None:
    """The tag a node carries, or `None`."""
    match = _TAG.search(source_range(node))
    return None if match is None else int(match[1])


@cache
def _pool(start: int) -> tuple[torch._C.Graph, list[torch._C.Node]]:
    """A graph whose nodes carry the tags from `start` on."""
    lines = (f"  %tsviz_{start + k} : Tensor = aten::neg(%x)\n" for k in range(_LINES))
    graph = internals.parse_ir(f"graph(%x : Tensor):\n{''.join(lines)}  return (%x)\n")
    return graph, list(graph.nodes())
