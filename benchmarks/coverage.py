"""How much of a graph leads back to the Python line it came from, and how surely.

    python -m benchmarks.coverage                 the examples and two models of transformers
    python -m benchmarks.coverage --markdown      the table of the README
    python -m benchmarks.coverage --json
    python -m benchmarks.coverage --oracle 2000   generated programs that know every line
    python -m benchmarks.coverage --passes        the nodes of the plans that PyTorch runs

The four shares are shown apart. Beside them stands what PyTorch itself prints: the share of nodes
whose own range lies outside PyTorch's files.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

import tsviz
from benchmarks import pass_coverage
from benchmarks.conditions import describe_conditions
from tsviz.errors import CaptureError
from tsviz.examples import EXAMPLES
from tsviz.frontends import Program, is_torch
from tsviz.ir.coverage import percent
from tsviz.location import How, iter_frames

VIAS = ("script", "trace", "freeze", "optimize")


def main() -> int:
    """Prints the table; exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    parser.add_argument("--markdown", action="store_true", help="the table for the README")
    parser.add_argument("--oracle", type=int, metavar="N", help="check N generated programs")
    parser.add_argument("--passes", action="store_true", help="look at plans instead")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # tracing and freezing warn about every model
    if options.passes:
        return pass_coverage.main()
    if options.oracle:
        return check_oracle(options.oracle)
    rows = [measure(name, program) for name, program in iter_programs()]
    if options.json:
        json.dump(rows, sys.stdout, indent=1)
    elif options.markdown:
        print_markdown(rows)
    else:
        print_table(rows)
    return 0 if all(row["missed"] == "" for row in rows) else 1


def iter_programs() -> Iterator[tuple[str, Program]]:
    """Every example and two models that were not written here, in each variant."""
    for example in EXAMPLES:
        model, inputs = example.build(), example.inputs()
        for via in VIAS:
            yield example.name, tsviz.capture(model, inputs, via=via)
    from tests.models.transformers_models import TRANSFORMERS

    for name in ("bert-base", "gpt2-base"):
        built: Any = TRANSFORMERS[name]
        model, inputs = built.build(), built.inputs()
        for via in VIAS[1:]:  # scripting them fails, with a diagnostic that names the cause
            yield f"transformers {name}", tsviz.capture(model, inputs, via=via)


def measure(name: str, program: Program) -> dict[str, Any]:
    """One row of the table."""
    coverage = program.coverage()
    nodes = list(program.graph.iter_nodes())
    unlinked = [node.op for node in nodes if program.model_line(node) is None]
    return {
        "model": name,
        "variant": str(program.variant),
        "nodes": coverage.nodes,
        "exact": coverage.exact,
        "call": coverage.call,
        "inferred": coverage.inferred,
        "none": coverage.none,
        "lines": coverage.lines,
        "top_share": round(coverage.top_share, 3),
        "pytorch": sum(_is_printed(program, node) for node in nodes),
        "missed": _missed(name, unlinked, coverage.nodes),
    }


def _is_printed(program: Program, node: Any) -> bool:
    """Whether PyTorch's own range for the node lies in a file outside PyTorch."""
    link = program.graph.link(node)
    if link.how is not How.EXACT:
        return False
    own = next(iter_frames(link.location), None)
    return own is not None and not is_torch(own.file)


def _missed(name: str, unlinked: list[str], nodes: int) -> str:
    """What is missing to the target, "" where it is met.

    The target is all nodes of the examples, and of a stranger's model every `aten::` node and 99%
    of all nodes.
    """
    if not name.startswith("transformers"):
        return f"{len(unlinked)} nodes" if unlinked else ""
    if any(op.startswith("aten::") for op in unlinked):
        return "an aten:: node"
    return f"{len(unlinked)} nodes" if len(unlinked) > nodes / 100 else ""


TITLES = (
    "model",
    "variant",
    "nodes",
    "exact",
    "call",
    "inferred",
    "none",
    "lines",
    "top line",
    "PyTorch",
)


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row as it is printed, under `TITLES`."""
    shares = [percent(row[how], row["nodes"]) for how in ("exact", "call", "inferred", "none")]
    printed = percent(row["pytorch"], row["nodes"])
    top = f"{100 * row['top_share']:.0f}%"
    return row["model"], row["variant"], str(row["nodes"]), *shares, str(row["lines"]), top, printed


def print_markdown(rows: list[dict[str, Any]]) -> None:
    """The table as it stands in the README."""
    print("|", " | ".join(TITLES), "|")
    print("| --- | ---", "| ---:" * (len(TITLES) - 2), "|")
    for row in rows:
        print("|", " | ".join(cells(row)), "|")


def print_table(rows: list[dict[str, Any]]) -> None:
    """The table for people."""
    console = Console()
    console.print(describe_conditions("python -m benchmarks.coverage"))
    table = Table()
    for title in TITLES:
        words = title in ("model", "variant")
        table.add_column(title, justify="left" if words else "right", no_wrap=words)
    for row in rows:
        table.add_row(*cells(row), style="red" if row["missed"] else "")
    console.print(table)
    missed = [f"{row['model']} {row['variant']}: {row['missed']}" for row in rows if row["missed"]]
    verdict = "missed: " + "; ".join(missed) if missed else "shown"
    console.print(f"every node linked (strangers: every aten:: node, 99% of all): {verdict}")


def check_oracle(programs: int) -> int:
    """Judges generated programs in files, cells and archives, in each variant."""
    from tests.frontends.oracle import Verdict

    console = Console()
    console.print(describe_conditions(f"python -m benchmarks.coverage --oracle {programs}"))
    total: dict[str, Verdict] = {}
    faults: list[str] = []
    refused = 0
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=100) as pool:
        judged = pool.imap_unordered(_judge, range(programs))
        for seed, verdicts in track(judged, "programs", programs, console=Console(stderr=True)):
            refused += not verdicts
            for via, verdict in verdicts.items():
                total.setdefault(via, Verdict()).add(verdict)
                faults += [f"seed {seed}, {via}: {text}" for text in verdict.certain_faults]
    table = Table("variant", "judged", "wrong exact", "wrong call", "wrong inferred", "no line")
    for via, verdict in total.items():
        wrong = verdict.wrong
        judged = verdict.right.total() + wrong.total() + verdict.missing
        inferred = wrong[How.INFERRED] + verdict.right[How.INFERRED]
        guessed = f"{wrong[How.INFERRED]} of {inferred}"
        surely = (str(wrong[how]) for how in (How.EXACT, How.CALL))
        table.add_row(via, str(judged), *surely, guessed, str(verdict.missing))
    console.print(table)
    for fault in faults[:20]:
        console.print(fault, markup=False)
    wrong = sum((verdict.wrong for verdict in total.values()), start=type(verdict.wrong)())
    right = sum(verdict.right[How.INFERRED] for verdict in total.values())
    share = wrong[How.INFERRED] / max(1, right + wrong[How.INFERRED])
    certain = wrong[How.EXACT] + wrong[How.CALL]
    console.print(f"programs judged: {programs - refused}; not compiled by TorchScript: {refused}")
    console.print(f"wrong exact or call links: {certain} (at most 0)")
    console.print(f"wrong inferred links: {100 * share:.2f}% (at most 2%)")
    return 0 if certain == 0 and share <= 0.02 and refused <= 0.01 * programs else 1


def _judge(seed: int) -> tuple[int, dict[str, Any]]:
    """A seed, and the verdicts on its program by variant, none where TorchScript refuses it.

    What the program prints is not shown.
    """
    from tests.frontends.writing import check_program

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        try:
            return seed, check_program(seed, Path(folder))
        except CaptureError:
            return seed, {}


if __name__ == "__main__":
    sys.exit(main())
