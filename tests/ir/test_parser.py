"""Text that is no whole graph is refused at the line that is wrong; nesting has no limit."""

import pickle
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models import ZOO
from tsviz.errors import CaptureError
from tsviz.ir import (
    adopt_ids,
    diff_graphs,
    graph_of_record,
    hash_graph,
    iter_faults,
    read_graph,
    record_graph,
    render_graph,
)

HELP = "  help: paste it as PyTorch printed it, with no line cut off, wrapped or left out"


def said(*lines: str) -> str:
    with pytest.raises(CaptureError) as caught:
        read_graph("\n".join(lines))
    return str(caught.value)


def test_no_graph() -> None:
    assert said("Traceback (most recent call last):") == (
        "error[TSV-C20]: expected IR text with a line `graph(…):`, found none\n"
        "  help: paste what `print(model.graph)` shows, from `graph(` on"
    )


@pytest.mark.parametrize(
    "line",
    ["hello world", "%z : Tensor = aten::re", "return %x", "py:1:2"],
)
def test_a_line_that_is_no_ir(line: str) -> None:
    text = said("graph(%x : Tensor):", "  %y : Tensor = aten::relu(%x)", f"  {line}", "return (%y)")
    assert text == (
        "error[TSV-C21]: expected a line of IR as PyTorch prints it, got another\n"
        "  --> <IR text>:3\n"
        f"   3 |   {line}\n"
        f"     |   {'^' * len(line)}\n"
        f"{HELP}"
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("graph(%x : Tensor):",),
        ("graph(%x : Tensor,", "      %y : Ten"),
        ("graph(%x : Tensor):", "  %y : Tensor = aten::relu(%x)", "", ""),
        ("graph(%c : bool):", "  %y : int = prim::If(%c)", "    block0():"),
    ],
    ids=["after the head", "in the head", "after a node", "in a block"],
)
def test_a_text_that_breaks_off(lines: tuple[str, ...]) -> None:
    last = [line for line in lines if line][-1]
    number = lines.index(last) + 1
    start = len(last) - len(last.lstrip())
    assert said(*lines) == (
        "error[TSV-C21]: expected the text to go on to `return (…)`, it ends before\n"
        f"  --> <IR text>:{number}\n"
        f"{number:>4} | {last}\n"
        f"     | {' ' * start}{'^' * len(last.strip())}\n"
        f"{HELP}"
    )


def test_a_value_that_nothing_defines() -> None:
    assert said("graph(%x.1 : Tensor):", "  %y : Tensor = aten::add(%x.1, %x)", "return (%y)") == (
        "error[TSV-C22]: expected a value that is defined here, got %x: no line above defines it\n"
        "  --> <IR text>:2:33\n"
        "   2 |   %y : Tensor = aten::add(%x.1, %x)\n"
        "     |                                 ^^\n"
        f"{HELP}"
    )


def test_a_value_whose_block_has_ended() -> None:
    lines = (
        "a log, and then",
        "graph(%c : bool, %x : Tensor):",
        "  %y : Tensor = prim::If(%c)",
        "    block0():",
        "      %a : Tensor = aten::relu(%x)",
        "      -> (%a)",
        "    block1():",
        "      -> (%a)",
        "  return (%y)",
    )
    assert said(*lines) == (
        "error[TSV-C22]: expected a value that is defined here, got %a: its block has ended\n"
        "  --> <IR text>:8:11\n"
        "   8 |       -> (%a)\n"
        "     |           ^^\n"
        f"{HELP}"
    )


def test_a_subgraph_sees_nothing_of_what_is_around_it() -> None:
    lines = (
        "graph(%x : Tensor):",
        "  %f : Future(Tensor) = prim::fork_0(%x)",
        "  return (%f)",
        "with prim::fork_0 = graph(%y : Tensor):",
        "  return (%x)",
    )
    assert said(*lines).split("\n")[:2] == [
        "error[TSV-C22]: expected a value that is defined here, got %x: no line above defines it",
        "  --> <IR text>:5:11",
    ]


def test_parameters_of_one_name() -> None:
    assert said("graph(%x : int,", "      %x : int):", "  return (%x)").split("\n")[:3] == [
        "error[TSV-C22]: expected every value to be defined once, %x is defined again",
        "  --> <IR text>:2:7",
        "   2 |       %x : int):",
    ]
    assert said("graph(%x : int, %x : int").startswith("error[TSV-C21]: expected the text to go on")


@pytest.mark.parametrize("text", ["%x : int = aten::neg(%x)", "%y : int, %y : int = aten::f(%x)"])
def test_a_value_that_is_defined_twice(text: str) -> None:
    name = text[:2]
    assert said("graph(%x : int):", text, "return (%x)") == (
        f"error[TSV-C22]: expected every value to be defined once, {name} is defined again\n"
        "  --> <IR text>:2:1\n"
        f"   2 | {text}\n"
        "     | ^^\n"
        f"{HELP}"
    )


def test_a_name_of_an_ended_block_is_not_free() -> None:
    lines = (
        "graph(%c : bool):",
        "  = prim::If(%c)",
        "    block0():",
        "      %a : int = prim::Constant[value=1]()",
        "      -> ()",
        "    block1():",
        "      -> ()",
        "  %a : int = prim::Constant[value=2]()",
        "  return (%a)",
    )
    assert said(*lines).split("\n")[:2] == [
        "error[TSV-C22]: expected every value to be defined once, %a is defined again",
        "  --> <IR text>:8:3",
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("%y : int = prim::If(%c)",),
            "prim::If of 1 outputs to hold a block (0 → 1) and a block (0 → 1), got no block",
        ),
        (
            ("%y : int = prim::If(%c)", "block0():", "-> (%n)"),
            "prim::If of 1 outputs to hold a block (0 → 1) and a block (0 → 1), "
            "got a block (0 → 1)",
        ),
        (
            ("%y : int = prim::If(%c)", "block0():", "-> (%n)", "block1():", "-> (%n, %n)"),
            "prim::If of 1 outputs to hold a block (0 → 1) and a block (0 → 1), "
            "got a block (0 → 1) and a block (0 → 2)",
        ),
        (
            ("%y : int = prim::If(%c, %c)", "block0():", "-> (%n)", "block1():", "-> (%n)"),
            "prim::If of 1 outputs to take 1 inputs, got 2",
        ),
        (
            ("%y : int = prim::Loop(%n, %c, %n)", "block0(%i : int):", "-> (%c, %n)"),
            "prim::Loop of 1 outputs to hold a block (2 → 2), got a block (1 → 2)",
        ),
        (
            ("%y : int = prim::Loop(%n, %c)", "block0(%i : int, %j : int):", "-> (%c, %j)"),
            "prim::Loop of 1 outputs to take 3 inputs, got 2",
        ),
    ],
)
def test_blocks_that_do_not_fit(lines: tuple[str, ...], expected: str) -> None:
    assert said("graph(%c : bool, %n : int):", *lines, "return (%y)") == (
        f"error[TSV-C25]: expected {expected}\n"
        "  --> <IR text>:2\n"
        f"   2 | {lines[0]}\n"
        f"     | {'^' * len(lines[0])}\n"
        f"{HELP}"
    )


def test_a_subgraph_that_does_not_fit_is_told_at_its_node() -> None:
    lines = (
        "graph(%x : Tensor):",
        "  %f : Future(Tensor) = prim::fork_0(%x)",
        "  return (%f)",
        "with prim::fork_0 = graph():",
        "  %y : Tensor = prim::Constant[value={1}]()",
        "  return (%y)",
    )
    assert said(*lines).split("\n")[:2] == [
        "error[TSV-C25]: expected the subgraph of prim::fork to be a block (1 → 1), "
        "got a block (0 → 1)",
        "  --> <IR text>:2",
    ]


def test_subgraphs_of_subgraphs_hang_under_the_node_of_their_own_graph() -> None:
    text = """graph(%x : int):
  %a : int = prim::fork_0(%x)
  %b : int = prim::fork_1(%a)
  return (%b)
with prim::fork_0 = graph(%x : int):
  %y : int = prim::fork_0(%x)
  return (%y)
with prim::fork_0 = graph(%x : int):
  %y : int = aten::neg(%x)
  return (%y)
with prim::fork_1 = graph(%x : int):
  %y : int = aten::abs(%x)
  return (%y)"""
    graph = read_graph(text).graph
    assert render_graph(graph) == text
    assert [node.op for node in graph.iter_nodes()] == [
        *["prim::fork", "prim::fork", "aten::neg"],
        *["prim::fork", "aten::abs"],
    ]
    assert list(iter_faults(graph)) == []


def nested_ifs(depth: int) -> str:
    """An `elif` chain as TorchScript compiles it: each If in the else of the one before."""
    lines = ["graph(%c : bool, %x : Tensor):"]
    for at in range(depth):
        lines += [f"%y{at} : Tensor = prim::If(%c)", "block0():", "-> (%x)", "block1():"]
    lines += [f"%z : Tensor = aten::relu(%x) # m.py:{depth}:0", "-> (%z)"]
    lines += [f"-> (%y{at})" for at in range(depth - 1, 0, -1)]
    return "\n".join([*lines, "return (%y0)"])


def test_nesting_has_no_limit() -> None:
    depth = 2 * sys.getrecursionlimit()
    graph = read_graph(nested_ifs(depth)).graph
    assert len(graph.nodes) == depth + 1
    assert list(iter_faults(graph)) == []
    text = render_graph(graph)
    assert text.count("\n") == 5 * depth + 3
    assert render_graph(read_graph(text).graph) == text
    again = pickle.loads(pickle.dumps(graph))
    assert again == graph
    assert render_graph(again) == text
    other = graph_of_record(record_graph(graph))
    assert hash_graph(other) == hash_graph(graph)
    assert not diff_graphs(graph, adopt_ids(graph, other))


def test_nested_subgraphs_have_no_limit() -> None:
    depth = sys.getrecursionlimit()
    part = "graph(%x : int):\n  %y : int = prim::fork_0(%x)\n  return (%y)\nwith prim::fork_0 = "
    text = part * depth + "graph(%x : int):\n  return (%x)"
    graph = read_graph(text).graph
    assert len(graph.nodes) == depth
    assert render_graph(graph) == text


def test_a_hundred_thousand_nodes_pickle_and_compare() -> None:
    count = 100_000
    lines = [f"  %{at + 1} : Tensor = aten::relu(%{at})" for at in range(count)]
    text = "\n".join(["graph(%0 : Tensor):", *lines, f"  return (%{count})"])
    graph = read_graph(text).graph
    again = pickle.loads(pickle.dumps(graph))
    assert again is not graph
    assert again == graph
    assert len(again.nodes) == count
    assert again != replace(graph, name="other")


# ── any damage is told, and what is read is whole ───────────────────────────────────────────────

REAL = {name: str(ZOO[name].build().inlined_graph) for name in ("fork-each", "loop-control")}


def cut_off(lines: list[str], at: int, _: int) -> list[str]:
    return lines[:at]


def left_out(lines: list[str], at: int, _: int) -> list[str]:
    return lines[:at] + lines[at + 1 :]


def repeated(lines: list[str], at: int, other: int) -> list[str]:
    return [*lines[:at], lines[other], *lines[at:]]


def swapped(lines: list[str], at: int, other: int) -> list[str]:
    changed = list(lines)
    changed[at], changed[other] = lines[other], lines[at]
    return changed


def cut_short(lines: list[str], at: int, length: int) -> list[str]:
    return [*lines[:at], lines[at][:length], *lines[at + 1 :]]


@given(
    st.sampled_from(list(REAL)),
    st.sampled_from([cut_off, left_out, repeated, swapped, cut_short]),
    st.data(),
)
def test_any_damage_is_told_and_what_is_read_is_whole(
    name: str, damage: Callable[[list[str], int, int], list[str]], data: st.DataObject
) -> None:
    lines = REAL[name].split("\n")
    numbers = st.integers(0, len(lines) - 1)
    text = "\n".join(damage(lines, data.draw(numbers), data.draw(numbers)))
    try:
        graph = read_graph(text).graph
    except CaptureError:
        return
    assert list(iter_faults(graph)) == []
