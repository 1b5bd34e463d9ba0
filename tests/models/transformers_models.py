"""BERT and GPT-2 as `transformers` writes them, random weights, wrapped so that they trace.

They stand for the models of other people's libraries: no line of them was written to be compiled.
Scripting them fails; tracing needs a wrapper, because their outputs are dataclasses and GPT-2
returns a cache object as well. The tiny ones have two layers, the base ones the published sizes.
Nothing is downloaded. Tracing them warns: about Python branches on sizes (`TracerWarning`), and
about a deprecated property (`FutureWarning`) because the tracer reads all of them.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

from tests.models.seeding import seeded


class LibraryModel(NamedTuple):
    """How to build an eager model in eval mode, and arguments for one call of it."""

    build: Callable[[], nn.Module]
    inputs: Callable[[], tuple[Tensor, ...]]


class BertWithTuple(nn.Module):
    """BERT with a tuple for its output."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.model = BertModel(config)

    def forward(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        output = self.model(input_ids=tokens, attention_mask=mask)
        return output.last_hidden_state, output.pooler_output


class GPT2Scores(nn.Module):
    """GPT-2 with its scores alone for its output."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.model = GPT2LMHeadModel(config)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.model(input_ids=tokens, use_cache=False).logits


def bert_tiny() -> nn.Module:
    return BertWithTuple(
        BertConfig(
            num_hidden_layers=2,
            hidden_size=32,
            num_attention_heads=2,
            intermediate_size=64,
            vocab_size=100,
        )
    )


def bert_base() -> nn.Module:
    return BertWithTuple(BertConfig())


def gpt2_tiny() -> nn.Module:
    return GPT2Scores(
        GPT2Config(n_layer=2, n_embd=32, n_head=2, vocab_size=100, bos_token_id=0, eos_token_id=0)
    )


def gpt2_base() -> nn.Module:
    return GPT2Scores(GPT2Config())


def padded_sentences() -> tuple[Tensor, Tensor]:
    """Return two sentences of 8 and 5 tokens and the mask that hides the padding."""
    mask = torch.ones(2, 8, dtype=torch.long)
    mask[1, 5:] = 0
    return torch.randint(0, 100, (2, 8)), mask


def sentence() -> tuple[Tensor]:
    return (torch.randint(0, 100, (1, 8)),)


def _model(
    build: Callable[[], nn.Module], inputs: Callable[[], tuple[Tensor, ...]]
) -> LibraryModel:
    return LibraryModel(seeded(lambda: build().eval()), seeded(inputs))


TRANSFORMERS: dict[str, LibraryModel] = {
    "bert-tiny": _model(bert_tiny, padded_sentences),
    "bert-base": _model(bert_base, padded_sentences),
    "gpt2-tiny": _model(gpt2_tiny, sentence),
    "gpt2-base": _model(gpt2_base, sentence),
}
