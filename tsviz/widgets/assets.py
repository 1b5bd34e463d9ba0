"""The built front end: the files that the browser runs, and the notebooks that it hands out."""

from collections.abc import Iterator
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
        raise _missing(name) from error


def read_text_asset(name: str) -> str:
    """The text of a built file; errors as `read_asset`."""
    return read_asset(name).decode("utf-8")


def iter_course() -> Iterator[tuple[str, bytes]]:
    """The notebooks of the course, by their names, in order.

    Raises:
        UsageError: `TSV-U34` they were not put beside the built files.
    """
    course = files("tsviz.widgets").joinpath("static", "jupyterlab", "static", "course")
    if not course.is_dir():
        raise _missing("course")
    for file in sorted(course.iterdir(), key=lambda file: file.name):
        yield file.name, file.read_bytes()


def _missing(name: str) -> UsageError:
    message = f"expected the built front end file {name}, it is missing from this installation"
    help_ = "run `make` in the checkout, or install tsviz from a wheel"
    return UsageError(Diagnostic("TSV-U34", message, help=help_))
