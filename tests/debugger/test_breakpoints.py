"""Breakpoints: on lines, ops, values, modules; with conditions and counts."""

from pathlib import Path

import pytest
import torch

from tests.debugger import driving
from tests.debugger.driving import Calls, Divides, Gathers, started
from tsviz.debugger import Debugger, Status
from tsviz.errors import DebugError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


def line_of(text: str) -> int:
    lines = Path(driving.__file__).read_text(encoding="utf-8").split("\n")
    return next(at for at, line in enumerate(lines, start=1) if line.strip().startswith(text))


def stops(session: Debugger) -> list[str]:
    """Goes on to the end; the node and the reason of every stop."""
    found: list[str] = []
    while True:
        session.continue_()
        state = session.wait()
        if not state.is_held:
            return found
        assert state.node is not None
        found.append(f"{state.node.op} {'after' if state.after else 'before'}: {state.reason}")


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ("aten::append", ["aten::append"] * 3),
        ("append", ["aten::append"] * 3),
        ("aten::*", ["aten::mul", "aten::append"] * 3),
        ("*", ["prim::Loop", *["prim::Loop", "aten::mul", "aten::append"] * 3]),
    ],
)
def test_ops_and_patterns(target: str, met: list[str]):
    with started(Gathers(), (torch.ones(2),)) as session:
        session.break_at(target)
        assert stops(session) == [f"{op} before: breakpoint 1" for op in met]


def test_lines_are_met_once_each_time():
    with started(Gathers(), (torch.ones(2),)) as session:
        line = line_of("found.append(x * i)")
        session.break_at(f"driving.py:{line}")
        assert stops(session) == ["aten::mul before: breakpoint 1"] * 3


def test_a_line_that_calls_is_met_in_what_it_calls():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.break_at(f"driving.py:{line_of('return self.encoder(shifted)')}")
        assert len(stops(session)) == 1


def test_a_line_without_nodes_stands_for_the_next_that_has_some():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        made = session.break_at(
            f"driving.py:{line_of('def encode(self, x: torch.Tensor) -> torch.Tensor:')}"
        )
        assert made.spot.text.endswith(f":{line_of('shifted = x + 1')}")


def test_modules_are_met_on_the_way_in():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.break_at("encoder")
        session.break_at("head")
        assert len(stops(session)) == 2


def test_values_and_ids():
    with started(Divides(), (torch.ones(2),)) as session:
        node = next(n for n in session.program.graph.iter_nodes() if n.op == "aten::reciprocal")
        session.break_at("%y.1")
        session.break_at(node.id)
        assert stops(session) == ["aten::reciprocal before: breakpoint 2"]  # it is held at %y.1


def test_conditions_on_what_goes_in_and_on_what_comes_out():
    with started(Gathers(), (torch.ones(2),)) as session:
        session.break_at("aten::mul", when="i == 1 and x.sum() == 2")
        session.break_at("aten::mul", when="out.max() >= 2")
        assert stops(session) == [
            "aten::mul before: breakpoint 1",
            "aten::mul after: breakpoint 2",
        ]


def test_hits_are_counted():
    with started(Gathers(), (torch.ones(2),)) as session:
        made = session.break_at("aten::mul", after=2)
        assert stops(session) == ["aten::mul before: breakpoint 1"]
        assert (made.hits, str(made)) == (3, "1: aten::mul after 2 times")


def test_the_first_number_that_is_not_finite():
    with started(Divides(), (torch.tensor([1.0, 0.0]),)) as session:
        session.continue_(finite=True)
        state = session.wait()
        assert (state.node.op, state.after) == ("aten::reciprocal", True)  # type: ignore[union-attr]
        assert state.reason == "not finite"
        assert session.evaluate("out").isinf().any()  # type: ignore[union-attr]
        session.continue_()
        assert session.wait().status is Status.FINISHED


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        (
            "1 / 0",
            "the condition of breakpoint 1, `1 / 0`, failed: ZeroDivisionError: division by zero",
        ),
        (
            "nothing > 1",
            "the condition of breakpoint 1, `nothing > 1`, failed: no "
            "value is called `nothing` here",
        ),
    ],
)
def test_a_condition_that_fails_holds_the_run(when: str, reason: str):
    with started(Gathers(), (torch.ones(2),)) as session:
        session.break_at("aten::mul", when=when)
        session.continue_()
        state = session.wait()
        assert state.reason == reason
        session.continue_()
        assert session.wait().is_held


def test_conditions_see_lists_as_they_are():
    with started(Gathers(), (torch.ones(2),)) as session:
        session.break_at("aten::mul", when="%found.1")
        session.continue_()
        assert session.wait().position == 7
        assert session.evaluate("len(found)") == 1
        session.clear()
        session.continue_()
        session.wait()
        assert session.evaluate("len(%found.1)") == 3


def test_a_condition_that_is_none():
    with started(Gathers(), (torch.ones(2),)) as session:
        with pytest.raises(DebugError) as caught:
            session.break_at("aten::mul", when="x.sum(")
        assert str(caught.value) == (
            "error[TSV-D01]: expected an expression of Python's, got `x.sum(`: "
            "'(' was never closed\n"
            "  help: values go by their names: `x.abs().max() > 3`, `isnan(%y.1)`"
        )


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (
            "aten::apend",
            "error[TSV-D10]: expected a line, an op, a value, a node or a module path, got "
            "`aten::apend`\n  help: did you mean `aten::append`?",
        ),
        (
            "driving.py:9000",
            "error[TSV-D12]: no node comes from line 9000 of `driving.py`\n"
            "  help: the last line with nodes is {last}",
        ),
        (
            "other.py:3",
            "error[TSV-D12]: no node comes from line 3 of `other.py`\n"
            "  note: nodes come from {file}",
        ),
    ],
)
def test_unknown_targets(target: str, text: str):
    with started(Gathers(), (torch.ones(2),)) as session:
        with pytest.raises(DebugError) as caught:
            session.break_at(target)
        last = line_of("found.append(x * i)")
        assert str(caught.value) == text.format(last=last, file=driving.__file__)


def test_removing():
    with started(Gathers(), (torch.ones(2),)) as session:
        session.break_at("append")
        session.break_at("mul")
        session.clear(1)
        with pytest.raises(DebugError) as caught:
            session.clear(1)
        assert str(caught.value) == (
            "error[TSV-D13]: expected the number of a breakpoint (2), got 1"
        )
        session.clear()
        assert stops(session) == []


def test_a_file_name_that_fits_two(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    import importlib
    import sys

    for folder, body in (("one", "return x + 1"), ("two", "return x * 2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
        (tmp_path / folder / "part.py").write_text(
            f"import torch\n\n\ndef work(x: torch.Tensor):\n    {body}\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    one, two = (importlib.import_module(f"{name}.part") for name in ("one", "two"))
    first, second = torch.jit.script(one.work), torch.jit.script(two.work)

    def both(x: torch.Tensor):
        return first(second(x))

    with started(torch.jit.trace(both, torch.ones(2)), (torch.ones(2),)) as session:
        with pytest.raises(DebugError) as caught:
            session.break_at("part.py:5")
        assert caught.value.diagnostic.render().splitlines()[0] == (
            "error[TSV-D11]: expected a file name that fits one file, `part.py` fits 2"
        )
        session.break_at("one/part.py:5")
    for name in ("one", "two", "one.part", "two.part"):
        sys.modules.pop(name, None)
