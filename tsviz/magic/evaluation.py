"""What the names in a target stand for, and evaluating it in the user's namespace.

The callee and its arguments are evaluated once each, in Python's own order, under a name that
tracebacks show as the cell. What fails there is the user's and keeps its own traceback.
"""

import ast
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tsviz.magic.shell import Shell
from tsviz.magic.targets import is_reference


class UserCodeFailed(Exception):  # noqa: N818 (it carries an error, it is none itself)
    """Code of the user's failed while it was evaluated.

    Attributes:
        original: what it raised.
        traceback: its traceback, from the user's first frame on.
    """

    def __init__(self, original: Exception, traceback: TracebackType | None) -> None:
        super().__init__(original)
        self.original = original
        self.traceback = traceback

    @property
    def is_missing_name(self) -> bool:
        """Whether a name or an attribute does not exist."""
        return isinstance(self.original, (NameError, AttributeError))


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A target's value: what to capture, with which example inputs (`None`: none were written)."""

    value: object
    args: tuple[object, ...] | None = None
    kwargs: Mapping[str, object] = field(default_factory=dict[str, object])


class Namespace:
    """The user's namespace.

    Args:
        file: the name under which tracebacks find the text of what is evaluated.
    """

    def __init__(self, shell: Shell, file: str = "<tsviz>") -> None:
        self._globals = shell.user_global_ns
        self.names = shell.user_ns
        self._file = file
        self._compile = shell.compile  # knows the `__future__` imports of earlier cells

    def is_model(self, expression: ast.expr) -> bool | None:
        """Whether a name stands for something to capture; `None` where it would have to be run."""
        if not is_reference(expression) or any(
            isinstance(node, ast.Call) for node in ast.walk(expression)
        ):
            return None
        try:
            return is_model(self.evaluate(expression))
        except UserCodeFailed:
            return None

    def parse(self, text: str) -> list[ast.stmt]:
        """The statements of a cell.

        Raises:
            UserCodeFailed: a syntax error.
        """
        with _users_own():
            return ast.parse(text, self._file).body

    def evaluate(self, tree: ast.expr) -> Any:
        """The value of an expression.

        Raises:
            UserCodeFailed: it raised.
        """
        expression = ast.fix_missing_locations(ast.Expression(tree))
        with _users_own():
            code = self._compile(expression, self._file, "eval")
            return eval(code, self._globals, self.names)  # noqa: S307 (what the user typed)

    def execute(self, statements: list[ast.stmt]) -> None:
        """Runs statements.

        Raises:
            UserCodeFailed: one of them raised.
        """
        module = ast.fix_missing_locations(ast.Module(statements, []))
        with _users_own():
            code = self._compile(module, self._file, "exec")
            exec(code, self._globals, self.names)  # noqa: S102 (what the user typed)

    def evaluate_call(self, tree: ast.Call) -> Evaluated:
        """Evaluates the callee and the arguments of a call, and does not call.

        Raises:
            UserCodeFailed: one of them raised.
        """
        callee = self.evaluate(tree.func)
        args = self.evaluate(ast.Tuple(tree.args, ast.Load()))
        # `**more` is a dictionary's entry without a key.
        names = (keyword.arg for keyword in tree.keywords)
        keys: list[ast.expr | None] = [ast.Constant(name) if name else None for name in names]
        kwargs = self.evaluate(ast.Dict(keys, [keyword.value for keyword in tree.keywords]))
        return Evaluated(callee, args, kwargs)

    def bind(self, names: tuple[ast.expr, ...], value: object) -> None:
        """Assigns `value` as the left side of an assignment says.

        Raises:
            UserCodeFailed: it does not unpack, or the assignment itself raised.
        """
        self.names[_VALUE] = value
        try:
            self.execute([ast.Assign(list(names), ast.Name(_VALUE, ast.Load()))])
        finally:
            del self.names[_VALUE]


_VALUE = "_tsviz_value"


@contextmanager
def _users_own() -> Generator[None]:
    """Marks what is raised inside as the user's; the frames of this file are left out."""
    try:
        yield
    except Exception as error:
        raise UserCodeFailed(error, _skip_own_frames(error.__traceback__)) from error


def _skip_own_frames(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback


def call(evaluated: Evaluated) -> object:
    """Makes an evaluated call.

    Raises:
        UserCodeFailed: it raised.
    """
    with _users_own():
        return evaluated.value(*(evaluated.args or ()), **evaluated.kwargs)  # type: ignore[operator]


def is_model(value: object) -> bool:
    """Whether a value is a module, a method of one, or something TorchScript has compiled."""
    if "torch" not in sys.modules or isinstance(value, type):
        return False
    from tsviz.jit import natives

    if natives.is_module(value) or natives.is_compiled(value) or natives.is_script_method(value):
        return True
    return natives.is_module(getattr(value, "__self__", None)) and not _is_inherited(value)


def makes_a_model(callee: object) -> bool:
    """Whether a callee is there to make a module: a class, `model.cuda`, `torch.jit.load`.

    Nobody means to look inside those; what they return is meant.
    """
    if "torch" not in sys.modules:
        return False
    from torch import nn

    if isinstance(callee, type):
        return issubclass(callee, nn.Module)
    if isinstance(getattr(callee, "__self__", None), nn.Module):
        return _is_inherited(callee)
    return str(getattr(callee, "__module__", "")).startswith("torch.jit.")


def _is_inherited(method: object) -> bool:
    """Whether a bound method is `nn.Module`'s own (`model.eval`), not one of the user's class."""
    from torch import nn

    function = getattr(method, "__func__", None)
    name = getattr(function, "__name__", "")
    return name not in ("forward", "__call__") and vars(nn.Module).get(name) is function
