"""How long nodes took between the marks around them, what runs inside them told apart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tsviz.jit.sampling import Passage, Sampling


@dataclass(slots=True)
class MarkedTimes:
    """Over all marked runs.

    Attributes:
        calls: how often the marks were passed.
        total: nanoseconds between them.
        own: the same without the nodes inside.
    """

    calls: int = 0
    total: int = 0
    own: int = 0


def read_marked_times(runs: Sequence[Sampling]) -> Mapping[int, MarkedTimes]:
    """Node → its times."""
    times: dict[int, MarkedTimes] = {}
    for run in runs:
        threads: defaultdict[int, list[Passage]] = defaultdict(list)
        for passage in run.passages:
            if passage.mark[1] < 0:
                threads[passage.thread].append(passage)
        for passages in threads.values():
            _add(times, passages)
    return times


def _add(times: dict[int, MarkedTimes], passages: list[Passage]) -> None:
    open_ones: list[Passage] = []
    for passage in sorted(passages, key=lambda found: (found.start, -found.end)):
        while open_ones and open_ones[-1].end <= passage.start:
            open_ones.pop()
        taken = passage.end - passage.start
        mine = times.setdefault(passage.mark[0], MarkedTimes())
        mine.calls += 1
        mine.total += taken
        mine.own += taken
        if open_ones:
            times[open_ones[-1].mark[0]].own -= taken
        open_ones.append(passage)
