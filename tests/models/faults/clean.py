"""Models whose trace is right on all of their domain, which is said for each."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AlbertConfig,
    AlbertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
    ViTConfig,
    ViTModel,
)

from tests.models.attention import SelfAttention, TransformerClassifier
from tests.models.convolution import SmallResNet, UNet
from tests.models.faults.model import Clean, Domain, MakeArguments
from tests.models.faults.sources import clean as source
from tests.models.faults.sources.branches import SkipsMask
from tests.models.feed_forward import BagOfWords, VariationalAutoencoder
from tests.models.recurrent import BidirectionalGRU
from tests.models.seeding import seeded
from tests.models.transformers_models import bert_tiny, gpt2_tiny, padded_sentences

SMALL = {
    "num_hidden_layers": 2,
    "hidden_size": 16,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 50,
}
BATCH_AND_LENGTH = {0: (1, 3), 1: (2, 10)}
PICTURE = {0: (1, 3), 2: (4, 12), 3: (4, 12)}
SENTENCES: Domain = {
    "tokens": {"dims": BATCH_AND_LENGTH, "range": (0, 49)},
    "mask": {"dims": {0: "tokens.0", 1: "tokens.1"}, "range": (0, 1)},
}


class HiddenStates(nn.Module):
    """An encoder of transformers, with its states alone for its output."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        return self.model(input_ids=tokens, attention_mask=mask).last_hidden_state


class PictureStates(nn.Module):
    """A vision transformer, with its states alone for its output."""

    def __init__(self) -> None:
        super().__init__()
        small: dict[str, Any] = {key: SMALL[key] for key in SMALL if key != "vocab_size"}
        self.model = ViTModel(ViTConfig(image_size=8, patch_size=4, num_channels=1, **small))

    def forward(self, picture: Tensor) -> Tensor:
        return self.model(pixel_values=picture).last_hidden_state


class _Values(nn.Module):
    """A model without the names of its outputs, which `torch.jit.trace` refuses."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model(x).values())


def _clean(
    name: str, model: Callable[[], nn.Module], inputs: MakeArguments, domain: Domain
) -> Clean:
    return Clean(name, model, seeded(inputs), domain)


def _encoder(name: str, model: Callable[[], nn.Module], vocabulary: int = 49) -> Clean:
    def inputs() -> tuple[Tensor, Tensor]:
        return torch.randint(0, vocabulary, (2, 6)), torch.ones(2, 6, dtype=torch.long)

    return _clean(name, lambda: HiddenStates(model()), inputs, SENTENCES)


def _tensors(*shapes: tuple[int, ...]) -> MakeArguments:
    return lambda: tuple(torch.randn(shape) for shape in shapes)


CLEAN: tuple[Clean, ...] = (
    _clean("perceptron", source.Perceptron, _tensors((3, 6)), {}),
    _clean("residual-tower", source.ResidualTower, _tensors((3, 6)), {}),
    _clean(
        "variational-autoencoder", lambda: _Values(VariationalAutoencoder()), _tensors((3, 8)), {}
    ),
    _clean(
        "autoencoder",
        source.Autoencoder,
        _tensors((2, 1, 8)),
        {"signal": {"dims": {0: (1, 4), 2: (1, 16)}}},
    ),
    _clean(
        "mobile-block", source.MobileBlock, _tensors((2, 4, 6, 6)), {"picture": {"dims": PICTURE}}
    ),
    _clean("small-resnet", SmallResNet, _tensors((2, 3, 8, 8)), {"x": {"dims": PICTURE}}),
    _clean("unet", UNet, _tensors((1, 3, 8, 8)), {"x": {"dims": {0: (1, 4)}}}),
    _clean(
        "resizing-unet", source.ResizingUNet, _tensors((1, 1, 8, 8)), {"picture": {"dims": PICTURE}}
    ),
    _clean(
        "causal-tower",
        source.CausalTower,
        _tensors((2, 2, 7)),
        {"signal": {"dims": {0: (1, 4), 2: (1, 16)}}},
    ),
    _clean(
        "sequence-classifier",
        source.SequenceClassifier,
        lambda: (torch.randint(0, 12, (2, 5)),),
        {"tokens": {"dims": BATCH_AND_LENGTH, "range": (0, 11)}},
    ),
    _clean(
        "bidirectional-gru",
        BidirectionalGRU,
        _tensors((4, 2, 8)),
        {"x": {"dims": {0: (1, 8), 1: (1, 4)}}},
    ),
    _clean(
        "stateful-gru",
        source.StatefulGRU,
        _tensors((2, 5, 3)),
        {"sequence": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "packed-gru",
        source.PackedGRU,
        lambda: (torch.randn(3, 5, 3), torch.tensor([2, 5, 3])),
        {
            "sequence": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "sequence.0"}, "range": (1, "sequence.1")},
        },
    ),
    _clean(
        "bag-of-words",
        BagOfWords,
        lambda: (torch.tensor([1, 2, 4, 5]), torch.tensor([0, 2])),
        {
            "words": {"dims": {0: (3, 9)}, "range": (0, 9)},
            "offsets": {"dims": {}, "only": ([0, 1], [0, 2], [0, 0])},
        },
    ),
    _clean(
        "length-masked-mean",
        source.LengthMaskedMean,
        lambda: (torch.randn(2, 5, 3), torch.tensor([5, 2])),
        {
            "sequence": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "sequence.0"}, "range": (1, "sequence.1")},
        },
    ),
    _clean(
        "causal-attention",
        source.CausalAttention,
        _tensors((2, 5, 4)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "padded-attention",
        source.PaddedAttention,
        lambda: (torch.randn(2, 5, 4), torch.tensor([5, 2])),
        {
            "x": {"dims": BATCH_AND_LENGTH},
            "lengths": {"dims": {0: "x.0"}, "range": (1, "x.1")},
        },
    ),
    _clean(
        "self-attention", SelfAttention, _tensors((2, 5, 16)), {"x": {"dims": BATCH_AND_LENGTH}}
    ),
    _clean(
        "encoder-layer",
        source.EncoderLayer,
        _tensors((2, 5, 8)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "encoder-decoder",
        source.EncoderDecoder,
        _tensors((2, 3, 8), (2, 5, 8)),
        {"x": {"dims": BATCH_AND_LENGTH}, "memory": {"dims": {0: "x.0", 1: (1, 8)}}},
    ),
    _clean(
        "transformer-classifier",
        TransformerClassifier,
        lambda: (torch.randint(0, 11, (2, 5)),),
        {"words": {"dims": BATCH_AND_LENGTH, "range": (0, 10)}},
    ),
    _clean(
        "positions",
        source.Positions,
        lambda: (torch.randint(0, 10, (2, 5)),),
        {"tokens": {"dims": {0: (1, 3), 1: (1, 16)}, "range": (0, 9)}},
    ),
    _clean("configured", source.Configured, _tensors((3, 4)), {}),
    _clean(
        "configured-otherwise",
        lambda: source.Configured(use_bias=False, activation="relu", steps=2),
        _tensors((3, 4)),
        {},
    ),
    _clean("branch-by-where", source.BranchByWhere, _tensors((3, 4)), {}),
    _clean("dense-experts", source.DenseExperts, _tensors((3, 4)), {}),
    _clean(
        "graph-layer",
        source.GraphLayer,
        lambda: (torch.randn(4, 3), torch.tensor([[0, 1], [1, 2], [3, 0]])),
        {
            "nodes": {"dims": {0: (4, 8)}},
            "edges": {"dims": {0: (1, 9)}, "range": (0, 3)},
        },
    ),
    _clean(
        "normalizes",
        source.Normalizes,
        _tensors((2, 5, 4)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "retrieval",
        source.Retrieval,
        _tensors((2, 3), (5, 3)),
        {"query": {"dims": {0: (1, 6)}}, "keys": {"dims": {0: (2, 9)}}},
    ),
    _clean(
        "in-place",
        source.InPlace,
        _tensors((2, 6)),
        {"signal": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "patches",
        source.Patches,
        _tensors((2, 4, 6)),
        {"picture": {"dims": {0: (1, 3), 1: (2, 9), 2: (2, 9)}}},
    ),
    _clean(
        "pyramid",
        source.Pyramid,
        lambda: ([torch.randn(2, 2, 6), torch.randn(2, 2, 6)],),
        {"levels": {"dims": {0: (1, 4), 2: (1, 8)}, "lengths": (2, 2)}},
    ),
    _clean(
        "spectrum",
        source.Spectrum,
        _tensors((2, 8)),
        {"signal": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean(
        "upsampler",
        source.Upsampler,
        _tensors((1, 1, 4, 4)),
        {"picture": {"dims": PICTURE}},
    ),
    # A branch, a size, a number or state is lost, and the trace is right all the same.
    _clean("checks-width", source.ChecksWidth, _tensors((3, 4)), {}),
    _clean(
        "scaled-by-width",
        source.ScaledByWidth,
        _tensors((2, 5, 4), (2, 3, 4)),
        {
            "query": {"dims": BATCH_AND_LENGTH},
            "key": {"dims": {0: "query.0", 1: (1, 8)}},
        },
    ),
    _clean("logs-itself", source.LogsItself, _tensors((3, 4)), {}),
    _clean(
        "on-its-device",
        source.OnItsDevice,
        _tensors((2, 5)),
        {"x": {"dims": BATCH_AND_LENGTH}},
    ),
    _clean("same-either-way", source.SameEitherWay, _tensors((3, 4)), {}),
    _clean(
        "hides-by-mask",
        SkipsMask,
        lambda: (torch.randn(2, 3), torch.eye(3).bool()[:2]),
        {},
    ),
    _clean("bert", bert_tiny, padded_sentences, {**SENTENCES}),
    _encoder(
        "distilbert",
        lambda: DistilBertModel(
            DistilBertConfig(n_layers=2, dim=16, n_heads=2, hidden_dim=32, vocab_size=50)
        ),
    ),
    _encoder("roberta", lambda: RobertaModel(RobertaConfig(**SMALL))),
    _encoder("albert", lambda: AlbertModel(AlbertConfig(embedding_size=8, **SMALL))),
    _encoder("electra", lambda: ElectraModel(ElectraConfig(embedding_size=8, **SMALL))),
    _encoder(
        "t5-encoder",
        lambda: T5EncoderModel(
            T5Config(num_layers=2, d_model=16, d_kv=8, num_heads=2, d_ff=32, vocab_size=50)
        ),
    ),
    _clean("vision-transformer", PictureStates, _tensors((2, 1, 8, 8)), {}),
    # Traced with a batch of one, it is a fault: see `known/libraries.py`.
    _clean(
        "gpt2",
        gpt2_tiny,
        lambda: (torch.randint(0, 100, (2, 8)),),
        {"tokens": {"dims": BATCH_AND_LENGTH, "range": (0, 99)}},
    ),
)
