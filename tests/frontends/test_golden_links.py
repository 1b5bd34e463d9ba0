"""Nodes and the source they come from, read against the Python files by a person.

A row is a node (op, module path or `-`, the how-manieth of these) and its line, with what is under
its range in «». The range is PyTorch's own: of a call it is the function's name. A trace knows
lines only.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

import tsviz
from tests.archives import ARCHIVES
from tests.views.made import example
from tsviz.frontends import Came, Program
from tsviz.ir import render_graph
from tsviz.location import Origin

SCRIPTED = {
    "detector": """
        aten::conv2d backbone.0.0 0 features = «self.backbone»(picture)
        aten::relu backbone.2.1 0 features = «self.backbone»(picture)
        aten::conv2d score_head 0 scores = torch.sigmoid(«self.score_head»(features)).flatten()
        aten::sigmoid - 0 scores = «torch.sigmoid»(self.score_head(features)).flatten()
        aten::conv2d box_head 0 boxes = self.place_boxes(«self.box_head»(features))
        aten::size - 0 rows = torch.arange(«shape.size»(2), device=shape.device)
        aten::arange - 0 rows = «torch.arange»(shape.size(2), device=shape.device)
        aten::size - 1 columns = torch.arange(«shape.size»(3), device=shape.device)
        aten::arange - 1 columns = «torch.arange»(shape.size(3), device=shape.device)
        aten::meshgrid - 0 down, right = «torch.meshgrid»(rows, columns, indexing="ij")
        aten::stack - 0 cells = «torch.stack»([right, down], dim=-1).flatten(0, 1) + 0.5
        aten::add - 0 cells = «torch.stack([right, down], dim=-1).flatten(0, 1) + 0.5»
        aten::select - 0 offset, log_size = «shape[0]».flatten(1).t().chunk(2, dim=1)
        aten::flatten - 2 offset, log_size = «shape[0].flatten»(1).t().chunk(2, dim=1)
        aten::add - 1 centre = («cells + offset») * self.stride
        aten::exp - 0 half_size = «log_size.exp»() * self.stride
        aten::mul - 1 half_size = «log_size.exp() * self.stride»
        aten::sub - 0 return torch.cat([«centre - half_size», centre + half_size], dim=1)
        aten::add - 2 return torch.cat([centre - half_size, «centre + half_size»], dim=1)
        aten::cat - 0 return «torch.cat»([centre - half_size, centre + half_size], dim=1)
        aten::max - 0 if «scores.max»() > self.threshold:
        aten::gt - 0 if «scores.max() > self.threshold»:
        aten::gt - 1 likely = «scores > self.threshold»
        aten::index - 0 boxes = «boxes[likely]»
        aten::index - 1 scores = «scores[likely]»
        aten::argsort - 0 order = «scores.argsort»(descending=True)
        aten::numel - 0 while «order.numel»() > 0:
        aten::gt - 2 while «order.numel() > 0»:
        aten::select - 1 best = «order[0]»
        aten::append - 0 «kept.append»(best)
        aten::index - 2 overlap = overlap_with(«boxes[best]», boxes[others])
        aten::index - 3 overlap = overlap_with(boxes[best], «boxes[others]»)
        aten::slice - 1 top_left = torch.maximum(«box[:2]», others[:, :2])
        aten::slice - 2 top_left = torch.maximum(box[:2], «others[:, :2]»)
        aten::maximum - 0 top_left = «torch.maximum»(box[:2], others[:, :2])
        aten::minimum - 0 bottom_right = «torch.minimum»(box[2:], others[:, 2:])
        aten::sub - 1 shared = («bottom_right - top_left»).clamp(min=0).prod(dim=1)
        aten::sub - 2 area = («box[2:] - box[:2]»).prod()
        aten::sub - 3 other_areas = («others[:, 2:] - others[:, :2]»).prod(dim=1)
        aten::add - 3 return shared / («area + other_areas» - shared)
        aten::sub - 4 return shared / («area + other_areas - shared»)
        aten::le - 0 order = others[«overlap <= most_overlap»]
        aten::index - 4 order = «others[overlap <= most_overlap]»
        aten::stack - 1 return «torch.stack»(kept)
        aten::index - 5 boxes = «boxes[kept]»
        aten::slice - 13 boxes = «boxes[:0]»
        aten::slice - 14 scores = «scores[:0]»
    """,
    "bert-tiny": """
        aten::__is__ - 0 if «mask is None»:
        aten::ones_like - 0 mask = «torch.ones_like»(tokens)
        aten::zeros_like - 0 segments = «torch.zeros_like»(tokens)
        aten::eq - 0 hidden = («mask == 0»)[:, None, None, :]
        aten::arange embeddings 0 places = «torch.arange»(tokens.size(1), device=tokens.device)
        aten::layer_norm embeddings.norm 0 return «self.norm»(embedded)
        aten::linear layers.0.attention.query 0 query = self.split_heads(«self.query»(x))
        aten::linear layers.1.attention.key 0 key = self.split_heads(«self.key»(x))
        aten::matmul layers.0.attention 1 mixed = «torch.matmul»(attention, value)
        aten::masked_fill layers.1.attention 0 scores = «scores.masked_fill»(hidden, float("-inf"))
        aten::softmax layers.0.attention 0 attention = «torch.softmax»(scores, dim=-1)
        aten::softmax layers.1.attention 0 attention = «torch.softmax»(scores, dim=-1)
        aten::linear layers.1.attention.value 0 value = self.split_heads(«self.value»(x))
        aten::gelu layers.1 0 inner = «F.gelu»(self.widen(x))
        aten::linear layers.1.widen 0 inner = F.gelu(«self.widen»(x))
        aten::linear layers.0.narrow 0 return self.norm(x + «self.narrow»(inner))
        aten::layer_norm layers.1.norm 0 return «self.norm»(x + self.narrow(inner))
        aten::select - 0 pooled = torch.tanh(self.pooler(«x[:, 0]»))
        aten::linear pooler 0 pooled = torch.tanh(«self.pooler»(x[:, 0]))
        aten::tanh - 0 pooled = «torch.tanh»(self.pooler(x[:, 0]))
    """,
    "decoder": """
        aten::full - 0 word = «torch.full»([1], self.start, device=sentence.device)
        aten::lt - 0 while not stopped and «len(words) < self.longest»:
        aten::embedding embedding 0 state = self.cell(«self.embedding»(word), state)
        aten::gru_cell cell 0 state = «self.cell»(self.embedding(word), state)
        aten::linear scores 0 word = «self.scores»(state).argmax(dim=-1)
        aten::append - 0 «words.append»(word)
        aten::eq - 0 stopped = bool(«word == self.stop»)
        aten::Bool - 0 stopped = «bool»(word == self.stop)
        aten::__not__ - 0 while «not stopped» and len(words) < self.longest:
        aten::lt - 1 while not stopped and «len(words) < self.longest»:
        aten::cat - 0 return «torch.cat»(words)
    """,
    "tagger": """
        aten::embedding embedding 0 vectors = «self.embedding»(words)
        aten::lstm lstm 0 states, _ = «self.lstm»(vectors)
        aten::linear scores 0 return «self.scores»(states)
    """,
    "resnet-tiny": """
        aten::conv2d conv1 0 x = torch.relu(self.bn1(«self.conv1»(pictures)))
        aten::batch_norm bn1 0 x = torch.relu(«self.bn1»(self.conv1(pictures)))
        aten::relu - 0 x = «torch.relu»(self.bn1(self.conv1(pictures)))
        aten::max_pool2d maxpool 0 x = «self.maxpool»(x)
        aten::conv2d layer1.0.downsample.0 0 shortcut = «self.downsample»(x)
        aten::conv2d layer1.0.conv1 0 x = torch.relu(self.bn1(«self.conv1»(x)))
        aten::relu layer2.0 0 x = «torch.relu»(self.bn1(self.conv1(x)))
        aten::conv2d layer3.0.conv2 0 x = torch.relu(self.bn2(«self.conv2»(x)))
        aten::batch_norm layer4.0.bn3 0 x = «self.bn3»(self.conv3(x))
        aten::add layer2.0 0 return torch.relu(«x + shortcut»)
        aten::relu layer4.0 2 return «torch.relu»(x + shortcut)
        aten::adaptive_avg_pool2d avgpool 0 x = «self.avgpool»(x)
        aten::flatten - 0 return self.fc(«x.flatten»(1))
        aten::linear fc 0 return «self.fc»(x.flatten(1))
    """,
}

TRACED = {
    "detector": """
        aten::_convolution backbone.1.0 0 features = self.backbone(picture)
        aten::meshgrid - 0 down, right = torch.meshgrid(rows, columns, indexing="ij")
        aten::chunk - 0 offset, log_size = shape[0].flatten(1).t().chunk(2, dim=1)
        aten::cat - 0 return torch.cat([centre - half_size, centre + half_size], dim=1)
        aten::argsort - 0 order = scores.argsort(descending=True)
        aten::minimum - 0 bottom_right = torch.minimum(box[2:], others[:, 2:])
        aten::minimum - 1 bottom_right = torch.minimum(box[2:], others[:, 2:])
    """,
    "bert-tiny": """
        aten::arange embeddings 0 places = torch.arange(tokens.size(1), device=tokens.device)
        aten::transpose layers.0.attention 4 return self.output(mixed.transpose(1, 2).flatten(2))
        aten::masked_fill layers.0.attention 0 scores = scores.masked_fill(hidden, float("-inf"))
        aten::softmax layers.1.attention 0 attention = torch.softmax(scores, dim=-1)
        aten::gelu layers.0 0 inner = F.gelu(self.widen(x))
        aten::tanh - 0 pooled = torch.tanh(self.pooler(x[:, 0]))
    """,
    "decoder": """
        aten::full - 0 word = torch.full([1], self.start, device=sentence.device)
        aten::embedding embedding 7 state = self.cell(self.embedding(word), state)
        aten::argmax - 0 word = self.scores(state).argmax(dim=-1)
        aten::argmax - 7 word = self.scores(state).argmax(dim=-1)
        aten::cat - 0 return torch.cat(words)
    """,
    "tagger": """
        aten::embedding embedding 0 vectors = self.embedding(words)
        aten::lstm lstm 0 states, _ = self.lstm(vectors)
        aten::linear scores 0 return self.scores(states)
    """,
    "resnet-tiny": """
        aten::_convolution conv1 0 x = torch.relu(self.bn1(self.conv1(pictures)))
        aten::batch_norm layer1.0.bn2 0 x = torch.relu(self.bn2(self.conv2(x)))
        aten::_convolution layer2.0.downsample.0 0 shortcut = self.downsample(x)
        aten::add layer3.0 0 return torch.relu(x + shortcut)
    """,
}

FROZEN = """
    aten::conv2d layer1.0.conv1 0 x = torch.relu(self.bn1(«self.conv1»(x)))
    aten::conv2d layer4.0.downsample.0 0 shortcut = «self.downsample»(x)
    aten::relu layer3.0 1 x = «torch.relu»(self.bn2(self.conv2(x)))
    aten::add layer2.0 0 return torch.relu(«x + shortcut»)
    aten::linear fc 0 return «self.fc»(x.flatten(1))
"""

CELL = '''\
import torch
from torch import nn

class Gate(nn.Module):
    """A gate of its own weights."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        if bool(x.sum() > 0):
            x = x * 2.5
        return self.close(x)

    def close(self, x):
        return x * torch.sigmoid(self.linear(x))
'''

IN_CELL = """
    aten::sum - 0 if bool(«x.sum»() > 0):
    aten::gt - 0 if bool(«x.sum() > 0»):
    aten::Bool - 0 if «bool»(x.sum() > 0):
    aten::mul - 0 x = «x * 2.5»
    aten::linear linear 0 return x * torch.sigmoid(«self.linear»(x))
    aten::sigmoid - 0 return x * «torch.sigmoid»(self.linear(x))
"""

IN_ARCHIVE = """
    aten::linear linear 0 return torch.relu(«self.linear»(x))
    aten::relu - 0 return «torch.relu»(self.linear(x))
"""


def rows(tables: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, row) for name, table in tables.items() for row in lines_of(table)]


def lines_of(table: str) -> list[str]:
    return [line.strip() for line in table.strip().split("\n")]


def check(program: Program, row: str) -> Path:
    """Finds the node of a row and compares its line; returns the file."""
    op, scope, number, line = row.split(maxsplit=3)
    graph, wanted = program.graph, "" if scope == "-" else scope
    nodes = [n for n in graph.iter_nodes() if (n.op, graph.scope(n)) == (op, wanted)]
    place = program.model_line(nodes[int(number)])
    assert place is not None
    text = program.sources[place.file].text.split("\n")[place.line - 1]
    if not place.is_whole_line:
        assert place.end_line == place.line
        marked = text[: place.col], "«", text[place.col : place.end_col], "»", text[place.end_col :]
        text = "".join(marked)
    assert text.strip() == line
    return Path(place.file)


def file_of(name: str) -> str:
    return f"{name.partition('-')[0]}.py"


@pytest.mark.parametrize(("name", "row"), rows(SCRIPTED))
def test_scripted(name: str, row: str) -> None:
    assert check(example(name, "script"), row).name == file_of(name)


@pytest.mark.parametrize(("name", "row"), rows(TRACED))
def test_traced(name: str, row: str) -> None:
    assert check(example(name, "trace"), row).name == file_of(name)


@pytest.mark.parametrize("row", lines_of(FROZEN))
def test_frozen(row: str) -> None:
    assert check(example("resnet-tiny", "freeze"), row).name == "resnet.py"


@pytest.mark.parametrize("row", lines_of(IN_CELL))
def test_in_a_cell(row: str, bare_shell: InteractiveShell) -> None:
    bare_shell.run_cell(CELL).raise_error()
    program = tsviz.capture(bare_shell.user_ns["Gate"]().eval(), via="script")
    file = str(check(program, row))
    assert program.sources[file].origin is Origin.CELL
    assert program.sources[file].text == CELL


@pytest.mark.parametrize("row", lines_of(IN_ARCHIVE))
def test_in_an_archive(row: str, tmp_path: Path) -> None:
    program = tsviz.open(ARCHIVES["plain-pt"].build(tmp_path))
    assert program.came is Came.CHILD
    assert check(program, row).name == "saved_models.py"


def test_an_example_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "detector.pt"
    torch.jit.save(example("detector", "script").get_native(), path)
    program = tsviz.open(path)
    assert program.came is Came.CHILD
    for row in lines_of(SCRIPTED["detector"]):
        assert check(program, row).name == "detector.py"


# ── whole graphs ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "via"),
    [
        ("detector", "script"),
        ("decoder", "script"),
        ("bert-tiny", "script"),
        ("bert-tiny", "trace"),
        ("tagger", "trace"),
    ],
)
def test_whole_graph(name: str, via: str, golden: Callable[[str, str], None]) -> None:
    golden(f"graphs/{name}-{via}.txt", portable(render_graph(example(name, via).graph)))


def portable(text: str) -> str:
    """The text without folders, lines of PyTorch's files, and what was compiled before."""
    text = re.sub(r"# \S*/(torch/\S+\.py):\d+:\d+", r"# \1", text)
    text = re.sub(r"# \S*/(tsviz/examples/)", r"# \1", text)
    return re.sub(r"___torch_mangle_\d+\.", "", text) + "\n"
