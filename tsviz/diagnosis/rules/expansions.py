"""`*items` and `**table` need to know how many there are; of a list TorchScript does not.

Tuples have a known length, so `*` works on them. Lists are joined with `+`:

    [*sizes, 3]                             sizes + [3]
    x.view(*sizes)                          x.view(sizes)
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "expansion"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Starred lists, and dicts with `**`."""
    for node in function.nodes():
        if isinstance(node, (ast.List, ast.Call)):
            parts = node.elts if isinstance(node, ast.List) else node.args
            if any(isinstance(part, ast.Starred) for part in parts):
                first = next(part for part in parts if isinstance(part, ast.Starred))
                cause = f"`{function.segment(first)}`: the length of a list is not known"
                edit = _joined(function, world, node) if isinstance(node, ast.List) else ()
                advice = "join lists with `+`" if edit else "pass the list itself, or a tuple"
                yield Finding(NAME, function, function.place(first), cause, advice, edit)
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg is None:
                    place = function.place(keyword)
                    cause = f"`{function.segment(keyword)}`: TorchScript cannot expand a dict"
                    yield Finding(NAME, function, place, cause, "write the arguments out")
        if isinstance(node, ast.Dict) and None in node.keys:
            place = function.place(node)
            cause = "TorchScript cannot expand a dict in another"
            yield Finding(NAME, function, place, cause, "copy it, and set the items one by one")
        if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Store):
            for part in node.elts:
                if isinstance(part, ast.Starred):
                    place = function.place(part)
                    cause = f"`{function.segment(part)}` takes what is left over"
                    yield Finding(
                        NAME, function, place, cause, "slice: `first, rest = a[0], a[1:]`"
                    )


def _joined(function: Function, world: World, node: ast.List) -> tuple[Change, ...]:
    """`[*a, 3]` → `a + [3]`, where each starred name was seen to be a list."""
    texts: list[str] = []
    for part in node.elts:
        if not isinstance(part, ast.Starred):
            item = function.segment(part)
            if texts and texts[-1].startswith("["):
                texts[-1] = f"{texts[-1][:-1]}, {item}]"
            else:
                texts.append(f"[{item}]")
            continue
        kind = world.seen(function, part.value.id) if isinstance(part.value, ast.Name) else None
        if kind is None or kind.name != "list":
            return ()
        texts.append(function.segment(part.value))
    joined = " + ".join(texts)
    return (Change(function.place(node), joined if len(texts) > 1 else f"{joined}[:]"),)
