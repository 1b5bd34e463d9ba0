"""The built front end: the files that the browser runs."""

from importlib.resources import files

from tsviz.errors import Diagnostic, UsageError

NAMES = (
    "widget.js",
    "widget.css",
    "loader.js",
    "standalone.js",
    "kept.js",
    "graphviz.js",
    "plotly.js",
)


def read_asset(name: str) -> bytes:
    """The bytes of a built file.

    Raises:
        UsageError: `TSV-U33` there is no such file; `TSV-U34` it was not built (a checkout
            without `make`).
    """
    if name not in NAMES:
        message = f"expected one of the front end's files {', '.join(NAMES)}, got {name!r}"
        raise UsageError(Diagnostic("TSV-U33", message))
    try:
        return files("tsviz.widgets").joinpath("static", name).read_bytes()
    except FileNotFoundError as error:
        message = f"expected the built front end file {name}, it is missing from this installation"
        help_ = "run `make` in the checkout, or install tsviz from a wheel"
        raise UsageError(Diagnostic("TSV-U34", message, help=help_)) from error


def read_text_asset(name: str) -> str:
    """The text of a built file; errors as `read_asset`."""
    return read_asset(name).decode("utf-8")
