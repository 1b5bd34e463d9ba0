"""A hand-made document of two variants: a trace, and beside it what scripting made of the same."""

from tests.protocol.building import (
    CONTROL,
    CONTROL_BOX,
    MODULE,
    PLUMBING,
    Builder,
    column,
    source,
)
from tsviz.protocol.report_tables import CoveragePayload, DiagnosticPayload
from tsviz.protocol.tables import Document, GraphPayload
from tsviz.protocol.variant_tables import VariantPayload

SOURCE = """\
class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = self.cell(x)
        if x.sum() > 0:
            y = self.cell(y)
        else:
            y = torch.relu(y)
        for _ in range(x.size(0)):
            y = y + 1
        return y
"""
FIRST = "y = self.cell(x)"
IF = "x.sum() > 0"
AGAIN = "y = self.cell(y)"
ELSE = "torch.relu(y)"
LOOP = "range(x.size(0))"
ADD = "y + 1"


def gate() -> Document:
    """A branch that the trace did not take, a loop that it unrolled, one callee called twice."""
    b = Builder([source("gate.py", "gate.py", SOURCE)])
    x = b.param("x", observed="f32[2, 3]")
    again = _cell(b, _cell(b, x, FIRST), AGAIN)
    with b.at(0, ADD):
        rounds = b.node("aten::add", [b.node("aten::add", [again, b.constant("1")]), again])
    b.returns[0].append(rounds)
    traced = b.graph("forward")
    other = Builder(b.files, strings=b.strings, table=b.table, frames=b.frames)
    scripted = _scripted(other)
    no = column("u8", [])
    none = column("i32", [])
    laid = [
        VariantPayload(
            "script", "", 1, None, CoveragePayload(len(other.nodes), 12, 0, 0, 0, 6, 0.3, "all"),
            pairs=column("i32", [0, 1, 2, 3, 4, 5]), how=column("u8", [0, 0, 0, 0, 1, 2]),
            lost_file=column("i32", [0, 0, 0]), lost_line=column("i32", [4, 7, 8]),
            lost_here=column("u8", [0, 0, 0]),
        ),
        VariantPayload(
            "freeze", "", -1,
            DiagnosticPayload("TSV-C03", "error", "TorchScript cannot freeze `Gate`", 0, 7,
                              ["PyTorch said: no"], "call model.eval() first"),
            None, none, no, none, none, no,
        ),
    ]  # fmt: skip
    return b.document("Gate", [traced, scripted], variant="trace", variants=laid)


def _cell(b: Builder, x: int, line: str) -> int:
    with b.at(0, line), b.inside(MODULE, "cell", "Cell", "cell", open_=True):
        return b.node("aten::tanh", [b.node("aten::linear", [x])])


def _scripted(b: Builder) -> GraphPayload:
    """Numbers of nodes below 100 are those of their counterparts."""
    x = b.param("x.1")
    y = _cell(b, x, FIRST)
    with b.at(0, IF):
        flag = b.node("aten::gt", [b.node("aten::sum", [x])], role=PLUMBING)
        chosen = b.node("prim::If", [flag], role=CONTROL)
    branch = len(b.nodes) - 1
    with b.inside(CONTROL_BOX, "if x.sum() > 0", "prim::If", node=branch, open_=True):
        with b.nested(branch, "then") as block:
            b.returns[block].append(_cell(b, y, AGAIN))
        with b.nested(branch, "else") as block, b.at(0, ELSE):
            b.returns[block].append(b.node("aten::relu", [y]))
    b.nodes[branch][5] = 0
    with b.at(0, LOOP):
        size = b.node("aten::size", [x], type_="int")
        looped = b.node("prim::Loop", [size, chosen], role=CONTROL)
    loop = len(b.nodes) - 1
    with (
        b.inside(CONTROL_BOX, "for _ in range(x.size(0))", "prim::Loop", node=loop, open_=True),
        b.nested(loop, "body", [("i", "int"), ("y.1", "Tensor")]) as body,
        b.at(0, ADD),
    ):
        one = b.constant("1")
        b.returns[body].append(b.node("aten::add", [b.params[body][1], one]))
    b.nodes[loop][5] = 0
    b.returns[0].append(looped)
    ids = [0, 1, 100, 101, 102, 2, 3, 103, 104, 105, 4, 5]
    return b.graph("forward · script", "variant", ids)
