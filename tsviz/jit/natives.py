"""What tsviz asks of live TorchScript objects, under names that do not change with PyTorch."""

import copy
import inspect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeGuard, cast

import torch
from torch.utils._pytree import tree_leaves

from tsviz.jit.crashes import refuse_crash
from tsviz.jit.internals import (
    CppModule,
    GraphFunction,
    MethodStub,
    ModuleType,
    ScriptMethod,
    children,
    cpp_module,
    find_nodes,
    jit,
    named_modules,
)
from tsviz.jit.random_numbers import kept_random_state
from tsviz.jit.walking import iter_native_nodes

# ── telling things apart ────────────────────────────────────────────────────────────────────────


def is_module(target: object) -> TypeGuard[torch.nn.Module]:
    """Whether this is a module, compiled or not."""
    return isinstance(target, torch.nn.Module)


def is_tensor(target: object) -> TypeGuard[torch.Tensor]:
    """Whether this is a tensor."""
    return isinstance(target, torch.Tensor)


def is_script_module(target: object) -> TypeGuard[torch.jit.ScriptModule]:
    """Whether this is a compiled module."""
    return isinstance(target, torch.jit.ScriptModule)


def is_script_function(target: object) -> TypeGuard[GraphFunction]:
    """Whether this is a compiled function."""
    return isinstance(target, torch.jit.ScriptFunction)


def is_script_method(target: object) -> TypeGuard[ScriptMethod]:
    """Whether this is a method of a compiled module."""
    return isinstance(target, torch._C.ScriptMethod)


def is_compiled(target: object) -> bool:
    """Whether TorchScript has compiled this already."""
    return is_script_module(target) or is_script_function(target)


def owner_of(method: ScriptMethod) -> torch.jit.ScriptModule:
    """The module that a compiled method belongs to, wrapped anew."""
    return jit._recursive.wrap_cpp_module(method.owner)


def title_of(target: object) -> str:
    """The name people know it by: the class of a module, the name of a function."""
    if is_script_module(target):
        return _original_name(cpp_module(target))
    if is_module(target):
        return type(target).__name__
    if inspect.isbuiltin(target):
        return target.__name__
    qualified = getattr(target, "__qualname__", None) or getattr(target, "name", "")
    return qualified.rpartition("<locals>.")[2] or type(target).__name__


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def find_graph_function(native: object, method: str) -> GraphFunction:
    """The compiled method, or the function itself."""
    if is_script_module(native):
        return cpp_module(native)._get_method(method)
    return cast("GraphFunction", native)


def method_names(native: object) -> tuple[str, ...]:
    """The compiled methods of a module itself, `forward` first."""
    return _sorted_methods(cpp_module(native)) if is_script_module(native) else ()


def _sorted_methods(module: CppModule) -> tuple[str, ...]:
    return tuple(sorted(module._method_names(), key=lambda name: (name != "forward", name)))


def inlined_graph(native: object, method: str) -> torch._C.Graph:
    """A fresh inlined copy of the entry point's graph."""
    return find_graph_function(native, method).inlined_graph


ReadGraph = Callable[[], torch._C.Graph]
"""Reads a compiled method's graph when it is asked for."""


def iter_method_graphs(native: object) -> Iterator[tuple[str, ReadGraph]]:
    """(qualified name, read) for every distinct compiled method in the module's tree.

    Instances with the same configuration share one type; it is listed once.
    """
    seen: set[str] = set()
    for _, module in _iter_tree(native):
        type_name = module._type().str()
        if type_name in seen:
            continue
        seen.add(type_name)
        for name in _sorted_methods(module):
            method = module._get_method(name)
            yield f"{_short_type(type_name)}.{name}", lambda method=method: method.graph


def _iter_tree(native: object) -> Iterator[tuple[str, CppModule]]:
    """(path, module) of a compiled module and everything below it, in declared order."""
    stack = [("", cpp_module(native))] if is_script_module(native) else []
    while stack:
        path, module = stack.pop()
        yield path, module
        below = [(f"{path}.{name}" if path else name, child) for name, child in children(module)]
        stack += reversed(below)


def iter_modules(native: object) -> Iterator[tuple[str, str, bool]]:
    """(path, class name, training) of a compiled module and everything below it."""
    for path, module in _iter_tree(native):
        training = module.hasattr("training") and bool(module.getattr("training"))
        yield path, _original_name(module), training


def iter_module_types(native: object) -> Iterator[tuple[str, ModuleType]]:
    """(path, type) of a compiled module and everything below it."""
    return ((path, module._type()) for path, module in _iter_tree(native))


def _original_name(module: CppModule) -> str:
    return _short_type(module._type().name())


def _short_type(name: str) -> str:
    """`__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d` → `Conv2d` (mangling kept off)."""
    return name.rsplit(".", 1)[-1]


def iter_parts(model: torch.nn.Module) -> list[tuple[str, torch.nn.Module]]:
    """(path, module) of a module and everything below it, shared ones once."""
    return named_modules(model)


def iter_tensors(native: object) -> Iterator[tuple[str, str, torch.Tensor]]:
    """(dotted name, `parameter`, `buffer` or `constant`, tensor) of a module, shared ones once.

    Constants are the weights of a frozen module: they lie in its graphs.
    """
    if not is_module(native):
        return
    for name, parameter in native.named_parameters():
        yield name, "parameter", parameter
    for name, buffer in native.named_buffers():
        yield name, "buffer", buffer
    if is_frozen(native):
        yield from _iter_constants(native)


def _iter_constants(native: object) -> Iterator[tuple[str, str, torch.Tensor]]:
    seen: set[str] = set()
    for method in method_names(native):
        for node in iter_native_nodes(find_graph_function(native, method).graph):
            if node.kind() not in _CONSTANTS or not node.hasAttribute("value"):
                continue
            name = node.output().debugName().removeprefix(_SELF)
            if node.kindOf("value") == "t" and name not in seen and _is_named(node):
                seen.add(name)
                yield name, "constant", node.t("value")


_SELF = "self."
_CONSTANTS = ("prim::Constant", "prim::ConstantMKLDNNTensor")


def _is_named(node: "torch._C.Node") -> bool:
    return node.output().debugName().startswith(_SELF)


def code_of(native: object, method: str) -> str:
    """TorchScript's own printed Python, "" where it cannot print it."""
    try:
        return find_graph_function(native, method).code
    except RuntimeError:
        return ""


_DTYPES = {
    torch.float16: "f16", torch.bfloat16: "bf16", torch.float32: "f32", torch.float64: "f64",
    torch.uint8: "u8", torch.int8: "i8", torch.int16: "i16", torch.int32: "i32",
    torch.int64: "i64", torch.bool: "bool", torch.complex64: "c64", torch.complex128: "c128",
    torch.qint8: "qi8", torch.quint8: "qu8", torch.qint32: "qi32",
}  # fmt: skip


def short_dtype(tensor: torch.Tensor) -> str:
    """`f32` for `torch.float32`, and so on."""
    return _DTYPES.get(tensor.dtype, str(tensor.dtype).removeprefix("torch."))


# ── calling ─────────────────────────────────────────────────────────────────────────────────────


def find_signature(target: object, method: str) -> inspect.Signature | None:
    """What the entry point takes, without `self`; `None` where Python cannot tell."""
    if is_compiled(target):
        return _signature_of(find_graph_function(target, method), is_script_module(target))
    function = getattr(target, method) if is_module(target) else target
    try:
        return inspect.signature(cast("Callable[..., object]", function))
    except ValueError:  # a builtin without a signature
        return None


def _signature_of(function: GraphFunction, is_method: bool) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            inspect.Parameter(
                argument.name,
                kind,
                default=argument.default_value
                if argument.has_default_value()
                else inspect.Parameter.empty,
            )
            for argument in list(function.schema.arguments)[is_method:]
        ]
    )


def preserved_random_state(target: object) -> AbstractContextManager[None]:
    """Keeps the random state of the CPU and of the CUDA devices that a module lies on."""
    tensors = (tensor for _, _, tensor in iter_tensors(target))
    return kept_random_state(sorted({t.device.index or 0 for t in tensors if t.is_cuda}))


def copy_for_run(
    target: object, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[object, tuple[object, ...], dict[str, object]]:
    """A module and its arguments, copied together, so that a run changes none of the user's.

    What they share stays shared. A function is not copied: it holds no state of its own.

    Raises:
        Exception: whatever the copying of the user's objects raises.
    """
    memo: dict[int, object] = {}
    for leaf in (*tree_leaves((args, dict(kwargs))), *_iter_attributes(target)):
        if isinstance(leaf, torch.Tensor) and not leaf.is_leaf:  # deepcopy refuses these
            memo[id(leaf)] = leaf.detach().clone().requires_grad_(leaf.requires_grad)
    owner = copy.deepcopy(target, memo) if is_module(target) else target
    for _, _, tensor in iter_tensors(owner):
        if not tensor.is_leaf:  # else running backward in the copy leaves gradients in the original
            tensor.detach_().requires_grad_()
    return owner, copy.deepcopy(tuple(args), memo), copy.deepcopy(dict(kwargs), memo)


def _iter_attributes(target: object) -> Iterator[object]:
    """What modules hold beside parameters and buffers: what `weight_norm` computes, for example."""
    for module in target.modules() if is_module(target) and not is_script_module(target) else ():
        yield from tree_leaves([v for k, v in vars(module).items() if not k.startswith("_")])


# ── compiling ───────────────────────────────────────────────────────────────────────────────────


def script(owner: object, method: str) -> object:
    """Compiles a function, or the entry point `method` of a module with all it calls.

    Raises:
        RuntimeError: the compiler's words, or that it would end Python.
        Exception: what else it raises.
    """
    refuse_crash(owner, method, lambda: _script(owner, method))
    return _script(owner, method)


def _script(owner: object, method: str) -> object:
    with _whole_types():
        if not is_module(owner) or method == "forward":
            return jit.script(owner)

        def stubs(module: torch.nn.Module) -> list[MethodStub]:
            inferred = jit._recursive.infer_methods_to_compile(module)
            if module is not owner or any(stub.def_.name().name == method for stub in inferred):
                return inferred
            return [*inferred, jit._recursive.make_stub_from_method(module, method)]

        return jit._recursive.create_script_module(owner, stubs, share_types=False)


@contextmanager
def _whole_types() -> Generator[None]:
    """Makes PyTorch forget the types that a failed compilation leaves half made.

    It would use them again, and answer the next attempt at the same class, the user's own included,
    with "Can't redefine method" instead of the true reason.
    """
    try:
        yield
    except BaseException:
        store = jit._recursive.concrete_type_store
        for known in store.type_store.values():
            known[:] = [kind for kind in known if kind in store.methods_compiled]
        raise


def trace(
    owner: object,
    method: str,
    args: tuple[object, ...],
    kwargs: dict[str, object],
    *,
    strict: bool = True,
) -> object:
    """Records one run. `check_trace` is off: it would run the model twice more.

    Args:
        strict: as PyTorch's: whether a dict is refused as result.
    """
    named = _by_name(owner, method, args, kwargs) if kwargs else None
    if is_module(owner) and method != "forward":
        return jit.trace_module(
            owner,
            {method: named or args},
            check_trace=False,
            strict=strict,
            example_inputs_is_kwarg=named is not None,
        )
    return jit.trace(
        owner, None if named else args, check_trace=False, strict=strict, example_kwarg_inputs=named
    )


def trace_graph(
    owner: object,
    method: str,
    args: tuple[object, ...],
    kwargs: dict[str, object],
    *,
    strict: bool = True,
) -> None:
    """Runs what `trace` records, and makes no module of it: several times faster.

    Raises:
        Exception: what the model raises, or that PyTorch does not take such inputs or results here.
    """
    called = owner if method == "forward" or not is_module(owner) else getattr(owner, method)
    jit._get_trace_graph(called, args, kwargs, strict)


def is_dict_refused(error: BaseException | None) -> bool:
    """Whether tracing raised this because the model returns a dict, which takes `strict=False`."""
    return "Encountering a dict at the output of the tracer" in str(error)


def restore_buffers(model: object, source: object) -> None:
    """Gives the buffers of `model` the numbers of those of the same name in `source`."""
    known = {name: tensor for name, kind, tensor in iter_tensors(source) if kind == "buffer"}
    for name, kind, tensor in iter_tensors(model):
        if kind == "buffer" and name in known and known[name].shape == tensor.shape:
            tensor.detach().copy_(known[name])


def _by_name(
    owner: object, method: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> dict[str, object]:
    """All arguments by name, because tracing takes either positions or names."""
    function = getattr(owner, method) if is_module(owner) else owner
    signature = inspect.signature(cast("Callable[..., object]", function))
    return dict(signature.bind(*args, **kwargs).arguments)


def has_branches(native: object) -> bool:
    """Whether a compiled function, or a module's `forward`, holds an If or a Loop."""
    if is_script_module(native) and "forward" not in method_names(
        native
    ):  # a list of modules has none
        return False
    graph = inlined_graph(native, "forward")
    return any(find_nodes(graph, kind) for kind in ("prim::If", "prim::Loop"))


def is_frozen(native: object) -> bool:
    """Whether a compiled module was frozen: that takes the `training` attribute away."""
    return is_script_module(native) and not cpp_module(native).hasattr("training")
