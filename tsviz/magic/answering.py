"""What `%tsdebug` and `%%tsdebug` answer; imported when the magic is first used."""

import sys
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import tsviz
from tsviz.environment import missing_packages_named, read_environment
from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.magic.cells import Cells
from tsviz.magic.combining import check_options, check_target
from tsviz.magic.comparing import compare_evaluated, compared_page
from tsviz.magic.evaluation import (
    Evaluated,
    Namespace,
    UserCodeFailed,
    call,
    is_model,
    makes_a_model,
)
from tsviz.magic.grammar import Request, parse_line, parse_options
from tsviz.magic.help import HELP, HINT
from tsviz.magic.profiling import profile_program
from tsviz.magic.shell import Shell
from tsviz.magic.targets import (
    Call,
    File,
    Reference,
    Target,
    is_reference,
    parse_target,
    shift_lines,
)
from tsviz.magic.tracebacks import find_torchscript_error, guarded, show_post_mortem
from tsviz.magic.typed import Typed
from tsviz.reading_ahead import MODEL_SUFFIXES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tsviz.comparison import Comparison, VariantMatrix
    from tsviz.diagnosis import Diagnosis, Fixes, VariableTypes
    from tsviz.passes import PassTrace
    from tsviz.profiler import Profile
    from tsviz.widgets.explorer import Explorer

    Shown = Explorer | Comparison | VariantMatrix | Diagnosis | Fixes | VariableTypes

T = TypeVar("T")

_WIDTH = 120
_CELL = "%%tsdebug"
_SEE_HELP = "%tsdebug --help shows what it can be"


def answer_line(shell: Shell, cells: Cells, line: str) -> "Shown | None":
    """Answers `%tsdebug line`; the result is the value of the cell."""

    def run() -> "Shown | None":
        with missing_packages_named():
            return _line(shell, cells, line)

    return guarded(shell, run)


def answer_cell(shell: Shell, cells: Cells, line: str, cell: str) -> "Shown | None":
    """Answers `%%tsdebug line` above `cell`."""

    def run() -> "Shown | None":
        with missing_packages_named():
            return _cell(shell, cells, line, cell)

    return guarded(shell, run)


def _line(shell: Shell, cells: Cells, line: str) -> "Shown | None":
    request = parse_line(line, Namespace(shell).is_model)
    if _is_answered(request):
        return None
    if request.target is not None:
        namespace = Namespace(shell, cells.cache(request.text))
        return _show(shell, namespace, request, request.target)
    if request.options:
        raise _no_target(line)
    _explain_last_error(shell)
    return None


def _explain_last_error(shell: Shell) -> None:
    """Says what is known about the last TorchScript error, or what can be typed."""
    error = find_torchscript_error()
    if error is None:
        _print(HINT)
    else:
        show_post_mortem(shell, error)


def _cell(shell: Shell, cells: Cells, line: str, cell: str) -> "Shown | None":
    head = Typed(f"{_CELL} {line}", len(_CELL) + 1)
    options, after, _ = parse_options(head)
    request = Request(options)
    if after.rest.strip():
        message = "the target of %%tsdebug is the last expression of its cell, and stands there"
        raise after.error("TSV-M17", message)
    if _is_answered(request):
        return None
    # IPython takes leading empty lines away. They stay, and the magic's own line is empty where
    # Python reads it, so that lines count as in the cell.
    blank = cell[: len(cell) - len(cell.lstrip())].count("\n")
    body = "\n" * (1 + blank) + shell.transform_cell(cell)
    return _run_cell(shell, cells.cache_body(body), head.source, request, body)


def _run_cell(shell: Shell, file: str, head: str, request: Request, body: str) -> "Shown | None":
    """Runs all but the last statement of a cell, and explores that."""
    namespace = Namespace(shell, file)
    statements = namespace.parse(body)
    if not statements:
        message = "expected the cell to end in a target, got no statement"
        raise UsageError(Diagnostic("TSV-M18", message, help=_SEE_HELP))
    *before, last = statements
    namespace.execute(before)
    typed = Typed(head + body, 0, file)
    target = parse_target(typed.skip(typed.span(last)[0]), namespace.is_model)
    shift_lines(target, last.lineno - 1)
    return _show(shell, namespace, request, target)


def _show(shell: Shell, namespace: Namespace, request: Request, target: Target) -> "Shown | None":
    check_options(request)
    if request.has("compare"):
        compare = partial(compare_evaluated, shell, request)
        found = _ask(compare, namespace, request, target)
        return _shown(found, compared_page(found) if request.has("text") else None)
    if request.has("doctor"):
        from tsviz.magic.doctoring import diagnose_evaluated, diagnosed_page

        diagnose = partial(diagnose_evaluated, shell, request)
        found = _ask(diagnose, namespace, request, target)
        return _shown(found, diagnosed_page(found) if request.has("text") else None)
    return _explore(shell, namespace, request, target)


# ── options that answer by themselves ───────────────────────────────────────────────────────────


def _is_answered(request: Request) -> bool:
    if request.has("help"):
        _print(HELP)
    elif request.has("env"):
        from tsviz.terminal import environment_page

        _print(environment_page(read_environment()))
    elif request.has("lesson"):
        from tsviz.lesson_page import lesson_page
        from tsviz.passes import lesson

        _print(lesson_page(lesson(request.value("lesson"))))
    return any(map(request.has, ("help", "env", "lesson")))


def _print(page: "RenderableType | str") -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH
    console = Console(force_jupyter=False, width=width)
    console.print(page, markup=False, highlight=False, soft_wrap=isinstance(page, str))


def _no_target(line: str) -> UsageError:
    message = f"expected a target after the options, got only `{line.strip()}`"
    return UsageError(Diagnostic("TSV-M16", message, help=_SEE_HELP))


# ── targets ─────────────────────────────────────────────────────────────────────────────────────


def _explore(
    shell: Shell, namespace: Namespace, request: Request, target: Target
) -> "Explorer | None":
    if isinstance(target, Call):
        program = _capture_call(namespace, request, target)
    else:
        program = _capture(request, Evaluated(_find_value(namespace, target)))
    pipeline = request.value("passes")
    trace = tsviz.run_passes(program, pipeline=pipeline) if pipeline else None
    profile = profile_program(shell, request, program) if request.has("profile") else None
    shown = next(found for found in (profile, trace, program) if found is not None)
    if request.has("save"):
        path = Path(request.value("save")).expanduser()
        _print(f"{path}: {tsviz.save(shown, path)}")
    if request.has("text"):
        _print(_text_page(shown))
        return None
    if trace is not None:
        changed = len(trace.changed)
        _print(f"{len(trace)} steps, {changed} changed something: the button Passes shows them")
    explorer = tsviz.explore(shown, keep=request.has("keep"))
    if request.has("debug"):
        _start(explorer, target)
    return explorer


def _start(explorer: "Explorer", target: Target) -> None:
    """Holds the program before its first node; the drawer is open where the explorer opens."""
    if explorer.program.inputs is None:
        message = "expected example inputs, because the program has to run; got none"
        name = target.text if isinstance(target, Reference) else "model"
        raise UsageError(Diagnostic("TSV-M26", message, help=f"%tsdebug --debug {name}(x)"))
    explorer.session.debugging.start()


def _ask(
    ask: Callable[[Evaluated], T], namespace: Namespace, request: Request, target: Target
) -> T:
    """What `ask` says of a target; what it assigns is assigned whatever comes of that."""
    if not isinstance(target, Call):
        value = _find_value(namespace, target)
        check_target(request, value)
        return ask(Evaluated(value))
    evaluated = namespace.evaluate_call(target.tree)
    if makes_a_model(evaluated.value):
        return ask(Evaluated(_make(namespace, target, evaluated)))
    try:
        return ask(evaluated)
    finally:
        if target.names:
            namespace.bind(target.names, call(evaluated))


def _shown(found: T, page: "RenderableType | None") -> T | None:
    """What becomes the value of the cell; nothing where it is printed as text."""
    if page is None:
        return found
    _print(page)
    return None


def _text_page(shown: "Program | PassTrace | Profile") -> "RenderableType":
    if isinstance(shown, Program):
        from tsviz.terminal import program_page

        return program_page(shown)
    from tsviz.passes import PassTrace

    if isinstance(shown, PassTrace):
        from tsviz.passes_page import passes_page

        return passes_page(shown)
    from tsviz.profile_page import profile_page

    return profile_page(shown)


def _capture(request: Request, evaluated: Evaluated) -> "Program":
    from tsviz.capturing import Wish, get_program

    wish = Wish(
        request.value("via", "auto"),
        request.value("method"),
        request.has("trust"),
        request.has("passes"),
    )
    return get_program(evaluated.value, wish, evaluated.args, evaluated.kwargs)


def _capture_call(namespace: Namespace, request: Request, target: Call) -> "Program":
    evaluated = namespace.evaluate_call(target.tree)
    if makes_a_model(evaluated.value):
        return _capture(request, Evaluated(_make(namespace, target, evaluated)))
    try:
        return _capture(request, evaluated)
    except CaptureError as error:
        if is_model(evaluated.value):
            raise
        raise CaptureError(_with_function_note(error.diagnostic, target), error.sources) from error
    finally:
        # The user's program goes on whether or not the capture worked.
        if target.names:
            namespace.bind(target.names, call(evaluated))


def _make(namespace: Namespace, target: Call, evaluated: Evaluated) -> object:
    """The model that a call makes."""
    made = call(evaluated)
    if target.names:
        namespace.bind(target.names, made)
    if not is_model(made):
        kind = type(made).__name__
        message = f"expected `{target.text}` to return a model, got {kind}"
        raise UsageError(Diagnostic("TSV-M21", message))
    return made


def _with_function_note(diagnostic: Diagnostic, target: Call) -> Diagnostic:
    note = (
        f"`{target.callee}` itself was to be captured; for what it returns: "
        f"result = {target.text}, then %tsdebug result"
    )
    return replace(diagnostic, notes=(*diagnostic.notes, note))


def _find_value(namespace: Namespace, target: Reference | File) -> object:
    """What a name or a path stands for: a file where there is one of that name, else the object.

    For a path that looks like an attribute (`model.pt`) the file comes first, for a name that
    could also be a file the object.
    """
    path = target.path if isinstance(target, File) else target.text
    exists = Path(path).expanduser().exists()
    if isinstance(target, File) and (exists or target.tree is None):
        return path
    if target.tree is not None:
        try:
            return namespace.evaluate(target.tree)
        except UserCodeFailed as failed:
            if not (is_reference(target.tree) and failed.is_missing_name):
                raise
    if isinstance(target, File) or exists or path.lower().endswith(MODEL_SUFFIXES):
        return path
    raise _unknown_name(namespace, target)


def _unknown_name(namespace: Namespace, target: Reference) -> UsageError:
    close = get_close_matches(target.text, namespace.names, n=1)
    help = f"%tsdebug {close[0]}" if close else ""
    message = f"`{target.text}` is not defined, and no file has that name"
    return UsageError(Diagnostic("TSV-M20", message, help=help))
