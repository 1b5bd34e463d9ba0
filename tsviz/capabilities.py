"""What the browser may ask about a program, and why not what it may not."""

from tsviz.errors import Diagnostic, ProtocolError
from tsviz.frontends import Program, TextOnly
from tsviz.protocol import tables

_COMPILED = "it came compiled: capture the Python code it was made of to compare with that"
SAVED = tables.Capabilities(
    False,
    False,
    False,
    False,
    False,
    False,
    False,
    [],
    {
        "weights": "this is a saved file: only what was computed before is here",
        "save_html": "this is the saved file",
        **dict.fromkeys(
            ("observe", "passes", "compare", "profile", "debug"),
            "this is a saved file: nothing can be run",
        ),
    },
)


def capabilities_of(program: Program) -> tables.Capabilities:
    """What can be asked of a program that is at hand; each that cannot has its reason."""
    from tsviz.comparison import variants_of

    native, reasons = program.native, dict[str, str]()
    runs = not isinstance(native, TextOnly)
    if isinstance(native, TextOnly):
        needy = ("weights", "observe", "passes", "compare", "profile", "debug")
        reasons.update(dict.fromkeys(needy, native.reason))
    elif program.inputs is None:
        no_inputs = "there are no example inputs: use %tsdebug model(x)"
        needy = ("observe", "runtime", "compare", "profile", "debug")
        reasons.update(dict.fromkeys(needy, no_inputs))
    if runs and program.model is None:
        reasons.update(compare=_COMPILED)
    return tables.Capabilities(
        weights=runs,
        observe="observe" not in reasons,
        save_html=True,
        passes=runs,
        compare="compare" not in reasons,
        debug="debug" not in reasons,
        profile="profile" not in reasons,
        pipelines=_pipelines() if runs else [],
        reasons=reasons,
        variants=variants_of(program),
    )


def check_variant(program: Program, name: str) -> None:
    """Refuses a variant that cannot be named.

    Raises:
        ProtocolError: `TSV-P05` there is none of that name, or it is the program's own.
    """
    from tsviz.comparison import variants_of

    known = variants_of(program)
    if name not in known:
        text = f"expected a variant among {', '.join(known)}, got {name!r}"
        raise ProtocolError(Diagnostic("TSV-P05", text))


def _pipelines() -> list[str]:
    from tsviz.passes import PIPELINES  # and with it PyTorch, which is there where a model runs

    return list(PIPELINES)
