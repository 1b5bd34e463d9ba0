"""`tsviz.diff`: two versions of a model, two archives, two snapshots."""

from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.views.made import example
from tsviz.comparison import Kind, ProgramDiff
from tsviz.errors import ArchiveError, UsageError
from tsviz.passes import run_passes


class Before(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.relu(self.first(x)))


class After(Before):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.tanh(torch.relu(self.first(x))))


def of_one_seed(kind: type[nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return kind()


def test_an_inserted_op_with_its_line():
    found = tsviz.diff(of_one_seed(Before), of_one_seed(After))
    (added,) = found.added
    assert (added.kind, added.op, added.before) == (Kind.ADDED, "aten::tanh", None)
    assert added.after in found.after.nodes
    assert added.line_before is None
    assert added.line_after is not None
    assert "torch.tanh(" in line_of(added.line_after.line)
    assert (found.removed, found.moved) == ((), ())
    itself, linear = found.changed
    assert (itself.op, itself.before, itself.after) == ("graph", 0, 0)
    assert itself.words.startswith("type of %self was __torch__.")
    assert linear.op == "aten::linear"
    assert linear.words.endswith("of aten::tanh")
    assert found.pairs[linear.before or 0] == linear.after
    assert linear.line_before is not None
    assert "self.second" in line_of(linear.line_before.line)
    assert repr(found) == (
        "<ProgramDiff Before.forward → After.forward: code: 1 changed; "
        "structure: 1 module, nodes: 1 added, 2 changed; 4 tensors equal>"
    )


def line_of(number: int) -> str:
    return Path(__file__).read_text().split("\n")[number - 1]


def test_the_same_model_twice():
    found = tsviz.diff(of_one_seed(Before), of_one_seed(Before))
    assert not found
    assert found.nodes == ()
    assert len(found.pairs) == len(found.before.nodes)
    assert found.left_out == ()
    assert str(found).split("\n")[1:] == [
        "same code, same structure, 4 tensors equal",
        "code: the same",
        "structure: the same",
        "weights: 4 tensors equal",
    ]


def test_frozen_weights_are_compared():
    torch.manual_seed(0)
    models = [Before().eval() for _ in range(2)]
    one, other = (tsviz.capture(model, via="freeze") for model in models)
    assert not tsviz.diff(one, tsviz.capture(models[0], via="freeze"))
    found = tsviz.diff(one, other)
    assert {node.words for node in found.nodes} == {"value has other numbers"}
    assert (len(found.changed), found.left_out) == (4, ())
    assert found.summary == "same code; structure: nodes: 4 changed; 4 of 4 tensors differ"


def test_archives_are_opened_as_strangers(tmp_path: Path):
    paths = [tmp_path / "one.pt", tmp_path / "two.pt"]
    for path, kind in zip(paths, (Before, After), strict=True):
        torch.jit.script(of_one_seed(kind)).save(path)
    found = tsviz.diff(*paths)
    assert [node.op for node in found.added] == ["aten::tanh"]
    assert found.title_before == f"{paths[0]} (Before.forward)"
    assert not tsviz.diff(of_one_seed(Before), paths[0])
    with pytest.raises(ArchiveError, match="TSV-A01"):
        tsviz.diff(paths[0], tmp_path / "gone.pt")


def test_what_is_no_program():
    with pytest.raises(UsageError, match="TSV-U04"):
        tsviz.diff(Before(), 3)


def test_snapshots_are_compared_by_identity():
    trace = run_passes(example("resnet-tiny", "trace"), pipeline=["cse", "dce"])
    found = tsviz.diff(trace.first, trace.last)
    kept = trace.first.nodes.keys() & trace.last.nodes.keys()
    assert found.pairs == {node: node for node in kept}
    assert {node.before for node in found.removed} == trace.first.nodes.keys() - kept
    assert (found.added, found.after) == ((), trace.last)


def test_other_methods_are_said_to_be_left_out():
    class Two(Before):
        @torch.jit.export
        def extra(self, x: torch.Tensor) -> torch.Tensor:
            return x

    found = tsviz.diff(Two(), Two())
    assert "the graphs of other methods: extra" in found.left_out


@pytest.fixture
def changed() -> ProgramDiff:
    return tsviz.diff(of_one_seed(Before), of_one_seed(After))


def test_table(changed: ProgramDiff):
    frame = changed.to_dataframe()
    assert list(frame["part"]) == ["code", *["structure"] * 4]
    nodes = frame[frame["op"].notna()]
    assert list(nodes["kind"]) == ["added", "changed", "changed"]
    assert list(nodes["op"]) == ["aten::tanh", "graph", "aten::linear"]
    assert nodes["before"].isna().tolist() == [True, False, False]
    code = frame.iloc[0]
    assert (code["kind"], code["words"]) == ("changed", "its text")
    assert code["name"].endswith("test_programs.Before.forward")
    assert "def forward" in line_of(code["line_after"])
    module = frame.iloc[1]
    assert module["words"].endswith("test_programs.Before → tests.comparison.test_programs.After")
    same = tsviz.diff(of_one_seed(Before), of_one_seed(Before))
    assert len(same.to_dataframe()) == 0


def test_text(changed: ProgramDiff):
    lines = str(changed).split("\n")
    assert lines[0] == "Before.forward → After.forward"
    row = next(line for line in lines if line.startswith("+"))
    assert "aten::tanh" in row
    assert "test_programs.py:" in row


def test_a_long_table_says_how_much_it_hides():
    texts = [
        "\n".join(["graph(%v0 : Tensor):", *body, f"return (%v{len(body)})"])
        for body in (
            [f"%v{at + 1} : Tensor = aten::{op}(%v{at})" for at in range(60)]
            for op in ("relu", "neg")
        )
    ]
    found = tsviz.diff(*map(tsviz.parse, texts))
    assert (len(found.removed), len(found.added)) == (60, 60)
    rows = [node for node in found.nodes if node.kind is Kind.CHANGED]
    assert len(rows) == 1
    attributes = [
        "graph():\n"
        + "\n".join(f"%k{at} : int = prim::Constant[value={at + more}]()" for at in range(50))
        + "\nreturn (%k0)"
        for more in (0, 100)
    ]
    text = str(tsviz.diff(*map(tsviz.parse, attributes)))
    assert "… 10 more nodes" in text
