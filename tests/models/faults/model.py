"""What is known of a model: the line that a trace loses, what may vary, and where it shows.

Nothing here knows how tsviz works: all of it is true of plain PyTorch, and is proven by
`tests/models/test_faults.py` with plain PyTorch.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from torch import nn

from tests.models.seeding import seeded

Arguments = tuple[Any, ...]
MakeArguments = Callable[[], Arguments]
# The argument of `forward` → what of it may vary (see `domains.py`).
Domain = Mapping[str, Mapping[str, Any]]

Effect = Literal["raises", "differs", "state", "eval", "seed", "accepts"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A model with one line that its trace gets wrong.

    Attributes:
        name: unique among all faults.
        theme: the name of the file of its source.
        model: the class, made without arguments.
        inputs: the arguments to trace it with, seeded. The trace is right on them.
        line: a part of the source of the faulty line that stands nowhere else in `file`.
        file: where the faulty line stands.
        effect: how the trace is wrong on the witness.
            raises: it raises where eager PyTorch answers. differs: it answers otherwise. state: it
            answers otherwise once both were called on `inputs` before. eval: it was traced while
            training, and answers otherwise after `eval()`. seed: it answers otherwise when the
            random generators of Python, NumPy and PyTorch had another seed. accepts: it answers
            where eager PyTorch refuses.
        domain: what may vary; empty: the first dimension of all tensors, together, and the values.
        witness: arguments in the domain on which the trace is wrong although eager PyTorch accepts
            them; None where there are none.
        also_right: parts of other lines that may be named with the same right: where what one line
            keeps is used by the other.
        reason: why there is no witness.
        refused: arguments in the domain that eager PyTorch refuses and the trace accepts.
        inputs_other: arguments of other shapes to trace with; the witness still holds.
        remedy: what could stand in place of `line`, with the same results and a trace that is right
            on all of the domain; empty where it takes more than a line.
        neutral: what could stand there instead with other results, for a trace that is right on all
            of the domain: it shows that nothing else is lost. Empty where there is a remedy.
        train: whether the model is traced while training.
    """

    name: str
    theme: str
    model: Callable[[], nn.Module]
    inputs: MakeArguments
    line: str
    file: Path
    effect: Effect
    domain: Domain
    witness: MakeArguments | None
    also_right: tuple[str, ...] = ()
    reason: str = ""
    refused: MakeArguments | None = None
    inputs_other: MakeArguments | None = None
    remedy: str = ""
    neutral: str = ""
    train: bool = False

    def build(self) -> nn.Module:
        """A new model, the same each time, in the mode it is traced in."""
        return seeded(self.model)().train(self.train)

    @property
    def line_number(self) -> int:
        """The faulty line, 1-based."""
        return self.line_numbers[0]

    @property
    def line_numbers(self) -> tuple[int, ...]:
        """The faulty line, and those that may be named as well."""
        text = self.file.read_text(encoding="utf-8")
        lines = (self.line, *self.also_right)
        return tuple(text[: text.index(line)].count("\n") + 1 for line in lines)


@dataclass(frozen=True, slots=True)
class Clean:
    """A model in eval mode whose trace is right on all of its domain.

    Attributes:
        name: unique among all clean models.
        model: makes it.
        inputs: the arguments to trace it with, seeded.
        domain: what may vary.
    """

    name: str
    model: Callable[[], nn.Module]
    inputs: MakeArguments
    domain: Domain

    def build(self) -> nn.Module:
        """A new model, the same each time, in eval mode."""
        return seeded(self.model)().eval()


def clean_model(
    name: str, model: Callable[[], nn.Module], inputs: MakeArguments, domain: Domain
) -> Clean:
    """A clean model; its arguments are seeded."""
    return Clean(name, model, seeded(inputs), domain)


def parameter_names(model: nn.Module) -> list[str]:
    """The names of the arguments of `forward`, the keys of a domain."""
    return [*inspect.signature(model.forward).parameters]


def known_fault(
    name: str,
    model: Callable[[], nn.Module],
    line: str,
    inputs: MakeArguments,
    witness: MakeArguments | None,
    effect: Effect = "differs",
    *,
    domain: Domain | None = None,
    also_right: tuple[str, ...] = (),
    inputs_other: MakeArguments | None = None,
    refused: MakeArguments | None = None,
    reason: str = "",
    remedy: str = "",
    neutral: str = "",
    train: bool = False,
    library: ModuleType | None = None,
) -> Fault:
    """A fault in the file of its class, or of a library; its arguments are seeded."""
    file = Path(inspect.getfile(library or model))
    return Fault(
        name=name,
        theme="libraries" if library else file.stem,
        model=model,
        inputs=seeded(inputs),
        line=line,
        file=file,
        effect=effect,
        domain=domain or {},
        witness=witness and seeded(witness),
        also_right=also_right,
        reason=reason,
        refused=refused and seeded(refused),
        inputs_other=inputs_other and seeded(inputs_other),
        remedy=remedy,
        neutral=neutral,
        train=train,
    )
