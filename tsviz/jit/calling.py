"""What a graph takes when its entry point is called."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tsviz.jit import natives
from tsviz.jit.internals import cpp_module


def graph_inputs(
    target: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> Iterator[object]:
    """What the graph takes: the module itself, then the arguments with defaults filled in.

    Calling a module runs its hooks first; `forward` sees what they return.
    """
    signature = natives.find_signature(target, method)
    if signature is not None:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        args = bound.args
    if not natives.is_script_module(target):
        return iter(args)
    module = cpp_module(target)
    for hook in module._get_forward_pre_hooks() if method == "forward" else ():
        returned = hook(module, tuple(args))
        if returned is not None:
            args = cast("tuple[object, ...]", returned) if _is_tuple(returned) else (returned,)
    return iter((module, *args))


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)
