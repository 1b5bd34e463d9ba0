"""The list of examples, readable without torch.

The demo, the notebooks, the command line and the tests all want to name an example; only some of
them go on to build it. So a model's file, and torch with it, is imported when the model is built.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Example:
    """A model with random weights that teaches one thing.

    Attributes:
        name: What the user types, `bert-tiny`.
        title: What a face shows.
        lesson: What it teaches, in a sentence; the model's file tells it in full.
        build: Returns the model in eval mode, the same weights each time.
        inputs: Returns arguments for one call of the model, the same each time.
    """

    name: str
    title: str
    lesson: str
    build: "Callable[[], nn.Module]"
    inputs: "Callable[[], tuple[Tensor, ...]]"


def get(name: str) -> Example:
    """Return the example of that name.

    Raises:
        KeyError: No example has that name; the message lists those there are.
    """
    for example in EXAMPLES:
        if example.name == name:
            return example
    known = ", ".join(example.name for example in EXAMPLES)
    raise KeyError(f"no example is called {name!r}; there are {known}")


def _builder(file: str, function: str, seed: int = 0) -> "Callable[[], nn.Module]":
    def build() -> "nn.Module":
        return _call_seeded(file, function, seed).eval()

    return build


def _inputs(file: str, function: str, seed: int = 0) -> "Callable[[], tuple[Tensor, ...]]":
    def inputs() -> "tuple[Tensor, ...]":
        return _call_seeded(file, function, seed)

    return inputs


def _call_seeded(file: str, function: str, seed: int) -> Any:
    import torch

    module = import_module(f"tsviz.examples.{file}")
    # Everything is made on the CPU. `torch.manual_seed` would reseed the caller's GPUs as well.
    with torch.random.fork_rng(devices=[]):  # pyright: ignore[reportUnknownMemberType]
        torch.default_generator.manual_seed(seed)
        return getattr(module, function)()


EXAMPLES: tuple[Example, ...] = (
    Example(
        name="resnet50",
        title="ResNet-50",
        lesson="freezing folds batch norms away, and with them the lines they came from",
        build=_builder("resnet", "resnet50"),
        inputs=_inputs("resnet", "picture"),
    ),
    Example(
        name="resnet-tiny",
        title="ResNet, one block a stage",
        lesson="freezing folds batch norms away, and with them the lines they came from",
        build=_builder("resnet", "resnet_tiny"),
        inputs=_inputs("resnet", "small_picture"),
    ),
    Example(
        name="bert",
        title="BERT-base encoder",
        lesson="twelve layers run the same line; only the call stack tells them apart",
        build=_builder("bert", "bert"),
        inputs=_inputs("bert", "sentences"),
    ),
    Example(
        name="bert-tiny",
        title="BERT encoder of two layers",
        lesson="all layers run the same line; only the call stack tells them apart",
        build=_builder("bert", "bert_tiny"),
        inputs=_inputs("bert", "sentences"),
    ),
    Example(
        name="decoder",
        title="Greedy decoder",
        lesson="a trace keeps the number of steps its example took",
        # Most random decoders never stop; this one says between 1 and 10 words.
        build=_builder("decoder", "greedy_decoder", seed=16),
        inputs=_inputs("decoder", "sentence"),
    ),
    Example(
        name="detector",
        title="Object detector",
        lesson="a trace keeps the branch its example took",
        build=_builder("detector", "detector"),
        inputs=_inputs("detector", "picture"),
    ),
    Example(
        name="tagger",
        title="LSTM tagger",
        lesson="one call of yours is many lines of PyTorch's",
        build=_builder("tagger", "tagger"),
        inputs=_inputs("tagger", "sentences"),
    ),
)
