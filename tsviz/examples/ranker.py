"""Another model of a package: the transfer of lesson 05.

It scores items, and keeps the best ones until they hold most of the score.

Lesson: as that of `reader`, with another obstacle: scripting refuses the `try` in `Judge`, and how
many items `Cut` keeps depends on the data.
"""

from torch import Tensor, nn

# pyright: reportUnknownMemberType=false


class Judge(nn.Module):
    """Scores items, and says what it expects where it cannot."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, 1)

    def forward(self, items: Tensor) -> Tensor:
        """Items `[number, width]` → scores `[number]`, which add up to 1."""
        try:
            return self.outer(self.inner(items).relu()).flatten().softmax(0)
        except RuntimeError as error:
            raise ValueError(f"expected items of {self.width} numbers") from error


class Cut(nn.Module):
    """The best scores, as many as hold the share."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.75

    def forward(self, scores: Tensor) -> Tensor:
        """Scores `[number]` → the largest of them `[kept]`."""
        ordered = scores.sort(descending=True)[0]
        kept = 1
        while bool(ordered[:kept].sum() < self.share):
            kept += 1
        return ordered[:kept]


class Ranker(nn.Module):
    """Scores items and keeps the best."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.judge = Judge(width)
        self.cut = Cut()

    def forward(self, items: Tensor) -> Tensor:
        """Items `[number, width]` → the scores of the best `[kept]`."""
        return self.cut(self.judge(items))
