"""The compiled functions that a call in a graph can lead to.

A call names its callee: by the qualified name of a function, or by the type of an object and the
name of a method. Neither is bound as an object, so methods are found through the modules at hand,
and all else through the compilation unit that owns the caller. `torch.jit.load` keeps the unit of
a file to itself: there only the methods of modules are found, unless whoever loads the file says
what its unit is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import torch

from tsviz.jit import natives
from tsviz.jit.internals import (
    CppModule,
    GraphFunction,
    Kind,
    children,
    cpp_module,
    find_function,
    jit,
    string_attribute,
)
from tsviz.location import FileRange

CallPlaces = Mapping[tuple[str, int, int], FileRange]
"""File, line and column where the name of a called function ends in an archive's printed code →
the original call."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    unit: torch._C.CompilationUnit
    calls: CallPlaces


_LOADED: WeakKeyDictionary[object, _Loaded] = WeakKeyDictionary()


def keep_unit(
    native: torch.jit.ScriptModule, unit: torch._C.CompilationUnit, calls: CallPlaces
) -> None:
    """Remembers, as long as a module lives, what it was loaded into and whence its calls are."""
    _LOADED[native] = _Loaded(unit, calls)


@dataclass(frozen=True)
class Function:
    """A compiled function or method.

    Attributes:
        key: unique among all that one `Functions` finds.
        native: as PyTorch binds it.
        unit: the compilation unit that owns it, `None` where that is not at hand.
    """

    key: str
    native: GraphFunction
    unit: torch._C.CompilationUnit | None

    @property
    def name(self) -> str:
        """The name after `def`."""
        return self.native.name

    @cached_property
    def graph(self) -> torch._C.Graph:
        """The graph as it was compiled; live, only to be read."""
        return self.native.graph


class Functions:
    """Finds callees.

    Args:
        native: the compiled module or function that everything starts from.

    Attributes:
        native: the same.
    """

    def __init__(self, native: object) -> None:
        self.native = native
        self._units = [jit._state._python_cu]
        self._owners: dict[str, list[CppModule]] = {}
        self._methods: dict[str, Function] = {}
        self._calls: CallPlaces = {}
        if natives.is_script_module(native):
            self._add_owners(cpp_module(native))
        if native in _LOADED:
            self._units.append(_LOADED[native].unit)
            self._calls = _LOADED[native].calls

    def entry(self, method: str) -> Function:
        """The method of that name of the module itself, or the function."""
        if natives.is_script_module(self.native):
            module = cpp_module(self.native)
            return self._method(module._type(), method)
        function = natives.find_graph_function(self.native, method)
        return Function(function.qualified_name, function, self._units[0])

    def find_callee(self, caller: Function, call: torch._C.Node) -> Function | None:
        """What a `prim::CallFunction` or `prim::CallMethod` of `caller` calls, if it is found."""
        target = call.inputsAt(0).type()
        if call.kind() == "prim::CallFunction":
            return _find(caller.unit, target.annotation_str)
        name = string_attribute(call, "name")
        if self._rank(target) is not None:
            return self._method(target, name)
        return _find(self._find_unit(target), f"{target.annotation_str}.{name}")

    def find_method(self, kind: str, name: str) -> Function | None:
        """The method of the modules of a type, by what it is printed as; `None` if in doubt."""
        alike = self._owners.get(kind, ())
        return self._method(alike[0]._type(), name) if len(alike) == 1 else None

    def find_call(self, printed: FileRange) -> FileRange | None:
        """The original place of a call in an archive's printed code, if it is known."""
        return self._calls.get((printed.file, printed.end_line, printed.end_col))

    def _add_owners(self, root: CppModule) -> None:
        """Keeps one module of every type; two files can have types of one name."""
        stack = [root]
        while stack:
            module = stack.pop()
            if self._rank(module._type()) is None:
                self._owners.setdefault(module._type().annotation_str, []).append(module)
                stack += [child for _, child in children(module)]

    def _rank(self, kind: Kind) -> int | None:
        """Which of the owners of its name has this very type."""
        alike = self._owners.get(kind.annotation_str, ())
        return next((at for at, owner in enumerate(alike) if owner._type() == kind), None)

    def _method(self, kind: Kind, name: str) -> Function:
        rank = self._rank(kind) or 0
        key = f"{kind.annotation_str}.{name}" + (f"#{rank}" if rank else "")
        known = self._methods.get(key)
        if known is None:
            native = self._owners[kind.annotation_str][rank]._get_method(name)
            known = self._methods[key] = Function(key, native, self._find_unit(kind))
        return known

    def _find_unit(self, kind: Kind) -> torch._C.CompilationUnit | None:
        name = kind.annotation_str
        return next((unit for unit in self._units if unit.get_class(name) == kind), None)


def _find(unit: torch._C.CompilationUnit | None, name: str) -> Function | None:
    native = None if unit is None else find_function(unit, name)
    return None if native is None else Function(name, native, unit)
