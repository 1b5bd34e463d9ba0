"""Opening files: good ones come back with their lines, with the same graphs as when loaded."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F

import tsviz
from tests.archives import ARCHIVES
from tests.archives.demanding import QUANTISATION_WARNINGS
from tests.archives.hostile import PAGE, PAGE_SOURCE
from tests.archives.zipfiles import Records, edit_records, replace_in
from tsviz.errors import UsageError
from tsviz.frontends import Came, Program, Variant
from tsviz.ir import Node
from tsviz.location import FileRange, How, Origin, iter_frames

Build = Callable[[str], Path]

SAVED_MODELS = str(Path(__file__).parents[1] / "archives" / "saved_models.py")
COMPOSITION = str(Path(__file__).parents[1] / "models" / "composition.py")

OPENS = {
    "plain-pt": Variant.SCRIPT,
    "plain-pth": Variant.SCRIPT,
    "plain-jit": Variant.SCRIPT,
    "lite": Variant.SCRIPT,
    "traced": Variant.TRACE,
    "frozen": Variant.FREEZE,
    "optimised": Variant.FREEZE,
    "exported-methods": Variant.SCRIPT,
    "no-forward": Variant.SCRIPT,
    "frozen-with-method": Variant.FREEZE,
    "extra-files": Variant.SCRIPT,
    "without-debug-info": Variant.SCRIPT,
    "awkward-path": Variant.SCRIPT,
    "html-path": Variant.SCRIPT,
    "old-operators": Variant.SCRIPT,
    "cuda-constant": Variant.SCRIPT,
    "cuda-weights": Variant.SCRIPT,
    "corrupt-weights": Variant.SCRIPT,
    "hostile-names": Variant.SCRIPT,
}

TRUSTED = [
    "dynamically-quantised", "frozen-quantised", "statically-quantised", "torchbind",
]  # fmt: skip


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda name: ARCHIVES[name].build(tmp_path)


def trusted(path: Path) -> Program:
    with warnings.catch_warnings():
        for start in QUANTISATION_WARNINGS:
            warnings.filterwarnings("ignore", message=start)
        return tsviz.open(path, trust=True)


def first(program: Program, op: str) -> Node:
    return next(node for node in program.graph.iter_nodes() if node.op == op)


def links(program: Program) -> list[tuple[str, How, tuple[FileRange, ...]]]:
    graph = program.graph
    return [
        (node.op, graph.link(node).how, tuple(iter_frames(graph.link(node).location)))
        for node in graph.iter_nodes()
    ]


# ── what opens ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", OPENS)
def test_the_child_sees_what_loading_here_shows(name: str, build: Build) -> None:
    path = build(name)
    opened, live = tsviz.open(path), trusted(path)
    assert (opened.came, live.came) == (Came.CHILD, Came.TRUSTED)
    assert opened.variant == live.variant == OPENS[name]
    assert opened.text == live.text
    assert links(opened) == links(live)
    for part in ("title", "method", "modules", "weights", "code", "sources", "diagnostics"):
        assert getattr(opened, part) == getattr(live, part)
    assert list(opened.methods) == list(live.methods)
    for method, graph in opened.methods.items():
        assert tsviz.ir.render_graph(graph) == tsviz.ir.render_graph(live.methods[method])


def test_only_a_trusted_one_runs(build: Build) -> None:
    path = build("plain-pt")
    x = torch.ones(1, 4)
    with pytest.raises(UsageError) as caught:
        tsviz.open(path).get_native()
    assert str(caught.value).replace(str(path), "FILE") == (
        "error[TSV-U01]: expected a program that can run, "
        "got one that was read in a child process\n"
        "  help: if you trust whoever made it: tsviz.open('FILE', trust=True)"
    )
    native = trusted(path).get_native()
    assert torch.equal(native(x), torch.jit.load(path)(x))  # type: ignore[operator]


@pytest.mark.parametrize("name", TRUSTED)
def test_packed_and_torchbind_objects_open_when_trusted(name: str, build: Build) -> None:
    program = trusted(build(name))
    assert any("quantized::" in node.op for node in program.graph.iter_nodes())


@pytest.mark.parametrize(
    ("name", "entry", "methods"),
    [
        ("exported-methods", "forward", ["forward", "decode", "encode"]),
        ("no-forward", "score", ["score"]),
        ("frozen-with-method", "forward", ["forward", "encode"]),
    ],
)
def test_methods(name: str, entry: str, methods: list[str], build: Build) -> None:
    program = tsviz.open(build(name))
    assert program.method == entry
    own = [method.split(".") for method in program.methods]
    assert [method for owner, method in own if owner == program.title] == methods


def test_upgraders_show_what_runs_today(build: Build) -> None:
    assert first(tsviz.open(build("old-operators")), "prim::If").blocks


def test_a_device_baked_into_the_code_is_told(build: Build) -> None:
    path = build("cuda-constant")
    (found,) = tsviz.open(path).diagnostics
    assert found.render().replace(str(path), "FILE") == (
        "warning[TSV-A32]: `FILE` names cuda:0, so it runs only where that is"
    )


def test_damaged_weights_are_told(build: Build) -> None:
    path = build("corrupt-weights")
    (found,) = tsviz.open(path).diagnostics
    assert found.render().replace(str(path), "FILE") == (
        "warning[TSV-A31]: `data/0` in `FILE` is damaged: its checksum is wrong\n"
        "  note: PyTorch does not check this: the model loads, with wrong numbers in it"
    )


def test_a_saved_program_opens(build: Build, tmp_path: Path) -> None:
    program = tsviz.open(build("plain-pt"))
    tsviz.save(program, tmp_path / "model.tsviz")
    again = tsviz.open(tmp_path / "model.tsviz")
    assert (again.came, again.text, links(again)) == (Came.SAVED, program.text, links(program))


def test_no_torch_is_imported(build: Build) -> None:
    program = (
        "import sys, tsviz\n"
        "print(tsviz.open(sys.argv[1]).coverage().summary)\n"
        "assert not {'torch', 'numpy', 'pandas'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", program, build("plain-pt")]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    assert child.stdout == "100% linked · 1 exact · 4 call · 0 inferred\n"


# ── lines and sources ───────────────────────────────────────────────────────────────────────────

MODEL = """\
import torch
from torch import Tensor, nn


def halve(x: Tensor) -> Tensor:
    return x / 2


class Halves(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = halve(self.linear(x)) + x
        return halve(x) * y
"""


@pytest.fixture
def module_file(tmp_path: Path) -> Path:
    """A Python file of the user's, in a folder of its own."""
    file = tmp_path / "größe.py"
    file.write_text(MODEL, encoding="utf-8")
    return file


def save_in_another_process(file: Path, how: str) -> Path:
    """Writes the archive of the model in `file` where nothing of it gets into this process."""
    path = file.with_suffix(f".{how}.pt")
    program = (
        "import importlib.util, sys, torch\n"
        "file, path, how = sys.argv[1:]\n"
        "spec = importlib.util.spec_from_file_location('groesse', file)\n"
        "module = sys.modules['groesse'] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "model = module.Halves().eval()\n"
        "x = torch.ones(1, 4)\n"
        "made = torch.jit.script(model) if how == 'script' else torch.jit.trace(model, x)\n"
        "torch.jit.save(made, path)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program, file, path, how], check=True)
    return path


@pytest.mark.parametrize("trust", [False, True])
def test_a_scripted_archive_brings_its_python_text(module_file: Path, trust: bool) -> None:
    path = save_in_another_process(module_file, "script")
    module_file.unlink()
    program = tsviz.open(path, trust=trust)
    source = program.sources[str(module_file)]
    assert source.origin is Origin.ARCHIVE
    kept = {at: line for at, line in enumerate(source.text.split("\n")) if line}
    lines = MODEL.split("\n")
    assert kept == {at: lines[at] for at in (4, 5, 13, 14, 15)}
    for op, text in [
        ("aten::linear", "self.linear"),
        ("aten::add", "halve(self.linear(x)) + x"),
        ("aten::mul", "halve(x) * y"),
        ("aten::div", "x / 2"),
    ]:
        line = program.model_line(first(program, op))
        assert line is not None
        assert source.slice(line) == text


@pytest.mark.parametrize("trust", [False, True])
def test_callers_lead_to_the_original_lines(module_file: Path, trust: bool) -> None:
    path = save_in_another_process(module_file, "script")
    module_file.unlink()
    program = tsviz.open(path, trust=trust)
    halves = [node for node in program.graph.iter_nodes() if node.op == "aten::div"]
    frames = [tuple(iter_frames(program.graph.link(node).location)) for node in halves]
    assert [[(f.file, f.line) for f in chain] for chain in frames] == [
        [(str(module_file), 6), (str(module_file), 15)],
        [(str(module_file), 6), (str(module_file), 16)],
    ]


@pytest.mark.parametrize("trust", [False, True])
def test_a_traced_archive_leads_to_the_original_lines(module_file: Path, trust: bool) -> None:
    path = save_in_another_process(module_file, "trace")
    here = tsviz.open(path, trust=trust)
    assert here.sources[str(module_file)].text == MODEL
    module_file.unlink()
    gone = tsviz.open(path, trust=trust)
    assert gone.sources[str(module_file)].origin is Origin.MISSING
    for program in (here, gone):
        lines = {node.op: program.model_line(node) for node in program.graph.iter_nodes()}
        assert lines["aten::linear"] == lines["aten::add"]
        assert lines["aten::add"] is not None
        assert (lines["aten::add"].file, lines["aten::add"].line) == (str(module_file), 15)
        assert lines["aten::mul"] is not None
        assert lines["aten::mul"].line == 16


def test_a_file_that_says_the_same_is_shown_whole(module_file: Path) -> None:
    path = save_in_another_process(module_file, "script")
    source = tsviz.open(path).sources[str(module_file)]
    assert (source.text, source.origin) == (MODEL, Origin.DISK)


def test_a_file_that_was_changed_since_is_not_shown(module_file: Path) -> None:
    path = save_in_another_process(module_file, "script")
    module_file.write_text("# a new first line\n" + MODEL, encoding="utf-8")
    source = tsviz.open(path).sources[str(module_file)]
    assert source.origin is Origin.ARCHIVE
    assert "a new first line" not in source.text


def test_without_debug_info_no_line_is_the_users(build: Build) -> None:
    program = tsviz.open(build("without-debug-info"))
    coverage = program.coverage()
    assert (coverage.none, coverage.lines) == (coverage.nodes, 0)
    shown = next(iter_frames(program.graph.link(first(program, "aten::relu")).location))
    assert shown.file == "code/__torch__/tests/archives/saved_models.py"
    assert program.sources[shown.file].slice(shown) == "torch.relu"


def test_printed_code_is_no_line_of_the_users(build: Build) -> None:
    """Where only the caller's positions were stripped, its printed code must not pass for it."""
    path = build("plain-pt")

    def strip(name: str, content: bytes) -> Records:
        if not name.endswith("saved_models.py.debug_pkl"):
            yield name, content

    edit_records(path, strip)
    program = tsviz.open(path)
    assert program.coverage().none == program.coverage().nodes


@pytest.mark.parametrize("name", ["/dev/zero", "/etc/passwd", "//host/share/model.py", "a\0b.py"])
def test_a_stranger_does_not_choose_what_is_read(name: str, build: Build) -> None:
    """The archive names a file of this machine as its source; only Python files are looked at."""
    path = build("plain-pt")
    old = f"X{len(SAVED_MODELS).to_bytes(4, 'little').decode('latin-1')}{SAVED_MODELS}"
    new = f"X{len(name).to_bytes(4, 'little').decode('latin-1')}{name}"
    replace_in(
        path,
        lambda record: record.endswith("saved_models.py.debug_pkl"),
        old.encode("latin-1"),
        new.encode("latin-1"),
    )
    program = tsviz.open(path)
    source = program.sources[name]
    assert source.origin is Origin.ARCHIVE
    assert "return torch.relu(self.linear(x))" in source.text


@pytest.mark.parametrize("trust", [False, True])
def test_nor_does_one_who_traced(trust: bool, tmp_path: Path) -> None:
    """The stack that a trace recorded names a file that has no end."""
    path = tmp_path / "model.pt"
    namespace: dict[str, Any] = {"__name__": "stranger"}
    exec(compile("def double(x):\n    return x * 2\n", "/dev/zero", "exec"), namespace)
    torch.jit.save(torch.jit.trace(namespace["double"], torch.ones(2)), str(path))
    program = tsviz.open(path, trust=trust)
    line = program.model_line(first(program, "aten::mul"))
    assert line is not None
    assert (line.file, line.line) == ("/dev/zero", 2)
    assert program.sources["/dev/zero"].origin is Origin.MISSING


def test_hostile_names_open(build: Build) -> None:
    program = tsviz.open(build("hostile-names"))
    assert program.sources[PAGE].origin is Origin.ARCHIVE
    line = program.model_line(first(program, "aten::relu"))
    assert line is not None
    assert PAGE_SOURCE.split("\n")[line.line - 1].strip() == "x = part(x)"
    assert "parts.<script>alert('module')</script>" in [module.path for module in program.modules]


def test_a_function_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "halves.pt"
    torch.jit.save(torch.jit.script(halve_twice), str(path))
    program = tsviz.open(path)
    assert (program.title, program.method) == ("halves", "forward")
    lines = Path(__file__).read_text(encoding="utf-8").split("\n")
    inner, outer = [
        [lines[frame.line - 1].strip() for frame in iter_frames(program.graph.link(node).location)]
        for node in program.graph.iter_nodes()
        if node.op == "aten::div"
    ]
    assert inner == outer == ["return x / 2", "return halve(halve(x))"]


def halve(x: torch.Tensor) -> torch.Tensor:
    return x / 2


def halve_twice(x: torch.Tensor) -> torch.Tensor:
    return halve(halve(x))


def test_callers_of_pytorchs_functions_are_found(tmp_path: Path) -> None:
    """`F.relu(…)` in a file: the line is that of the call, as in the live model."""
    model = torch.jit.script(Activated().eval())
    path = tmp_path / "model.pt"
    torch.jit.save(model, path)
    opened, live = tsviz.open(path), tsviz.capture(model)
    for op in ("aten::relu", "aten::dropout", "aten::layer_norm"):
        places = [
            (p.graph.link(first(p, op)).how, p.model_line(first(p, op))) for p in (opened, live)
        ]
        assert places[0] == places[1]
        assert places[0][0] is How.CALL


class Activated(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.layer_norm(x, [4])
        x = F.relu(x) + 1
        return F.dropout(x, 0.5, self.training)
