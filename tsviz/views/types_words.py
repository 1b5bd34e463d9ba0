"""The types of variables in the words that every page of them uses."""

from collections.abc import Iterator
from itertools import groupby

from tsviz.cells import find_cell
from tsviz.diagnosis import Owner, Variable, VariableTypes

TITLES = ("line", "variable", "type", "why")


def head_words(types: VariableTypes) -> str:
    """What the compiler said this of."""
    of = f", {types.condition}" if types.condition else ""
    return f"{types.title}: what PyTorch's compiler takes each variable for{of}"


def iter_functions(types: VariableTypes) -> Iterator[tuple[str, tuple[Variable, ...]]]:
    """The functions of the user's own, with their names and files."""
    own = (row for row in types if row.owner is Owner.USER)
    for _, found in groupby(own, key=lambda row: (row.place.file, row.function)):
        rows = tuple(found)
        yield f"{rows[0].function} in {_name(rows[0].place.file)}", rows


def cells_of(row: Variable) -> tuple[str, str, str, str]:
    """Line, variable, type and why."""
    return str(row.place.line), row.name, row.type, row.why


def rest_words(types: VariableTypes) -> str:
    """What is not listed, "" where all is."""
    if types.missing:
        return types.missing
    rest = sum(row.owner is not Owner.USER for row in types)
    if rest:
        return f"{rest:,} more in installed packages: `.types.to_dataframe()`"
    return "" if types.rows else "no function of Python that the compiler was asked about"


def _name(file: str) -> str:
    cell = find_cell(file)
    return cell.title if cell is not None else file
