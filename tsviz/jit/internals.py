"""PyTorch's unversioned internals, with the types they have at run time.

The stubs that ship with PyTorch leave out, or misdescribe, much of what tsviz stands on. What is
used of it is written down here once, so that the rest of the room is checked like any other code,
and a change between releases shows up in one place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypedDict, cast

import torch

# ruff: noqa: D102 (the methods below are PyTorch's own)


class Frame(TypedDict):
    """One frame of a symbolized traceback."""

    name: str
    filename: str
    line: int


class Argument(Protocol):
    """A declared argument of a compiled function."""

    name: str
    default_value: object

    def has_default_value(self) -> bool: ...


class Schema(Protocol):
    """The declaration of a compiled function."""

    arguments: Sequence[Argument]


class GraphFunction(Protocol):
    """A compiled method or function."""

    name: str
    qualified_name: str
    code: str
    schema: Schema
    graph: torch._C.Graph
    inlined_graph: torch._C.Graph

    def __call__(self, *args: object) -> object: ...


class ScriptMethod(GraphFunction, Protocol):
    """A method bound to its compiled module."""

    owner: "CppModule"


class Kind(Protocol):
    """A type of TorchScript's; equal ones are the same type of the same compilation unit."""

    annotation_str: str


class ModuleType(Kind, Protocol):
    """The type of a compiled module; instances with the same configuration share one."""

    def kind(self) -> str: ...
    def name(self) -> str: ...
    def str(self) -> str: ...


class CppModule(Protocol):
    """The C++ object inside a `torch.jit.ScriptModule`."""

    def hasattr(self, name: str) -> bool: ...
    def getattr(self, name: str) -> object: ...
    def _type(self) -> ModuleType: ...
    def _method_names(self) -> list[str]: ...
    def _get_method(self, name: str) -> ScriptMethod: ...
    def _get_forward_pre_hooks(self) -> list[Callable[..., object]]: ...
    def _get_forward_hooks(self) -> list[Callable[..., object]]: ...


class _Name(Protocol):
    name: str


class _Definition(Protocol):
    def name(self) -> _Name: ...


class MethodStub(Protocol):
    """A Python method about to be compiled."""

    def_: _Definition


class ConcreteTypeStore(Protocol):
    """The compiled types of module classes, which later compilations share."""

    type_store: dict[type[torch.nn.Module], list[object]]
    methods_compiled: set[object]


class _Recursive(Protocol):
    concrete_type_store: ConcreteTypeStore

    def infer_methods_to_compile(self, nn_module: torch.nn.Module) -> list[MethodStub]: ...
    def make_stub_from_method(self, nn_module: torch.nn.Module, method: str) -> MethodStub: ...
    def wrap_cpp_module(self, cpp_module: CppModule) -> torch.jit.ScriptModule: ...
    def create_script_module(
        self,
        nn_module: torch.nn.Module,
        stubs_fn: Callable[[torch.nn.Module], list[MethodStub]],
        share_types: bool,
    ) -> torch.jit.ScriptModule: ...


class _State(Protocol):
    _python_cu: torch._C.CompilationUnit


class _Jit(Protocol):
    _get_trace_graph: Callable[[object, tuple[object, ...], dict[str, object], bool], object]
    _recursive: _Recursive
    _state: _State

    def script(self, obj: object) -> object: ...
    def ignore(self, drop: Callable[..., object]) -> Callable[..., object]: ...
    def unused(self, fn: Callable[..., object]) -> Callable[..., object]: ...
    def script_if_tracing(self, fn: Callable[..., object]) -> Callable[..., object]: ...
    def trace(
        self,
        func: object,
        example_inputs: tuple[object, ...] | None,
        *,
        check_trace: bool,
        strict: bool,
        example_kwarg_inputs: Mapping[str, object] | None,
    ) -> object: ...
    def trace_module(
        self,
        mod: object,
        inputs: Mapping[str, object],
        *,
        check_trace: bool,
        strict: bool,
        example_inputs_is_kwarg: bool,
    ) -> object: ...
    def freeze(
        self,
        mod: torch.jit.ScriptModule,
        preserved_attrs: list[str] | None,
        optimize_numerics: bool = True,
    ) -> torch.jit.ScriptModule: ...
    def optimize_for_inference(
        self, mod: torch.jit.ScriptModule, other_methods: list[str] | None
    ) -> torch.jit.ScriptModule: ...
    def optimized_execution(self, should_optimize: bool) -> AbstractContextManager[None]: ...


class _Profiler(Protocol):
    def gather_traceback(self, python: bool, script: bool, cpp: bool) -> object: ...
    def symbolize_tracebacks(self, tracebacks: list[object]) -> list[list[Frame]]: ...


class _Internals(Protocol):
    _profiler: _Profiler

    def parse_ir(self, text: str, parse_tensor_constants: bool = ...) -> torch._C.Graph: ...
    def import_ir_module(
        self,
        unit: torch._C.CompilationUnit,
        path: str,
        device: torch.device | None,
        extra_files: dict[str, str],
        restore_shapes: bool,
        /,
    ) -> CppModule: ...
    def _jit_interpret_graph(self, graph: torch._C.Graph, stack: tuple[object, ...]) -> object: ...
    def _jit_pass_autocast(self, graph: torch._C.Graph) -> None: ...
    def _jit_pass_constant_pooling(self, graph: torch._C.Graph) -> None: ...
    def _jit_pass_constant_propagation_immutable_types(self, graph: torch._C.Graph) -> bool: ...
    def _jit_pass_inline(self, graph: torch._C.Graph) -> None: ...
    def _jit_pass_lint(self, graph: torch._C.Graph) -> None: ...
    def _jit_pass_peephole(self, graph: torch._C.Graph, disable_shape: bool) -> bool: ...
    def _jit_get_logging_option(self) -> str: ...
    def _jit_set_logging_option(self, option: str) -> None: ...
    def _last_executed_optimized_graph(self) -> torch._C.Graph: ...
    def _create_function_from_graph(self, name: str, graph: torch._C.Graph) -> GraphFunction: ...
    def _hack_do_not_use_clone_module_with_class(
        self, module: CppModule, ignored_methods: list[str], ignored_attributes: list[str]
    ) -> CppModule: ...


internals = cast("_Internals", torch._C)
jit = cast("_Jit", torch.jit)


class _Unit(Protocol):
    def find_function(self, name: str) -> GraphFunction | None: ...


class _Node(Protocol):
    def sourceRange(self) -> str: ...  # noqa: N802 (PyTorch's name)
    def s(self, name: str) -> str: ...
    def g(self, name: str) -> torch._C.Graph: ...
    def t(self, name: str) -> torch.Tensor: ...
    def t_(self, name: str, value: torch.Tensor) -> object: ...


class _Graph(Protocol):
    def findAllNodes(self, kind: str) -> list[torch._C.Node]: ...  # noqa: N802 (PyTorch's name)
    def createClone(  # noqa: N802 (PyTorch's name)
        self, node: torch._C.Node, replace: Callable[[torch._C.Value], torch._C.Value]
    ) -> torch._C.Node: ...
    def insertConstant(self, value: object) -> torch._C.Value: ...  # noqa: N802 (PyTorch's name)
    def create(self, kind: str, args: list[torch._C.Value], outputs: int) -> torch._C.Node: ...


class JitType(Protocol):
    """The type of a value in a graph."""

    def kind(self) -> str: ...


class _ListType(Protocol):
    def getElementType(self) -> JitType: ...  # noqa: N802 (PyTorch's name)


class _TupleType(Protocol):
    def elements(self) -> list[JitType]: ...


class _Module(Protocol):
    def named_modules(
        self, *, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, torch.nn.Module]]: ...


class _Library(Protocol):
    def define(self, schema: str) -> str: ...
    def impl(self, op_name: str, fn: Callable[..., object], dispatch_key: str) -> None: ...


def cpp_module(module: torch.jit.ScriptModule) -> CppModule:
    """The C++ object of a compiled module."""
    return module._c


def children(module: CppModule) -> list[tuple[str, CppModule]]:
    """The submodules of a compiled module by name, in declared order."""
    return list(torch._C.ModuleDict(cast("torch._C.ScriptModule", module)).items())


def named_modules(
    module: torch.nn.Module, *, once: bool = True
) -> list[tuple[str, torch.nn.Module]]:
    """(path, module) of a module and everything below it, shared ones once or at each place."""
    return list(cast("_Module", module).named_modules(remove_duplicate=once))


def source_range(node: torch._C.Node) -> str:
    """The text of a node's source range, "" where it has none."""
    return cast("_Node", node).sourceRange()


def find_function(unit: torch._C.CompilationUnit, name: str) -> GraphFunction | None:
    """The function of that qualified name in a compilation unit."""
    return cast("_Unit", unit).find_function(name)


def string_attribute(node: torch._C.Node, name: str) -> str:
    """A string attribute of a node."""
    return cast("_Node", node).s(name)


def tensor_attribute(node: torch._C.Node, name: str) -> torch.Tensor:
    """A tensor attribute of a node."""
    return cast("_Node", node).t(name)


def set_tensor_attribute(node: torch._C.Node, name: str, value: torch.Tensor) -> None:
    """Changes a tensor attribute of a node."""
    cast("_Node", node).t_(name, value)


def subgraph_of(node: torch._C.Node) -> torch._C.Graph:
    """The graph a fork or a fusion group holds; live."""
    return cast("_Node", node).g("Subgraph")


def find_nodes(graph: torch._C.Graph, kind: str) -> list[torch._C.Node]:
    """All nodes of that kind, in blocks too, subgraphs left out."""
    return cast("_Graph", graph).findAllNodes(kind)


def insert_clone(
    graph: torch._C.Graph,
    node: torch._C.Node,
    replace: Callable[[torch._C.Value], torch._C.Value],
) -> torch._C.Node:
    """Inserts a copy of a node of another graph, its inputs replaced."""
    return graph.insertNode(cast("_Graph", graph).createClone(node, replace))


def element_types(kind: JitType) -> list[JitType]:
    """What an optional, a list or a tuple is made of; [] for any other type."""
    name = kind.kind()
    if name in ("OptionalType", "ListType"):
        return [cast("_ListType", kind).getElementType()]
    return cast("_TupleType", kind).elements() if name == "TupleType" else []


def type_of(value: torch._C.Value) -> JitType:
    """The type of a value."""
    return value.type()


def insert_constant(graph: torch._C.Graph, value: int) -> torch._C.Value:
    """A new constant at the insertion point of `graph`."""
    return cast("_Graph", graph).insertConstant(value)


def create_node(graph: torch._C.Graph, op: str, inputs: list[torch._C.Value]) -> torch._C.Node:
    """A node without outputs that belongs to `graph` and stands nowhere yet."""
    return cast("_Graph", graph).create(op, inputs, 0)


def create_range(
    graph: torch._C.Graph, name: str, before: torch._C.Node
) -> tuple[torch._C.Node, torch._C.Node]:
    """Two nodes that stand nowhere yet: what opens a recorded range, and what closes it.

    Args:
        name: of the range; it becomes a constant.
        before: where the constants go; a node of the graph's outermost block.
    """
    made = cast("_Graph", graph)
    with graph.insert_point_guard(before):
        constants = [made.insertConstant(name), made.insertConstant(None)]
    enter = made.create(_ENTER, constants, 1)
    (schema,) = torch._C._jit_get_schemas_for_operator(_ENTER)
    cast("_Value", enter.output()).setType(schema.returns[0].type)
    return enter, made.create("profiler::_record_function_exit", [enter.output()], 0)


_ENTER = "profiler::_record_function_enter_new"


class _Value(Protocol):
    def setType(self, kind: object) -> object: ...  # noqa: N802 (PyTorch's name)


def define_op(library: str, schemas: Mapping[str, Callable[..., Any]]) -> torch.library.Library:
    """Registers operators (schema → Python kernel for every device) as long as the result lives.

    Dispatch modes pass them over: a mode would have their arguments turned into Python and back,
    which not every value survives.
    """
    made = torch.library.Library(library, "FRAGMENT")
    typed = cast("_Library", made)
    for schema, kernel in schemas.items():
        name = schema.partition("(")[0]
        typed.define(schema)
        typed.impl(name, kernel, "CompositeExplicitAutograd")
        typed.impl(name, torch.library.fallthrough_kernel, "Python")
    return made
