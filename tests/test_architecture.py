"""The rules that keep the parts apart, read from the source itself."""

import ast
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import tsviz
from tsviz import display

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tsviz"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each row may import from the rows above it; what stands in one row does not import each other.
LAYERS = (
    {"location", "cells", "collector", "display", "options", "protocol", "examples"},
    {"errors"},
    {"ir", "environment"},
    {"jit"},
    {"reading_ahead"},
    {"frontends"},
    {"passes"},
    {"profiler", "debugger"},
    {"comparison"},
    {"diagnosis"},
    {"views", "terminal"},
    {"html_parts", "searching", "capabilities", "measured"},
    {"recording"},
    {"debugging"},
    {"profiling", "requests", "replies"},
    {
        *("session", "passes_page", "diff_page", "doctor_page", "doctor_html"),
        *("lesson_page", "types_page", "debug_page"),
        *("comparison_page", "comparison_html", "matrix_page", "matrix_html"),
        "profile_page",
    },
    {"against_page", "rates_page"},
    {"widgets", "exploring", "saving", "capturing"},
    {"magic", "commands", "course"},
    {"cli"},
    {"__main__"},
)
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# The root holds the public names, imported when they are asked for, and the version.
ROOT_MODULE = "tsviz"


@dataclass(frozen=True)
class Import:
    """One import statement, wherever in the file it stands."""

    file: Path
    line: int
    module: str

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def iter_imports(file: Path, *, types: bool = False) -> Iterator[Import]:
    """Every import of a file, those inside functions included; those for types only if asked."""
    stack: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not types:
            stack += node.orelse
            continue
        stack += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                Import(file, node.lineno, f"{node.module}.{name.name}") for name in node.names
            )


def room(module: str) -> str:
    """`tsviz.jit.tags` → `jit`; the root and what it defines itself → `tsviz`."""
    name = module.split(".")[1] if "." in module else ""
    return name if name in RANKS else ROOT_MODULE


def room_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ROOT_MODULE if parts == ("__init__",) else parts[0]


def test_every_room_has_its_place():
    assert {room_of(file) for file in MODULES} == RANKS.keys() | {ROOT_MODULE}


def test_imports_go_one_way():
    wrong = [
        found.place
        for file in MODULES
        if room_of(file) != ROOT_MODULE
        for found in iter_imports(file)
        if found.module.split(".")[0] == "tsviz"
        and room(found.module) not in (ROOT_MODULE, room_of(file))
        and RANKS[room(found.module)] >= RANKS[room_of(file)]
    ]
    assert wrong == []


def test_the_kernel_stands_on_the_magic_and_what_reads_ahead():
    used = {
        found.module
        for file in (ROOT / "kernel").rglob("*.py")
        for found in iter_imports(file)
        if found.module.split(".")[0] == "tsviz"
    }
    ahead = {"tsviz.reading_ahead.start_reader", "tsviz.reading_ahead.file_beside"}
    assert used == {"tsviz.magic", *ahead, "tsviz.widgets.documents.prepare"}


def test_only_the_faces_use_the_public_names():
    users = {
        room_of(file)
        for file in MODULES
        for found in iter_imports(file)
        if found.module.split(".")[0] == "tsviz" and room(found.module) == ROOT_MODULE
    }
    assert users == {"saving", "widgets", "capturing", "magic", "commands", "cli"}


@pytest.mark.parametrize(
    "name", ["protocol", "display", "location", "cells", "collector", "options"]
)
def test_standard_library_only(name: str):
    allowed = sys.stdlib_module_names | {"tsviz"}
    wrong = [
        found.place
        for file in MODULES
        if room_of(file) == name
        for found in iter_imports(file, types=True)
        if found.module.split(".")[0] not in allowed
    ]
    assert wrong == []


def test_no_module_of_the_display_registry_is_imported_from_below():
    """What lies low reaches widgets, pictures and tables by name, through `display` alone."""
    targets = {target.partition(":")[0] for target in display._RENDERERS.values()}
    assert all((ROOT / (target.replace(".", "/") + ".py")).is_file() for target in targets)
    low = {name for name in RANKS if RANKS[name] <= RANKS["frontends"]}
    wrong = [
        found.place
        for file in MODULES
        if room_of(file) in low
        for found in iter_imports(file)
        if any(found.module.startswith(target) for target in targets)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", display._RENDERERS)
def test_every_renderer_is_there(name: str):
    assert callable(display.renderer(name))


# The libraries that only the environment with the kernel has, or that take long to import.
HEAVY = ("torch", "pandas", "plotly", "IPython", "ipywidgets", "anywidget", "graphviz", "rich")


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has imported after running `code`."""
    script = f"{code}\nimport sys\nprint(*sorted(name for name in sys.modules if '.' not in name))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_tsviz_imports_nothing_heavy():
    assert modules_after("import tsviz").isdisjoint(HEAVY)


def test_results_without_torch_need_none():
    code = "from tsviz.frontends import Program\nimport tsviz.errors, tsviz.session, tsviz.views"
    assert modules_after(code).isdisjoint(HEAVY)


def test_only_one_room_touches_the_internals_of_torch():
    mentions = [
        str(file.relative_to(ROOT))
        for file in MODULES
        if room_of(file) != "jit" and re.search(r"(?<![\"'])\btorch\.(_C|jit\._)", code_of(file))
    ]
    assert mentions == []


def code_of(file: Path) -> str:
    """The code of a file without comments and docstrings."""
    return ast.unparse(_Undocumented().visit(ast.parse(file.read_text(encoding="utf-8"))))


class _Undocumented(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if text else node


def test_public_names_stay_callable_after_everything_was_imported():
    """A submodule becomes an attribute of its package, and would hide a function of its name."""
    names = [
        module.name
        for module in pkgutil.walk_packages([str(PACKAGE)], "tsviz.")
        if module.name != "tsviz.__main__"
    ]
    code = (
        f"import importlib, tsviz\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"public = set(tsviz.__all__) - {{'__version__'}}\n"
        f"assert not [name for name in public if not callable(getattr(tsviz, name))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {name.split(".")[1] for name in names}.isdisjoint(tsviz.__all__)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_files_are_short(file: Path):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


# Where every exception is caught, and why: what runs there is not tsviz's own code, or nobody would
# hear of the failure.
CATCH_ALL = {
    "replies.py": "a request must be answered",
    "searching.py": "the user's model runs, in a process that nobody else hears",
    "cli.py": "tsviz's own stack helps no user",
    "commands/__init__.py": "the user's code runs",
    "commands/debug_shell.py": "the user's expression raises any class",
    "jit/swallowing.py": "counts what a call raises, and raises it again",
    "debugging.py": "the user's expression raises any class",
    "course/checking.py": "the learner's code runs, and its failure is the outcome",
    "debugger/breakpoints.py": "the user's condition raises any class",
    "debugger/looking.py": "the user's expression raises any class",
    "debugger/run.py": "the user's model raises any class",
    "frontends/compiling.py": "the user's code runs, and PyTorch raises any class",
    "frontends/inputs.py": "copying runs code of the user's classes",
    "jit/natives.py": "cleans up after a failed compilation, and raises it again",
    "jit/running.py": "the user's model, or a broken graph, raises any class",
    "magic/evaluation.py": "the user's code runs",
    "passes/own.py": "a pass may raise anything, and it is told",
    "passes/pipeline.py": "the user's model runs, and PyTorch raises any class",
    "magic/tracebacks.py": "tsviz's own stack helps no user",
    "views/facts.py": "the user's model runs",
}


def test_everything_is_caught_in_few_places():
    found = [
        (file.relative_to(PACKAGE).as_posix(), ast.unparse(node.type) if node.type else "")
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
    ]
    broad = [file for file, kind in found if kind in ("", "Exception", "BaseException")]
    assert sorted(broad) == sorted(CATCH_ALL)
