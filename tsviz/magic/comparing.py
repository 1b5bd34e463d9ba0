"""`%tsdebug --compare`: a target held against its Python code, or its variants side by side."""

import ast
from typing import TYPE_CHECKING, Any

import tsviz
from tsviz.magic.evaluation import Evaluated, Namespace
from tsviz.magic.grammar import Request
from tsviz.magic.progress import steps_told
from tsviz.magic.shell import Shell
from tsviz.options import MAGIC, get_option, read_number

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tsviz.comparison import Comparison, VariantMatrix


def compare_evaluated(
    shell: Shell, request: Request, evaluated: Evaluated
) -> "Comparison | VariantMatrix":
    """Compares, and says how far it is.

    Raises:
        UserCodeFailed: evaluating `--inputs` raised.
        UsageError, CaptureError: as `tsviz.compare`.
    """
    from tsviz.terminal import counting

    wish = _wish(shell, request)
    given = evaluated.value, evaluated.args or (), evaluated.kwargs
    if request.has("matrix"):
        from tsviz.comparison import measure_variants

        with steps_told(shell, "measuring") as tell:
            return measure_variants(*given, progress=counting(tell, "measuring"), **wish)
    with steps_told(shell, "comparing") as tell:
        return tsviz.compare(*given, progress=counting(tell, "trying inputs"), **wish)


def _wish(shell: Shell, request: Request) -> dict[str, Any]:
    """The options that were given, as `tsviz.compare` takes them."""
    wish: dict[str, Any] = {}
    if request.has("variants"):
        wish["variants"] = get_option(MAGIC, "variants").values(request.value("variants"))
    for name in ("tries", "seconds"):
        if request.has(name):
            wish[name] = read_number(get_option(MAGIC, name).kind, request.value(name))
    if request.has("inputs"):
        text = request.value("inputs")
        namespace = Namespace(shell, shell.compile.cache(text, shell.execution_count))
        wish["inputs"] = namespace.evaluate(ast.parse(text, mode="eval").body)
    return wish


def compared_page(found: "Comparison | VariantMatrix") -> "RenderableType":
    """What `--text` prints."""
    from tsviz.comparison import VariantMatrix

    if isinstance(found, VariantMatrix):
        from tsviz.matrix_page import matrix_page

        return matrix_page(found)
    from tsviz.comparison_page import comparison_page

    return comparison_page(found, is_whole=True)
