"""Networks over time: PyTorch's own layers, and loops written by hand."""

import torch
from torch import Tensor, nn


class LanguageModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 12, num_layers=1, batch_first=True)
        self.scores = nn.Linear(12, 20)

    def forward(
        self, words: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        vectors = self.embedding(words)
        outputs, last_state = self.lstm(vectors, state)
        return self.scores(outputs), last_state


class BidirectionalGRU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(8, 6, 2, bidirectional=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.gru(x)


class CellLoop(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(8, 12)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.zeros(x.size(0), 12)
        memory = torch.zeros(x.size(0), 12)
        outputs: list[Tensor] = []
        for step in range(x.size(1)):
            hidden, memory = self.cell(x[:, step], (hidden, memory))
            outputs.append(hidden)
        return torch.stack(outputs, 1)


class GreedySpeller(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(6, 4)
        self.cell = nn.GRUCell(4, 4)
        self.scores = nn.Linear(4, 6)

    def forward(self, start: int, longest: int = 8) -> list[int]:
        state = torch.zeros(1, 4)
        letter = torch.tensor([start])
        letters: list[int] = []
        stopped = False
        while len(letters) < longest and not stopped:
            state = self.cell(self.embedding(letter), state)
            letter = self.scores(state).argmax(-1)
            number = int(letter.item())
            letters.append(number)
            if number == 5:
                stopped = True
        return letters
