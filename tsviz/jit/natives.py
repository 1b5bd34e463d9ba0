"""What tsviz asks of live TorchScript objects, under names that do not change with PyTorch."""

import inspect
from collections.abc import Callable, Iterator
from typing import cast

import torch

from tsviz.jit.callstack import iter_native_nodes

Native = "torch.jit.ScriptModule | torch.jit.ScriptFunction[..., object]"


def is_script_module(target: object) -> bool:
    return isinstance(target, torch.jit.ScriptModule)


def is_script_function(target: object) -> bool:
    return isinstance(target, torch.jit.ScriptFunction)


def is_script_method(target: object) -> bool:
    return isinstance(target, torch._C.ScriptMethod)


def find_graph_function(native: object, method: str) -> object:
    """The compiled method (or the function itself), which has `.graph` and `.inlined_graph`."""
    if is_script_function(native):
        return native
    return cast("torch.jit.ScriptModule", native)._c._get_method(method)


def method_names(native: object) -> tuple[str, ...]:
    """The compiled methods of a module itself, `forward` first."""
    if not is_script_module(native):
        return ()
    names = cast("torch.jit.ScriptModule", native)._c._method_names()
    return tuple(sorted(names, key=lambda name: (name != "forward", name)))


def inlined_graph(native: object, method: str) -> "torch._C.Graph":
    """A fresh inlined copy of the entry point's graph."""
    return find_graph_function(native, method).inlined_graph  # type: ignore[attr-defined]


def iter_method_graphs(native: object) -> Iterator[tuple[str, Callable[[], "torch._C.Graph"]]]:
    """(qualified name, read) for every distinct compiled method in the module's tree.

    Instances with the same configuration share one type; it is listed once.
    """
    if not is_script_module(native):
        return
    seen: set[str] = set()
    stack = [cast("torch.jit.ScriptModule", native)._c]
    while stack:
        module = stack.pop()
        type_name = module._type().str()
        if type_name in seen:
            continue
        seen.add(type_name)
        for name in sorted(module._method_names(), key=lambda n: (n != "forward", n)):
            method = module._get_method(name)
            yield f"{short_type(type_name)}.{name}", lambda method=method: method.graph
        stack += [child for _, child in reversed(torch._C.ModuleDict(module).items())]


def short_type(name: str) -> str:
    """`__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d` → `Conv2d` (mangling kept off)."""
    return name.rsplit(".", 1)[-1]


def iter_modules(native: object) -> Iterator[tuple[str, str, bool]]:
    """(path, class name, training) of a script module and everything below it."""
    if not is_script_module(native):
        return
    stack = [("", cast("torch.jit.ScriptModule", native)._c)]
    while stack:
        path, module = stack.pop()
        training = module.hasattr("training") and bool(module.getattr("training"))
        yield path, original_name(module), training
        children = torch._C.ModuleDict(module).items()
        stack += [(f"{path}.{name}" if path else name, child) for name, child in reversed(children)]


def original_name(module: "torch._C.ScriptModule") -> str:
    return short_type(module._type().name())


def iter_tensors(native: object) -> Iterator[tuple[str, str, torch.Tensor]]:
    """(dotted name, `parameter` or `buffer`, tensor) of a module, shared ones once."""
    if not isinstance(native, torch.nn.Module):
        return
    for name, parameter in native.named_parameters():
        yield name, "parameter", parameter
    for name, buffer in native.named_buffers():
        yield name, "buffer", buffer


def code_of(native: object, method: str) -> str:
    """TorchScript's own printed Python, "" where it cannot print it."""
    try:
        return str(find_graph_function(native, method).code)  # type: ignore[attr-defined]
    except RuntimeError:
        return ""


# ── telling things apart ────────────────────────────────────────────────────────────────────────


def is_module(target: object) -> bool:
    return isinstance(target, torch.nn.Module)


def is_compiled(target: object) -> bool:
    return is_script_module(target) or is_script_function(target)


def owner_of(method: object) -> object:
    """The Python module that a compiled method belongs to, wrapped anew."""
    return torch.jit._recursive.wrap_cpp_module(method.owner)  # type: ignore[attr-defined]


def title_of(target: object) -> str:
    """The name people know it by: the class of a module, the name of a function."""
    if is_script_module(target):
        return original_name(cast("torch.jit.ScriptModule", target)._c)
    if is_module(target):
        return type(target).__name__
    return getattr(target, "__qualname__", None) or getattr(target, "name", type(target).__name__)


_DTYPES = {
    torch.float16: "f16", torch.bfloat16: "bf16", torch.float32: "f32", torch.float64: "f64",
    torch.uint8: "u8", torch.int8: "i8", torch.int16: "i16", torch.int32: "i32",
    torch.int64: "i64", torch.bool: "bool", torch.complex64: "c64", torch.complex128: "c128",
    torch.qint8: "qi8", torch.quint8: "qu8", torch.qint32: "qi32",
}  # fmt: skip


def short_dtype(tensor: torch.Tensor) -> str:
    """`f32` for `torch.float32`, and so on."""
    return _DTYPES.get(tensor.dtype, str(tensor.dtype).removeprefix("torch."))


# ── compiling ───────────────────────────────────────────────────────────────────────────────────


def script(owner: object, method: str) -> object:
    """Compiles a function, or the entry point `method` of a module with all it calls."""
    if not is_module(owner) or method == "forward":
        return torch.jit.script(owner)
    recursive = torch.jit._recursive

    def stubs(module: torch.nn.Module) -> list[object]:
        inferred = recursive.infer_methods_to_compile(module)
        if module is not owner or any(stub.def_.name().name == method for stub in inferred):
            return inferred
        return [*inferred, recursive.make_stub_from_method(module, method)]

    return recursive.create_script_module(owner, stubs, share_types=False)


def trace(
    owner: object, method: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> object:
    """Records one run. `check_trace` is off: it would run the model twice more."""
    if not is_module(owner):
        return torch.jit.trace(owner, args or None, check_trace=False, example_kwarg_inputs=kwargs or None)
    if method == "forward":
        return torch.jit.trace(
            owner, args if not kwargs else None, check_trace=False,
            example_kwarg_inputs=_by_name(owner, args, kwargs) if kwargs else None,
        )  # fmt: skip
    example = _by_name(getattr(owner, method), args, kwargs) if kwargs else args
    return torch.jit.trace_module(
        owner, {method: example}, check_trace=False, example_inputs_is_kwarg=bool(kwargs)
    )


def _by_name(
    target: object, args: tuple[object, ...], kwargs: dict[str, object]
) -> dict[str, object]:
    """All arguments by name, because tracing takes either positions or names."""
    function = target.forward if is_module(target) else target  # type: ignore[union-attr]
    return dict(inspect.signature(function).bind(*args, **kwargs).arguments)  # type: ignore[arg-type]


def script_branching_parts(model: torch.nn.Module) -> list[str]:
    """Replaces the outermost submodules whose compiled form branches by that form, in place.

    Returns:
        Their paths.
    """
    done: list[str] = []
    for path, part in list(model.named_modules()):
        if not path or any(path.startswith(f"{parent}.") for parent in done):
            continue
        try:
            scripted = torch.jit.script(part)
        except Exception:  # what does not script is traced, which is the point of the variant
            continue
        if _branches(scripted.inlined_graph):
            parent, _, name = path.rpartition(".")
            setattr(model.get_submodule(parent), name, scripted)
            done.append(path)
    return done


def _branches(graph: "torch._C.Graph") -> bool:
    return bool(graph.findNode("prim::If") or graph.findNode("prim::Loop"))


def has_stale_stacks(native: object) -> bool:
    """Whether the module was frozen before it came here.

    Its nodes then refer to functions that freezing has deleted, and asking for their call stacks
    can crash the process. Freezing is told by the missing `training` attribute together with
    nodes that were inlined already; a frozen model read back from a file is compiled anew from
    its code and has none.
    """
    if not is_script_module(native):
        return False
    stack = [cast("torch.jit.ScriptModule", native)._c]
    while stack:
        module = stack.pop()
        if not module.hasattr("training") and any(
            node.getModuleHierarchy()
            for name in module._method_names()
            for node in iter_native_nodes(module._get_method(name).graph)
        ):
            return True
        stack += [child for _, child in torch._C.ModuleDict(module).items()]
    return False
