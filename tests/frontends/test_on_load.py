"""Code that would run while PyTorch only loads an archive is found, however it is written."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import tsviz
from tests.archives import ARCHIVES
from tests.archives.zipfiles import is_own_code, replace_in
from tests.models.zoo import ZOO
from tsviz.errors import ArchiveError
from tsviz.frontends.archive import inspect
from tsviz.frontends.on_load import find_load_time_code

Build = Callable[[str], Path]

CLASS = """\
class Net(Module):
  __parameters__ = ["weight", ]
  __buffers__ = []
  weight : Tensor
  training : bool
  sizes : Final[List[int]] = [1, -2]
  scale : Final[float] = 0.5
  limit : Final[Optional[float]] = inf
  device : Final[Device] = torch.device("cpu")
  names : Final[Dict[str, int]] = annotate(Dict[str, int], {"a": 1})
  __annotations__["0"] = __torch__.Part
  def forward(self: __torch__.Net,
    x: Tensor,
    mode: str="a \\" def f(x=g()): \\n #",
    other: Optional[Tensor]=None,
    colour: __torch__.Colour=__torch__.Colour.RED) -> Tensor:
    y = torch.save(x, mode)
    if bool(torch.gt(x, 1)):
      z = torch.add(x, 1, alpha=2)
    else:
      z = x
    return getattr(self, "größe")(z, )
class Colour(Enum):
  RED = 1
class Pair(NamedTuple):
  first : Tensor
  second : int = 3
class Shape(Interface):
  def area(self: __torch__.Shape) -> Tensor:
    pass
def helper(x: Tensor) -> Tensor:
  return torch.relu(x)
"""
CALL = "calls operators for a value"
ODD = "is not written as PyTorch prints code"


def found(text: str) -> list[str]:
    return list(find_load_time_code("code/net.py", text))


def test_what_pytorch_prints_is_harmless() -> None:
    assert found(CLASS) == []
    assert found("op_version_set = 1\nimport __torch__.other\n" + CLASS) == []


CALLS_PYTHON = {"ignored-python-method", "autograd-function-traced"}  # no archive can hold these


@pytest.mark.parametrize("name", [name for name in ZOO if name not in CALLS_PYTHON])
def test_real_code_is_harmless(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.jit.save(ZOO[name].build(), str(path))
    assert inspect(path).on_load == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def forward", "def __setstate__", "defines `__setstate__`, which runs on load"),
        ("=None", "=torch.zeros(1)", f"{CALL}: `torch.zeros(1)`"),
        ("=None", "=ops.aten.zeros(1)", f"{CALL}: `ops.aten.zeros(1)`"),
        ("=None", '=getattr(torch, "save")', f"{CALL}: `getattr(torch, '')`"),
        ("=None", "=[i for i in range(3)]", f"{CALL}: `[i for i in range(3)]`"),
        ("=None", "=annotate(int, f(1))", f"{CALL}: `annotate(int, f(1))`"),
        ("=None", "=1 + 1", f"{CALL}: `1 + 1`"),
        ("x: Tensor,", "x: Tensor=f(1), *, y: int=g(),", f"{CALL}: `f(1)`"),
        ("    y = ", "    def g(y: int=f(2)) -> int:\n      return y\n    y = ", f"{CALL}: `f(2)`"),
        ("def helper(x: Tensor", "def helper(x: Tensor=f(3)", f"{CALL}: `f(3)`"),
        ("scale : Final[float] = 0.5", "scale : Final[float] = f(4)", f"{CALL}: `f(4)`"),
        ("second : int = 3", "second : int = f(5)", f"{CALL}: `f(5)`"),
        ("RED = 1", "RED = f(6)", f"{CALL}: `f(6)`"),
        ("class Colour", "f(7)\nclass Colour", f"{ODD}, so it may hide some"),
        ("  RED = 1", "  RED = 1 if x else 2", f"{CALL}: `1 if x else 2`"),
        ("  RED = 1", "  if x:\n    RED = 1", f"{ODD}, so it may hide some"),
        ("  training", "  # a remark\n  training", f"{ODD} (line 5), so it may hide some"),
        ('"weight"', "'weight'", f"{ODD} (line 2), so it may hide some"),
        ('"weight"', '"""weight"""', f"{ODD} (line 2), so it may hide some"),
        ("  RED = 1", "\tRED = 1", f"{ODD} (line 24), so it may hide some"),
        ("  RED = 1", "  RED = \\\n1", f"{ODD} (line 24), so it may hide some"),
        ("  RED = 1", "  RED = 1\r", f"{ODD} (line 24), so it may hide some"),
        ("  RED = 1", "  RED = 1\f", f"{ODD} (line 24), so it may hide some"),
        ("  RED = 1", "  RED = 1\u00a0", f"{ODD} (line 24), so it may hide some"),
        ("class Pair", "@f()\nclass Pair", f"{ODD} (line 25), so it may hide some"),
        ("def helper(", "def helper((", f"{ODD}, so it may hide some"),
        ("def helper(", "x = 1 def helper(", f"{ODD}, so it may hide some"),
        ("    pass\n", "    pass\nÂdef g(x: int=f()): pass\n", f"{ODD}, so it may hide some"),
    ],
)
def test_what_runs_is_found(old: str, new: str, reason: str) -> None:
    assert CLASS.count(old) == 1
    assert found(CLASS.replace(old, new))[0] == f"`code/net.py` {reason}"


def test_the_string_of_a_default_is_no_code() -> None:
    assert found(CLASS.replace("=None", '="torch.save(x)"')) == []


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000 + ")" * 200_000,
        "def f(x=" + "-" * 100_000 + "1): pass",
        "def f(x=" + "[" * 100_000 + "]" * 100_000 + "): pass",
        "def f(x=" + "a." * 100_000 + "a): pass",
        "class A(B):\n" + "".join(f"{' ' * depth}class A(B):\n" for depth in range(2, 200)),
    ],
    ids=["brackets", "signs", "lists", "attributes", "classes"],
)
def test_nested_absurdly(text: str) -> None:
    assert found(text) == [f"`code/net.py` {ODD}, so it may hide some"]


def test_a_body_is_not_parsed() -> None:
    """It does not run on load, and there may be a hundred thousand lines of it."""
    assert found(CLASS.replace("    y = torch.save(x, mode)\n", "    y y = = (\n")) == []


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda name: ARCHIVES[name].build(tmp_path)


ATTACKS = {
    "default": ("x: Tensor)", "x: Tensor, y: Tensor=torch.from_file({file}, True, 10))"),
    "disguised": (
        "x: Tensor)",
        'x: Tensor, y: Tensor=getattr(torch, "from\\137" "file")({file}, True, 10))',
    ),
    "constant": ("  linear : ", "  c : Final[Tuple[()]] = torch.save(3, {file})\n  linear : "),
    "inner function": (
        "    linear = self.linear\n",
        "    def g(y: Tensor=torch.from_file({file}, True, 10)) -> Tensor:\n"
        "      return y\n    linear = self.linear\n",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_values_that_write_a_file(name: str, build: Build, tmp_path: Path) -> None:
    """PyTorch runs them; tsviz says so and does not."""
    path, target = build("plain-pt"), tmp_path / "written"
    old, new = ATTACKS[name]
    replace_in(path, is_own_code, old.encode(), new.format(file=f'"{target}"').encode())
    with pytest.raises(ArchiveError, match=r"^error\[TSV-A13\]"):
        tsviz.open(path)
    assert not target.exists()
    torch.jit.load(path)
    assert target.exists()
