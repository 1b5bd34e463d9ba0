"""`tsviz doctor TARGET`: what stops a model from being scripted, as a page, a patch or JSON."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsviz.errors import Diagnostic, UsageError
from tsviz.location import FileRange, Location

if TYPE_CHECKING:
    from tsviz.diagnosis import Diagnosis, Edit, Obstacle


def run(options: argparse.Namespace) -> bool:
    """Prints what was found; returns whether anything was."""
    from tsviz.commands.targets import find_target, read_arguments

    if options.fix and options.types:
        raise UsageError(Diagnostic("TSV-Q05", "expected `--fix` or `--types`, got both"))
    target = find_target(options.target)
    if isinstance(target.value, Path):
        message = f"expected Python code to diagnose, got the file `{options.target}`"
        help = "name the model: tsviz doctor module:attr"
        raise UsageError(Diagnostic("TSV-Q03", message, help=help))
    args, kwargs = read_arguments(options.args, options.kwargs, target.names)
    from tsviz.diagnosis import doctor
    from tsviz.terminal import steps_bar

    with steps_bar() as progress:
        found = doctor(target.value, args, kwargs, progress=progress)
    _show(found, options)
    return bool(found)


def _show(found: "Diagnosis", options: argparse.Namespace) -> None:
    from tsviz.doctor_page import diagnosis_page
    from tsviz.terminal import new_console
    from tsviz.types_page import types_page

    if options.json and options.types:
        sys.stdout.write(found.types.to_dataframe().to_json(orient="records", indent=1) + "\n")
    elif options.types:
        new_console().print(types_page(found.types), highlight=False)
    elif options.json:
        sys.stdout.write(json.dumps(_document(found), indent=1, ensure_ascii=False) + "\n")
    elif options.fix == "diff":
        sys.stdout.write(found.diff())
    elif options.fix != "write":
        new_console().print(diagnosis_page(found), highlight=False)
    if options.fix == "write":
        written = found.write()
        sys.stderr.write("".join(f"written: {file}\n" for file in written) or "nothing to write\n")


def _document(found: "Diagnosis") -> dict[str, Any]:
    return {
        "model": found.title,
        "verdict": asdict(found.verdict),
        "obstacles": [_obstacle(found, obstacle) for obstacle in found.obstacles],
        "workarounds": [asdict(one) for one in found.workarounds],
        "doubts": list(found.doubts),
        "interrupted": found.is_interrupted,
    }


def _obstacle(found: "Diagnosis", obstacle: "Obstacle") -> dict[str, Any]:
    place = obstacle.location
    source = ""
    if isinstance(place, FileRange) and place.file in found.sources:
        source = found.sources[place.file].slice(place)
    return {
        "rule": obstacle.rule,
        **_place(place),
        "function": obstacle.function,
        "source": source,
        "cause": obstacle.cause,
        "owner": str(obstacle.owner),
        "advice": obstacle.advice,
        "edit": _edit(obstacle.edit) if obstacle.edit is not None else None,
        "PyTorch says": obstacle.proof,
    }


def _place(place: Location) -> dict[str, Any]:
    if not isinstance(place, FileRange):
        return {"file": None, "line": None, "column": None}
    return {"file": place.file, "line": place.line, "column": place.col + 1}


def _edit(edit: "Edit") -> dict[str, Any]:
    return {
        "tried": str(edit.trial),
        "changes": [
            {
                **_place(change.place),
                "end_line": change.place.end_line,
                "end_column": change.place.end_col + 1,
                "text": change.text,
            }
            for change in edit.changes
        ],
    }
