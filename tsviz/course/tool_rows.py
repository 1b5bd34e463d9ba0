"""What is known of each tool after a measurement: plain data, which two processes write."""

from dataclasses import dataclass, replace
from statistics import quantiles
from typing import Any, Self

TOOLS = ("eager", "trace", "script", "export", "compile", "ONNX")


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One tool on one model. What was not measured is `None`.

    Attributes:
        tool: its name, of `TOOLS`.
        missing: what it needs and this environment lacks, or "": then nothing was measured.
        refused: why it does not take the model, in PyTorch's words, or "".
        place: the line of the model that it does not take: file and line.
        decides: what chooses a branch or ends a loop when the result is called, in words.
        tried: inputs it was called with, the example first.
        wrong: those on which it gives something else than eager, by more than rounding.
        raised: those on which it raises.
        error: the largest absolute difference from eager, of all results that can be subtracted.
        worst: the first input that was wrong or raised, in words, or "".
        graphs: how many graphs `torch.compile` made for the example, and for all inputs.
        made: seconds that making it took; of `torch.compile`, the first call makes it.
        first: seconds of the first call.
        seconds: of later calls, by turns with those of the other tools.
        file_bytes: size of its file.
        loads: whether a process without the model's classes loads that file and runs it.
        load_failure: what happened there, or "".
    """

    tool: str
    missing: str = ""
    refused: str = ""
    place: tuple[str, int] | None = None
    decides: str = ""
    tried: int = 0
    wrong: int = 0
    raised: int = 0
    error: float | None = None
    worst: str = ""
    graphs: tuple[int, int] | None = None
    made: float | None = None
    first: float | None = None
    seconds: tuple[float, ...] = ()
    file_bytes: int | None = None
    loads: bool | None = None
    load_failure: str = ""

    @property
    def works(self) -> bool:
        """Whether it takes the model and runs the example."""
        return not self.missing and not self.refused

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """First quartile, median and third one of `seconds`; `None` of fewer than two calls."""
        if len(self.seconds) < 2:
            return None
        low, median, high = quantiles(self.seconds, n=4, method="inclusive")
        return low, median, high

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """The row that another process has written."""
        row = cls(**found)
        return replace(
            row,
            place=row.place and (row.place[0], row.place[1]),
            graphs=row.graphs and (row.graphs[0], row.graphs[1]),
            seconds=tuple(row.seconds),
        )
