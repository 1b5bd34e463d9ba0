"""`tsviz debug`: a session in the terminal, driven by a pipe."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done

Tsviz = Callable[..., Done]

_NO_FOO = "AttributeError: 'Tensor' object has no attribute 'foo'"
_HELP = "  help: `help` lists them"
_GAP = "at most 1 (relative 0.5, 8388608 ULP)"
LOOPS = """\
import torch
from torch import nn


class Loops(nn.Module):
    def forward(self, x):
        y = self.double(x)
        for i in range(3):
            y = y + 1
        return y

    def double(self, x):
        return x * 2


class Fails(nn.Module):
    def forward(self, x):
        return torch.mm(x, x)


model = Loops()
fails = Fails()
"""


@pytest.fixture
def session(
    tsviz: Tsviz, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[str]]]:
    """Runs `tsviz debug` with verbs from a pipe; returns the exit code and what was printed."""
    (folder / "nets.py").write_text(LOOPS)

    def run(target: str, *verbs: str, args: str = "torch.ones(2)") -> tuple[int, list[str]]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{verb}\n" for verb in verbs)))
        done = tsviz("debug", target, "--args", args)
        assert done.err == ""
        return done.code, [line.rstrip() for line in done.out.split("\n")]

    return run


def test_a_session(session: Callable[..., tuple[int, list[str]]]):
    code, lines = session(
        "nets:model",
        "over line",
        "break add if i == 1",
        "watch y.sum()",
        "continue",
        "print y",
        "set y = y * 0",
        "back",
        "step",
        "where",
        "clear 1",
        "continue",
        "back line",
        "quit",
    )
    assert code == 0
    file = "nets.py"
    here = [
        f"{file}:9 in forward",
        "     7 |         y = self.double(x)",
        "     8 |         for i in range(3):",
        "→    9 |             y = y + 1",
        "    10 |         return y",
        "  %y.5 : Tensor = aten::add(%y.11, %4, %4)",
    ]
    assert lines[:-1] == [
        "held at 1 · entry",
        f"{file}:13 in double",
        "    11 |",
        "    12 |     def double(self, x):",
        "→   13 |         return x * 2",
        "  %y.1 : Tensor = aten::mul(%x.1, %10)",
        "(tsviz) over line",
        "held at 2 · step",
        f"{file}:8 in forward",
        "     6 |     def forward(self, x):",
        "     7 |         y = self.double(x)",
        "→    8 |         for i in range(3):",
        "     9 |             y = y + 1",
        "    10 |         return y",
        "  %y : Tensor = prim::Loop(%3, %2, %y.1)",
        "(tsviz) break add if i == 1",
        "breakpoint 1: add when i == 1",
        "(tsviz) watch y.sum()",
        "  y.sum() = f32[]  [4]",
        "(tsviz) continue",
        "held at 6 · breakpoint 1 · iteration 2",
        *here,
        "  y.sum() = f32[]  [6]",
        "(tsviz) print y",
        "f32[2]  3 … 3  mean 3  [3, 3]",
        "  8 B · strides [1] · contiguous",
        "tensor([3., 3.])",
        "(tsviz) set y = y * 0",
        "held at 6 · edit · iteration 2",
        *here,
        "  y.sum() = f32[]  [0]",
        "(tsviz) back",
        "held at 5 · back · iteration 2",
        f"{file}:8 in forward",
        "     6 |     def forward(self, x):",
        "     7 |         y = self.double(x)",
        "→    8 |         for i in range(3):",
        "     9 |             y = y + 1",
        "    10 |         return y",
        "  head of %y : Tensor = prim::Loop(%3, %2, %y.1)",
        "  y.sum() = f32[]  [6]",
        "(tsviz) step",
        "held at 6 · step · iteration 2",
        *here,
        "  y.sum() = f32[]  [6]",
        "(tsviz) where",
        "#0  forward  nets.py:9",
        "(tsviz) clear 1",
        "(tsviz) continue",
        "finished after 8 positions",
        "(tsviz) back line",
        "held at 8 · back · iteration 3",
        *here,
        "  y.sum() = f32[]  [8]",
        "(tsviz) quit",
    ]


def test_a_program_that_fails(session: Callable[..., tuple[int, list[str]]]):
    code, lines = session("nets:fails", "continue", "values", "back", args="torch.ones(2, 3)")
    assert code == 0  # it was gone back from
    at = lines.index("(tsviz) continue")
    assert lines[at + 1 : at + 7] == [
        "failed after 1 positions",
        "nets.py:18 in forward",
        "    16 | class Fails(nn.Module):",
        "    17 |     def forward(self, x):",
        "→   18 |         return torch.mm(x, x)",
        "  %2 : Tensor = aten::mm(%x.1, %x.1)",
    ]
    assert lines[at + 7].startswith("RuntimeError: mat1 and mat2 shapes cannot be multiplied")
    assert session("nets:fails", "c", args="torch.ones(2, 3)")[0] == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("dance", ["error[TSV-D50]: expected a verb, got `dance`", "  help: `help` lists them"]),
        ("set y", ["error[TSV-D52]: expected `set NAME = EXPRESSION`, got `y`"]),
        ("goto x", ["error[TSV-D52]: expected `goto POSITION`, got `x`"]),
        ("goto 7", ["error[TSV-D30]: expected a position from 1 to 1, got 7"]),
        ("print 1/0", ["error[TSV-D51]: `1/0` failed: ZeroDivisionError: division by zero"]),
        ("compare x", ["error[TSV-D52]: expected `compare A B`, got `x`"]),
        ("compare x 'x + 1'", [f"2 of 2 numbers differ: {_GAP}, at [0]"]),
        ("compare x 'y", ["error[TSV-D52]: expected `compare A B`, got `x 'y`"]),
        ("compare x x.foo", [f"error[TSV-D51]: `x.foo` failed: {_NO_FOO}"]),
        ("pin = 3", ["error[TSV-D52]: expected `pin NAME = EXPRESSION`, got `= 3`"]),
        ("pin", ["no pins"]),
        ("unpin x", ["error[TSV-D15]: expected the name of a pin (none), got `x`"]),
        ("attributes", ["value  type  content"]),
        (
            "drift 1 2",
            [
                "error[TSV-D53]: expected the name of a record (none), got `1`",
                "  help: `record NAME` makes one",
            ],
        ),
        ("break add if i == 1 after 2", ["breakpoint 1: add when i == 1 after 2 times"]),
        (
            "print torch.arange(4)",
            [
                "i64[4]  0 … 3  mean 1.5  [0, 1, 2, 3]",
                "  32 B · strides [1] · contiguous",
                "  -0.5 ████ 3.5",
                "tensor([0, 1, 2, 3])",
            ],
        ),
        ("help unpin", ["Forgets what was kept: `unpin NAME`."]),
        ("help dance", ["error[TSV-D50]: expected a verb, got `dance`", _HELP]),
        ("break", ["no breakpoints"]),
        ("step loop", ["error[TSV-D21]: expected by to be one of node, line, module, got 'loop'"]),
        ("values", ["value  type    content", "%x.1   Tensor  f32[2]  1 … 1  mean 1  [1, 1]"]),
    ],
)  # fmt: skip
def test_verbs(session: Callable[..., tuple[int, list[str]]], verb: str, answer: list[str]):
    code, lines = session("nets:model", verb)
    at = lines.index(f"(tsviz) {verb}")
    assert (code, lines[at + 1 : -1]) == (0, answer)


def test_two_records_of_it(session: Callable[..., tuple[int, list[str]]], folder: Path):
    code, lines = session(
        "nets:model", "record plain", "over line", "set y = y + 1", "record", "drift plain 2", "q"
    )
    at = lines.index("(tsviz) drift plain 2")
    assert code == 0
    assert "record plain: 12 values" in lines
    assert [line.rstrip() for line in lines[at + 1 : -2]] == [
        "5 of 12 values equal bit for bit",
        f"first difference: %y.11, by `prim::Loop` ({folder / 'nets.py'}:8)",
        "  relative 0.333, over 2 numbers of it",
        "drift along the program   █▆▆▅▅▄▄",
        "value  op          line       drift",
        "%y.11  prim::Loop  nets.py:8  0.333",
        "%y.5   aten::add   nets.py:9  0.25",
        "%y.11  prim::Loop  nets.py:8  0.25",
        "%y.5   aten::add   nets.py:9  0.2",
        "%y.11  prim::Loop  nets.py:8  0.2",
        "%y.5   aten::add   nets.py:9  0.167",
        "%y     prim::Loop  nets.py:8  0.167",
    ]


def test_a_condition_that_fails_is_said_where_breakpoints_are_listed(
    session: Callable[..., tuple[int, list[str]]],
):
    _, lines = session("nets:model", "break add if q", "continue", "break")
    assert lines[-2] == (
        "1: add when q, met 1 time; its condition failed: no value is called `q` here"
    )


def test_help_lists_every_verb_with_its_short_form(
    session: Callable[..., tuple[int, list[str]]],
):
    _, lines = session("nets:model", "help")
    told = "\n".join(lines)
    assert "continue [nan]" in told
    assert [line.split()[-10:] for line in lines if line.startswith("quit")] == [
        ["quit", "q", "Ends", "the", "session"]
    ]


def test_every_verb_says_what_it_is(session: Callable[..., tuple[int, list[str]]]):
    from tsviz.commands.debug_shell import Shell

    verbs = [name[3:] for name in dir(Shell) if name.startswith("do_") and name != "do_EOF"]
    _, lines = session("nets:model", *(f"help {verb}" for verb in verbs if verb != "help"))
    for verb in verbs:
        told = any(f": `{verb}" in line for line in lines)
        assert told or verb == "help", verb


def test_a_file_is_run_only_where_it_is_trusted(tsviz: Tsviz, folder: Path):
    import torch

    torch.jit.save(torch.jit.script(torch.nn.ReLU()), str(folder / "m.pt"))
    done = tsviz("debug", "m.pt", "--args", "torch.ones(2)")
    assert (done.code, done.err) == (
        2,
        "error[TSV-U21]: another variant or method, or example inputs, need the file loaded and "
        "run here\n  help: add --trust if you trust whoever made the file\n",
    )


def test_to_where_it_differs(session: Callable[..., tuple[int, list[str]]]):
    code, lines = session("nets:model", "differs trace", "differs onnx", "quit")
    assert code == 0
    text = "\n".join(lines)
    assert "nothing differs from trace: " in text
    assert "error[TSV-D23]: expected a variant among eager, trace" in text


def test_the_plan(tsviz: Tsviz, folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "nets.py").write_text(LOOPS)
    monkeypatch.setattr("sys.stdin", io.StringIO("list ir\ncontinue\nquit\n"))
    done = tsviz("debug", "nets:model", "--args", "torch.ones(2)", "--plan")
    assert done.code == 0
    assert "prim::Loop" not in done.out  # it was unrolled
    assert "aten::add" in done.out
    assert "finished after" in done.out
