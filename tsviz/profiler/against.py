"""Two profiles held against each other, line by line and module by module.

Where a file was edited between the two, lines are matched as `diff` does. Times are those of
one run: of ops, or of kernels where both ran on a CUDA device.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.profiler.moved import Moved, line_text
from tsviz.profiler.noise import Difference, difference_of

if TYPE_CHECKING:
    import pandas

    from tsviz.profiler.profile import Profile

SAME, SLOWER, FASTER, NEW, GONE = "no difference", "slower", "faster", "new", "gone"
FEW = "too few runs to tell"

_Key = tuple[str, int]
_Times = dict[_Key, list[float]]


@dataclass(frozen=True, slots=True)
class Change:
    """What one line, one module or the whole took in each of the two.

    Attributes:
        path: file of a line, path of a module; "" is what no line is known for, or the program.
        line: its number, in the file as it is now unless the line is gone; 0 of a module.
        code: its text.
        before, after: nanoseconds of each run; () where it took none.
        difference: `after` less `before`.
    """

    path: str
    line: int
    code: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    difference: Difference

    @property
    def ratio(self) -> float | None:
        """`after` in times of `before`; `None` where either is missing."""
        if not self.before or not self.after or not median(self.before):
            return None
        return median(self.after) / median(self.before)

    @property
    def verdict(self) -> str:
        """`slower`, `faster`, `new`, `gone`; `no difference` within the noise; or too few runs."""
        if not self.before:
            return NEW
        if not self.after:
            return GONE
        if self.difference.low == float("-inf"):
            return FEW
        if self.difference.is_noise:
            return SAME
        return SLOWER if self.difference.low > 0 else FASTER


@dataclass(frozen=True)
class ProfileComparison:
    """One profile against another.

    Attributes:
        before: the one that is held against.
        after: the one that was asked.
        of_kernels: whether times are those of kernels; else of ops.
        whole: of the runs without a profiler.
        lines: of each line, the largest difference first.
        modules: of each module with those in it, likewise.
    """

    before: "Profile"
    after: "Profile"
    of_kernels: bool
    whole: Change
    lines: tuple[Change, ...]
    modules: tuple[Change, ...]

    def by_line(self) -> "pandas.DataFrame":
        """One row a line, the largest difference first."""
        return renderer("against_lines")(self)

    def by_module(self) -> "pandas.DataFrame":
        """One row a module with those in it, the largest difference first."""
        return renderer("against_modules")(self)

    def to_dataframe(self) -> "pandas.DataFrame":
        """As `by_line`."""
        return self.by_line()

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("against_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("against_text")(self)

    def __repr__(self) -> str:
        names = f"{self.after.program.title}, {self.before.program.title}"
        return f"<ProfileComparison of {names}: {self.whole.verdict}>"


def hold_against(after: "Profile", before: "Profile") -> ProfileComparison:
    """What `after` took, against `before`."""
    of_kernels = all(one.accounting.kernels is not None for one in (before, after))
    old, new = (_by_origin(one, of_kernels=of_kernels) for one in (before, after))
    at_lines = (
        _by_line(before, old, Moved(before.program, after.program)),
        _by_line(after, new, None),
    )
    at_modules = _by_module(before, old), _by_module(after, new)
    plain = tuple(map(float, before.plain.values)), tuple(map(float, after.plain.values))
    return ProfileComparison(
        before,
        after,
        of_kernels,
        Change("", 0, "", *plain, difference_of(*plain)),
        _changes(*at_lines, before, after),
        _changes(*at_modules, None, None),
    )


def _changes(
    old: _Times, new: _Times, before: "Profile | None", after: "Profile | None"
) -> tuple[Change, ...]:
    keys = {**new, **old}
    changes: list[Change] = []
    for path, line in keys:
        was, now = old.get((path, line), []), new.get((path, line), [])
        code = _code(after if now else before, path, abs(line))
        zeros = [0.0] * max(len(was), len(now))
        apart = difference_of(was or zeros, now or zeros, comparisons=len(keys))
        changes.append(Change(path, abs(line), code, tuple(was), tuple(now), apart))
    return tuple(sorted(changes, key=lambda one: (-abs(one.difference.middle), one.path, one.line)))


# ── times of each run ───────────────────────────────────────────────────────────────────────────


def _by_origin(profile: "Profile", *, of_kernels: bool) -> dict[int, list[float]]:
    """Node of the program → nanoseconds of each run; 0 holds what no node is known for."""
    times: dict[int, list[float]] = {}
    for sample in profile.samples.values():
        runs = sample.device_ns if of_kernels else sample.self_ns
        if runs is None:
            continue
        origins = profile.shares.get(sample.node, ()) or (0,)
        for origin in origins:
            _add(times.setdefault(origin, [0.0] * len(runs)), (t / len(origins) for t in runs))
    return times


def _by_line(
    profile: "Profile", times: Mapping[int, Sequence[float]], moved: Moved | None
) -> _Times:
    found: _Times = {}
    for node, runs in times.items():
        place = profile.line_of(node)
        key = ("", 0) if place is None else (place.file, place.line)
        if moved is not None and place is not None:
            key = moved.find(*key)
        _add(found.setdefault(key, [0.0] * len(runs)), runs)
    return found


def _by_module(profile: "Profile", times: Mapping[int, Sequence[float]]) -> _Times:
    found: _Times = {}
    for node, runs in times.items():
        known = profile.program.graph.nodes.get(node)
        path = "" if known is None else profile.program.graph.scope(known)
        for around in _iter_around(path):
            _add(found.setdefault((around, 0), [0.0] * len(runs)), runs)
    return found


def _iter_around(path: str) -> Iterator[str]:
    """A module and those it lies in, the innermost first."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def _add(sums: list[float], times: Iterable[float]) -> None:
    for at, time in enumerate(times):
        sums[at] += time


def _code(profile: "Profile | None", file: str, line: int) -> str:
    return "" if profile is None else line_text(profile.program, file, line)
