"""TorchScript calls PyTorch and the user's own functions; NumPy, pandas and the like stay behind.

A compiled program runs without Python, so it cannot call what is only there. Most of NumPy has a
twin in PyTorch; what only reports (logging, timing) can be left to eager:

    np.sqrt(x)                              torch.sqrt(x)

    if not torch.jit.is_scripting():
        logger.info("seen")
"""

import ast
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType

import torch

from tsviz.diagnosis.code import MISSING, Function, is_standard
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import before
from tsviz.diagnosis.rules.finding import Finding
from tsviz.frontends import is_library, is_torch
from tsviz.jit import reachable

NAME = "foreign-call"
_OWN = frozenset({"torch", "builtins", "math", "typing", "tsviz"})
_REPORTS = frozenset({"logging", "time", "loguru", "tqdm"})
_BUILTINS = frozenset({"open", "setattr", "input", "exec", "eval", "map", "filter", "vars", "iter",
                       "next", "reversed", "frozenset"})  # fmt: skip


def find(function: Function, world: World) -> Iterator[Finding]:
    """Calls of what neither PyTorch has nor the user wrote."""
    for statement in function.statements():
        for node in function.expressions(statement):
            if not isinstance(node, ast.Call):
                continue
            package = _package(function, node)
            if package is None:
                continue
            place, name = function.place(node.func), ast.unparse(node.func)
            cause = f"`{name}` is {_whose(package)}, which compiled code cannot call"
            edit = _guarded(function, statement, node) if package in _REPORTS else ()
            yield Finding(NAME, function, place, cause, _advice(function, node, package), edit)


def _whose(package: str) -> str:
    if package == "Tensor.numpy":
        return "a NumPy array's"
    return "Python's" if package == "builtins" else f"{package}'s"


def _package(function: Function, node: ast.Call) -> str | None:
    """The package that a called thing belongs to, `None` where it can be compiled or is unknown."""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "numpy" and not node.args:
        return "Tensor.numpy"
    if isinstance(node.func, ast.Name) and node.func.id in _BUILTINS:
        return "builtins" if function.resolve(node.func) is not MISSING else None
    called = function.resolve(node.func)
    if called is MISSING and isinstance(node.func, ast.Attribute):
        held = function.resolve(node.func.value)
        is_known = isinstance(held, (torch.Tensor, torch.nn.Module, ModuleType, type))
        return None if held is MISSING or is_known else _foreign_root(type(held).__module__)
    if called is MISSING or isinstance(called, (type, torch.nn.Module)):
        return None
    if isinstance(called, FunctionType):
        file = called.__code__.co_filename
        is_foreign = is_standard(file) or (is_library(file) and not reachable.knows_pytorch(called))
        return _foreign_root(called.__module__) if is_foreign and not is_torch(file) else None
    if isinstance(called, BuiltinFunctionType) or not hasattr(called, "__code__"):
        return _foreign_root(getattr(called, "__module__", None) or type(called).__module__)
    return None


def _foreign_root(module: str) -> str | None:
    """The package of a module, if it is an installed one or Python's that PyTorch does not know."""
    root = module.partition(".")[0]
    file = str(getattr(sys.modules.get(root), "__file__", "") or "")
    is_foreign = root in sys.stdlib_module_names or is_library(file)
    return root if is_foreign and root not in _OWN else None


def _advice(function: Function, node: ast.Call, package: str) -> str:
    if package == "numpy":
        name = ast.unparse(node.func).rpartition(".")[2]
        twin = f"torch.{name}"
        return f"use `{twin}`" if hasattr(torch, name) else "write it with PyTorch's functions"
    if package == "Tensor.numpy":
        return "stay with the tensor"
    if package in _REPORTS:
        return "leave it to eager: `if not torch.jit.is_scripting():`"
    return "do it outside, or move it into a function marked @torch.jit.ignore"


def _guarded(function: Function, statement: ast.stmt, node: ast.Call) -> tuple[Change, ...]:
    """`if not torch.jit.is_scripting():` before a call whose result is not used."""
    if not (isinstance(statement, ast.Expr) and statement.value is node):
        return ()
    place = function.place(statement)
    torch_name = next((name for name, value in function.names.items() if value is torch), None)
    own_line = not function.text.lines[place.line - 1][: place.col].strip()
    if torch_name is None or not own_line or place.line != place.end_line:
        return ()
    lead = " " * place.col
    text = f"if not {torch_name}.jit.is_scripting():\n{lead}    "
    return (Change(before(place), text),)
