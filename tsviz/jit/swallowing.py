"""Models that catch what a call on tensors raises: PyTorch's tracer crashes on them.

Where such a call raises while a trace is recorded, and Python goes on, the tracer ends the process
with a segmentation fault. So what has a `try` is run once as it is before it is traced.
"""

import ast
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from torch.overrides import TorchFunctionMode

from tsviz.jit import natives


class Raises(TorchFunctionMode):
    """Notices calls on tensors that raise, whoever catches that.

    Attributes:
        count: of them.
    """

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.count = 0

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        try:
            return func(*args, **(kwargs or {}))
        except BaseException:
            self.count += 1
            raise


def may_swallow(owner: object) -> bool:
    """Whether there is a `try` in the files that a model's own classes, or a function, are from."""
    return any(_has_try("".join(linecache.getlines(file))) for file in set(_iter_files(owner)))


def _iter_files(owner: object) -> Iterator[str]:
    parts = [part for _, part in natives.iter_parts(owner)] if natives.is_module(owner) else [owner]
    for part in parts:
        for kind in (part, *type(part).__mro__):
            code = getattr(kind, "__code__", None)
            module = sys.modules.get(str(getattr(kind, "__module__", "")))
            file = getattr(code, "co_filename", None) or getattr(module, "__file__", None)
            function = getattr(kind, "forward", None)
            own = getattr(getattr(function, "__code__", None), "co_filename", None)
            yield from (found for found in (file, own) if found and not _is_pytorch(found))


def _is_pytorch(file: str) -> bool:
    return file.startswith(str(sys.modules["torch"].__file__).rpartition("__init__")[0])


@lru_cache(maxsize=256)
def _has_try(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a cell with magics
        return "try:" in text
    return any(isinstance(node, (ast.Try, ast.TryStar)) for node in ast.walk(tree))
