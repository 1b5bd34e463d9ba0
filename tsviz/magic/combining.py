"""Which options of `%tsdebug` go together."""

from tsviz.errors import Diagnostic, UsageError
from tsviz.magic.grammar import Request
from tsviz.options import MAGIC, get_option

_PAGES = {
    "compare": "compares what tracing and scripting make",
    "doctor": "names what stops scripting",
}
"""The flags that ask for a page of their own; each takes `--text` and what needs it."""

_EITHER = (
    ("fix", "types", ""),
    ("profile", "passes", ""),
    ("profile", "debug", ""),
    ("keep", "text", ""),
    ("debug", "text", "leave `--text` out, or step it in a terminal: `tsviz debug FILE --args …`"),
)
"""Options that exclude each other, and what helps."""


def check_options(request: Request) -> None:
    """Refuses options that are about something else.

    Raises:
        UsageError: `TSV-M22` an option that a page does not take, `TSV-M24` one whose page was not
            asked for, `TSV-M25` two answers at once.
    """
    asked = next((name for name in _PAGES if request.has(name)), "")
    for name in request.options:
        needs = get_option(MAGIC, name).needs
        if needs and needs != asked and not (request.has(needs) and needs not in _PAGES):
            message = f"`--{name}` goes with `--{needs}`, which is not there"
            help = f"add `--{needs}`" if not asked else f"leave `--{name}` out"
            raise UsageError(Diagnostic("TSV-M24", message, help=help))
        if asked and name not in (asked, "text") and not needs:
            raise _not_taken(request, asked, name)
    for one, other, help in _EITHER:
        if request.has(one) and request.has(other):
            message = f"expected `--{one}` or `--{other}`, got both"
            raise UsageError(Diagnostic("TSV-M25", message, help=help))


def _not_taken(request: Request, asked: str, name: str) -> UsageError:
    message = f"`--{asked}` {_PAGES[asked]}, and takes no `--{name}`"
    help = f"leave `--{name}` out"
    if name == "method":
        help = f"write the method as the target: model.{request.value('method')}(x)"
    return UsageError(Diagnostic("TSV-M22", message, help=help))


def check_target(request: Request, value: object) -> None:
    """Refuses files, which have no Python code.

    Raises:
        UsageError: `TSV-M23` it is one.
    """
    if isinstance(value, str):
        asked = next(name for name in _PAGES if request.has(name))
        message = f"expected a model with its Python code, got the file `{value}`"
        help = f"name what it was made of: %tsdebug --{asked} model(x)"
        raise UsageError(Diagnostic("TSV-M23", message, help=help))
