"""An LSTM tagger: one call of yours is many lines of PyTorch's.

It gives every word of a sentence a tag, noun or verb or comma: word vectors, an LSTM in both
directions, a linear layer.

Lesson: `self.lstm(...)` is one line here. Traced, it is one `aten::lstm` node. Scripted, the
compiler goes on into `torch/nn/modules/rnn.py` and brings its checks and branches along: most of
the graph then points at PyTorch's own file, and the line one wants to see is the caller's.
"""

import torch
from torch import Tensor, nn


class Tagger(nn.Module):
    """Score every tag for every word.

    Args:
        vocabulary: Number of words.
        tags: Number of tags.
        width: Size of the word vectors and of the state in each direction.
    """

    def __init__(self, vocabulary: int = 1000, tags: int = 17, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.scores = nn.Linear(2 * width, tags)

    def forward(self, words: Tensor) -> Tensor:
        """Score sentences.

        Args:
            words: Word numbers, int64, `[batch, length]`.

        Returns:
            `[batch, length, tags]`, not normalised.
        """
        vectors = self.embedding(words)
        states, _ = self.lstm(vectors)
        return self.scores(states)


def tagger() -> Tagger:
    """Return a tagger of 1,000 words and 17 tags."""
    return Tagger()


def sentences() -> tuple[Tensor]:
    """Return two sentences of 12 words."""
    return (torch.randint(0, 1000, (2, 12)),)
