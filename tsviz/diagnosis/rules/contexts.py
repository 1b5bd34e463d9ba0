"""`with` works only with what TorchScript has built in: `no_grad`, `autocast`, `record_function`.

Other context managers are Python objects with code of their own. One that does nothing, such as
`contextlib.nullcontext()`, can be left out; `inference_mode` and `enable_grad` belong around the
call of the compiled model:

    with torch.inference_mode():
        y = scripted(x)
"""

import ast
import contextlib
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import unwrapped
from tsviz.diagnosis.rules.finding import Finding

NAME = "context-manager"
_BUILT_IN = ("torch.no_grad", "torch.autocast", "torch.cpu.amp.autocast", "torch.cuda.amp.autocast")


def find(function: Function, world: World) -> Iterator[Finding]:
    """`with` on what is no context manager of TorchScript's."""
    for node in function.statements():
        if not isinstance(node, ast.With):
            continue
        for item in node.items:
            name = ast.unparse(item.context_expr).partition("(")[0]
            if name in _BUILT_IN:
                continue
            made = item.context_expr
            manager = function.resolve(made.func) if isinstance(made, ast.Call) else None
            inside = unwrapped(function, node, node.body)
            usable = inside if len(node.items) == 1 and item.optional_vars is None else ()
            nothing = manager is contextlib.nullcontext
            advice = (
                "leave it out, as it does nothing"
                if nothing
                else "put it around the call of the compiled model"
            )
            cause = f"TorchScript has no context manager `{name}`"
            place = function.place(item.context_expr)
            edit = usable if nothing else ()
            yield Finding(NAME, function, place, cause, advice, edit, usable)
