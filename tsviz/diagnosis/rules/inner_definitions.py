"""A `def`, `class` or `import` inside a function runs each time in Python; compiled code has none.

TorchScript resolves names once, before anything runs. So they belong to the module:

    def forward(self, x):                   import math
        import math
        return x * math.pi                  def forward(self, x):
                                                return x * math.pi
"""

import ast
import sys
from collections.abc import Iterator

from tsviz.diagnosis.code import MISSING, Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import removed_line
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "inner-definition"
_KINDS = {
    ast.FunctionDef: ("function", "def"),
    ast.AsyncFunctionDef: ("function", "async"),
    ast.ClassDef: ("class", "class"),
}


def find(function: Function, world: World) -> Iterator[Finding]:
    """Functions, classes and imports inside of functions."""
    for node in function.statements():
        if isinstance(node, tuple(_KINDS)):
            what, keyword = _KINDS[type(node)]
            cause = f"the {what} `{node.name}` is defined inside `{function.name}`"  # type: ignore[attr-defined]
            advice = f"define it in the module, and pass what it needs of `{function.name}`"
            yield Finding(NAME, function, function.keyword(node, keyword), cause, advice)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            place = function.place(node)
            cause = f"`{function.name}` imports while it runs, which compiled code cannot"
            advice = "import at the top of the file"
            yield Finding(NAME, function, place, cause, advice, _at_top(function, node))


def _at_top(function: Function, node: ast.Import | ast.ImportFrom) -> tuple[Change, ...]:
    """Moves an import to the top, where its names are free and its module is loaded already."""
    names = [(alias.asname or alias.name.partition(".")[0]) for alias in node.names]
    modules = (
        [node.module or ""]
        if isinstance(node, ast.ImportFrom)
        else [alias.name for alias in node.names]
    )
    taken = any(function.python.__globals__.get(name, MISSING) is not MISSING for name in names)
    loaded = all(module in sys.modules for module in modules)
    level = isinstance(node, ast.ImportFrom) and node.level
    tree = function.text.tree
    if taken or not loaded or level or "*" in names or tree is None:
        return ()
    line = _first_import(tree)
    place = FileRange(function.file, line, 0, line, 0)
    text = " ".join(part.strip() for part in function.segment(node).split("\n"))
    return (Change(place, f"{text}\n"), *removed_line(function, node))


def _first_import(tree: ast.Module) -> int:
    """The line of the first import that is not from `__future__`, or of the first statement."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text:
            return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return 1
