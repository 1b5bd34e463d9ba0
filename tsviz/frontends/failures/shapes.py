"""What ops and layers say of shapes that do not fit."""

import math
from collections.abc import Mapping

from tsviz.frontends.failures.message import Message


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

SHAPES = (
    Message(
        "matrix-product",
        r"mat1 and mat2 shapes cannot be multiplied \((?P<a>\d+)x(?P<b>\d+) and "
        r"(?P<c>\d+)x(?P<d>\d+)\)",
        "a matrix of {b} columns cannot be multiplied by one of {c} rows",
        "give the left one {c} columns (transpose or reshape one of them), or a linear layer "
        "`in_features={b}`",
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
        "cat-dimensions",
        r"Tensors must have same number of dimensions: got (?P<a>\d+) and (?P<b>\d+)",
        "`cat` joins tensors of as many dimensions: one has {a}, another {b}",
        "add one with `unsqueeze`, or take a slice (`x[:, 0:1]`) instead of an index",
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
