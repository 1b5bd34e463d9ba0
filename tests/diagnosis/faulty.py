"""Models with faults, one rule each; a comment says what has to be found in its line.

`! rule: source` in a comment stands for an obstacle of that rule with exactly that source marked;
with `fixed` before the colon, it has an edit, and the model with all its edits scripts and gives
eager's result.
"""

import collections
import contextlib
import functools
import logging
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from tests.diagnosis.decorating import logged

logger = logging.getLogger(__name__)
SCALE = 0.5
OFFSETS = [1.0, 2.0]
steps = 0


# ── types ───────────────────────────────────────────────────────────────────────────────────────


class Repeat(nn.Module):
    def forward(self, x, times):  # ! untyped-argument fixed: times
        for i in range(times):
            x = x + i
        return x


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.repeat = Repeat()

    def forward(self, x, name="sum"):  # ! untyped-argument fixed: name
        if name == "sum":
            x = x + 1
        return self.repeat(x, 3)


class EmptyList(nn.Module):
    def forward(self, x: Tensor) -> list[int]:
        sizes = []  # ! empty-container fixed: []
        for i in range(x.dim()):
            sizes.append(x.size(i))
        return sizes


class EmptyDict(nn.Module):
    def forward(self, x):
        table = dict()  # ! empty-container fixed: dict()
        table["rows"] = x.size(0)
        return table["rows"]


class BareAnnotation(nn.Module):
    def forward(self, x, sizes: list):  # ! annotation fixed: list
        total = 0
        for size in sizes:
            total += size
        return x * total


class AnyLength(nn.Module):
    def forward(self, x, sizes: tuple[int, ...]):  # ! annotation fixed: tuple[int, ...]
        return x.reshape(sizes)


class AnySequence(nn.Module):
    def forward(self, parts: Sequence[Tensor]):  # ! annotation fixed: Sequence[Tensor]
        return torch.cat(parts)


class NoneDefault(nn.Module):
    def forward(self, x, times: int = None):  # ! none-without-optional fixed: times: int
        if times is not None:
            x = x * times
        return x


class NoneFirst(nn.Module):
    def forward(self, x):
        last = None  # ! none-without-optional fixed: last
        for row in x:
            last = row
        return last


class BareName(nn.Module):
    def forward(self, x):
        count: int  # ! bare-annotation fixed: count: int
        count = x.size(0)
        return count


# ── signatures ──────────────────────────────────────────────────────────────────────────────────


class StarArgs(nn.Module):
    def forward(self, *parts):  # ! signature: *parts
        return parts[0]


class UnusedKwargs(nn.Module):
    def forward(self, x, **options):  # ! signature fixed: **options
        return x + 1


class ByNameOnly(nn.Module):
    def forward(self, x, *, scale: float = 2.0):  # ! signature fixed: *
        return x * scale


def halve(x, /):  # ! signature fixed: /
    return x / 2


class CallsHalve(nn.Module):
    def forward(self, x):
        return halve(x)


# ── syntax ──────────────────────────────────────────────────────────────────────────────────────


class Catches(nn.Module):
    def forward(self, x):
        try:  # ! try-except: try
            y = x + 1
        except ValueError:
            y = x
        return y


class Inference(nn.Module):
    def forward(self, x):
        with torch.inference_mode():  # ! context-manager: torch.inference_mode()
            y = x + 1
        return y


class NullContext(nn.Module):
    def forward(self, x):
        with contextlib.nullcontext():  # ! context-manager fixed: contextlib.nullcontext()
            y = x + 1
            z = y * 2
        return z


class Generates(nn.Module):
    def forward(self, x):
        yield x  # ! generator: yield x


class Lambda(nn.Module):
    def forward(self, x):
        double = lambda a: a * 2  # noqa: E731  # ! lambda: lambda a: a * 2
        return double(x)


class InnerFunction(nn.Module):
    def forward(self, x):
        def double(a):  # ! inner-definition: def
            return a * 2

        return double(x)


class InnerImport(nn.Module):
    def forward(self, x):
        import cmath  # ! inner-definition fixed: import cmath

        return x * cmath.pi


class Global(nn.Module):
    def forward(self, x):
        global steps  # ! global-nonlocal: global steps
        steps = 1
        return x


class SetTest(nn.Module):
    def forward(self, x, mode: int):
        if mode in {1, 2}:  # ! set fixed: {1, 2}
            return x
        return x + 1


class SetCall(nn.Module):
    def forward(self, x):
        kinds = {1, 2}  # ! set: {1, 2}
        return x * len(kinds)


class Filtered(nn.Module):
    def forward(self, x):
        a = [x.size(0), 0]
        kept = [i for i in a if i]  # ! comprehension fixed: [i for i in a if i]
        return kept


class Nested(nn.Module):
    def forward(self, x):
        a = [1, 2]
        return [i + j for i in a for j in a]  # ! comprehension: [i + j for i in a for j in a]


class StarList(nn.Module):
    def forward(self, x):
        sizes = [x.size(0)]
        more = [*sizes, 3]  # ! expansion fixed: *sizes
        return more


class StarCall(nn.Module):
    def forward(self, x, sizes: list[int]):
        return x.reshape(*sizes)  # ! expansion: *sizes


class KeywordCall(nn.Module):
    def forward(self, x):
        options = {"alpha": 2}
        return torch.add(x, x, **options)  # ! expansion: **options


class Walrus(nn.Module):
    def forward(self, x):
        if (rows := x.size(0)) > 1:  # ! walrus fixed: rows := x.size(0)
            return rows
        return 0


class Matches(nn.Module):
    def forward(self, x):
        match x.dim():  # ! match: match
            case 1:
                y = x
            case _:
                y = x + 1
        return y


class Formats(nn.Module):
    def forward(self, x):
        return f"{x.size(0):03d} rows"  # ! f-string: f"{x.size(0):03d} rows"


class LoopElse(nn.Module):
    def forward(self, x):
        for i in range(2):  # ! loop-else fixed: for
            x = x + i
        else:
            x = x * 2
        return x


class FloorDivides(nn.Module):
    def forward(self, x):
        rows = x.size(0)
        rows //= 2  # ! augmented-assignment fixed: rows //= 2
        return rows


class Asynchronous(nn.Module):
    def forward(self, x):
        return later(x)


async def later(x):  # ! async: async
    return x


# ── what is outside ─────────────────────────────────────────────────────────────────────────────


class NumPy(nn.Module):
    def forward(self, x):
        return x * float(np.sqrt(2.0))  # ! foreign-call: np.sqrt


class ToNumPy(nn.Module):
    def forward(self, x):
        array = x.numpy()  # ! foreign-call: x.numpy
        return x * len(array)


class Logs(nn.Module):
    def forward(self, x):
        logger.info("seen")  # ! foreign-call fixed: logger.info
        return x + 1


class GlobalNumber(nn.Module):
    def forward(self, x):
        y = x * SCALE  # ! outer-value fixed: SCALE
        return y + SCALE


class GlobalList(nn.Module):
    def forward(self, x):
        return x * OFFSETS[0]  # ! outer-value: OFFSETS


# ── modules ─────────────────────────────────────────────────────────────────────────────────────


class EmptyAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x.size(0))  # ! attribute fixed: self.seen
        return x


class NoneAttribute(nn.Module):
    """Its first line in the class is this one."""

    def __init__(self):
        super().__init__()
        self.last = None

    def forward(self, x):
        self.last = x  # ! attribute fixed: self.last
        return x


class NewAttribute(nn.Module):
    def forward(self, x):
        self.late = x  # ! attribute: self.late
        return x


class SetAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.kinds = {1, 2}

    def forward(self, x):
        return x * len(self.kinds)  # ! attribute: self.kinds


class ClassAttribute(nn.Module):
    FACTOR = 3

    def forward(self, x):
        return x * self.FACTOR  # ! attribute fixed: self.FACTOR


class PlainList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2)]

    def forward(self, x):
        for layer in self.layers:  # ! attribute: self.layers
            x = layer(x)
        return x


class MixedAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.settings = {"rate": 0.5, "name": "a"}

    def forward(self, x):
        return x * len(self.settings)  # ! attribute: self.settings


class TypeTest(nn.Module):
    def forward(self, x):
        if isinstance(x, np.ndarray):  # ! isinstance: np.ndarray
            x = x + 1
        return x


class Super(nn.Linear):
    def forward(self, x):
        return super().forward(x) + 1  # ! super: super().forward


class Base(nn.Linear):
    def forward(self, x):
        return nn.Linear.forward(self, x) + 1  # ! super: nn.Linear.forward


class Indexed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])

    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i](x)  # ! module-index fixed: self.layers[i]
        return x


class Derived(collections.UserDict):
    pass


class MakesObject(nn.Module):
    def forward(self, x):
        table = Derived()  # ! class: Derived
        return x


class HasProperty(nn.Module):
    @property
    def kinds(self):
        return {1, 2}  # ! set: {1, 2}

    def forward(self, x):
        return x * len(self.kinds)


class Decorated(nn.Module):
    def forward(self, x):
        return twice(x)


def repeated(function):
    def wrapper(*args):  # ! signature: *args
        return function(*args)

    return wrapper


@repeated
def twice(x):
    return x * 2


def plain_half(x):
    return x / 2


class Logged(nn.Module):
    @logged
    def forward(self, x):
        return plain_half(x)  # ! decorator: plain_half


class Hooked(nn.Module):
    def forward(self, x):
        return x + 1


def hook(module, given, result):  # ! untyped-argument fixed: given
    return result * 2


class MixedDict(nn.Module):
    def forward(self, x):
        table = {"rate": 0.5, "rows": x}
        return x * table["rate"]  # ! mixed-container: table["rate"]


# ── what no rule explains ───────────────────────────────────────────────────────────────────────


class MixedReturn(nn.Module):
    def forward(self, x):
        if x.dim() > 1:
            return x
        return 1  # ! compiler: return 1


def pre_hook(module, given: tuple[Tensor]):  # ! hook fixed: HEAD
    return given[0] * 2


def named_hook(module, given, names, result):  # ! hook: HEAD
    return result


class Keeps(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Hooked()
        self.part.register_forward_hook(self.keep)

    def keep(self, module, given, result):  # ! hook: HEAD
        self.kept = result

    def forward(self, x):
        return self.part(x)


class HookObject:
    def __call__(self, module, given, result):  # ! hook: HEAD
        return result


class ClassMethod(nn.Module):
    FACTOR = 2

    @classmethod
    def scaled(cls, x):  # ! class-method: cls
        return x * cls.FACTOR

    def forward(self, x):
        return self.scaled(x)


def tripled(function):
    def wrapper(self, x):
        return function(self, x) * 3

    return wrapper


class Tripled(nn.Module):
    @tripled
    def forward(self, x):  # ! module-argument: self
        return x + 1


class Refined(nn.Module):
    def forward(self, x, mask: Tensor | None = None):
        is_masked = mask is not None
        if is_masked:
            x = x * mask  # ! refinement fixed: mask
        return x


class RefinedAttribute(nn.Module):
    mask: Tensor | None

    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)

    def forward(self, x):
        if self.mask is not None:
            x = x * self.mask  # ! refinement: self.mask
        return x


class AsksType(nn.Module):
    def forward(self, x):
        if type(x) is torch.Tensor:  # ! isinstance: type(x)
            x = x + 1
        return x


class AsksClass(nn.Module):
    def forward(self, x):
        return x * len(self.__class__.__name__)  # ! isinstance: self.__class__


def doubled_rows(x):
    for row in x:
        yield row * 2  # ! generator: yield row * 2


class UsesGenerator(nn.Module):
    def forward(self, x):
        return torch.stack(list(doubled_rows(x)))


scaled = lambda a, by: a * by  # noqa: E731  # ! lambda fixed: lambda a, by: a * by


class CallsLambda(nn.Module):
    def forward(self, x):
        return scaled(scaled(x, 2), 3)


class HoldsLambda(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda a: a * 2  # ! lambda: lambda a: a * 2

    def forward(self, x):
        return self.act(x)


class UnreadProperty(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 2)

    @property
    def place(self):
        return next(self.parameters()).device  # ! foreign-call fixed: next

    @property
    def kinds(self):
        return {1, 2}  # ! set fixed: {1, 2}

    def forward(self, x):
        return self.inner(x)


def make_pre_hooked() -> nn.Module:
    model = nn.Sequential(Hooked())
    model[0].register_forward_pre_hook(pre_hook)
    return model


def make_hooked_by_name() -> nn.Module:
    model = Hooked()
    model.register_forward_hook(named_hook, with_kwargs=True)
    return model


def make_hooked_by_lambda() -> nn.Module:
    model = Hooked()
    model.register_forward_hook(
        lambda m, given, y: y * 2  # ! hook: lambda m, given, y: y * 2
    )
    return model


def make_hooked_by_object() -> nn.Module:
    model = Hooked()
    model.register_forward_hook(HookObject())
    return model


def make_hooked_by_partial() -> nn.Module:
    model = Hooked()
    model.register_forward_hook(functools.partial(named_hook, None))
    return model


def make_hooked() -> nn.Module:
    model = Hooked()
    model.register_forward_hook(hook)
    return model


_ = functools, math
