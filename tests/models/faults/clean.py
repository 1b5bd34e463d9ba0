"""Models whose trace is right on all of their domain, which is said for each."""

import torch
from torch import Tensor, nn

from tests.models.attention import SelfAttention, TransformerClassifier
from tests.models.convolution import SmallResNet, UNet
from tests.models.faults.clean_libraries import CLEAN_LIBRARIES
from tests.models.faults.model import Clean, MakeArguments, clean_model
from tests.models.faults.sources import clean as source
from tests.models.faults.sources import harmless
from tests.models.faults.sources.branches import SkipsMask
from tests.models.feed_forward import BagOfWords, VariationalAutoencoder
from tests.models.recurrent import BidirectionalGRU

BATCH_AND_LENGTH = {0: (1, 3), 1: (2, 10)}
PICTURE = {0: (1, 3), 2: (4, 12), 3: (4, 12)}


class _Values(nn.Module):
    """A model without the names of its outputs, which `torch.jit.trace` refuses."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model(x).values())


def _tensors(*shapes: tuple[int, ...]) -> MakeArguments:
    return lambda: tuple(torch.randn(shape) for shape in shapes)


CLEAN: tuple[Clean, ...] = (
    clean_model("perceptron", source.Perceptron, _tensors((3, 6)), {}),
    clean_model("residual-tower", source.ResidualTower, _tensors((3, 6)), {}),
    clean_model(
        "variational-autoencoder", lambda: _Values(VariationalAutoencoder()), _tensors((3, 8)), {}
    ),
    clean_model(
        "autoencoder",
        source.Autoencoder,
        _tensors((2, 1, 8)),
        {"signal": {"dims": {0: (1, 4), 2: (1, 16)}}},
    ),
    clean_model(
        "mobile-block", source.MobileBlock, _tensors((2, 4, 6, 6)), {"picture": {"dims": PICTURE}}
    ),
    clean_model("small-resnet", SmallResNet, _tensors((2, 3, 8, 8)), {"x": {"dims": PICTURE}}),
    clean_model("unet", UNet, _tensors((1, 3, 8, 8)), {"x": {"dims": {0: (1, 4)}}}),
    clean_model(
        "resizing-unet", source.ResizingUNet, _tensors((1, 1, 8, 8)), {"picture": {"dims": PICTURE}}
    ),
    clean_model(
        "causal-tower",
        source.CausalTower,
        _tensors((2, 2, 7)),
        {"signal": {"dims": {0: (1, 4), 2: (1, 16)}}},
    ),
    clean_model(
        "sequence-classifier",
        source.SequenceClassifier,
        lambda: (torch.randint(0, 12, (2, 5)),),
        {"tokens": {"dims": BATCH_AND_LENGTH, "range": (0, 11)}},
    ),
    clean_model(
        "bidirectional-gru",
        BidirectionalGRU,
        _tensors((4, 2, 8)),
        {"x": {"dims": {0: (1, 8), 1: (1, 4)}}},
    ),
    clean_model(
        "stateful-gru",
        source.StatefulGRU,
        _tensors((2, 5, 3)),
        {"sequence": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "packed-gru",
        source.PackedGRU,
        lambda: (torch.randn(3, 5, 3), torch.tensor([2, 5, 3])),
        {
            "sequence": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "sequence.0"}, "range": (1, "sequence.1")},
        },
    ),
    clean_model(
        "bag-of-words",
        BagOfWords,
        lambda: (torch.tensor([1, 2, 4, 5]), torch.tensor([0, 2])),
        {
            "words": {"dims": {0: (3, 9)}, "range": (0, 9)},
            "offsets": {"dims": {}, "only": ([0, 1], [0, 2], [0, 0])},
        },
    ),
    clean_model(
        "length-masked-mean",
        source.LengthMaskedMean,
        lambda: (torch.randn(2, 5, 3), torch.tensor([5, 2])),
        {
            "sequence": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "sequence.0"}, "range": (1, "sequence.1")},
        },
    ),
    clean_model(
        "causal-attention",
        source.CausalAttention,
        _tensors((2, 5, 4)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "padded-attention",
        source.PaddedAttention,
        lambda: (torch.randn(2, 5, 4), torch.tensor([5, 2])),
        {
            "x": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "x.0"}, "range": (1, "x.1")},
        },
    ),
    clean_model(
        "self-attention", SelfAttention, _tensors((2, 5, 16)), {"x": {"dims": BATCH_AND_LENGTH}}
    ),
    clean_model(
        "encoder-layer",
        source.EncoderLayer,
        _tensors((2, 5, 8)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "encoder-decoder",
        source.EncoderDecoder,
        _tensors((2, 3, 8), (2, 5, 8)),
        {"x": {"dims": BATCH_AND_LENGTH}, "memory": {"dims": {0: "x.0", 1: (1, 8)}}},
    ),
    clean_model(
        "transformer-classifier",
        TransformerClassifier,
        lambda: (torch.randint(0, 11, (2, 5)),),
        {"words": {"dims": BATCH_AND_LENGTH, "range": (0, 10)}},
    ),
    clean_model(
        "positions",
        source.Positions,
        lambda: (torch.randint(0, 10, (2, 5)),),
        {"tokens": {"dims": {0: (1, 3), 1: (1, 16)}, "range": (0, 9)}},
    ),
    clean_model("configured", source.Configured, _tensors((3, 4)), {}),
    clean_model(
        "configured-otherwise",
        lambda: source.Configured(use_bias=False, activation="relu", steps=2),
        _tensors((3, 4)),
        {},
    ),
    clean_model("branch-by-where", source.BranchByWhere, _tensors((3, 4)), {}),
    clean_model("dense-experts", source.DenseExperts, _tensors((3, 4)), {}),
    clean_model(
        "graph-layer",
        source.GraphLayer,
        lambda: (torch.randn(4, 3), torch.tensor([[0, 1], [1, 2], [3, 0]])),
        {
            "nodes": {"dims": {0: (4, 8)}},
            "edges": {"dims": {0: (1, 9)}, "range": (0, 3)},
        },
    ),
    clean_model(
        "normalizes",
        source.Normalizes,
        _tensors((2, 5, 4)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "retrieval",
        source.Retrieval,
        _tensors((2, 3), (5, 3)),
        {"query": {"dims": {0: (1, 6)}}, "keys": {"dims": {0: (2, 9)}}},
    ),
    clean_model(
        "in-place",
        source.InPlace,
        _tensors((2, 6)),
        {"signal": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "patches",
        source.Patches,
        _tensors((2, 4, 6)),
        {"picture": {"dims": {0: (1, 3), 1: (2, 9), 2: (2, 9)}}},
    ),
    clean_model(
        "pyramid",
        source.Pyramid,
        lambda: ([torch.randn(2, 2, 6), torch.randn(2, 2, 6)],),
        {"levels": {"dims": {0: (1, 4), 2: (1, 8)}, "lengths": (2, 2)}},
    ),
    clean_model(
        "spectrum",
        source.Spectrum,
        _tensors((2, 8)),
        {"signal": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model(
        "upsampler",
        source.Upsampler,
        _tensors((1, 1, 4, 4)),
        {"picture": {"dims": PICTURE}},
    ),
    # A branch, a size, a number or state is lost, and the trace is right all the same.
    clean_model("checks-width", harmless.ChecksWidth, _tensors((3, 4)), {}),
    clean_model(
        "scaled-by-width",
        harmless.ScaledByWidth,
        _tensors((2, 5, 4), (2, 3, 4)),
        {
            "query": {"dims": BATCH_AND_LENGTH},
            "key": {"dims": {0: "query.0", 1: (1, 8)}},
        },
    ),
    clean_model("logs-itself", harmless.LogsItself, _tensors((3, 4)), {}),
    clean_model(
        "on-its-device",
        harmless.OnItsDevice,
        _tensors((2, 5)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    clean_model("same-either-way", harmless.SameEitherWay, _tensors((3, 4)), {}),
    clean_model(
        "hides-by-mask",
        SkipsMask,
        lambda: (torch.randn(2, 3), torch.eye(3).bool()[:2]),
        {},
    ),
    *CLEAN_LIBRARIES,
)
