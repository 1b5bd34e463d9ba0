"""What a program may write into, as PyTorch's own alias analysis says.

It is the analysis that PyTorch's passes stand on, and it errs on the side of a write: an op it
knows nothing of writes into all it is given. Only what is inside of lists it does not tell; where
there are any, each write counts as one into them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import torch

from tsviz.jit import natives
from tsviz.jit.internals import CppModule, cpp_module, find_nodes, internals, type_of
from tsviz.jit.making import insert_value
from tsviz.jit.types_shown import is_mutable, is_plain
from tsviz.jit.walking import iter_native_nodes

_CONSTANT, _READ, _SET = "prim::Constant", "prim::GetAttr", "prim::SetAttr"
_UNTOLD = ("prim::CallMethod", "prim::CallFunction", "prim::fork")


class _Aliases(Protocol):
    def has_writers(self, value: torch._C.Value) -> bool: ...


class _Graph(Protocol):
    def alias_db(self) -> _Aliases: ...


class _Value(Protocol):
    def replaceAllUsesWith(self, other: torch._C.Value) -> object: ...  # noqa: N802 (PyTorch's)


@dataclass(frozen=True, slots=True)
class Writes:
    """What may be written into.

    Attributes:
        module: the module's attributes, or what they hold.
        inputs: what the program is given.
        constants: tensors in the graph itself.
    """

    module: bool = True
    inputs: bool = True
    constants: bool = True


def find_writes(native: object, method: str) -> Writes:
    """What an entry point may write into, as its flags stand: `self.training` above all."""
    live = natives.inlined_graph(native, method)
    module = cpp_module(native) if natives.is_script_module(native) else None
    has_hooks = module is not None and bool(module._get_forward_pre_hooks())
    if has_hooks or any(find_nodes(live, op) for op in _UNTOLD):
        return Writes()
    if module is not None and not find_nodes(live, _SET):
        _settle_flags(live, module)
    read = [node.output() for node in find_nodes(live, _READ)]
    inputs = list(live.inputs())[module is not None :]
    aliases = cast("_Graph", live).alias_db()
    constants = any(aliases.has_writers(node.output()) for node in find_nodes(live, _CONSTANT))
    is_plain_all = all(is_plain(type_of(value)) for value in (*read, *inputs))
    if not is_plain_all and any(map(is_mutable, iter_native_nodes(live))):
        return Writes(constants=constants)
    return Writes(
        bool(find_nodes(live, _SET)) or any(map(aliases.has_writers, read)),
        any(map(aliases.has_writers, inputs)),
        constants,
    )


def _settle_flags(live: torch._C.Graph, module: CppModule) -> None:
    """Puts flags that nothing sets into a graph, and takes out what they rule out."""
    known: dict[int, object] = {next(iter(live.inputs())).unique(): module}
    for node in find_nodes(live, _READ):
        owner = known.get(node.inputsAt(0).unique())
        if owner is None:
            continue
        found = cast("Callable[[str], object]", cast("CppModule", owner).getattr)(node.s("name"))
        if type_of(node.output()).kind() == "ClassType":
            known[node.output().unique()] = found
        elif isinstance(found, bool):
            with live.insert_point_guard(node):
                flag = insert_value(live, found)
            cast("_Value", node.output()).replaceAllUsesWith(flag)
    internals._jit_pass_constant_propagation_immutable_types(live)
