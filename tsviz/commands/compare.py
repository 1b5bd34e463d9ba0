"""`tsviz compare TARGET`: what tracing or scripting lost of a model: a page, JSON or scripts."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import tsviz
from tsviz.commands.targets import Target, find_target, read_arguments, read_value
from tsviz.errors import Diagnostic, UsageError
from tsviz.options import COMPARE, Option, get_option, read_number

if TYPE_CHECKING:
    from tsviz.comparison import Compared, Comparison, Finding

_WRITING = "--write=DIR"


def run(options: argparse.Namespace) -> bool:
    """Compares, prints what was found, writes scripts; returns whether anything is proven."""
    from tsviz.terminal import tries_bar

    wish = _read_limits(options)
    folder = _make_folder(options.write) if options.write is not None else None
    target = _find_python(options.target)
    args, kwargs = read_arguments(options.args, options.kwargs, target.names)
    if options.inputs is not None:
        wish["inputs"] = _read_inputs(options.inputs, target)
    if options.matrix:
        return _measure(target, args, kwargs, wish, as_json=options.json)
    with tries_bar() as progress:
        found = tsviz.compare(target.value, args or (), kwargs, progress=progress, **wish)
    if folder is not None:
        _write(found, folder)
    if options.json:
        sys.stdout.write(json.dumps(_document(found), indent=1, ensure_ascii=False) + "\n")
    else:
        _print(found, is_whole=options.all)
    return bool(found.proven)


def _measure(
    target: Target,
    args: tuple[object, ...] | None,
    kwargs: Mapping[str, object] | None,
    wish: dict[str, Any],
    *,
    as_json: bool,
) -> bool:
    """Prints the variants side by side; nothing is proven by that."""
    from tsviz.comparison import measure_variants
    from tsviz.matrix_page import matrix_page
    from tsviz.terminal import new_console, tries_bar

    with tries_bar() as progress:
        found = measure_variants(target.value, args or (), kwargs, progress=progress, **wish)
    if as_json:
        sys.stdout.write(
            found.to_dataframe().reset_index().to_json(orient="records", indent=1) + "\n"
        )
    else:
        new_console().print(matrix_page(found), highlight=False)
    return False


# ── the command line ────────────────────────────────────────────────────────────────────────────


def _read_limits(options: argparse.Namespace) -> dict[str, Any]:
    """The options that were given, as `compare` takes them."""
    wish: dict[str, Any] = {}
    if options.variants is not None:
        wish["variants"] = get_option(COMPARE, "variants").values(options.variants)
    for name in ("tries", "seconds"):
        text = getattr(options, name)
        if text is not None:
            wish[name] = _read_number(get_option(COMPARE, name), text)
    return wish


def _read_number(option: Option, text: str) -> float:
    number = read_number(option.kind, text)
    if number is None:
        message = f"expected `--{option.name}` to be {option.kind}, got `{text}`"
        raise UsageError(Diagnostic("TSV-L08", message))
    return number


def _read_inputs(text: str, target: Target) -> Mapping[str, Mapping[str, Any]]:
    value = read_value("--inputs", text, target.names)
    known = cast("Mapping[object, object]", value) if isinstance(value, Mapping) else {"": None}
    if all(isinstance(name, str) and isinstance(said, Mapping) for name, said in known.items()):
        return cast("Mapping[str, Mapping[str, Any]]", value)
    message = f"expected `--inputs` to be a dictionary of dictionaries by argument, got `{text}`"
    help = """write --inputs='{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'"""
    raise UsageError(Diagnostic("TSV-L09", message, help=help))


def _find_python(text: str) -> Target:
    target = find_target(text)
    if not isinstance(target.value, Path):
        return target
    message = f"expected a model with its Python code, got the file `{target.value}`"
    help = "name what it was made of: tsviz compare module:attr"
    raise UsageError(Diagnostic("TSV-L10", message, help=help))


def _make_folder(text: str) -> Path:
    """The folder of `--write`, made before the long work begins."""
    folder = Path(text).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"expected a folder for `--write`, got `{folder}`: {error.strerror}"
        raise UsageError(Diagnostic("TSV-L11", message)) from error
    return folder


# ── what is shown ───────────────────────────────────────────────────────────────────────────────


def _print(found: "Comparison", *, is_whole: bool) -> None:
    from tsviz.comparison_page import comparison_page
    from tsviz.terminal import new_console

    page = comparison_page(found, is_whole=is_whole, writing=_WRITING)
    new_console().print(page, highlight=False)


def _write(found: "Comparison", folder: Path) -> None:
    names: dict[str, int] = {}
    for finding in found.proven:
        name = _script_name(finding)
        names[name] = names.get(name, 0) + 1
        number = f"-{names[name]}" if names[name] > 1 else ""
        summary = found.write(finding, folder / f"{name}{number}.py")
        sys.stderr.write(f"{summary}\n")  # not to stdout, which may be JSON


def _script_name(finding: "Finding") -> str:
    """`trace-nets-11`."""
    place = finding.place
    where = f"{Path(place.file).stem}-{place.line}" if place is not None else finding.loss
    return f"{finding.variant}-{where}"


def _document(found: "Comparison") -> dict[str, object]:
    from tsviz.views.comparison_words import iter_flow

    return {
        "title": found.title,
        "inputs": str(found.domain),
        "runs": found.runs,
        "variants": [_variant(one) for one in found.variants],
        "findings": [_finding(finding) for finding in found.findings],
        "control flow": [
            {
                "file": row.site.place.file,
                "line": row.site.place.line,
                "kind": row.site.kind,
                "condition": row.site.condition,
                "example": row.went,
                "trace": row.held or None,
            }
            for row in iter_flow(found)
        ],
    }


def _variant(one: "Compared") -> dict[str, object]:
    tally = one.tally
    return {
        "variant": one.variant,
        "failure": one.failure.render() if one.failure is not None else None,
        "made": one.program is not None,
        "tried": tally.tried,
        "refused": tally.refused,
        "unsteady": tally.unsteady,
        "stopped": tally.is_stopped,
        "interrupted": tally.is_interrupted,
    }


def _finding(finding: "Finding") -> dict[str, object]:
    place = finding.place
    return {
        "variant": finding.variant,
        "status": finding.status,
        "loss": finding.loss,
        "file": place.file if place is not None else None,
        "line": place.line if place is not None else None,
        "lines": finding.lines,
        "sentence": finding.sentence,
        "consequence": finding.consequence,
        "remedy": finding.remedy,
        "reason": finding.reason,
        "script": finding.snippet,
    }
