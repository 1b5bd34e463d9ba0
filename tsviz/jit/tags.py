"""Node identity that survives passes: ids that ride in source ranges.

Passes copy a node's source range to what they make from it and never look at it. So a graph whose
nodes all carry the ranges of a dummy function, one line a node, tells afterwards which node every
survivor was: through the bindings, and in the comments of every text that PyTorch prints of it.
Tagging overwrites ranges and scopes: tag copies only, and keep the originals aside.
"""

import linecache
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import cast

import torch

from tsviz.jit.internals import GraphFunction, find_nodes, jit, source_range

_LINES = 1024
_FILE = re.compile(r'File "<tsviz\+(\d+)>", line (\d+)')
_FRAME = re.compile(r"<tsviz\+(\d+)>\((\d+)\)")
_COMMENT = re.compile(r"<tsviz\+(\d+)>:(\d+):\d+$")


def tag_nodes(nodes: Sequence[torch._C.Node], first: int = 0) -> None:
    """Gives the i-th node the tag `first + i`; another `first` tells other tags apart."""
    for start in range(0, len(nodes), _LINES):
        _, donors = _pool(first + start)
        for node, donor in zip(nodes[start : start + _LINES], donors, strict=False):
            node.copyMetadata(donor)


def read_tag(node: torch._C.Node) -> int | None:
    """The tag a node carries, or `None`."""
    return _tag(_FILE.search(source_range(node)))


def read_tags(comments: Mapping[int, str]) -> dict[int, int]:
    """Node id → tag, of the nodes whose comment in a text is one."""
    tags = ((node, _tag(_COMMENT.match(comment))) for node, comment in comments.items())
    return {node: tag for node, tag in tags if tag is not None}


def read_stack_tag(stack: Sequence[str]) -> int | None:
    """The tag of the innermost node in a call stack as PyTorch's profiler notes it, or `None`."""
    found = (match for line in stack if (match := _FRAME.match(line)))
    return _tag(next(found, None))


def last_tag(text: str) -> int | None:
    """The tag of the innermost node in the text of an exception, or `None`."""
    tags = [_tag(match) for match in _FILE.finditer(text)]
    return tags[-1] if tags else None


def _tag(match: re.Match[str] | None) -> int | None:
    return None if match is None else int(match[1]) + int(match[2]) - 2


@cache
def _pool(start: int) -> tuple[GraphFunction, list[torch._C.Node]]:
    """A function whose nodes carry the tags from `start` on; line 2 of its file has the first."""
    file = f"<tsviz+{start}>"
    lines = ["def tags(x):\n", *["    x = -x\n"] * _LINES, "    return x\n"]
    linecache.cache[file] = (len(lines), None, lines, file)
    names: dict[str, Callable[..., object]] = {}
    exec(compile("".join(lines), file, "exec"), {"__name__": "tsviz.tags"}, names)  # noqa: S102 (the text above)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function = cast("GraphFunction", jit.script(names["tags"]))
    del linecache.cache[file]
    return function, find_nodes(function.graph, "aten::neg")
