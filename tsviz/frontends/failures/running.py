"""What ops say when they fail: the same words in a script, a trace, a frozen or a loaded model."""

from collections.abc import Mapping

from tsviz.frontends.failures.message import Message
from tsviz.frontends.failures.shapes import LAYERS, SHAPES

_CONVERT = "convert one of them: `x.to(other.dtype)`, or the whole model with `model.to(x.dtype)`"

VALUES = (
    Message(
        "matrix-dtypes",
        r"mat1 and mat2 must have the same dtype, but got (?P<a>\w+) and (?P<b>\w+)",
        "a matrix of dtype {a} cannot be multiplied by one of dtype {b}",
        _CONVERT,
    ),
    Message(
        "layer-dtypes",
        r"(?:expected scalar type (?P<a>\w+) but found (?P<b>\w+)"
        r"|Input type \((?P<c>[\w.]+)\) and (?:bias|weight) type \((?P<d>[\w.]+)\) should be "
        r"the same)",
        lambda found: (
            f"two tensors of one op have different dtypes: {found['a'] or found['c']} and "
            f"{found['b'] or found['d']}"
        ),
        _CONVERT,
    ),
    Message(
        "lookup-dtype",
        r"Expected tensor for argument #1 'indices' to have one of the following scalar types: "
        r"(?P<wanted>[\w, ]+); but got torch\.(?:cuda\.)?(?P<got>\w+)Tensor",
        "an embedding is looked up by integers, not by {got}",
        "convert the indices with `.long()`",
    ),
    Message(
        "embedding-index",
        r"^index out of range in self",
        "an index is negative, or not smaller than the number of rows of the table",
        "hold `x.min()` and `x.max()` against `num_embeddings`",
    ),
    Message(
        "select-index",
        r"index (?P<got>-?\d+) out of range for tensor of size \[(?P<size>[^\]]*)\] at dimension "
        r"(?P<at>\d+)",
        "there is no index {got} in dimension {at} of a tensor [{size}]",
        "indices go from 0 to the size less one",
    ),
    Message(
        "gather-index",
        r"index (?P<got>-?\d+) is out of bounds for dimension (?P<at>\d+) with size (?P<size>\d+)",
        "an index is {got}, and dimension {at} has size {size}",
        "clamp the indices, or check what computed them",
    ),
    Message(
        "index-dtype",
        r"tensors used as indices must be long, int, byte or bool tensors",
        "a tensor can be indexed by integers or by a mask; this index has another dtype",
        "convert the index with `.long()`, or `.bool()` for a mask",
    ),
    Message(
        "scatter-dtype",
        r"(?P<op>\w+)\(\): Expected dtype int32/int64 for index",
        "`{op}` takes integers as index; this index has another dtype",
        "convert the index with `.long()`",
    ),
    Message(
        "narrow",
        r"start \((?P<start>-?\d+)\) \+ length \((?P<length>\d+)\) exceeds dimension size "
        r"\((?P<size>\d+)\)",
        "{length} elements from {start} on are asked for, the dimension has {size}",
        "take at most the size less the start",
    ),
    Message(
        "integer-mean",
        r"(?P<op>\w+)\(\): could not infer output dtype\. Input dtype must be either a "
        r"floating point"
        r" or complex dtype\. Got: (?P<got>\w+)",
        "`{op}` has no integer result, and the tensor is {got}",
        "convert it before: `x.float().{op}(…)`",
    ),
    Message(
        "not-implemented-for-dtype",
        r"\"(?P<op>\w+)\" not implemented for '(?P<got>\w+)'",
        "PyTorch has no kernel of this op for the dtype {got}",
        "convert the tensor before, as with `x.float()`",
    ),
    Message(
        "in-place-dtype",
        r"result type (?P<a>\w+) can't be cast to the desired output type (?P<b>\w+)",
        "the result is {a}, and an in-place op cannot keep it in a tensor of {b}",
        "use the op without the underscore, or convert the tensor before",
    ),
    Message(
        "in-place-leaf",
        r"a (?:view of a )?leaf Variable that requires grad",
        "a parameter, or an input that requires grad, is changed in place, which autograd "
        "cannot follow",
        "use the op without the underscore, or change it under `torch.no_grad()`",
    ),
    Message(
        "ambiguous-condition",
        r"Boolean value of Tensor with (?P<many>more than one|no) values? is ambiguous",
        "a condition needs one value, this tensor has {many}",
        "reduce it: `x.any()`, `x.all()`; or choose element by element with `torch.where`",
    ),
    Message(
        "one-number",
        r"a Tensor with (?P<count>\d+) elements cannot be converted to Scalar",
        "only a tensor of one element can become a number, this one has {count}",
        "index it or reduce it first",
    ),
    Message(
        "unpack",
        r"Expected (?P<names>\d+) elements in a list but found (?P<got>\d+)",
        "{got} values are unpacked into {names} names",
        "index the list instead, or check how many there are first",
    ),
    Message(
        "list-index",
        r"^list index out of range",
        "the list has no element with this index",
        "check `len` before",
    ),
    Message(
        "empty-list",
        r"^pop from empty list",
        "an element is taken from an empty list",
        "check `len` before",
    ),
    Message(
        "dict-key",
        r"^KeyError: (?P<key>.*)",
        "the dictionary has no key `{key}`",
        "test with `in` before",
    ),
    Message(
        "division-by-zero",
        r"^(?:division by 0|integer division or modulo by zero|ZeroDivisionError)",
        "a whole number is divided by 0",
        "test the divisor before",
    ),
    Message(
        "number-of-text",
        r"^sto(?:ll|d|i)$",
        "the string is no number",
        "check the string before it gets into the model",
    ),
    Message(
        "ignored-function",
        r"This Python function is annotated to be ignored and cannot be run",
        "this calls a function marked `@torch.jit.unused`: it was not compiled, and raises "
        "when run",
        "leave the branch out, or make the function compile",
    ),
)


def _devices(found: Mapping[str, str]) -> str:
    one, other = found["a"] or found["c"] or found["e"], found["b"] or found["d"] or found["f"]
    told = f": one on {one}, another on {other}" if one and other else ""
    return f"the tensors of one op are on different devices{told}"


MACHINE = (
    Message(
        "out-of-memory",
        r"(?:can't allocate memory: you tried to allocate (?P<bytes>\d+) bytes"
        r"|CUDA out of memory\. Tried to allocate (?P<much>[\d.]+ \w+))",
        lambda found: (
            f"there is not enough memory for a tensor of "
            f"{found['much'] or format(int(found['bytes']), ',') + ' bytes'}"
        ),
        "use a smaller batch, or `torch.no_grad()` where no gradients are needed",
        runs_again=False,
    ),
    Message(
        "devices",
        r"Expected all tensors to be on the same device[^\n]*?"
        r"(?:two devices, (?P<a>[\w:]+) and (?P<b>[\w:]+)!"
        r"|is on (?P<c>[\w:]+), different from other tensors on (?P<d>[\w:]+))?(?:\s|$)"
        r"|ensor on device (?P<e>[\w:]+) is not on the expected device (?P<f>[\w:]+)",
        _devices,
        "move them together: `x.to(weight.device)`; a trace keeps the device of its recording",
    ),
    Message(
        "no-cuda",
        r"(?:Cannot initialize CUDA without ATen_cuda|not compiled with CUDA enabled"
        r"|Found no NVIDIA driver|No CUDA GPUs are available)",
        "this asks for a CUDA device, and this PyTorch or this machine has none",
        "pass the device as an argument, or map it while loading: `map_location='cpu'`",
    ),
)

CALLS = (
    Message(
        "missing-argument",
        r"(?P<name>\w+)\(\) is missing value for argument '(?P<arg>\w+)'\. Declaration: "
        r"(?P<decl>.*)",
        "`{name}` was called without its argument `{arg}`",
        "pass `{arg}`",
    ),
    Message(
        "too-many-arguments",
        r"(?P<name>\w+)\(\) expected at most (?P<a>\d+) argument\(s\) but received (?P<b>\d+) "
        r"argument\(s\)",
        lambda found: (
            f"`{found['name']}` takes at most {found['a']} "
            f"argument{'' if found['a'] == '1' else 's'} (a method counts `self`), "
            f"and got {found['b']}"
        ),
        "drop what it does not take",
    ),
    Message(
        "unknown-keyword",
        r"Unknown keyword argument '(?P<arg>\w+)' for operator '(?P<name>\w+)'",
        "`{name}` has no argument `{arg}`",
        "look at the names in its declaration",
    ),
    Message(
        "argument-type",
        r"(?P<name>\w+)\(\) Expected a value of type '(?P<a>[^\n]+?)' for argument "
        r"'(?P<arg>\w+)' but "
        r"instead found type '(?P<b>[^\n]+?)'",
        lambda found: (
            f"`{found['name']}` takes {found['a'].replace(' (inferred)', '')} as `{found['arg']}`"
            f"{', because nothing says otherwise' if '(inferred)' in found['a'] else ''}, "
            f"and got {found['b']}"
        ),
        lambda found: (
            f"pass a tensor, or annotate the argument (`{found['arg']}: {found['b']}`) and compile "
            f"again"
            if found["a"].startswith("Tensor")
            else f"pass {found['a']}, or annotate the argument otherwise and compile again"
        ),
    ),
    Message(
        "gone-attribute",
        r"'(?P<kind>Recursive|Top|Original)\w*ScriptModule' object has no attribute '(?P<name>\w+)'"
        r"|'TopLevelTracedModule' object has no attribute '(?P<other>\w+)'",
        lambda found: (
            f"the compiled module has no `{found['name'] or found['other']}`: it keeps what "
            f"`forward` uses and what is marked for export, and a frozen one keeps no parameters"
        ),
        "mark a method with `@torch.jit.export` before scripting; for a frozen module name it in "
        "`preserved_attrs`",
    ),
)

RUNNING = (*SHAPES, *LAYERS, *VALUES, *MACHINE)
