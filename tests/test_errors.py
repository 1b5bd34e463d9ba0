"""Diagnostics: how they read, how they travel, and that each code means one thing."""

import ast
import pickle
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tsviz import errors
from tsviz.errors import CaptureError, Diagnostic, TsvizError, UsageError
from tsviz.location import CallSite, FileRange, Origin, SourceFile, Unknown

PACKAGE = Path(__file__).parents[1] / "tsviz"
SOURCE = SourceFile(
    "model.py", "def forward(x):\n    y = x + 1  \n\tif y.sum() > 0:\n", Origin.DISK
)


def test_everything_at_once():
    place = CallSite(FileRange("model.py", 2, 8, 2, 13), FileRange("main.py", 31, 12, 31, 20))
    diagnostic = Diagnostic(
        "TSV-C01", "something is wrong", place, ("a note\nof two lines", "another"), "do this"
    )
    assert diagnostic.render((SOURCE,)) == (
        "error[TSV-C01]: something is wrong\n"
        "  --> model.py:2:9 (called from main.py:31:13)\n"
        "   2 |     y = x + 1\n"
        "     |         ^^^^^\n"
        "  note: a note\n"
        "        of two lines\n"
        "  note: another\n"
        "  help: do this"
    )


def test_nothing_but_a_message():
    assert Diagnostic("TSV-U01", "no").render() == "error[TSV-U01]: no"


def test_warning():
    assert Diagnostic("TSV-C05", "hm", severity="warning").render() == "warning[TSV-C05]: hm"


def test_place_without_text():
    found = Diagnostic("TSV-C01", "no", FileRange("gone.py", 7)).render((SOURCE,))
    assert found == "error[TSV-C01]: no\n  --> gone.py:7"


def test_place_behind_the_end_of_the_text():
    found = Diagnostic("TSV-C01", "no", FileRange("model.py", 70)).render((SOURCE,))
    assert found == "error[TSV-C01]: no\n  --> model.py:70"


def test_unknown_callee_shows_its_caller():
    place = CallSite(Unknown("no range"), FileRange("model.py", 2))
    assert Diagnostic("TSV-C01", "no", place).render((SOURCE,)).splitlines()[1:] == [
        "  --> model.py:2",
        "   2 |     y = x + 1",
        "     |     ^^^^^^^^^",
    ]


@pytest.mark.parametrize(
    ("place", "caret"),
    [
        (FileRange("model.py", 2, 4, 2, 5), "     |     ^"),
        (FileRange("model.py", 2, 4, 2, 4), "     |     ^"),
        (FileRange("model.py", 2), "     |     ^^^^^^^^^"),
        (FileRange("model.py", 1, 4, 3, 2), "     |     ^^^^^^^^^^^"),
        (FileRange("model.py", 3, 4, 3, 11), "     | \t   ^^^^^^^"),
    ],
    ids=["one character", "empty", "whole line", "to the end of its first line", "after a tab"],
)
def test_carets(place: FileRange, caret: str):
    assert Diagnostic("TSV-C01", "no", place).render((SOURCE,)).splitlines()[-1] == caret


def test_error_says_its_diagnostic_with_the_source():
    error = CaptureError(Diagnostic("TSV-C01", "no", FileRange("model.py", 2)), (SOURCE,))
    assert str(error).splitlines()[-1] == "     |     ^^^^^^^^^"


def test_errors_survive_pickling():
    error = UsageError(Diagnostic("TSV-U03", "no", notes=("why",)), (SOURCE,))
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is UsageError
    assert (copied.diagnostic, copied.sources) == (error.diagnostic, error.sources)


def test_every_error_is_ours_and_wrong_usage_is_a_value_error_too():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    raised = [kind for kind in kinds if issubclass(kind, BaseException)]
    assert all(issubclass(kind, TsvizError) for kind in raised)
    assert issubclass(UsageError, ValueError)


# ── all diagnostics of the package ──────────────────────────────────────────────────────────────


def codes_by_file() -> dict[str, set[str]]:
    """Code → the files in which a diagnostic is made of it (docstrings do not count)."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(r"TSV-[A-Z]\d\d", str(node.value)):
                found[str(node.value)].add(file.relative_to(PACKAGE).as_posix())
    return dict(found)


def test_a_code_means_one_thing():
    assert {code: files for code, files in codes_by_file().items() if len(files) > 1} == {}


def test_every_code_has_a_test():
    tests = Path(__file__).parent.rglob("*.py")
    text = "\n".join(file.read_text(encoding="utf-8") for file in tests)
    assert [code for code in sorted(codes_by_file()) if code not in text] == []
