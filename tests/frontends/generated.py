"""Programs made to catch wrong source links.

Every line of a generated program carries marks of its own: numbers and attribute names that occur
nowhere else. Wherever a mark turns up in a graph, however often it was inlined, folded or moved,
the line it was written on is known, and so are the calls that can lead to it.

The programs are written with what makes links go wrong: functions called twice on one line and on
different ones, calls in arguments, several statements a line, callees that yield nothing, early
returns, branches that fold away because of a constant argument, modules in modules, and PyTorch's
own functions and modules, whose line is that of their caller.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

HEAD = """\
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from typing import Dict, List, Tuple
"""

# In no order, so that no sum or product of some of them is one of them; none ends in 0.
_NUMBERS = tuple(
    f"{number // 10_000}.{number % 10_000:04}"
    for number in Random(0).sample(range(10_000, 100_000), 4_000)
    if number % 10
)

_ARITHMETIC = (
    "x + {0}",
    "x * {0}",
    "{0} - x",
    "x.div({0})",
    "torch.clamp(x, max={0})",
    "torch.add(x, {0})",
    "torch.where(x > {0}, x, -x)",
    "-x / {0}",
    "x ** {0}",
)
_LIBRARY = (
    "leaky_relu(x, {0})",
    "threshold(x, {0}, {1})",
    "hardtanh(x, -{0}, {1})",
    "softplus(x, {0})",
    "celu(x, {0})",
    "elu(x, {0})",
    "normalize(x, {0}, 0)",
    "layer_norm(x, [4], None, None, {0})",
    "dropout(x, 0.5, False) * {0}",
    "gelu(x) + {0}",
    "hardshrink(x, {0})",
    "softshrink(x, {0})",
    "relu6(x) - {0}",
    'pad(x, [0, 0], "constant", {0})',
    "cosine_similarity(x, x, 0, {0}) + x",
    "group_norm(x.view(1, 4), 2, None, None, {0}).view(4)",
)
_LAYERS = (
    "Linear(4, 4)",
    "LeakyReLU({0})",
    "Hardtanh(-{0}, {1})",
    "Threshold({0}, {1})",
    "LayerNorm(4, {0})",
    "ELU({0})",
    "Softplus({0})",
    "CELU({0})",
    "Dropout(0.5)",
    "Sequential(nn.LeakyReLU({0}), nn.Linear(4, 4), nn.ELU({1}))",
)

Chain = tuple[int, ...]
"""Line numbers, innermost first: where a mark is written, where that was called from, …"""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is written in one statement only.

    Attributes:
        lines: the lines of that statement.
        operand: whether the nodes that take it are of the same statement, too; an argument of a
            function goes on to other lines.
    """

    lines: tuple[int, ...]
    operand: bool


@dataclass(slots=True)
class Body:
    """A function as far as chains go: what it marks, what it calls from which line."""

    marks: list[tuple[str, int]] = field(default_factory=list)
    calls: list[tuple["Body", int]] = field(default_factory=list)

    def iter_chains(self, outer: Chain = ()) -> Iterator[tuple[str, Chain]]:
        for mark, line in self.marks:
            yield mark, (line, *outer)
        for callee, line in self.calls:
            yield from callee.iter_chains((line, *outer))


@dataclass(frozen=True, slots=True)
class GeneratedProgram:
    """Source text with a class `Root`, and the truth about it.

    Attributes:
        marks: by text: a number as Python writes it, or the name of an attribute.
        chains: how often each mark is reached through each chain of lines.
    """

    text: str
    marks: dict[str, Mark]
    chains: Counter[tuple[str, Chain]]


def generate(random: Random) -> GeneratedProgram:
    """One program; equal states of `random` give equal programs."""
    return _Generator(random).program()


@dataclass(frozen=True, slots=True)
class _Function:
    """A function that later ones may call; `call` writes the call of it."""

    body: Body
    call: str


class _Generator:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = HEAD.splitlines()
        self.indent = ""
        self.marks: dict[str, Mark] = {}
        self.numbers = iter(_NUMBERS)
        self.body = Body()
        self.attributes: list[str] = []
        self.in_module = False
        self.returns_early = False
        self.tensors: list[_Function] = []  # x, number -> x
        self.switches: list[_Function] = []  # x, bool -> x
        self.checks: list[_Function] = []  # x, number -> nothing
        self.pairs: list[_Function] = []  # x, number -> x, x
        self.children: list[tuple[str, Body]] = []  # classes

    def program(self) -> GeneratedProgram:
        for number in range(self.random.randint(2, 5)):
            self.function(number)
        for number in range(self.random.randint(1, 3)):
            self.module(f"Child{number}")
        root = self.module("Root")
        return GeneratedProgram(
            "\n".join(self.lines) + "\n", self.marks, Counter(root.iter_chains())
        )

    # ── lines and marks ──────────────────────────────────────────────────────────────────────────

    def write(self, *texts: str) -> int:
        """Writes one statement; returns the number of its first line."""
        first = len(self.lines) + 1
        self.lines += [self.indent + text for text in texts]
        return first

    @property
    def line(self) -> int:
        """The number of the next line."""
        return len(self.lines) + 1

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.write(head)
        outer, self.indent = self.indent, self.indent + "    "
        yield
        self.indent = outer

    def operand(self, *, at: int = 0, height: int = 1) -> str:
        """A number that is used by the statement about to be written.

        Args:
            at: which of its lines it stands on.
            height: how many lines it has.
        """
        return self._number(at, tuple(range(self.line, self.line + height)))

    def argument(self, *, at: int = 0) -> str:
        """A number handed to another function, in the line `at` after the next."""
        text = next(self.numbers)
        self.marks[text] = Mark((self.line + at,), operand=False)
        return text

    def _number(self, at: int, lines: tuple[int, ...]) -> str:
        text = next(self.numbers)
        self.marks[text] = Mark(lines, operand=True)
        self.body.marks.append((text, self.line + at))
        return text

    # ── functions and modules ────────────────────────────────────────────────────────────────────

    def function(self, number: int) -> None:
        kind = self.random.choice(("tensor", "tensor", "switch", "check", "pair"))
        self.body = Body()
        getattr(self, f"{kind}_function")(f"f{number}", "")

    def tensor_function(self, name: str, owner: str) -> None:
        me = "self, " if owner else ""
        with self.block(f"def {name}({me}x: Tensor, k: float) -> Tensor:"):
            self.returns_early = self.random.random() < 0.3
            if self.returns_early:
                with self.block(f"if bool(x.sum() > {self.operand()}):"):
                    self.write(f"return x * {self.operand()}")
            self.statements(self.random.randint(1, 4))
            self.write("return x * k")
        self.returns_early = False
        self.tensors.append(_Function(self.body, f"{owner}{name}(%s, %s)"))

    def switch_function(self, name: str, owner: str) -> None:
        me = "self, " if owner else ""
        with self.block(f"def {name}({me}x: Tensor, flag: bool) -> Tensor:"):
            with self.block("if flag:" if self.random.random() < 0.7 else "if not flag:"):
                self.statements(self.random.randint(1, 3))
            if self.random.random() < 0.6:
                with self.block("else:"):
                    self.statements(self.random.randint(1, 3))
            self.write(f"return x - {self.operand()}")
        self.switches.append(_Function(self.body, f"{owner}{name}(%s, %s)"))

    def check_function(self, name: str, owner: str) -> None:
        me = "self, " if owner else ""
        with self.block(f"def {name}({me}x: Tensor, k: float) -> None:"):
            for _ in range(self.random.randint(1, 2)):
                self.random.choice((self.print_, self.assert_, self.raise_))()
            self.write("print(k)")
        self.checks.append(_Function(self.body, f"{owner}{name}(%s, %s)"))

    def pair_function(self, name: str, owner: str) -> None:
        me = "self, " if owner else ""
        with self.block(f"def {name}({me}x: Tensor, k: float) -> Tuple[Tensor, Tensor]:"):
            self.statements(self.random.randint(1, 2))
            self.write(f"return x * {self.operand()}, x + k")
        self.pairs.append(_Function(self.body, f"{owner}{name}(%s, %s)"))

    def module(self, name: str) -> Body:
        outer = [list(kind) for kind in (self.tensors, self.switches, self.checks, self.pairs)]
        self.attributes, self.in_module = [], True
        with self.block(f"class {name}(nn.Module):"):
            for number in range(self.random.randint(0, 2)):
                self.body = Body()
                kind = self.random.choice(("tensor", "switch", "check", "pair"))
                getattr(self, f"{kind}_function")(f"m{number}", "self.")
            self.body = body = Body()
            with self.block("def forward(self, x: Tensor) -> Tensor:"):
                self.statements(self.random.randint(3, 7))
                self.write(f"return x + {self.operand()}")
            with self.block("def __init__(self) -> None:"):
                self.write("super().__init__()", *self.attributes)
        self.tensors, self.switches, self.checks, self.pairs = outer
        self.children.append((name, body))
        self.in_module = False
        return body

    def attribute(self, stem: str, value: str, *, height: int = 1) -> str:
        """A new attribute of the module at hand, used on the next `height` lines alone."""
        name = f"{stem}_{next(self.numbers).replace('.', '')}"
        self.attributes.append(f"self.{name} = {value}")
        leaf = stem in ("weight", "layer", "conv", "norm")
        self.marks[name] = Mark(tuple(range(self.line, self.line + height)), operand=leaf)
        return name

    # ── statements: each takes x and leaves x ────────────────────────────────────────────────────

    def statements(self, count: int) -> None:
        for _ in range(count):
            self.random.choice(self.choices())()

    def choices(self) -> list[Callable[[], object]]:
        ways: list[Callable[[], object]] = [
            self.arithmetic, self.arithmetic, self.library, self.library, self.library,
            self.on_one_line, self.over_lines, self.list_, self.dictionary, self.print_,
            self.assert_, self.raise_, self.in_place, self.ternary, self.comprehension,
        ]  # fmt: skip
        if len(self.indent) <= 12:
            ways += [self.branch, self.branch, self.loop, self.while_]
            # PyTorch's compiler breaks on `with` beside an early return
            ways += [] if self.returns_early else [self.no_grad]
        if self.tensors:
            ways += [self.call, self.call, self.call_twice, self.call_twice_on_one_line]
            ways += [self.nested_call, self.nested_call, self.call_over_lines, self.fork]
        ways += [self.switch, self.switch, self.switch_both_ways] if self.switches else []
        ways += [self.check, self.check] if self.checks else []
        ways += [self.pair] if self.pairs else []
        if self.in_module:
            ways += [self.parameter, self.layer, self.layer, self.layer, self.convolution]
            if self.children:
                ways += [self.child, self.child_twice, self.sequence, self.module_list]
        return ways

    def arithmetic(self) -> None:
        way = self.random.choice(_ARITHMETIC)
        self.write(f"x = {way.format(self.operand())}")

    def library(self) -> None:
        way = self.random.choice(_LIBRARY)
        self.write(f"x = F.{way.format(self.operand(), self.operand())}")

    def on_one_line(self) -> None:
        self.write(f"x = x + {self.operand()}; x = F.elu(x, {self.operand()}); x = -x")

    def over_lines(self) -> None:
        first, second = self.operand(at=2, height=5), self.operand(at=3, height=5)
        self.write("x = (", "    F.elu(x)", f"    + {first}", f"    - F.elu(x, {second})", ")")

    def list_(self) -> None:
        self.write(f"x = torch.stack([x, x * {self.operand()}]).sum(0)")

    def dictionary(self) -> None:
        name = f"d{self.line}"  # a name may be annotated once in a function
        text = f'{name}: Dict[str, Tensor] = {{"k": x * {self.operand()}}}'
        self.write(f'{text}; x = {name}["k"]')

    def in_place(self) -> None:
        self.write(f"x = x.clone().add_({self.operand()})")

    def ternary(self) -> None:
        yes, which, no = self.operand(), self.operand(), self.operand()
        self.write(f"x = x + {yes} if bool(x.sum() > {which}) else F.elu(x, {no})")

    def comprehension(self) -> None:
        self.write(f"x = torch.stack([x * {self.operand()} for _ in range(2)]).sum(0)")

    def print_(self) -> None:
        self.write(f'print("mark", {self.operand()})')

    def assert_(self) -> None:
        self.write(f'assert not bool(x.sum() == {self.operand()}), "unlikely"')

    def raise_(self) -> None:
        with self.block(f"if bool(x.sum() == {self.operand()}):"):
            self.write('raise ValueError("unlikely")')

    def branch(self) -> None:
        with self.block(f"if bool(x.sum() > {self.operand()}):"):
            self.statements(self.random.randint(1, 2))
        if self.random.random() < 0.5:
            with self.block("else:"):
                self.statements(self.random.randint(1, 2))

    def loop(self) -> None:
        with self.block("for _ in range(2):"):
            self.statements(self.random.randint(1, 2))

    def while_(self) -> None:
        counter = f"n{self.line}"
        self.write(f"{counter} = 0")
        with self.block(f"while {counter} < 2 and bool(x.sum() < {self.operand()}):"):
            self.write(f"{counter} += 1")
            self.statements(1)

    def no_grad(self) -> None:
        with self.block("with torch.no_grad():"):
            self.statements(1)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    def called(self, functions: list[_Function], *arguments: str, at: int = 0) -> str:
        """A call of one of the functions, standing in the line `at` after the next."""
        function = self.random.choice(functions)
        self.body.calls.append((function.body, self.line + at))
        return function.call % arguments

    def call(self) -> None:
        self.write(f"x = {self.called(self.tensors, 'x', self.argument())}")

    def call_twice(self) -> None:
        self.call()
        self.call()

    def call_twice_on_one_line(self) -> None:
        first = self.called(self.tensors, "x", self.argument())
        self.write(f"x = {first} + {self.called(self.tensors, 'x', self.argument())}")

    def nested_call(self) -> None:
        inner = self.called(self.tensors, "x", self.argument())
        self.write(f"x = {self.called(self.tensors, inner, self.argument())}")

    def call_over_lines(self) -> None:
        inner = self.called(self.tensors, "x", self.argument(at=1), at=1)
        outer = self.called(self.tensors, "$", "$").split("$")
        self.write(f"x = {outer[0]}", f"    {inner},", f"    {self.argument(at=2)},", ")")

    def fork(self) -> None:
        function = self.called(self.tensors, "", "").split("(")[0]
        self.write(f"x = torch.jit.wait(torch.jit.fork({function}, x, {self.argument()}))")

    def switch(self) -> None:
        flag = self.random.choice(("True", "False"))
        self.write(f"x = {self.called(self.switches, 'x', flag)}")

    def switch_both_ways(self) -> None:
        first = self.called(self.switches, "x", "True")
        self.write(f"x = {first}; x = {self.called(self.switches, 'x', 'False')}")

    def check(self) -> None:
        self.write(self.called(self.checks, "x", self.argument()))

    def pair(self) -> None:
        self.write(f"x, y = {self.called(self.pairs, 'x', self.argument())}; x = x + y")

    # ── modules ──────────────────────────────────────────────────────────────────────────────────

    def parameter(self) -> None:
        name = self.attribute("weight", "nn.Parameter(torch.ones(4))")
        self.write(f"x = x * self.{name}")

    def layer(self) -> None:
        way = self.random.choice(_LAYERS)
        value = f"nn.{way.format(self.operand(), self.operand())}"
        self.write(f"x = self.{self.attribute('layer', value)}(x)")

    def convolution(self) -> None:
        """Freezing folds the second into the first."""
        first = self.attribute("conv", "nn.Conv2d(1, 1, 1)")
        second = self.attribute("norm", f"nn.BatchNorm2d(1, {self.operand()})")
        self.write(f"x = self.{second}(self.{first}(x.view(1, 1, 2, 2))).view(4)")

    def child(self) -> None:
        kind, body = self.random.choice(self.children)
        self.body.calls.append((body, self.line))
        self.write(f"x = self.{self.attribute('child', f'{kind}()')}(x)")

    def child_twice(self) -> None:
        kind, body = self.random.choice(self.children)
        self.body.calls += [(body, self.line), (body, self.line + 1)]
        name = self.attribute("child", f"{kind}()", height=2)
        self.write(f"x = self.{name}(x)", f"x = self.{name}(x)")

    def sequence(self) -> None:
        (first, one), (second, other) = (self.random.choice(self.children) for _ in range(2))
        self.body.calls += [(one, self.line), (other, self.line)]
        name = self.attribute("sequence", f"nn.Sequential({first}(), nn.ELU(), {second}())")
        self.write(f"x = self.{name}(x)")

    def module_list(self) -> None:
        (first, one), (second, other) = (self.random.choice(self.children) for _ in range(2))
        self.body.calls += [(one, self.line + 1), (other, self.line + 1)]
        name = self.attribute("layers", f"nn.ModuleList([{first}(), {second}()])", height=2)
        layer = f"layer{self.line}"  # a module cannot be assigned to one name twice
        with self.block(f"for {layer} in self.{name}:"):
            self.write(f"x = {layer}(x)")
