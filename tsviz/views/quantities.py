"""Times, sizes and rates in few characters."""


def time_words(nanoseconds: float) -> str:
    """`1.20 ms`, `350 ns`."""
    size = abs(nanoseconds)
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if size >= factor:
            return f"{_digits(nanoseconds / factor)} {unit}"
    return f"{nanoseconds:.0f} ns"


def bytes_words(size: float) -> str:
    """`16.0 KiB`; a power of two, as memory is counted."""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if abs(size) >= factor:
            return f"{_digits(size / factor)} {unit}"
    return f"{size:.0f} B"


def rate_words(rate: float, unit: str) -> str:
    """`12.5 GFLOP/s`."""
    for prefix, factor in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= factor:
            return f"{_digits(rate / factor)} {prefix}{unit}"
    return f"{rate:.0f} {unit}"


def _digits(value: float) -> str:
    """Three digits that count."""
    size = abs(value)
    return f"{value:.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
