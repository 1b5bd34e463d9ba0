"""BERT: twelve layers run the same line, so a line alone does not say where a node belongs.

The encoder of Devlin et al. (2018), "BERT: Pre-training of Deep Bidirectional Transformers for
Language Understanding": token, position and segment embeddings, layers of self-attention and
feed-forward with the norm after the sum, and the pooler over the first token.

Lesson: the loop over `self.layers` is unrolled when the model is scripted. After inlining the graph
holds twelve softmax nodes, and all of them point at the one line in `SelfAttention.forward`. What
tells them apart is the stack of calls that led there and the scope, `layers.3` or `layers.11`.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class BertConfig:
    """The sizes of a BERT encoder; the defaults are those of BERT-base."""

    layers: int = 12
    width: int = 768
    heads: int = 12
    inner_width: int = 3072
    vocabulary: int = 30522
    positions: int = 512
    segments: int = 2


BASE = BertConfig()
TINY = BertConfig(layers=2, width=128, heads=2, inner_width=512)

NORM_EPSILON = 1e-12


class Embeddings(nn.Module):
    """The sum of what a token is, where it stands and which sentence it belongs to."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocabulary, config.width)
        self.positions = nn.Embedding(config.positions, config.width)
        self.segments = nn.Embedding(config.segments, config.width)
        self.norm = nn.LayerNorm(config.width, eps=NORM_EPSILON)

    def forward(self, tokens: Tensor, segments: Tensor) -> Tensor:
        """Embed `[batch, length]` token and segment numbers as `[batch, length, width]`."""
        places = torch.arange(tokens.size(1), device=tokens.device)
        embedded = self.tokens(tokens) + self.positions(places) + self.segments(segments)
        return self.norm(embedded)


class SelfAttention(nn.Module):
    """Every token looks at every other token, in several heads at once."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.scale = 1 / math.sqrt(config.width // config.heads)
        self.query = nn.Linear(config.width, config.width)
        self.key = nn.Linear(config.width, config.width)
        self.value = nn.Linear(config.width, config.width)
        self.output = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Mix the tokens.

        Args:
            x: `[batch, length, width]`.
            hidden: Which tokens nobody may look at, bool, `[batch, 1, 1, length]`.

        Returns:
            `[batch, length, width]`.
        """
        query = self.split_heads(self.query(x))
        key = self.split_heads(self.key(x))
        value = self.split_heads(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) * self.scale
        scores = scores.masked_fill(hidden, float("-inf"))
        attention = torch.softmax(scores, dim=-1)
        mixed = torch.matmul(attention, value)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def split_heads(self, x: Tensor) -> Tensor:
        """Cut `[batch, length, width]` into `[batch, heads, length, width / heads]`."""
        return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)


class Layer(nn.Module):
    """Self-attention, then a feed-forward network for each token, each with a shortcut."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = SelfAttention(config)
        self.attention_norm = nn.LayerNorm(config.width, eps=NORM_EPSILON)
        self.widen = nn.Linear(config.width, config.inner_width)
        self.narrow = nn.Linear(config.inner_width, config.width)
        self.norm = nn.LayerNorm(config.width, eps=NORM_EPSILON)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Map `[batch, length, width]` to the same shape."""
        x = self.attention_norm(x + self.attention(x, hidden))
        inner = F.gelu(self.widen(x))
        return self.norm(x + self.narrow(inner))


class Bert(nn.Module):
    """The encoder and its pooler."""

    def __init__(self, config: BertConfig = BASE) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])
        self.pooler = nn.Linear(config.width, config.width)

    def forward(
        self, tokens: Tensor, mask: Tensor | None = None, segments: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Encode sentences.

        Args:
            tokens: Token numbers, int64, `[batch, length]`.
            mask: 1 for a token, 0 for padding, `[batch, length]`; without it nothing is padding.
            segments: 0 for the first sentence, 1 for the second; without it all is the first.

        Returns:
            A vector for each token, `[batch, length, width]`, and one for the whole,
            `[batch, width]`.
        """
        if mask is None:
            mask = torch.ones_like(tokens)
        if segments is None:
            segments = torch.zeros_like(tokens)
        hidden = (mask == 0)[:, None, None, :]
        x = self.embeddings(tokens, segments)
        for layer in self.layers:
            x = layer(x, hidden)
        pooled = torch.tanh(self.pooler(x[:, 0]))
        return x, pooled


def bert() -> Bert:
    """Return BERT-base: 12 layers, 109,482,240 parameters."""
    return Bert(BASE)


def bert_tiny() -> Bert:
    """Return BERT-tiny: 2 layers, 4,385,920 parameters."""
    return Bert(TINY)


def sentences() -> tuple[Tensor, Tensor]:
    """Return two sentences of 16 and 11 tokens and the mask that hides the padding."""
    tokens = torch.randint(0, BASE.vocabulary, (2, 16))
    mask = torch.ones_like(tokens)
    mask[1, 11:] = 0
    return tokens, mask
