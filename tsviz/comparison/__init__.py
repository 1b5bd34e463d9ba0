"""What differs between programs, and between a model's Python and what was made of it.

What compares with Python needs PyTorch, and is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tsviz.comparison.differences import (
    AttributeDiff,
    ContentsDiff,
    FunctionDiff,
    Kind,
    ModuleDiff,
    NodeDiff,
    ProgramDiff,
    WeightDiff,
    WeightsDiff,
)
from tsviz.comparison.programs import diff

if TYPE_CHECKING:
    from tsviz.comparison.align import Alignment, align_variants
    from tsviz.comparison.beside import Beside, lay_beside, make_beside, variants_of
    from tsviz.comparison.comparing import VARIANTS, Compared, Comparison, compare
    from tsviz.comparison.domain import Domain
    from tsviz.comparison.findings import Counterexample, Finding, Loss, Status
    from tsviz.comparison.matrix import VariantMatrix, VariantRow, measure_variants
    from tsviz.comparison.search import Limits, Progress, Step, Tally
    from tsviz.comparison.sites import Site, SiteKind
    from tsviz.comparison.versions import lay_version_beside

_LAZY = {
    "Alignment": "align",
    "Beside": "beside",
    "lay_beside": "beside",
    "lay_version_beside": "versions",
    "make_beside": "beside",
    "variants_of": "beside",
    "VariantMatrix": "matrix",
    "VariantRow": "matrix",
    "align_variants": "align",
    "measure_variants": "matrix",
    "VARIANTS": "comparing",
    "Compared": "comparing",
    "Comparison": "comparing",
    "Counterexample": "findings",
    "Domain": "domain",
    "Finding": "findings",
    "Limits": "search",
    "Loss": "findings",
    "Progress": "search",
    "Site": "sites",
    "SiteKind": "sites",
    "Status": "findings",
    "Step": "search",
    "Tally": "search",
    "compare": "comparing",
}

__all__ = [
    "VARIANTS",
    "Alignment",
    "AttributeDiff",
    "Beside",
    "Compared",
    "Comparison",
    "ContentsDiff",
    "Counterexample",
    "Domain",
    "Finding",
    "FunctionDiff",
    "Kind",
    "Limits",
    "Loss",
    "ModuleDiff",
    "NodeDiff",
    "ProgramDiff",
    "Progress",
    "Site",
    "SiteKind",
    "Status",
    "Step",
    "Tally",
    "VariantMatrix",
    "VariantRow",
    "WeightDiff",
    "WeightsDiff",
    "align_variants",
    "compare",
    "diff",
    "lay_beside",
    "lay_version_beside",
    "make_beside",
    "measure_variants",
    "variants_of",
]


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
