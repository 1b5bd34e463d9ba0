"""An empty `[]` is a list of tensors to TorchScript, an empty `{}` a dict from str to tensor.

Nothing in them says otherwise, and the compiler does not look ahead to what is put in:

    lengths = []                            lengths: list[int] = []
    lengths.append(3)
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import after
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen

NAME = "empty-container"
_ASSUMED = {
    "list": Seen("list", (Seen("Tensor"),)),
    "dict": Seen("dict", (Seen("str"), Seen("Tensor"))),
}
_WORDS = {"list": "a list of tensors", "dict": "a dict from str to tensor"}


def find(function: Function, world: World) -> Iterator[Finding]:
    """Empty lists and dicts that hold something else."""
    for node in function.statements():
        if not isinstance(node, ast.Assign) or len(node.targets) > 1:
            continue
        kind, target = _empty(function, node.value), node.targets[0]
        if not kind or not isinstance(target, ast.Name):
            continue
        seen = world.seen(function, target.id)
        if seen is None or seen == _ASSUMED[kind]:
            continue
        text = function.annotation(seen)
        held = f"it comes to hold {seen}" if not seen.is_open else "nothing was put in"
        cause = f"TorchScript takes the empty `{target.id}` for {_WORDS[kind]}, but {held}"
        advice = f"annotate `{target.id}: {text}`" if text else "annotate it with its element type"
        edit = (Change(after(function.place(target)), f": {text}"),) if text else ()
        yield Finding(NAME, function, function.place(node.value), cause, advice, edit)


def _empty(function: Function, node: ast.expr) -> str:
    if isinstance(node, ast.List) and not node.elts:
        return "list"
    if isinstance(node, ast.Dict) and not node.keys:
        return "dict"
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        made = function.resolve(node.func)
        return "list" if made is list else "dict" if made is dict else ""
    return ""
