"""Another variant of a captured program, made from the same live model and example inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tsviz.comparison.align import Alignment, align_variants
from tsviz.errors import Diagnostic, TsvizError
from tsviz.frontends import Program, TextOnly
from tsviz.frontends.program import Inputs, Variant
from tsviz.location import SourceFile

VARIANTS = (Variant.TRACE, Variant.SCRIPT, Variant.HYBRID, Variant.FREEZE, Variant.OPTIMIZE)
_OF_COMPILED = frozenset({Variant.FREEZE, Variant.OPTIMIZE})
_RUN = frozenset({Variant.TRACE, Variant.HYBRID})


@dataclass(frozen=True, slots=True)
class Beside:
    """A variant laid beside a program, or why it could not be made.

    Attributes:
        variant: which.
        alignment: the program with it; `None` where it could not be made.
        failure: why not, or `None`.
        sources: the files that the failure points at.
        title: what it is called if not by its variant.
    """

    variant: Variant
    alignment: Alignment | None
    failure: Diagnostic | None = None
    sources: Mapping[str, SourceFile] = field(default_factory=lambda: MappingProxyType({}))
    title: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.title or str(self.variant)

    @classmethod
    def of(cls, alignment: Alignment) -> "Beside":
        """The second of two aligned variants, beside the first."""
        return cls(alignment.second.variant, alignment)


def variants_of(program: Program) -> dict[str, str]:
    """The variants that can be laid beside a program → why that cannot be done now, or ""."""
    others = [variant for variant in VARIANTS if variant is not program.variant]
    return {str(variant): _reason_against(program, variant) for variant in others}


def _reason_against(program: Program, variant: Variant) -> str:
    if isinstance(program.native, TextOnly):
        return program.native.reason
    if program.model is None:
        if variant not in _OF_COMPILED:
            return "it came compiled: the Python code it was made of is not here"
        if program.variant in _OF_COMPILED:
            return "it is frozen already, and the model it was made of is not here"
    if program.inputs is None and variant in _RUN:
        return "there are no example inputs: use %tsdebug model(x)"
    return ""


def lay_beside(program: Program, variant: str) -> Beside:
    """Makes another variant of what a program was made of, and aligns the two.

    The model is captured as `tsviz.capture` does it: on copies, or by what leaves it as it is.
    """
    try:
        made = make_beside(program, variant)
    except TsvizError as error:
        files = {source.path: source for source in error.sources}
        return Beside(Variant(variant), None, error.diagnostic, MappingProxyType(files))
    return Beside.of(align_variants(program, made))


def make_beside(program: Program, variant: str) -> Program:
    """Another variant of what a program was made of, from the same example inputs.

    Raises:
        TsvizError: as `tsviz.capture`.
    """
    from tsviz.frontends.torchscript import capture  # and with it PyTorch

    inputs = program.inputs or Inputs()
    return capture(_entry_point(program), inputs.args, inputs.kwargs, via=variant)


def _entry_point(program: Program) -> object:
    """What was captured: a method other than `forward` is captured as the bound method."""
    model: Any = program.get_native() if program.model is None else program.model
    is_whole = program.method == "forward" or not program.modules
    return model if is_whole else getattr(model, program.method)
