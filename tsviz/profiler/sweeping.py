"""`tsviz.profiler.sweep`: one program at other batch sizes, and with other numbers of threads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from tsviz.display import renderer
from tsviz.errors import Diagnostic, PassError
from tsviz.frontends import Inputs, Program
from tsviz.passes.inputs import find_inputs
from tsviz.profiler.measure import INTERRUPTED, Progress, captured, profile
from tsviz.profiler.profile import Profile
from tsviz.profiler.resizing import Dims, resized, size_of
from tsviz.profiler.settings import check_counts, threads_kept

if TYPE_CHECKING:
    import pandas

BATCH_SIZES = (1, 2, 4, 8)


@dataclass(frozen=True)
class Point:
    """One batch size with one number of threads.

    Attributes:
        batch_size: how many examples one run is given.
        threads: that one op may use.
        profile: what was measured; `None` where the program fails there.
        failure: why it does.
    """

    batch_size: int
    threads: int
    profile: Profile | None
    failure: Diagnostic | None = None

    @property
    def per_second(self) -> float | None:
        """Examples in a second, by the median of the runs without a profiler."""
        if self.profile is None or not self.profile.plain.median:
            return None
        return self.batch_size / self.profile.plain.median * 1e9


@dataclass(frozen=True)
class Sweep:
    """What one program took under different conditions.

    Attributes:
        program: what was run.
        points: in the order in which they were measured; what an interrupt left out is missing.
        is_interrupted: whether someone stopped it.
    """

    program: Program
    points: tuple[Point, ...]
    is_interrupted: bool = False

    def find(self, batch_size: int, threads: int | None = None) -> Point | None:
        """The point of a batch size, the first one if no number of threads is given."""
        found = (p for p in self.points if p.batch_size == batch_size)
        return next((p for p in found if threads in (None, p.threads)), None)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a point."""
        return renderer("sweep_dataframe")(self)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("sweep_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("sweep_text")(self)

    def __repr__(self) -> str:
        return f"<Sweep of {self.program.title}: {len(self.points)} points>"


def sweep(
    target: object,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    *,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    threads: Sequence[int] | None = None,
    dims: Dims = 0,
    via: str = "auto",
    runs: int = 10,
    progress: Progress | None = None,
) -> Sweep:
    """Profiles one program at each batch size with each number of threads.

    The program is captured once, from the inputs as they are given: a trace that keeps their size
    fails, or stays as it is, at others. Where it fails, the point says why.

    Args:
        target: a model, or a program that was captured from one.
        args, kwargs: example inputs; for another batch size they are repeated, or left out.
        batch_sizes: which.
        threads: how many one op may use; by default as many as now. It is set back at the end.
        dims: the dimension of the batch in all tensors; or, for arguments that differ, by place
            or name, as in `{0: 0, "mask": 1}`: then the others stay as they are.
        via: how a model is captured, as in `tsviz.capture`.
        runs: of each point, each way.
        progress: told of every run of all points.

    Raises:
        UsageError: `TSV-T20` wrong numbers; `TSV-T21`, `TSV-T22` wrong `dims`; as `profile`.
    """
    sizes = check_counts("batch_sizes", batch_sizes)
    counts = check_counts("threads", threads or (torch.get_num_threads(),))
    program = captured(target, args, kwargs, via)
    inputs = find_inputs(program, args, kwargs)
    size_of(inputs, dims)
    points: list[Point] = []
    is_interrupted = False
    wanted = [(size, count) for count in counts for size in sizes]
    try:
        for at, (size, count) in enumerate(wanted):
            tell = _telling(progress, at, len(wanted), size, count)
            point = _measure(program, resized(inputs, dims, size), size, count, runs, tell)
            points.append(point)
            found = point.profile.diagnostics if point.profile is not None else ()
            if any(one.code == INTERRUPTED for one in found):
                is_interrupted = True
                break
    except KeyboardInterrupt:
        if not points:
            raise
        is_interrupted = True
    return Sweep(program, tuple(points), is_interrupted)


def _measure(
    program: Program, inputs: Inputs, size: int, threads: int, runs: int, tell: Progress | None
) -> Point:
    with threads_kept():
        torch.set_num_threads(threads)
        try:
            found = profile(program, inputs.args, inputs.kwargs, runs=runs, progress=tell)
        except PassError as error:
            return Point(size, threads, None, error.diagnostic)
    return Point(size, threads, found)


def _telling(
    progress: Progress | None, at: int, points: int, size: int, threads: int
) -> Progress | None:
    """Tells of the runs of one point as part of all."""
    if progress is None:
        return None

    def tell(done: int, total: int, words: str) -> None:
        said = f"batch size {size}, {threads} thread{'s' * (threads > 1)}: {words}"
        progress(at * total + done, points * total, said)

    return tell
