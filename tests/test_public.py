"""The public names: as documented, each where it says, and nothing else."""

import inspect
import subprocess
import sys

import pytest

import tsviz

DOCUMENTED = [
    *("TsvizError", "__version__", "capture", "compare", "debug", "diff", "doctor", "explore"),
    *("open", "parse", "profile", "run_passes", "save"),
]


def test_public_names_are_the_documented_ones_that_are_built():
    assert tsviz.__all__ == DOCUMENTED
    assert dir(tsviz) == DOCUMENTED


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("capture", "(model, args=(), kwargs=None, *, via='auto')"),
        (
            "compare",
            "(model, args=(), kwargs=None, *, variants=('trace', 'script'), inputs=None, "
            "tries=80, seconds=30.0, progress=None, steps=None, prover=None)",
        ),
        (
            "debug",
            "(target, args=(), kwargs=None, *, via='auto', memory=1073741824, plan=False)",
        ),
        ("diff", "(before, after)"),
        ("doctor", "(model, args=None, kwargs=None, *, progress=None)"),
        ("explore", "(target, *, keep=False)"),
        ("open", "(path, *, trust=False)"),
        ("parse", "(text)"),
        (
            "profile",
            "(target, args=None, kwargs=None, *, via='auto', runs=10, nodes='ops', device=None, "
            "progress=None)",
        ),
        ("run_passes", "(program, args=None, kwargs=None, *, pipeline='runtime')"),
        ("save", "(obj, path)"),
    ],
)
def test_signature(name: str, signature: str):
    found = inspect.signature(getattr(tsviz, name))
    plain = [param.replace(annotation=param.empty) for param in found.parameters.values()]
    assert str(inspect.Signature(plain)) == signature


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_name_is_documented(name: str):
    assert name == "__version__" or inspect.getdoc(getattr(tsviz, name))


def test_unknown_name():
    with pytest.raises(AttributeError, match=r"module 'tsviz' has no attribute 'oepn'"):
        tsviz.oepn  # noqa: B018 (the access is what fails)


def test_star_import_gives_the_public_names_alone():
    code = "from tsviz import *\nprint(*sorted(n for n in vars() if not n.startswith('__')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [name for name in DOCUMENTED if name != "__version__"]


def test_passes_are_there_without_an_import_of_their_own():
    code = "import tsviz; print(len(tsviz.passes.catalog) > 40)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
