"""Printed code is compared in a form that does not depend on names and numbers around it."""

import pytest

from tsviz.comparison.printing import Printing, canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("  _3 = f(x)\n  return _3", "  _0 = f(x)\n  return _0"),
        ("  _3 = f(x)\n  return g(_3)", "  return g(f(x))"),
        ("  _0 = __torch__.m.f\n  return _0(_0(x))", "  return __torch__.m.f(__torch__.m.f(x))"),
        ("  input3 = f(x)\n  return g(input3, input3)", "  input = f(x)\n  return g(input, input)"),
        ("  x1 = f(x)\n  x2 = x1\n  return x2", "  return f(x)"),
    ],
)
def test_the_same_function(one: str, other: str):
    assert canonical(one).replace("input0", "input") == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("  return f(x, 1)", "  return f(x, 2)"),
        ('  return f(x, "_1")', '  return f(x, "_2")'),
        ("  return self.conv1", "  return self.conv2"),
        ("  _0 = f(x)\n  return g(_0, _0)", "  return g(f(x), f(x))"),
        ("  return CONSTANTS.c1", "  return CONSTANTS.c2"),
    ],
)
def test_other_functions(one: str, other: str):
    assert canonical(one) != canonical(other)


def test_a_value_of_two_branches_stays():
    text = "  if b:\n    _0 = f(x)\n  else:\n    _0 = g(x)\n  return _0"
    assert canonical(text) == text


def test_a_long_chain_does_not_grow_without_end():
    """Each of these values holds the one before: to write out all of them takes gigabytes."""
    lines = [f"  _{at + 1} = f(_{at}, {'x' * 100})" for at in range(20_000)]
    assert len(canonical("\n".join(lines))) < 2 * sum(map(len, lines))


def test_names_of_the_other_archive():
    printing = Printing.make({"m.New": "m.Old"}, {"constants.3": "constants.1"})
    text = (
        "def f(self: __torch__.m.New, x: __torch__.m.Newer):\n  return CONSTANTS.c3 + CONSTANTS.c4"
    )
    assert printing.translated(text) == (
        "def f(self: __torch__.m.Old, x: __torch__.m.Newer):\n"
        "  return CONSTANTS.c1 + CONSTANTS.new4"
    )
