"""Hand-made documents for the tests of the wire and of the browser side.

They need no torch, so that a test of the browser depends on the contract and on nothing else.
"""

import json
from dataclasses import asdict

from tests.protocol.building import (
    CALL,
    CONTROL,
    CONTROL_BOX,
    FUNCTION,
    INFERRED,
    MODULE,
    NONE,
    PLUMBING,
    Builder,
    column,
    packed,
    source,
)
from tsviz.protocol import Column
from tsviz.protocol.tables import (
    CodeLine,
    DiagnosticPayload,
    Document,
    GraphPayload,
    ModulePayload,
    NodesPayload,
    ValuesPayload,
    WeightPayload,
    WeightStats,
)

DETECTOR_SOURCE = '''\
import torch
from torch import Tensor, nn


class Block(nn.Module):
    """Convolution, normalisation, activation, with a residual."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)) + x)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.blocks = nn.Sequential(*[Block(16) for _ in range(4)])
        self.head = nn.Linear(16, 8)
        self.regress = nn.Linear(16, 32)
        self.threshold = 0.5

    def forward(self, x: Tensor) -> Tensor:
        feat = self.blocks(self.stem(x))
        pooled = feat.mean(dim=[2, 3])
        score = self.head(pooled).sigmoid()
        if score.max() > self.threshold:
            boxes = self.regress(pooled).view(8, 4)
            keep = self.nms(boxes, score)
            return boxes[keep]
        return torch.zeros(0, 4)

    def nms(self, boxes: Tensor, score: Tensor) -> Tensor:
        order = score.argsort(descending=True)
        for i in range(order.numel()):
            iou = self.overlap(boxes, order[0])
            order = order[iou < 0.7]
        return order

    def overlap(self, boxes: Tensor, i: Tensor) -> Tensor:
        # every box against box i
        low = torch.maximum(boxes[:, :2], boxes[i, :2])
        high = torch.minimum(boxes[:, 2:], boxes[i, 2:])
        return (high - low).clamp(min=0).prod(dim=1)
'''

LINEAR_SOURCE = "\n" * 115 + (
    "    def forward(self, input: Tensor) -> Tensor:\n"
    "        return F.linear(input, self.weight, self.bias)\n"
)


CONV = (
    "aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=1, "
    "SymInt[2] padding=0, SymInt[2] dilation=1, SymInt groups=1) -> Tensor"
)


def conv(b: Builder, x: int, owner: int, shape: str, padding: int = 1) -> int:
    """A convolution with everything TorchScript prints around it."""
    weight = b.attribute(owner, "weight", observed="f32[16, 16, 3, 3]")
    bias = b.attribute(owner, "bias", observed="f32[16]")
    one, pad = b.constant("1"), b.constant(str(padding))
    stride = b.node("prim::ListConstruct", [one, one], type_="int[]", role=PLUMBING)
    pads = b.node("prim::ListConstruct", [pad, pad], type_="int[]", role=PLUMBING)
    return b.node("aten::conv2d", [x, weight, bias, stride, pads, stride, one],
                  observed=shape, schema=CONV, how=CALL, flops=18_874_368.0)  # fmt: skip


def linear(b: Builder, x: int, owner: int, path: str, detail: str, shape: str) -> int:
    """A linear layer, one call frame inside torch."""
    with b.inside(MODULE, path, detail, path), b.at(1, "F.linear(input, self.weight, self.bias)"):
        module = b.attribute(owner, path, "__torch__.torch.nn.modules.linear.Linear")
        weight = b.attribute(module, "weight", observed="f32[8, 16]")
        bias = b.attribute(module, "bias", observed="f32[8]")
        return b.node("aten::linear", [x, weight, bias], observed=shape, flops=2048.0,
                      schema="aten::linear(Tensor input, Tensor weight, Tensor? bias=None) "
                             "-> Tensor")  # fmt: skip


def detector(name: str = "Detector") -> Document:
    """Residual blocks, an If with a Loop in one branch, calls through torch, a hostile name."""
    b = Builder([
        source("/home/ada/models/detector.py", "detector.py", DETECTOR_SOURCE),
        source("torch/nn/modules/linear.py", "linear.py", LINEAR_SOURCE, library=True),
    ])  # fmt: skip
    self_ = b.param("self", "__torch__.detector.Detector")
    x = b.param("x", observed="f32[1, 3, 64, 64]")
    with b.at(0, "self.stem(x)"), b.inside(MODULE, "stem", "Conv2d", "stem", module=1):
        stem = b.attribute(self_, "stem", "__torch__.torch.nn.modules.conv.Conv2d")
        h = conv(b, x, stem, "f32[1, 16, 64, 64]")
    with (
        b.at(0, "self.blocks(self.stem(x))"),
        b.inside(MODULE, "blocks", "Sequential", "blocks", module=2, open_=True),
    ):
        blocks = b.attribute(self_, "blocks", "__torch__.Sequential")
        for i in range(4):
            h = _residual(b, h, blocks, i)
    with b.at(0, "feat.mean(dim=[2, 3])"):
        dims = b.node("prim::ListConstruct", [b.constant("2"), b.constant("3")],
                      type_="int[]", role=PLUMBING)  # fmt: skip
        false, none = b.constant("0", "bool"), b.constant("None", "NoneType")
        pooled = b.node("aten::mean", [h, dims, false, none], name="pooled", observed="f32[1, 16]",
                        schema="aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, "
                               "ScalarType? dtype=None) -> Tensor")  # fmt: skip
    with b.at(0, "self.head(pooled)"):
        logits = linear(b, pooled, self_, "head", "Linear", "f32[1, 8]")
    with b.at(0, "self.head(pooled).sigmoid()"):
        score = b.node("aten::sigmoid", [logits], name="score", observed="f32[1, 8]",
                       schema="aten::sigmoid(Tensor self) -> Tensor")  # fmt: skip
    with b.at(0, "score.max() > self.threshold"):
        best = b.node("aten::max", [score], name="m", observed="f32[]",
                      schema="aten::max(Tensor self) -> Tensor")  # fmt: skip
        limit = b.attribute(self_, "threshold", "float")
        above = b.node("aten::gt", [best, limit], name="g", observed="bool[]",
                       schema="aten::gt.Scalar(Tensor self, Scalar other) -> Tensor")  # fmt: skip
        flag = b.node("aten::Bool", [above], name="b", type_="bool", role=PLUMBING)
        result = b.node("prim::If", [flag], name="out", role=CONTROL, observed="f32[3, 4]")
    branch = len(b.nodes) - 1
    with b.inside(CONTROL_BOX, "if score.max() > self.threshold", "prim::If", node=branch,
                  open_=True):  # fmt: skip
        _then(b, branch, self_, pooled, score)
        with b.nested(branch, "else") as block, b.at(0, "torch.zeros(0, 4)"):
            size = b.node("prim::ListConstruct", [b.constant("0"), b.constant("4")],
                          type_="int[]", role=PLUMBING)  # fmt: skip
            empty = b.node("aten::zeros", [size, b.constant("None", "NoneType")],
                           schema="aten::zeros(SymInt[] size, *, ScalarType? dtype=None) "
                                  "-> Tensor")  # fmt: skip
            b.returns[block].append(empty)
    b.nodes[branch][5] = 0
    b.returns[0].append(result)
    main = b.graph("forward")
    stem = WeightStats(-0.19, 0.19, 0.001, 0.11, 0, 0, [9, 21, 40, 60, 71, 66, 48, 30, 22, 8])
    rows = [
        WeightPayload("stem.weight", "parameter", "float32", [16, 3, 3, 3], 1728, stem),
        *(
            WeightPayload(f"blocks.{i}.conv.{n}", "parameter", "float32", s, 4 * c, None)
            for i in range(4)
            for n, s, c in (("weight", [16, 16, 3, 3], 2304), ("bias", [16], 16))
        ),
        WeightPayload("head.weight", "parameter", "float32", [8, 16], 512, None),
    ]
    weights = packed([json.dumps(asdict(row)) for row in rows])
    modules = [
        ModulePayload("", name, -1, 10_968, 43_872, 75_530_000.0, False),
        ModulePayload("stem", "Conv2d", 0, 448, 1792, 18_874_368.0, False),
        ModulePayload("blocks", "Sequential", 0, 9_280, 37_120, 75_497_472.0, False),
        *(
            ModulePayload(f"blocks.{i}", "Block", 2, 2_320, 9_280, 18_874_368.0, False)
            for i in range(4)
        ),
        ModulePayload("head", "Linear", 0, 136, 544, 2048.0, True),
    ]
    return b.document(
        name, [main], weights=weights, modules=modules,
        banner="module `head` is in train mode; dropout and normalisation act as in training",
        diagnostics=[DiagnosticPayload("TSV-W01", "warning", "module `head` is in train mode", 0,
                                       23, [], "call model.eval() before capture")],
        code=[CodeLine("def forward(self, x: Tensor) -> Tensor:", []),
              CodeLine("  stem = self.stem", [0]),
              *(CodeLine(f"  {line.strip()}", [i]) for i, line in enumerate(b.lines[:12]))],
    )  # fmt: skip


def _residual(b: Builder, x: int, owner: int, index: int) -> int:
    path = f"blocks.{index}"
    with b.inside(MODULE, str(index), "Block", path, alike=0, module=3 + index):
        block = b.attribute(owner, str(index), "__torch__.detector.Block")
        with (
            b.at(0, "self.conv(x)"),
            b.inside(MODULE, "conv", "Conv2d", f"{path}.conv", alike=1),
        ):
            owner_ = b.attribute(block, "conv", "__torch__.torch.nn.modules.conv.Conv2d")
            h = conv(b, x, owner_, "f32[1, 16, 64, 64]")
        with (
            b.at(0, "self.norm(self.conv(x))"),
            b.inside(MODULE, "norm", "BatchNorm2d", f"{path}.norm", alike=2),
        ):
            norm = b.attribute(block, "norm", "__torch__.torch.nn.modules.BatchNorm2d")
            stats = [b.attribute(norm, n) for n in
                     ("weight", "bias", "running_mean", "running_var")]  # fmt: skip
            h = b.node("aten::batch_norm", [h, *stats], observed="f32[1, 16, 64, 64]")
        with b.at(0, "self.norm(self.conv(x)) + x"):
            h = b.node("aten::add", [h, x, b.constant("1")], observed="f32[1, 16, 64, 64]",
                       schema="aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) "
                              "-> Tensor")  # fmt: skip
        with b.at(0, "torch.relu(self.norm(self.conv(x)) + x)"):
            return b.node("aten::relu", [h], observed="f32[1, 16, 64, 64]",
                          schema="aten::relu(Tensor self) -> Tensor")  # fmt: skip


def _then(b: Builder, branch: int, self_: int, pooled: int, score: int) -> None:
    with b.nested(branch, "then") as block:
        with b.at(0, "self.regress(pooled)"):
            raw = linear(b, pooled, self_, "regress", "Linear", "f32[1, 32]")
        with b.at(0, "self.regress(pooled).view(8, 4)"):
            size = b.node("prim::ListConstruct", [b.constant("8"), b.constant("4")],
                          type_="int[]", role=PLUMBING)  # fmt: skip
            boxes = b.node("aten::view", [raw, size], name="boxes", observed="f32[8, 4]",
                           schema="aten::view(Tensor self, SymInt[] size) -> Tensor")  # fmt: skip
        with (
            b.at(0, "self.nms(boxes, score)"),
            b.inside(FUNCTION, "nms", "Detector.nms", open_=True),
        ):
            keep = _nms(b, boxes, score)
        with b.at(0, "boxes[keep]"):
            picks = b.node("prim::ListConstruct", [keep], type_="Tensor?[]", role=PLUMBING)
            picked = b.node("aten::index", [boxes, picks], observed="f32[3, 4]")
        b.returns[block].append(picked)


def _nms(b: Builder, boxes: int, score: int) -> int:
    with b.at(0, "score.argsort(descending=True)", "nms"):
        order = b.node("aten::argsort", [score, b.constant("-1"), b.constant("1", "bool")],
                       name="order", observed="i64[8]")  # fmt: skip
    with b.at(0, "order.numel()", "nms"):
        trips = b.node("aten::numel", [order], type_="int", how=INFERRED,
                       reason="the range ends at the loop header")  # fmt: skip
        true = b.constant("1", "bool")
        kept = b.node("prim::Loop", [trips, true, order], name="kept", role=CONTROL,
                      observed="i64[3]")  # fmt: skip
    loop = len(b.nodes) - 1
    home = b.container
    with (
        b.inside(CONTROL_BOX, "for i in range(order.numel())", "prim::Loop", node=loop, open_=True),
        b.nested(loop, "body", [("i", "int"), ("order.6", "Tensor")]) as body,
    ):
        carried = b.params[body][1]
        with b.at(0, "order[0]", "nms"):
            zero = b.constant("0")
            first = b.node("aten::select", [carried, zero, zero], observed="i64[]")
        with (
            b.at(0, "self.overlap(boxes, order[0])", "nms"),
            b.inside(FUNCTION, "overlap", "Detector.overlap"),
            b.at(0, "(high - low)", "overlap"),
        ):
            low = b.node("aten::maximum", [boxes, first], name="low", observed="f32[8, 2]")
            high = b.node("aten::minimum", [boxes, first], name="high", observed="f32[8, 2]")
            difference = b.node("aten::sub", [high, low, b.constant("1")], observed="f32[8, 2]")
            overlap = b.node("aten::prod", [difference, b.constant("1")], name="iou")
        with b.at(0, "iou < 0.7", "nms"):
            mask = b.node("aten::lt", [overlap, b.constant("0.7", "float")], observed="bool[8]",
                          how=NONE, reason="no range in the archive")  # fmt: skip
            picks = b.node("prim::ListConstruct", [mask], type_="Tensor?[]", role=PLUMBING)
            fewer = b.node("aten::index", [carried, picks], name="order.11", observed="i64[3]")
        b.returns[body] += [true, fewer]
    b.nodes[loop][5] = home
    return kept


def layered(layers: int, ops: int, *, title: str = "Encoder") -> Document:
    """`layers` equal layers of about `ops` nodes each, with residuals; for sizes up to 50,000."""
    body = "\n".join(
        f"        h = torch.tanh(self.step{i}(h) + x)" for i in range(max(ops // 3, 1))
    )
    text = (
        "class Layer(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        h = x\n"
        f"{body}\n        return h\n\n\nclass {title}(nn.Module):\n"
        "    def forward(self, x: Tensor) -> Tensor:\n        for layer in self.layers:\n"
        "            x = layer(x)\n        return x\n"
    )
    b = Builder([source("encoder.py", "encoder.py", text)])
    h = b.param("x", observed="f32[8, 128, 768]")
    for layer in range(layers):
        with (
            b.at(0, "layer(x)"),
            b.inside(MODULE, f"layer.{layer}", "Layer", f"layers.{layer}", alike=0,
                     open_=layer < 3),
        ):  # fmt: skip
            skip = h
            for step in range(max(ops // 3, 1)):
                with (
                    b.at(0, f"self.step{step}(h)"),
                    b.inside(MODULE, f"step{step}", "Linear", f"layers.{layer}.step{step}",
                             alike=1 + step),
                ):  # fmt: skip
                    h = b.node("aten::linear", [h], observed="f32[8, 128, 768]")
                with b.at(0, f"torch.tanh(self.step{step}(h) + x)"):
                    h = b.node("aten::add", [h, skip], observed="f32[8, 128, 768]")
                    h = b.node("aten::tanh", [h], observed="f32[8, 128, 768]")
    b.returns[0].append(h)
    return b.document(title, [b.graph("forward")], variant="trace")


def filled_list() -> Document:
    """A list that a loop fills and a later node reads: no value leads from the one to the other."""
    text = (
        "def forward(x):\n    y = []\n    for i in range(3):\n        y.append(x)\n"
        "    return cat(y)\n"
    )
    b = Builder([source("fill.py", "fill.py", text)])
    x = b.param("x")
    with b.at(0, "[]"):
        made = b.node("prim::ListConstruct", name="y", type_="Tensor[]", role=PLUMBING)
    with b.at(0, "range(3)"):
        count, true = b.constant("3"), b.constant("1", "bool")
        b.node("prim::Loop", [count, true], role=CONTROL, outputs=0)
    loop = len(b.nodes) - 1
    with (
        b.inside(CONTROL_BOX, "for i in range(3)", "prim::Loop", node=loop, open_=True),
        b.nested(loop, "body", [("i", "int")]) as body,
        b.at(0, "y.append(x)"),
    ):
        b.node("aten::append", [made, x], type_="Tensor[]")
        b.returns[body].append(true)
    with b.at(0, "cat(y)"):
        b.returns[0].append(b.node("aten::cat", [made, b.constant("0")]))
    return b.document("Fill", [b.graph("forward")])


def hostile() -> Document:
    """Markup in every name a model can choose."""
    attack = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
    b = Builder([source(f"/tmp/{attack}.py", f"{attack}.py", f"x = '{attack}'\n")])
    x = b.param(attack, f"__torch__.{attack}")
    with b.at(0, "x = "), b.inside(MODULE, attack, attack, attack, open_=True):
        y = b.node(f"custom::{attack}", [x], name=attack, attributes=attack, observed=attack)
    b.returns[0].append(y)
    return b.document(attack, [b.graph("forward")], banner=attack,
                      modules=[ModulePayload(attack, attack, -1, 1, 4, None, False)])  # fmt: skip


def empty() -> Document:
    """A graph that returns its input and has no nodes."""
    b = Builder([source("identity.py", "identity.py", "def forward(x):\n    return x\n")])
    b.returns[0].append(b.param("x"))
    graph = b.graph("forward") if b.nodes else _without_nodes(b)
    return b.document("Identity", [graph])


def _without_nodes(b: Builder) -> GraphPayload:
    b.node("aten::relu", [b.params[0][0]])
    graph = b.graph("forward")
    b.nodes.clear()
    none, zero = column("i32", []), column("i32", [0])
    nodes = NodesPayload(*[none] * 15, zero, none, zero, none, Column.of("f64", []))
    values = ValuesPayload(*(column("i32", c) for c in zip(*b.values[:1], strict=True)))
    text = packed(["graph(%x : Tensor):", "  return (%x)"])
    return GraphPayload("forward", "inlined", text, nodes, values, graph.blocks, graph.containers)
