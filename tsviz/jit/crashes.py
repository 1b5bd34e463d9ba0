"""What PyTorch's compiler does not survive, and Python with it: found before it is compiled.

In torch 2.13 a function that returns `list`, or annotates a name with it, without an element type
ends the process with a segmentation fault. Whether the compiler comes by such a function is only
known when it does; so where there is one within reach, it is tried in a fork first.
"""

import ast
import faulthandler
import inspect
import os
import textwrap
import warnings
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import NoReturn

import torch

_PYTORCH = str(torch.__file__).rpartition("__init__")[0]


def refuse_crash(owner: object, method: str, compile_it: Callable[[], object]) -> None:
    """Tries in another process what might end this one.

    Raises:
        RuntimeError: it would; with the place, as the compiler writes it.
    """
    place = next((found for f in _iter_reached(owner, method) for found in _iter_bare(f)), None)
    if place is not None and not _survives(compile_it):
        _refuse(*place)


def _refuse(file: str, line: int, text: str) -> NoReturn:
    mark = " " * (len(text) - len(text.lstrip())) + "~" * len(text.strip())
    raise RuntimeError(
        "\nPyTorch's compiler crashes on the annotation `list` without the type of its elements. "
        f'Please write `List[Tensor]`, or what they are:\n  File "{file}", line {line}\n'
        f"{text}\n{mark} <--- HERE\n"
    )


def _iter_reached(owner: object, method: str) -> Iterator[FunctionType]:
    """Functions that may be compiled: by the names that are used, PyTorch's own left out."""
    if isinstance(owner, torch.nn.Module):
        kinds = {type(part) for part in owner.modules()}
        left = [getattr(kind, "forward", None) for kind in kinds]
        left.append(getattr(type(owner), method, None))
    else:
        kinds, left = set[type](), [owner]
    done: set[CodeType] = set()
    while left:
        function = inspect.unwrap(given) if callable(given := left.pop()) else None
        if not isinstance(function, FunctionType) or function.__code__ in done:
            continue
        if function.__code__.co_filename.startswith(_PYTORCH):
            continue
        done.add(function.__code__)
        yield function
        for name in function.__code__.co_names:
            left.append(function.__globals__.get(name))
            left += [vars(base).get(name) for kind in kinds for base in kind.__mro__]


def _iter_bare(function: FunctionType) -> Iterator[tuple[str, int, str]]:
    """File, line and text of each annotation that is `list` alone."""
    source = _source(function)
    if source is None or "list" not in source[0]:
        return
    text, first = source
    for node in ast.walk(ast.parse(textwrap.dedent(text))):
        found = (
            node.returns
            if isinstance(node, ast.FunctionDef)
            else node.annotation
            if isinstance(node, ast.AnnAssign)
            else None
        )
        if found is not None and ast.unparse(found).strip("'\"") == "list":
            line = found.lineno
            yield function.__code__.co_filename, first + line - 1, text.splitlines()[line - 1]


def _source(function: FunctionType) -> tuple[str, int] | None:
    try:
        lines, first = inspect.getsourcelines(function)
        ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, SyntaxError, TypeError):
        return None
    return "".join(lines), max(first, 1)


def _survives(compile_it: Callable[[], object]) -> bool:
    if not hasattr(os, "fork"):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other threads; the child only compiles
        child = os.fork()
    if child == 0:
        try:
            faulthandler.disable()  # it may write elsewhere: a kernel's does
            for descriptor in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
            compile_it()
        finally:
            os._exit(0)  # also where it was refused: then it is refused here, too
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)
