"""Pickles are read as data: what PyTorch writes is understood, and nothing is ever called."""

import pickle
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsviz.jit.pickles import Built, Entries, Global, PickleError, read_pickle

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def plain(value: object) -> object:
    """The value as Python's own pickle would give it."""
    if isinstance(value, Entries):
        return {key: plain(part) for key, part in value}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, tuple):
        return tuple(plain(part) for part in value)
    return value


@given(VALUES)
def test_data_comes_back(value: object) -> None:
    data = pickle.dumps(value, protocol=2)
    pickled = read_pickle(data)
    assert plain(pickled.root) == value
    assert pickled.names == ()
    assert pickled.end == len(data)


def test_shared_parts_stay_shared() -> None:
    part = ("a", "b", "c", "d")
    first, second = read_pickle(pickle.dumps([part, part], protocol=2)).root  # type: ignore[misc]
    assert first is second


class Calls:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.mkdir, (self.path,)


def test_a_call_is_described_and_not_made(tmp_path: Path) -> None:
    target = tmp_path / "made"
    pickled = read_pickle(pickle.dumps(Calls(str(target)), protocol=2))
    assert isinstance(pickled.root, Built)
    assert pickled.root.args[-1] == str(target)
    assert "getattr" in str(pickled.names)
    assert not target.exists()


def test_entries_of_an_object() -> None:
    pickled = read_pickle(pickle.dumps(OrderedDict(a=1, b=2), protocol=2))
    assert isinstance(pickled.root, Built)
    assert pickled.root.maker == Global("collections", "OrderedDict")
    assert pickled.root.entries == [("a", 1), ("b", 2)]


def test_several_pickles_in_a_row() -> None:
    data = pickle.dumps(1, protocol=2) + pickle.dumps("two", protocol=2)
    first = read_pickle(data)
    assert (first.root, read_pickle(data, first.end).root) == (1, "two")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it breaks off or contradicts itself at byte 0"),
        (b"\x80\x02X\xff\x00\x00\x00ab", "it breaks off"),
        (b"\x80\x04.", "it is written for a newer protocol than PyTorch uses"),
        (pickle.dumps({1}, protocol=4)[2:], "instruction b'\\x95' is none that PyTorch writes"),
        (b"\x80\x02q\x00.", "it breaks off or contradicts itself at byte 3"),
        (b"\x80\x02h\x07.", "it breaks off or contradicts itself at byte 4"),
        (b"\x80\x02t.", "it breaks off or contradicts itself at byte 3"),
        (b"\x80\x02Nt.", "a mark is missing"),
        (b"\x80\x02N\x86.", "a tuple lacks items"),
        (b"\x80\x02NNa.", "items are added to what is no list"),
        (b"\x80\x02NNNs.", "entries are stored in what is no dictionary"),
        (b"\x80\x02NNR.", "a call has no arguments"),
        (b"\x80\x02NNb.", "a state is given to what has none"),
        (b"\x80\x02cname without an end", "a name does not end"),
    ],
)
def test_nonsense_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(PickleError) as caught:
        read_pickle(data)
    assert str(caught.value) == reason


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(PickleError):
        read_pickle(b"\x80\x02" + data)
