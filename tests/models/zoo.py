"""Every small model under a name, with arguments for one call."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from tests.models import (
    attention,
    composition,
    concurrency,
    containers,
    control_flow,
    convolution,
    feed_forward,
    mutation,
    python_types,
    recurrent,
    rewrites,
    strings,
)
from tests.models.seeding import seeded

Compiled = torch.jit.ScriptModule | torch.jit.ScriptFunction
Arguments = tuple[Any, ...]


class ZooModel(NamedTuple):
    """How to build a compiled model in eval mode, and arguments for one call of it."""

    build: Callable[[], Compiled]
    inputs: Callable[[], Arguments]


def _built(build: Callable[[], Compiled], inputs: Callable[[], Arguments]) -> ZooModel:
    return ZooModel(seeded(build), seeded(inputs))


def _scripted(model: Callable[[], nn.Module], inputs: Callable[[], Arguments]) -> ZooModel:
    return _built(lambda: torch.jit.script(model().eval()), inputs)


def _traced(model: Callable[[], nn.Module], inputs: Callable[[], Arguments]) -> ZooModel:
    def build() -> Compiled:
        # With gradients PyTorch's transformer takes its long path, and branches on sizes there. Its
        # check of the trace runs without, takes the short path and would find a difference.
        with torch.enable_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
            return torch.jit.trace(model().eval(), inputs(), check_trace=False)

    return _built(build, inputs)


def _vector() -> Arguments:
    return (torch.randn(2),)


def _vector_of_three() -> Arguments:
    return (torch.randn(3),)


def _square() -> Arguments:
    return (torch.randn(3, 3),)


def _rows_of_three() -> Arguments:
    return (torch.randn(2, 3),)


def _rows_of_four() -> Arguments:
    return (torch.randn(2, 4),)


def _rows_of_eight() -> Arguments:
    return (torch.randn(3, 8),)


def _picture() -> Arguments:
    return (torch.randn(1, 3, 8, 8),)


def _words() -> Arguments:
    return (torch.randint(0, 11, (2, 5)),)


ZOO: dict[str, ZooModel] = {
    # networks
    "feed-forward": _scripted(feed_forward.FeedForward, _rows_of_eight),
    "variational-autoencoder": _scripted(feed_forward.VariationalAutoencoder, _rows_of_eight),
    "module-containers": _scripted(feed_forward.ModuleContainers, _rows_of_three),
    "bag-of-words": _scripted(
        feed_forward.BagOfWords, lambda: (torch.tensor([1, 2, 4, 5]), torch.tensor([0, 2]))
    ),
    "shared-module": _scripted(feed_forward.SharedModule, _rows_of_four),
    "small-resnet-traced": _traced(convolution.SmallResNet, lambda: (torch.randn(2, 3, 16, 16),)),
    "unet": _scripted(convolution.UNet, _picture),
    "language-model": _scripted(recurrent.LanguageModel, lambda: (torch.randint(0, 20, (2, 5)),)),
    "bidirectional-gru": _scripted(recurrent.BidirectionalGRU, lambda: (torch.randn(4, 2, 8),)),
    "cell-loop": _scripted(recurrent.CellLoop, lambda: (torch.randn(2, 5, 8),)),
    "greedy-speller": _scripted(recurrent.GreedySpeller, lambda: (1,)),
    "self-attention": _scripted(attention.SelfAttention, lambda: (torch.randn(2, 5, 16),)),
    "transformer": _scripted(attention.TransformerClassifier, _words),
    "transformer-traced": _traced(attention.TransformerClassifier, _words),
    "many-rewrites": _scripted(rewrites.ManyRewrites, lambda: (torch.randn(2, 4, 8),)),
    # control flow
    "loop-control": _scripted(control_flow.LoopControl, lambda: (torch.randn(5, 4), 9)),
    "early-return": _scripted(control_flow.EarlyReturn, lambda: (torch.ones(3, 2), 1.0)),
    "raises": _scripted(control_flow.Raises, lambda: (-torch.ones(2),)),
    "nested-branches": _scripted(control_flow.NestedBranches, lambda: (-torch.ones(2), 5)),
    "nested-calls": _scripted(control_flow.NestedCalls, _rows_of_three),
    "free-function": _built(
        # All arguments: a function loses its defaults when it is saved.
        lambda: torch.jit.script(control_flow.clamp_rows),
        lambda: (torch.randn(2, 3), -0.5, 0.5),
    ),
    "free-function-traced": _built(
        lambda: torch.jit.trace(control_flow.double_and_add, (torch.ones(2), torch.tensor(3.0))),
        lambda: (torch.randn(2), torch.tensor(0.5)),
    ),
    # Python's values
    "list-edits": _scripted(containers.ListEdits, lambda: (torch.randn(5, 4),)),
    "dictionary-edits": _scripted(containers.DictionaryEdits, lambda: (4,)),
    "dictionary-of-tensors": _scripted(
        containers.DictionaryOfTensors,
        lambda: ({"mass": torch.randn(3), "width": torch.randn(2)},),
    ),
    "arithmetic": _scripted(containers.Arithmetic, lambda: (7, 2.6)),
    "attributes": _scripted(containers.Attributes, _vector_of_three),
    "tensor-factories": _scripted(containers.TensorFactories, _rows_of_three),
    "optional-defaults": _scripted(python_types.OptionalUnionAny, lambda: ()),
    "optional-given": _scripted(
        python_types.OptionalUnionAny, lambda: (torch.randn(2), [1, 2], "abc", torch.ones(1))
    ),
    "named-tuples-and-enums": _scripted(python_types.NamedTuplesAndEnums, _vector),
    "enum-argument": _scripted(
        python_types.EnumArgument, lambda: (torch.randn(2), python_types.Colour.RED)
    ),
    "class-instances": _scripted(python_types.ClassInstances, lambda: (torch.randn(2), 3)),
    "string-methods": _scripted(strings.StringMethods, lambda: ("ab cd abc",)),
    "awkward-constants": _scripted(strings.AwkwardConstants, _vector),
    "carriage-return": _scripted(strings.CarriageReturn, _vector),
    "awkward-names-traced": _traced(strings.AwkwardNames, _vector),
    # mutation and concurrency
    "in-place": _scripted(mutation.InPlace, _square),
    "edits-its-input": _scripted(mutation.EditsItsInput, lambda: (torch.randn(2, 3), [])),
    "fork-each": _scripted(concurrency.ForkEach, _rows_of_three),
    "fork-function": _scripted(concurrency.ForkFunction, _rows_of_three),
    # composition
    "traced-with-scripted-part": _built(composition.traced_with_scripted_part, _rows_of_four),
    "scripted-with-traced-part": _built(composition.scripted_with_traced_part, _rows_of_four),
    "traced-with-scripted-function": _traced(composition.CallsScriptedFunction, _rows_of_four),
    "hooks": _scripted(composition.hooked, _vector),
    "interface": _scripted(composition.CallsInterface, _vector),
    "many-methods": _scripted(composition.ManyMethods, _rows_of_four),
    "ignored-python-method": _scripted(composition.CallsPython, _vector),
    "autograd-function-traced": _traced(composition.CallsAutogradFunction, _vector),
}
