"""A tensor at one look, in little room: how its numbers are spread, their course, a picture.

Nothing here grows with the tensor: of a big one numbers are taken evenly, and how many is told.
"""

from dataclasses import dataclass
from itertools import islice, product
from math import ceil, isqrt
from typing import Any, cast

import torch

from tsviz.debugger.numerics import readable_numbers

MOST_NUMBERS = 1 << 22
"""So many numbers of a tensor are looked at."""
BARS = 40
POINTS = 80
MOST_PIXELS = 128
"""Along the longer side of a picture."""
_SMALLEST = 4
"""What is not even so wide and so high is no picture."""
_SMALLEST_LAST = 16
"""The same where colours come last, as many things other than pictures have three of something."""
_TILES = 16
_COLOURS = 3
_NOT_FINITE = (230, 0, 90)
"""The colour of what has no number: neither black nor white, on light and on dark."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How finite numbers are spread.

    Attributes:
        low, high: the edges of the first bar and of the last; bars are equally wide.
        counts: one for each bar.
    """

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The numbers in their order, in up to `POINTS` stretches.

    Attributes:
        least, most: of each stretch; NaN where nothing in it is finite.
    """

    least: tuple[float, ...]
    most: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be looked at as a picture, made small.

    Attributes:
        width, height: in pixels.
        pixels: three bytes each, row by row.
        words: what it shows, and which number is black and which white.
    """

    width: int
    height: int
    pixels: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """A tensor at one look.

    Attributes:
        looked_at: how many numbers the histogram and the course are made of.
        histogram, course, picture: `None` where there is none.
    """

    looked_at: int
    histogram: Histogram | None
    course: Course | None
    picture: Picture | None


def portrait(tensor: torch.Tensor) -> Portrait:
    """A tensor at one look."""
    with torch.no_grad():
        numbers = readable_numbers(tensor)
        if numbers is None or not numbers.numel():
            return Portrait(0, None, None, None)
        some = _some(numbers)
        drawn = picture(numbers, is_bytes=tensor.dtype is torch.uint8)
        return Portrait(some.numel(), histogram(some), course(some), drawn)


def _some(numbers: torch.Tensor) -> torch.Tensor:
    """Numbers of a tensor in their order, evenly taken, as doubles on the CPU."""
    while numbers.numel() > MOST_NUMBERS and not numbers.is_contiguous():
        longest = numbers.shape.index(max(numbers.shape))  # all of it is not copied for this
        numbers = numbers[(slice(None),) * longest + (slice(None, None, 2),)]
    step = ceil(numbers.numel() / MOST_NUMBERS)
    return numbers.reshape(-1)[::step].cpu().double()


def histogram(numbers: torch.Tensor) -> Histogram | None:
    """How finite numbers are spread; a bar for each of them where they are a few integers."""
    finite = numbers[numbers.isfinite()]
    if not finite.numel():
        return None
    low, high = (float(one) for one in torch.aminmax(finite))
    if not float("-inf") < high - low < float("inf"):
        return None  # from one end of the doubles to the other
    bars = BARS
    if high - low < BARS and bool((finite == finite.trunc()).all()):
        bars, low, high = int(high - low) + 1, low - 0.5, high + 0.5
    if low == high:
        return Histogram(low, high, (finite.numel(),))
    counts = torch.histc(finite, bars, low, high)
    return Histogram(low, high, tuple(int(count) for count in counts))


def course(numbers: torch.Tensor) -> Course:
    """The numbers in their order."""
    stretches = numbers.tensor_split(min(POINTS, numbers.numel()))
    ends = [_ends(stretch) for stretch in stretches]
    return Course(tuple(least for least, _ in ends), tuple(most for _, most in ends))


def _ends(stretch: torch.Tensor) -> tuple[float, float]:
    finite = stretch[stretch.isfinite()]
    if not finite.numel():
        return float("nan"), float("nan")
    least, most = torch.aminmax(finite)
    return float(least), float(most)


# ── pictures ────────────────────────────────────────────────────────────────────────────────────


def picture(numbers: torch.Tensor, *, is_bytes: bool = False) -> Picture | None:
    """What has the shape of a picture: colours, a matrix, or matrices side by side.

    Args:
        numbers: of two or more dimensions, the last two height and width; of three colours the
            last three, with the colours first or last.
        is_bytes: whether 0 is black and 255 white; else these are the least and the most.
    """
    colours = _colours(numbers)
    if colours is not None:
        return _painted(_small(colours, MOST_PIXELS), "colours", is_bytes)
    if numbers.dim() < 2 or min(numbers.shape[-2:]) < _SMALLEST:
        return None
    around = numbers.shape[:-2]
    found = [numbers[at] for at in islice(product(*map(range, around)), _TILES)]
    columns = isqrt(len(found) - 1) + 1
    planes = [_small(plane[None], MOST_PIXELS // columns)[0] for plane in found]
    count = around.numel()
    words = "a matrix" if count == 1 else f"{count:,} matrices"
    words += f", the first {_TILES} of them" if count > _TILES else ""
    return _painted(_side_by_side(planes, columns), words, is_bytes)


def _colours(numbers: torch.Tensor) -> torch.Tensor | None:
    """Three planes; of several pictures those of the first."""
    if numbers.dim() < 3:
        return None
    first = numbers[(0,) * (numbers.dim() - 3)]
    if first.shape[0] == _COLOURS and min(first.shape[1:]) >= _SMALLEST:
        return first
    is_last = first.shape[-1] == _COLOURS and min(first.shape[:2]) >= _SMALLEST_LAST
    return first.permute(2, 0, 1) if is_last else None


def _small(planes: torch.Tensor, most: int) -> torch.Tensor:
    """Planes of which no side is longer: means of what was there, of big ones of some of that."""
    steps = [max(1, side // (4 * most)) for side in planes.shape[1:]]
    some = planes[:, :: steps[0], :: steps[1]].cpu().float()
    scale = min(1.0, most / max(some.shape[1:]))
    height, width = (max(1, round(side * scale)) for side in some.shape[1:])
    return torch.nn.functional.adaptive_avg_pool2d(some[None], (height, width))[0]


def _side_by_side(planes: list[torch.Tensor], columns: int) -> torch.Tensor:
    """One plane (1, height, width) of several, with a line of the lightest between them."""
    height, width = planes[0].shape
    rows = ceil(len(planes) / columns)
    finite = torch.stack(planes)
    finite = finite[finite.isfinite()]
    light = float(finite.max()) if finite.numel() else 0.0
    whole = torch.full((rows * (height + 1) - 1, columns * (width + 1) - 1), light)
    for at, plane in enumerate(planes):
        top, left = at // columns * (height + 1), at % columns * (width + 1)
        whole[top : top + height, left : left + width] = plane
    return whole[None]


def _painted(planes: torch.Tensor, words: str, is_bytes: bool) -> Picture | None:
    """Pixels of one plane, grey, or of three."""
    finite = planes[planes.isfinite()]
    if not finite.numel():
        return None
    low, high = (float(one) for one in torch.aminmax(finite))
    if is_bytes:
        low, high = 0.0, 255.0
    shades = ((planes.nan_to_num(0, 0, 0) - low) / ((high - low) or 1)).clamp(0, 1) * 255
    odd = ~planes.isfinite().all(0, keepdim=True)
    mark = torch.tensor(_NOT_FINITE, dtype=torch.uint8).reshape(-1, 1, 1)
    pixels = torch.where(odd, mark, shades.round().to(torch.uint8).expand(_COLOURS, -1, -1))
    data = bytes(cast("list[int]", cast("Any", pixels.permute(1, 2, 0).reshape(-1)).tolist()))
    height, width = planes.shape[1:]
    words += ", red: not finite" if bool(odd.any()) else ""
    return Picture(width, height, data, f"{words}; black {low:.4g}, white {high:.4g}")
