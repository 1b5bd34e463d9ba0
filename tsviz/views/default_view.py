"""Which containers are open at first: enough boxes to see the shape, few enough to read."""

from collections import deque

from tsviz.frontends import find_model_frame
from tsviz.ir import Graph
from tsviz.views.tree import Container, count_boxes, preorder

ENOUGH = 60
"""Boxes that the default view aims at."""
LEAST = 25
"""Boxes below which the next container opens even where it passes the aim."""


def open_default(root: Container, graph: Graph) -> None:
    """Opens containers breadth-first while the boxes in view stay within the budget.

    What one source line did stays folded while there is something else to open: its parts are
    PyTorch's own.
    """
    root.open = True
    lines = _count_lines(root, graph)
    boxes = count_boxes(root, graph)
    waiting, passed = deque(root.inner), list[Container]()
    while waiting:
        container = waiting.popleft()
        gain = count_boxes(container, graph) - 1
        if lines[id(container)] < 2 or boxes + gain > ENOUGH:
            passed.append(container)
            continue
        container.open = True
        boxes += gain
        waiting += container.inner
    waiting += sorted(passed, key=lambda container: lines[id(container)] < 2)
    while waiting and boxes < LEAST:
        container = waiting.popleft()
        container.open = True
        boxes += count_boxes(container, graph) - 1
        waiting += container.inner


def _count_lines(root: Container, graph: Graph) -> dict[int, int]:
    """Container → how many model lines its nodes have, two standing for more."""
    found: dict[int, set[tuple[str, int]]] = {}
    for container in reversed(list(preorder(root))):
        lines = found[id(container)] = set()
        for child in container.children:
            if len(lines) > 1:
                break
            if isinstance(child, Container):
                lines |= found[id(child)]
            elif (link := graph.links.get(child)) is not None:
                frame = find_model_frame(link.location)
                lines |= {(frame.file, frame.line)} if frame is not None else set()
    return {container: min(2, len(lines)) for container, lines in found.items()}
