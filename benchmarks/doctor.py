"""What `tsviz.compare` and `tsviz.doctor` find of known faults, and claim of models without.

    python -m benchmarks.doctor                    the known models; about ten minutes
    python -m benchmarks.doctor --scripting        what stops scripting alone; a minute
    python -m benchmarks.doctor --variations       their variations, too: an hour
    python -m benchmarks.doctor --only early-return,sort-scores

The set is that of `tests/models/faults`: models with one known fault each, proven by plain PyTorch
without tsviz, others made of them (renamed, moved into a function or a submodule, with inputs of
other shapes, two in one model), and models whose trace is right on all of their declared domain.

* A fault is *found* if a finding that is not harmless names its line, or another that the set says
  may be named with the same right.
* It is *proven* if such a finding has a script that showed it in a process of its own. It counts
  where the set has an input for it: an input in the domain on which the trace is wrong.
* Nothing may be proven of a clean model, of none of its variants.

What stops scripting is asked of two models with twelve faults each, as comments in them say, and of
models that PyTorch scripts. All of it is asked for: each fault at its line, no obstacle after the
offered edits, eager's result bit for bit, and nothing said of a model that scripts.
"""

import argparse
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import scripting
from benchmarks.conditions import describe_conditions
from tests.models.faults import CLEAN, FAULTS, Clean, Fault
from tests.models.faults.variations import (
    in_function,
    in_submodule,
    is_ours,
    pairable,
    paired,
    renamed,
    with_other_shapes,
)
from tsviz.comparison.comparing import Comparison, compare
from tsviz.comparison.findings import Finding, Status
from tsviz.comparison.proving import Prover

FOUND, PROVEN = 0.95, 0.90
"""The shares that are asked for."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One fault.

    Attributes:
        name: of the model; `kind` of it: known, or in what way it was varied.
        can_be_proven: whether there is an input for it.
        others: what else was claimed to be proven.
    """

    name: str
    kind: str
    is_found: bool
    is_proven: bool
    can_be_proven: bool
    others: int


def judge(fault: Fault, kind: str, comparison: Comparison) -> Judged:
    """Holds the findings against what is known of a fault."""
    at = [finding for finding in comparison.findings if is_at(finding, fault)]
    return Judged(
        fault.name,
        kind,
        any(finding.status is not Status.HARMLESS for finding in at),
        any(finding.status is Status.PROVEN for finding in at),
        fault.witness is not None,
        sum(finding not in at for finding in comparison.proven),
    )


def is_at(finding: Finding, fault: Fault) -> bool:
    """Whether a finding names the faulty line."""
    places = (finding.place, *finding.affected)
    return any(
        place is not None and Path(place.file) == fault.file and place.line in fault.line_numbers
        for place in places
    )


def iter_judged(faults: Iterable[tuple[str, Fault]], prover: Prover) -> Iterator[Judged]:
    """Compares each model with its trace."""
    for kind, fault in faults:
        inputs = fault.inputs()
        found = compare(
            fault.build(), inputs, variants=("trace",), inputs=fault.domain, prover=prover
        )
        yield judge(fault, kind, found)


def iter_variations(faults: tuple[Fault, ...], folder: Path) -> Iterator[tuple[str, Fault]]:
    """Faults made of others."""
    own = [fault for fault in faults if is_ours(fault)]
    for fault in own:
        yield "renamed", renamed(fault, folder)
        yield "in a function", in_function(fault, folder)
        yield "in a submodule", in_submodule(fault, folder)
    for fault in faults:
        if fault.inputs_other is not None:
            yield "other shapes", with_other_shapes(fault)


def iter_pairs(faults: tuple[Fault, ...], folder: Path, prover: Prover) -> Iterator[Judged]:
    """Two faults in one model: each is judged."""
    able = [fault for fault in faults if is_ours(fault) and pairable(fault)]
    for first, second in zip(able[::2], able[1::2], strict=False):
        pair = paired(first, second, folder)
        found = compare(
            pair.build(), pair.inputs(), variants=("trace",), inputs=pair.domain, prover=prover
        )
        known = {number for fault in pair.faults for number in fault.line_numbers}
        others = sum(not known & set(finding.lines) for finding in found.proven)
        for fault in pair.faults:
            one = judge(fault, "two in one", found)
            yield Judged(one.name, one.kind, one.is_found, one.is_proven, one.can_be_proven, others)


def claimed(model: Clean, prover: Prover) -> list[str]:
    """What is claimed to be proven of a clean model."""
    found = compare(
        model.build(),
        model.inputs(),
        variants=("trace", "script", "freeze"),
        inputs=model.domain,
        prover=prover,
    )
    return [f"{model.name}, {finding.variant}: {finding}" for finding in found.proven]


def table(judged: list[Judged]) -> Table:
    """One row a kind of models."""
    made = Table("models", "faults", "found", "with an input", "proven", "else proven")
    for kind in Counter(one.kind for one in judged):
        rows = [one for one in judged if one.kind == kind]
        able = [one for one in rows if one.can_be_proven]
        made.add_row(
            kind,
            str(len(rows)),
            _share([one.is_found for one in rows]),
            str(len(able)),
            _share([one.is_proven for one in able]),
            str(sum(bool(one.others) for one in rows)),
        )
    return made


def _share(marks: list[bool]) -> str:
    return f"{sum(marks)}, {sum(marks) / max(1, len(marks)):.1%}"


def main() -> int:
    """Prints the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--variations", action="store_true")
    parser.add_argument("--scripting", action="store_true")
    parser.add_argument("--only", default="", help="names of models, with commas between")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    console = Console()
    console.print(describe_conditions("python -m benchmarks.doctor"))
    is_wrong = scripting.report(console) if not options.only else False
    if options.scripting:
        return int(is_wrong)
    only = {name for name in str(options.only).split(",") if name}
    faults = tuple(fault for fault in FAULTS if not only or fault.name in only)
    clean = tuple(model for model in CLEAN if not only or model.name in only)
    with Prover() as prover, tempfile.TemporaryDirectory() as folder:
        judged = _listed(console, iter_judged((("known", fault) for fault in faults), prover))
        if options.variations:
            varied = iter_variations(faults, Path(folder))
            judged += _listed(console, iter_judged(varied, prover))
            judged += _listed(console, iter_pairs(faults, Path(folder), prover))
        false = [claim for model in clean for claim in claimed(model, prover)]
    console.print(table(judged))
    for claim in false:
        console.print(f"claimed of a clean model: {claim}")
    console.print(f"proven of {len(clean)} clean models: {len(false)}, none asked")
    return int(is_wrong or bool(false) or _is_missed(judged))


def _is_missed(judged: list[Judged]) -> bool:
    able = [one for one in judged if one.can_be_proven]
    found = sum(one.is_found for one in judged) / max(1, len(judged))
    proven = sum(one.is_proven for one in able) / max(1, len(able))
    return found < FOUND or proven < PROVEN


def _listed(console: Console, judged: Iterator[Judged]) -> list[Judged]:
    """All of them; what is missed is printed at once."""
    found: list[Judged] = []
    for one in judged:
        found.append(one)
        missed = [] if one.is_found else ["not found"]
        missed += ["not proven"] if one.can_be_proven and not one.is_proven else []
        missed += [f"{one.others} more claimed"] if one.others else []
        if missed:
            console.print(f"{one.kind}, {one.name}: {', '.join(missed)}")
    return found


if __name__ == "__main__":
    sys.exit(main())
