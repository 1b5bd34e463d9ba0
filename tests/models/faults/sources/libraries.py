"""Networks of transformers, small, with a tensor for their output, so that they can be traced."""

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
    LlamaConfig,
    LlamaModel,
    MambaConfig,
    MambaModel,
    MixtralConfig,
    MixtralModel,
    MPNetConfig,
    MPNetModel,
    RobertaConfig,
    RobertaModel,
    RoFormerConfig,
    RoFormerModel,
    T5Config,
    T5EncoderModel,
    ViTConfig,
    ViTModel,
)

VOCABULARY = 50
SMALL: dict[str, Any] = {
    "num_hidden_layers": 2,
    "hidden_size": 16,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
SMALL_WITH_WORDS: dict[str, Any] = {**SMALL, "vocab_size": VOCABULARY}


class HiddenStates(nn.Module):
    """A network on words, with its states alone for its output."""

    def __init__(self, model: nn.Module, **settings: bool) -> None:
        super().__init__()
        self.model = model
        self.settings = settings

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        result = self.model(input_ids=tokens, attention_mask=mask, **self.settings)
        return result.last_hidden_state


class PictureStates(nn.Module):
    """A vision transformer, with its states alone for its output."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ViTModel(ViTConfig(image_size=8, patch_size=4, num_channels=1, **SMALL))

    def forward(self, picture: Tensor) -> Tensor:
        return self.model(pixel_values=picture).last_hidden_state


def sentences() -> tuple[Tensor, Tensor]:
    """Two sentences of six tokens, and a mask that hides nothing."""
    return torch.randint(0, VOCABULARY, (2, 6)), torch.ones(2, 6, dtype=torch.long)


def distilbert() -> nn.Module:
    return HiddenStates(
        DistilBertModel(
            DistilBertConfig(n_layers=2, dim=16, n_heads=2, hidden_dim=32, vocab_size=VOCABULARY)
        )
    )


def roberta() -> nn.Module:
    return HiddenStates(RobertaModel(RobertaConfig(**SMALL_WITH_WORDS)))


def albert() -> nn.Module:
    return HiddenStates(AlbertModel(AlbertConfig(embedding_size=8, **SMALL_WITH_WORDS)))


def electra() -> nn.Module:
    return HiddenStates(ElectraModel(ElectraConfig(embedding_size=8, **SMALL_WITH_WORDS)))


def mpnet() -> nn.Module:
    return HiddenStates(MPNetModel(MPNetConfig(**SMALL_WITH_WORDS)))


def roformer() -> nn.Module:
    return HiddenStates(RoFormerModel(RoFormerConfig(**SMALL_WITH_WORDS)))


def t5_encoder() -> nn.Module:
    return HiddenStates(
        T5EncoderModel(
            T5Config(num_layers=2, d_model=16, d_kv=8, num_heads=2, d_ff=32, vocab_size=VOCABULARY)
        )
    )


def llama() -> nn.Module:
    config = LlamaConfig(num_key_value_heads=2, **SMALL_WITH_WORDS)
    return HiddenStates(LlamaModel(config), use_cache=False)


def mixtral() -> nn.Module:
    config = MixtralConfig(num_key_value_heads=2, num_local_experts=4, **SMALL_WITH_WORDS)
    return HiddenStates(MixtralModel(config), use_cache=False)


def mamba() -> nn.Module:
    config = MambaConfig(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=1, state_size=4)
    return HiddenStates(MambaModel(config), use_cache=False)
