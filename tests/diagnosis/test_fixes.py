"""What to put into cells, and that it is whole."""

from tsviz.diagnosis.fixes import Replacement, replacements_of
from tsviz.location import Origin, SourceFile

BEFORE = """\
import torch

@decorated
def f(x):
    return x

class A:
    b = 1

def g(x):
    return x
"""
AFTER = BEFORE.replace("import torch", "import torch\nfrom typing import List")
AFTER = AFTER.replace("b = 1", "b = 2").replace("f(x)", "f(x: List[int])")


def test_changed_definitions_and_what_is_new():
    sources = {"cell": SourceFile("cell", BEFORE, Origin.CELL)}
    assert replacements_of(sources, {"cell": AFTER}) == (
        Replacement("cell", "", 0, "from typing import List"),
        Replacement("cell", "f", 3, "@decorated\ndef f(x: List[int]):\n    return x"),
        Replacement("cell", "A", 7, "class A:\n    b = 2"),
    )


def test_files_go_into_the_patch():
    sources = {"a.py": SourceFile("a.py", BEFORE, Origin.DISK)}
    assert replacements_of(sources, {"a.py": AFTER}) == ()
