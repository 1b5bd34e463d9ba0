"""What ops say when they fail: the same words in a script, a trace, a frozen or a loaded model."""

import math
from collections.abc import Mapping

from tsviz.diagnosis.errors.message import Message


def _reshaped(found: Mapping[str, str]) -> str:
    shape, size = found["shape"], int(found["size"])
    numbers = [int(number) for number in shape.split(",") if number.strip()]
    known = math.prod(number for number in numbers if number != -1)
    if -1 in numbers:
        return (
            f"a tensor of {size} elements has no shape [{shape}]: {size} is no multiple of {known}"
        )
    return f"the shape [{shape}] has {known} elements, the tensor has {size}"


def _dimensions(found: Mapping[str, str]) -> str:
    count = int(found["last"]) + 1
    many = f"{count} dimension{'' if count == 1 else 's'}"
    return (
        f"there is no dimension {found['got']}: the tensor has {many}, "
        f"numbered {found['first']} to {found['last']}"
    )


_LINE_UP = "bring the dimensions in line first: `unsqueeze`, `transpose`, `expand`, or a slice"
_CONVERT = "convert one of them: `x.to(other.dtype)`, or the whole model with `model.to(x.dtype)`"

SHAPES = (
    Message(
        "matrix-product",
        r"mat1 and mat2 shapes cannot be multiplied \((?P<a>\d+)x(?P<b>\d+) and "
        r"(?P<c>\d+)x(?P<d>\d+)\)",
        "a matrix of {b} columns cannot be multiplied by one of {c} rows",
        "give it an input whose last dimension is {c}, or a layer for {b} (`in_features={b}`)",
    ),
    Message(
        "batched-product",
        r"(?P<what>batch1|batch2) must be a 3D tensor",
        "`bmm` multiplies batches of matrices: both tensors need three dimensions",
        "use `torch.matmul`, which takes any number of dimensions, or add one with `unsqueeze(0)`",
    ),
    Message(
        "broadcast",
        r"The size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) "
        r"at non-singleton dimension (?P<at>\d+)",
        "dimension {at} is {a} in one tensor and {b} in the other, and neither is 1",
        _LINE_UP,
    ),
    Message(
        "reshape",
        r"shape '\[(?P<shape>[^\]]*)\]' is invalid for input of size (?P<size>\d+)",
        _reshaped,
        "take the sizes from the tensor (`x.shape[0]`), and -1 for one that follows from the rest",
    ),
    Message(
        "view",
        r"view size is not compatible with input tensor's size and stride",
        "`view` needs the elements in memory in its order; after `t`, `transpose`, `permute` or "
        "`expand` they are not",
        "use `reshape`, which copies where it must",
    ),
    Message(
        "cat",
        r"Sizes of tensors must match except in dimension (?P<at>\d+)\. Expected size (?P<a>\d+) "
        r"but got size (?P<b>\d+) for tensor number (?P<n>\d+)",
        "the tensors to be joined along dimension {at} differ in another one: {a} in the "
        "first, {b} "
        "in the one with index {n}",
        "make all other dimensions equal, or join along another one (`dim=`)",
    ),
    Message(
        "stack",
        r"stack expects each tensor to be equal size, but got \[(?P<a>[^\]]*)\] at entry 0 and "
        r"\[(?P<b>[^\]]*)\] at entry (?P<n>\d+)",
        "`stack` takes tensors of one shape: the first is [{a}], the one with index {n} is [{b}]",
        "pad them to one shape, or use `torch.cat` along a dimension they may differ in",
    ),
    Message(
        "expand",
        r"The expanded size of the tensor \((?P<a>\d+)\) must match the existing size "
        r"\((?P<b>\d+)\)"
        r" at non-singleton dimension (?P<at>\d+)\.\s+Target sizes: \[(?P<target>[^\]]*)\]\.\s+"
        r"Tensor sizes: \[(?P<size>[^\]]*)\]",
        "[{size}] cannot be expanded to [{target}]: only a dimension of size 1 can grow, and "
        "dimension {at} is {b}",
        "use `repeat` to copy, or give the dimension size 1 first",
    ),
    Message(
        "dimension",
        r"Dimension out of range \(expected to be in range of \[(?P<first>-?\d+), "
        r"(?P<last>-?\d+)\], "
        r"but got (?P<got>-?\d+)\)",
        _dimensions,
        "count from the end (`dim=-1`), or add the dimension with `unsqueeze`",
    ),
    Message(
        "permute",
        r"number of dimensions in the tensor input does not match the length of the desired "
        r"ordering"
        r" of dimensions.*?input\.dim\(\) = (?P<a>\d+) is not equal to len\(dims\) = (?P<b>\d+)",
        "{b} dimensions are put in order, the tensor has {a}",
        "name every dimension once, or use `transpose` for two of them",
    ),
    Message(
        "einsum",
        r"einsum\(\): subscript (?P<name>\w) has size (?P<a>\d+) for operand (?P<n>\d+) which does "
        r"not broadcast with previously seen size (?P<b>\d+)",
        "`{name}` of the equation is {b} in one tensor and {a} in the one with index {n}",
        "one letter is one size: check the order of the letters against the shapes",
    ),
)

LAYERS = (
    Message(
        "convolution-channels",
        r"Given groups=(?P<groups>\d+), weight of size \[(?P<weight>[^\]]*)\], expected "
        r"input\[(?P<input>[^\]]*)\] to have (?P<a>\d+) channels, but got (?P<b>\d+) channels",
        "the convolution takes {a} channels, the input [{input}] has {b}",
        "channels are the second dimension of a batch: `permute` the input, or set "
        "`in_channels={b}`",
    ),
    Message(
        "convolution-dimensions",
        r"Expected (?P<a>\d)D \(unbatched\) or (?P<b>\d)D \(batched\) input to (?P<op>\w+), "
        r"but got "
        r"input of size: \[(?P<size>[^\]]*)\]",
        "`{op}` takes {b} dimensions, or {a} without a batch; it got [{size}]",
        "add the missing dimension with `unsqueeze`",
    ),
    Message(
        "kernel-size",
        r"Calculated padded input size per channel: \((?P<a>[\dx ]+)\)\. Kernel size: "
        r"\((?P<b>[\dx ]+)\)\. Kernel size can't be greater",
        "the kernel ({b}) is larger than the padded input ({a})",
        "give a larger input, or more `padding`",
    ),
    Message(
        "pooling-size",
        r"Given input size: \((?P<a>[\dx]+)\)\. Calculated output size: \((?P<b>[\dx]+)\)\. Output "
        r"size is too small",
        "pooling would leave nothing of an input of {a}: the output would be {b}",
        "give a larger input, or pool less (`kernel_size`, `stride`)",
    ),
    Message(
        "padding-size",
        r"Padding size should be less than the corresponding input dimension, but got: padding "
        r"\((?P<pad>[^)]*)\) at dimension (?P<at>\d+) of input \[(?P<size>[^\]]*)\]",
        "a reflection cannot be as wide as what it reflects: padding ({pad}) at dimension {at} of "
        "[{size}]",
        "pad less, or with another mode (`replicate`, `constant`)",
    ),
    Message(
        "normalized-shape",
        r"Given normalized_shape=\[(?P<a>[^\]]*)\], expected input with shape \[[^\]]*\], but got "
        r"input of size ?\[(?P<b>[^\]]*)\]",
        "the layer norm is over [{a}], the input [{b}] does not end in that",
        "make the layer for the last dimensions of the input (`normalized_shape`)",
    ),
    Message(
        "group-norm",
        r"Expected number of channels in input to be divisible by num_groups, but got input of "
        r"shape \[(?P<size>[^\]]*)\] and num_groups=(?P<groups>\d+)",
        "the channels of [{size}] cannot be divided into {groups} groups",
        "set `num_groups` to a divisor of the number of channels",
    ),
    Message(
        "one-value-per-channel",
        r"Expected more than 1 value per channel when training, got input size "
        r".*?\[(?P<size>[^\]]*)",
        "batch norm in train mode needs more than one value a channel; [{size}] has one",
        "call `model.eval()` to use the running statistics, or give a larger batch",
    ),
    Message(
        "recurrent-input",
        r"input\.size\(-1\) must be equal to input_size\. Expected (?P<a>\d+), got (?P<b>\d+)",
        "the recurrent layer takes {a} features a step, the input has {b}",
        "give an input whose last dimension is {a}, or set `input_size={b}`",
    ),
    Message(
        "loss-batch",
        r"Expected input batch_size \((?P<a>\d+)\) to match target batch_size \((?P<b>\d+)\)",
        "the loss got {a} predictions and {b} targets",
        "flatten both alike: `x.view(-1, classes)` and `y.view(-1)`",
    ),
    Message(
        "loss-target",
        r"Target (?P<got>-?\d+) is out of bounds",
        "a target is class {got}, and the predictions have no such class",
        "number the classes from 0, and give the last layer an output for each",
    ),
)

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
        r"Expected all tensors to be on the same device",
        "the tensors of one op are on different devices",
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
        "`{name}` takes {a} arguments at most (a method counts itself), and got {b}",
        "drop what it does not take",
    ),
    Message(
        "unknown-keyword",
        r"(?P<name>\w+)\(\) [Uu]nknown keyword argument '(?P<arg>\w+)'",
        "`{name}` has no argument `{arg}`",
        "look at the names in its declaration",
    ),
    Message(
        "argument-type",
        r"(?P<name>\w+)\(\) Expected a value of type '(?P<a>[^\n]+?)' for argument "
        r"'(?P<arg>\w+)' but "
        r"instead found type '(?P<b>[^\n]+?)'",
        "`{name}` takes {a} as `{arg}`, and got {b}",
        lambda found: (
            f"pass a tensor, or annotate the argument (`{found['arg']}: {found['b']}`) and compile "
            f"again"
            if found["a"] == "Tensor"
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
