"""Copies of compiled forms that PyTorch's executor has never run, and how far a plan has come.

What a copy of a module shares with it are its functions, and they keep their plans. So the copy is
given functions of its own.
"""

from typing import Protocol, cast

import torch

from tsviz.jit import natives
from tsviz.jit.internals import CppModule, GraphFunction, children, cpp_module, internals, jit
from tsviz.jit.reloading import reload
from tsviz.jit.walking import print_graph


def unused_copy(native: object) -> object:
    """A copy with no plan, and nothing in common with the original.

    Of a function, the copy takes what its graph takes, all by position.

    Raises:
        RuntimeError: PyTorch can neither clone it nor save and load it.
    """
    copied, _, _ = natives.copy_for_run(native, (), {})
    if not natives.is_script_module(copied):
        function = cast("GraphFunction", copied)
        return internals._create_function_from_graph(function.name, function.graph.copy())
    if _has_hooks(cpp_module(copied)):  # a clone would have none
        return reload(copied)
    clone = internals._hack_do_not_use_clone_module_with_class(cpp_module(copied), [], [])
    return jit._recursive.wrap_cpp_module(clone)


def _has_hooks(module: CppModule) -> bool:
    own = module._get_forward_pre_hooks() or module._get_forward_hooks()
    return bool(own) or any(_has_hooks(child) for _, child in children(module))


def last_plan() -> str:
    """The graph that the executor ran last in this thread, "" where it says none."""
    try:
        return print_graph(internals._last_executed_optimized_graph())
    except RuntimeError:
        return ""


def count_profiled_runs() -> int:
    """How many runs the executor observes before it specialises a plan."""
    return cast("_Switches", torch._C)._jit_get_num_profiled_runs()


class _Switches(Protocol):
    def _jit_get_num_profiled_runs(self) -> int: ...
