"""The notebooks of the course run from top to bottom, with blank and with reference answers."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tsviz.course import State, iter_lessons
from tsviz.course.content import Lesson
from tsviz.course.trying import untouched

ROOT = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"
LESSONS = tuple(iter_lessons())
_PREDICT = re.compile(r'predict\("(?P<id>[\w.]+)", \.\.\.\)')
_REVEAL = re.compile(r'reveal\("(?P<id>[\w.]+)"\)')
_CHECK = re.compile(r'^check\("(?P<id>[\w.]+)", .+\)$', re.MULTILINE)

_EXPLORE = re.compile(r"^%tsdebug (?!--lesson)", re.MULTILINE)
REFUSED = {"refused", "refused-blend", "refused-restoring"}
"""The cells that show how tsviz refuses something."""

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)


def read(lesson: Lesson) -> Any:
    (path,) = (ROOT / "notebooks").glob(f"{lesson.number}_*.ipynb")
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(notebook: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Executes it as it stands in a kernel of its own; an exception fails the test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    NotebookClient(notebook, timeout=None, resources={"metadata": {"path": folder}}).execute()


def cards(notebook: Any) -> dict[str, str]:
    """The first line of the card of each question and exercise, by what asked for it."""
    found = {
        match[0]: [output.data["text/plain"] for output in cell.outputs if "data" in output][-1]
        for cell in code_cells(notebook)
        for pattern in (_PREDICT, _REVEAL, _CHECK)
        if (match := pattern.search(cell.source))
    }
    return {asked: text.splitlines()[0] for asked, text in found.items()}


def shows(cell: Any) -> str:
    """What a cell with `%tsdebug` shows: an explorer, or an error where that is the lesson."""
    streams = "".join(output.get("text", "") for output in cell.outputs)
    views = [output for output in cell.outputs if VIEW in output.get("data", {})]
    return "explorer" if views else "error" if "error[" in streams else ""


@each_lesson
def test_it_runs_with_blank_answers(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    notebook = read(lesson)
    run(notebook, tmp_path, monkeypatch)
    states = cards(notebook)
    assert len(states) == 2 * len(lesson.questions) + len(lesson.exercises)
    assert {state.partition(": ")[2] for state in states.values()} == {State.UNANSWERED}
    for cell in code_cells(notebook):
        if _EXPLORE.search(cell.source):
            assert shows(cell) == ("error" if cell.id in REFUSED else "explorer"), cell.id
    assert any("<svg" in str(cell.get("outputs", "")) for cell in notebook.cells)


@each_lesson
def test_it_runs_with_the_reference_answers(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    notebook = read(lesson)
    for cell in code_cells(notebook):
        cell.source = answered(lesson, cell.source)
    run(notebook, tmp_path, monkeypatch)
    expected = {f'reveal("{one.id}")': f"{one.id}: right" for one in lesson.questions}
    expected |= {
        f'check("{exercise.id}", RIGHT["{exercise.id}"]())': f"{exercise.id}: right"
        for exercise in lesson.exercises
    }
    assert cards(notebook) == expected


def answered(lesson: Lesson, source: str) -> str:
    """A cell with the true prediction, or the reference answer in place of what stands there."""
    if asked := _PREDICT.search(source):
        (question,) = (one for one in lesson.questions if one.id == asked["id"])
        with untouched():
            return f'predict("{question.id}", "{question.observe()}")'
    if task := _CHECK.search(source):
        answers = import_module(f"tests.course.answers_{lesson.number}").__name__
        return f'from {answers} import RIGHT\ncheck("{task["id"]}", RIGHT["{task["id"]}"]())'
    return source


@each_lesson
def test_it_is_stored_blank_and_in_order(lesson: Lesson):
    notebook = read(lesson)
    cells = code_cells(notebook)
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)
    source = "\n".join(cell.source for cell in cells)
    questions = [question.id for question in lesson.questions]
    assert _PREDICT.findall(source) == _REVEAL.findall(source) == questions
    assert _CHECK.findall(source) == [exercise.id for exercise in lesson.exercises]
    for question in questions:
        assert source.index(f'predict("{question}"') < source.index(f'reveal("{question}"')
    assert notebook.cells[0].source.startswith(f"# {lesson.number} · {lesson.title}\n")
    assert lesson.goal in " ".join(notebook.cells[0].source.split())
    assert f"{lesson.minutes} minutes" in notebook.cells[0].source


@each_lesson
def test_its_models_are_those_that_the_questions_are_answered_with(lesson: Lesson):
    told = definitions("\n".join(cell.source for cell in code_cells(read(lesson))))
    module = import_module(f"tsviz.course.lesson_{lesson.number}")
    run_here = definitions(Path(str(module.__file__)).read_text(encoding="utf-8"))
    both = told.keys() & run_here.keys()
    assert both
    assert {name: told[name] for name in both} == {name: run_here[name] for name in both}


def definitions(source: str) -> dict[str, str]:
    """Classes and functions by name, without docstrings and annotations of tensors."""
    lines = [line for line in source.splitlines() if not line.startswith("%")]
    tree = ast.parse("\n".join(lines))
    nodes = [one for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef)]
    return {node.name: _plain(node) for node in nodes}


def _plain(node: ast.stmt) -> str:
    for part in ast.walk(node):
        if isinstance(part, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(part) is not None:
            part.body = part.body[1:]
    return re.sub(r"(?:: | -> )(?:Tensor|None)\b", "", ast.unparse(node))
