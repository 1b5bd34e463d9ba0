"""A greedy decoder: a trace keeps the number of steps its example took.

The second half of a translation model: it starts from a vector that stands for the sentence to
say and writes one word after the other, each time the most probable one, until it writes the stop
word.

Lesson: how often the loop runs depends on the data. Scripted, the loop is a `prim::Loop` and runs
as often as the sentence needs. Traced, there is no loop: the steps of the example stand one after
the other, and every other sentence gets exactly that many words.
"""

import torch
from torch import Tensor, nn


class GreedyDecoder(nn.Module):
    """Write the most probable word until the stop word comes.

    Args:
        vocabulary: Number of words; word 0 stands for the start, word 1 for the stop.
        width: Size of the sentence vector, of the state and of the word vectors.
        longest: The most words to write.
    """

    def __init__(self, vocabulary: int = 24, width: int = 16, longest: int = 20) -> None:
        super().__init__()
        self.start = 0
        self.stop = 1
        self.longest = longest
        self.embedding = nn.Embedding(vocabulary, width)
        self.cell = nn.GRUCell(width, width)
        self.scores = nn.Linear(width, vocabulary)

    def forward(self, sentence: Tensor) -> Tensor:
        """Say a sentence.

        Args:
            sentence: The vector that stands for it, `[1, width]`.

        Returns:
            The words, int64, `[length]`; the last one is the stop unless `longest` was reached.
        """
        state = sentence
        word = torch.full([1], self.start, device=sentence.device)
        words: list[Tensor] = []
        stopped = False
        while not stopped and len(words) < self.longest:
            state = self.cell(self.embedding(word), state)
            word = self.scores(state).argmax(dim=-1)
            words.append(word)
            stopped = bool(word == self.stop)
        return torch.cat(words)


def greedy_decoder() -> GreedyDecoder:
    """Return a decoder of 24 words."""
    return GreedyDecoder()


def sentence() -> tuple[Tensor]:
    """Return the vector of one sentence."""
    return (torch.randn(1, 16),)
