"""Watched runs: which way every construct went, and what left its tensors, by its exact source."""

import linecache
import sys
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch

from tsviz.comparison.events import Decision, Events, Leak
from tsviz.comparison.watching import watched
from tsviz.location import FileRange

NOBODY: frozenset[str] = frozenset()


def source(place: FileRange) -> str:
    """The text under a range of one line."""
    return linecache.getline(place.file, place.line)[place.col : place.end_col]


def run(function: Callable[..., Any], *args: Any) -> Events:
    with watched(NOBODY) as events:
        function(*args)
    return events


def decided(events: Events) -> list[tuple[str, object]]:
    return [
        (source(event.site.place), event.outcome)
        for event in events.order
        if isinstance(event, Decision)
    ]


def leaked(events: Events) -> list[tuple[str, str, object]]:
    return [
        (source(event.place), event.name, event.value)
        for event in events.order
        if isinstance(event, Leak)
    ]


def branches(x, flag=None):
    if x > 2 and not flag:
        x = x + 1
    y = 1 if x > 9 else 2
    if flag is None:
        pass
    if 0 < x < 10:
        return y
    return -x


def loops(n):
    count = 0
    while count < n:
        count += 1
    for item in range(n):
        if item == 1:
            continue
        count += item
    return [i * i for i in range(n) if i]


def handlers(text):
    assert text, "empty"
    try:
        number = int(text)
    except ValueError:
        number = 0
    match number:
        case 0:
            return "none"
        case _:
            return "some"


def calls_another(x):
    def inner(y):
        if y > 1:
            return y
        return -y

    return inner(x) if x else 0


def keeps_columns(x):
    if "é" and x > 1:
        return 1
    return 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((3,), ["x > 2 and not flag", True, "x > 9", False, "flag is None", True]),
        ((1,), ["x > 2 and not flag", False, "x > 9", False, "flag is None", True]),
        ((12, 1), ["x > 2 and not flag", False, "x > 9", True, "flag is None", False]),
    ],
)
def test_conditions(arguments: tuple[int, ...], expected: list[object]):
    found = [pair for pair in decided(run(branches, *arguments)) if pair[1] in (True, False)]
    assert [part for pair in found[:3] for part in pair] == expected
    assert found[3] == ("0 < x < 10", arguments[0] < 9)


def test_loops_count():
    found = decided(run(loops, 3))
    assert [went for text, went in found if text == "count < n"] == [True, True, True, False]
    assert [went for text, went in found if text == "item == 1"] == [False, True, False]
    assert [went for text, went in found if text == "range(n)"] == [3, 3]


@pytest.mark.parametrize(("text", "caught"), [("5", ()), ("x", (0,))])
def test_handlers(text: str, caught: tuple[int, ...]):
    found = dict(decided(run(handlers, text)))
    assert found["text"] is True
    assert found["number = int(text)"] == caught
    assert found["number"] == ((0,) if caught else (1,))


def test_a_failed_assertion_is_false():
    with watched(NOBODY) as events, pytest.raises(AssertionError):
        handlers("")
    assert decided(events) == [("text", False)]


def test_a_function_inside_has_its_own_sites():
    assert decided(run(calls_another, 3)) == [("x", True), ("y > 1", True)]


def test_columns_are_characters():
    found = decided(run(keeps_columns, 3))
    assert ('"é" and x > 1', True) in found


def test_sites_that_were_not_reached_are_known():
    events = run(calls_another, 0)
    assert {source(site.place) for site in events.sites} == {"x"}
    assert decided(events) == [("x", False)]


def takes_out(x):
    if x.sum() > 0:
        x = x + len(x)
    scale = float(x.mean())
    rows = [row + 0 for row in x]
    table = x.numpy()
    return x * scale + table.sum() + len(rows)


def test_leaks_have_their_place():
    found = leaked(run(takes_out, torch.ones(2, 3)))
    assert ("x.sum() > 0", "__bool__", True) in found
    assert ("len(x)", "__len__", 2) in found
    assert ("float(x.mean())", "__float__", 3.0) in found
    assert [text for text, name, _ in found if name == "numpy"] == ["x.numpy()"]
    assert ("unbind", ("Tensor", "Tensor")) in [(name, value) for _, name, value in found]


def test_a_leak_in_a_test_belongs_to_it():
    events = run(takes_out, torch.ones(2, 3))
    (leak,) = (one for one in events.order if isinstance(one, Leak) and one.name == "__bool__")
    assert leak.site is not None
    assert source(leak.site.place) == "x.sum() > 0"


def test_a_held_leak_gives_what_it_is_told():
    key = next(one.key for one in run(takes_out, torch.ones(2, 3)).order if isinstance(one, Leak))
    with watched(NOBODY, {key: [False]}) as events:
        takes_out(torch.ones(2, 3))
    assert ("x.sum() > 0", False) in decided(events)
    assert ("x.sum() > 0", "__bool__", True) in leaked(events)


def test_attributes_that_are_set():
    class Counts:
        def __call__(self):
            self.count = 1
            self.count += 1

    events = run(Counts())
    assert [(store.name, source(store.place)) for store in events.stores] == [
        ("count", "self.count"),
        ("count", "self.count"),
    ]


def test_code_of_packages_the_model_is_not_made_of_is_not_watched():
    with watched(NOBODY) as events:
        numpy.prod([2, 3])
    assert not events.sites
    assert not events.order


def test_results_and_the_trace_function_are_as_without():
    heard: list[str] = []

    def listener(frame: object, event: str, arg: object) -> None:
        heard.append(event)

    x = torch.randn(4, 3)
    before = sys.gettrace()
    sys.settrace(listener)
    try:
        with watched(NOBODY):
            result = takes_out(x)
        assert sys.gettrace() is listener
    finally:
        sys.settrace(before)
    assert torch.equal(result, takes_out(x))


def test_the_trace_function_comes_back_after_an_error():
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError), watched(NOBODY):
        _ = 1 / 0
    assert sys.gettrace() is before
