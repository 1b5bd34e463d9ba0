"""Which tensors of two archives differ, element by element, and how far.

Elements are compared as bytes, a few megabytes at a time, so that memory is no question of the
size of a model. PyTorch is imported only where something differs.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from hashlib import sha256
from math import prod
from typing import TYPE_CHECKING

from tsviz.comparison.differences import Kind, WeightDiff, WeightsDiff
from tsviz.frontends.archive_state import ArchiveState
from tsviz.frontends.stored_state import CONSTANTS, StoredArray

if TYPE_CHECKING:
    from tsviz.jit.elements import ElementMeter

_MOST_MATCHED = 10_000
Pair = tuple[StoredArray | None, StoredArray | None]


def compare_weights(
    before: ArchiveState, after: ArchiveState, constants: Mapping[str, str]
) -> WeightsDiff:
    """Compares the tensors of the same names.

    Args:
        constants: names of constants after → names of those before that correspond to them.
    """
    pairs = list(_pairs(before, after, constants))
    found = _Weights(before, after)
    diffs = [found.compare(*pair) for pair in pairs]
    return WeightsDiff(
        before=len(before.state.tensors),
        after=len(after.state.tensors),
        equal=sum(diff is None for diff in diffs) - len(found.left_out),
        tensors=tuple(diff for diff in diffs if diff is not None),
        left_out=tuple(found.left_out),
    )


def match_constants(before: ArchiveState, after: ArchiveState) -> dict[str, str]:
    """Name of a constant after → name of the one before that corresponds to it.

    Constants are numbered. One that is new moves all that follow it, so they are told by what they
    hold where their order does not fit.
    """
    old, new = _constants(before), _constants(after)
    others = before.state.attributes.keys() & after.state.attributes.keys()
    found = {
        f"{CONSTANTS}.{key}": f"{CONSTANTS}.{key}" for owner, key in others if owner == CONSTANTS
    }
    is_alike = [_form(array) for array in old] == [_form(array) for array in new]
    if is_alike or max(len(old), len(new)) > _MOST_MATCHED:
        return found | {now.name: was.name for was, now in zip(old, new, strict=False)}
    signs = [(*_form(array), _digest(before, array)) for array in old]
    signs_now = [(*_form(array), _digest(after, array)) for array in new]
    matcher = SequenceMatcher(None, signs, signs_now, autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        olds, news = old[first:last], new[start:end]
        for was, now in zip(olds, news, strict=False):
            if tag == "equal" or (tag == "replace" and _form(was) == _form(now)):
                found[now.name] = was.name
    return found


def _constants(state: ArchiveState) -> list[StoredArray]:
    return [array for array in state.state.tensors.values() if array.kind == "constant"]


def _form(array: StoredArray) -> tuple[str, tuple[int, ...]]:
    return array.dtype, array.shape


def _digest(state: ArchiveState, array: StoredArray) -> bytes:
    found = sha256(repr(array.layout).encode())
    for part in state.iter_span(array):
        found.update(part)
    return found.digest()


def _pairs(
    before: ArchiveState, after: ArchiveState, constants: Mapping[str, str]
) -> Iterator[Pair]:
    left = dict(after.state.tensors)
    back = {was: now for now, was in constants.items()}
    for name, array in before.state.tensors.items():
        other = back.get(name) if array.kind == "constant" else name
        yield array, left.pop(other, None) if other is not None else None
    yield from ((None, array) for array in left.values())


class _Weights:
    """Compares one tensor after the other.

    Attributes:
        left_out: the tensors whose elements could not be compared, in words.
    """

    def __init__(self, before: ArchiveState, after: ArchiveState) -> None:
        self._before, self._after = before, after
        self._known: dict[object, ElementMeter | None] = {}
        self.left_out: list[str] = []

    def compare(self, was: StoredArray | None, now: StoredArray | None) -> WeightDiff | None:
        """What differs, `None` where nothing does."""
        if was is None or now is None:
            return _described(Kind.ADDED if was is None else Kind.REMOVED, was, now)
        if (was.dtype, was.shape) != (now.dtype, now.shape):
            return _described(Kind.CHANGED, was, now)
        reason = _find_obstacle(was, now)
        if reason:
            self.left_out.append(f"the numbers of `{was.name}`: {reason}")
        if reason or not was.width:
            return None
        lies = tuple((array.record, array.offset, array.strides) for array in (was, now))
        if (was.shape, lies) not in self._known:  # tied weights are one in memory
            self._known[was.shape, lies] = self._measure(was, now)
        meter = self._known[was.shape, lies]
        return _described(Kind.CHANGED, was, now, meter) if meter is not None else None

    def _measure(self, was: StoredArray, now: StoredArray) -> "ElementMeter | None":
        """How far the elements are from each other, `None` where all are equal."""
        meter: ElementMeter | None = None
        for old, new in self._iter_parts(was, now):
            if old != new:
                meter = meter or _new_meter(was)
                meter.add(old, new)
        if meter is not None:
            meter.differing *= was.elements // prod(length for length, *_ in _shared(was, now))
        return meter

    def _iter_parts(
        self, was: StoredArray, now: StoredArray
    ) -> Iterator[tuple[bytes | bytearray, bytes | bytearray]]:
        """The elements of both in one order; as they lie, if they lie in the same."""
        sides = ((self._before, was), (self._after, now))
        dimensions = _shared(was, now)
        is_alike = all(stride == other for _, stride, other in dimensions)
        if was.is_dense and is_alike:
            yield from zip(*(state.iter_span(array) for state, array in sides), strict=True)
            return
        from tsviz.jit.elements import gathered

        lengths, *strides = zip(*dimensions, strict=True)
        one, other = (
            gathered(b"".join(state.iter_span(array)), array.width, lengths, steps)
            for (state, array), steps in zip(sides, strides, strict=True)
        )
        yield one, other


def _new_meter(array: StoredArray) -> "ElementMeter":
    from tsviz.jit.elements import ElementMeter

    return ElementMeter(array.dtype, array.width)


def _shared(was: StoredArray, now: StoredArray) -> list[tuple[int, int, int]]:
    """(length, stride before, stride after) of the dimensions that are not the same repeated."""
    dimensions = zip(was.shape, was.strides, now.strides, strict=True)
    return [row for row in dimensions if row[0] != 1 and (row[1] or row[2])] or [(1, 1, 1)]


def _find_obstacle(was: StoredArray, now: StoredArray) -> str:
    """Why elements cannot be compared, "" where they can."""
    if not was.elements or (was.is_meta and now.is_meta):
        return ""
    if was.is_meta or now.is_meta:
        return "one side has none"
    if not (was.width and now.width):
        return f"several of dtype {was.dtype} share a byte"
    if was.overlaps or now.overlaps:
        return "its elements lie over or between one another"
    return ""


def _described(
    kind: Kind,
    was: StoredArray | None,
    now: StoredArray | None,
    meter: "ElementMeter | None" = None,
) -> WeightDiff:
    one = was or now
    assert one is not None
    return WeightDiff(
        kind=kind,
        name=one.name,
        dtype_before=was.dtype if was else None,
        dtype_after=now.dtype if now else None,
        shape_before=was.shape if was else None,
        shape_after=now.shape if now else None,
        differing=meter.differing if meter else None,
        absolute=meter.absolute if meter else None,
        relative=meter.relative if meter else None,
        ulp=meter.ulp if meter else None,
    )
