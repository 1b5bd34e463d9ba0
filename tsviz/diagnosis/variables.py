"""The variables of functions with the types that the compiler gives them, and why those."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsviz.diagnosis.owners import Owner
from tsviz.display import renderer
from tsviz.location import FileRange

if TYPE_CHECKING:
    import pandas


class Came(StrEnum):
    """Where the type of a variable comes from."""

    ANNOTATED = "annotated"
    DEFAULT = "default value"
    ASSUMED = "assumed"
    EDITED = "edited"
    INFERRED = "inferred"
    REFINED = "refined"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable at one of its places.

    Attributes:
        function: such as `Net.forward`.
        name: of the variable.
        type: as PyTorch's compiler says, written as in Python; where it compiles the function for
            modules of several types, there is one of these for each.
        came: where that comes from.
        source: the text that it comes from: the annotation, what is assigned, the condition.
        place: where it is taken or assigned.
        owner: whose code that is.
    """

    function: str
    name: str
    type: str
    came: Came
    source: str
    place: FileRange
    owner: Owner

    @property
    def why(self) -> str:
        """Where the type comes from, in words."""
        match self.came:
            case Came.ASSUMED:
                return f"assumed: {self.source}"
            case Came.EDITED:
                return "annotated by an edit"
            case Came.INFERRED | Came.REFINED:
                return f"{self.came} from `{self.source}`"
            case _:
                return f"{self.came} `{self.source}`"


@dataclass(frozen=True)
class VariableTypes:
    """The variables of all that is compiled of a model, in order of file and line.

    Attributes:
        title: of the model.
        rows: them.
        condition: of what the compiler said it: "" of the model as it is.
        missing: why there are none or not all, "" where there are.
    """

    title: str
    rows: tuple[Variable, ...]
    condition: str = ""
    missing: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.rows)

    def of(self, function: str) -> tuple[Variable, ...]:
        """Those of one function, such as `Net.forward`."""
        return tuple(row for row in self.rows if row.function == function)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a place: function, variable, type, where it comes from, file, line."""
        return renderer("types_dataframe")(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": renderer("types_html")(self)}

    def __str__(self) -> str:
        return renderer("types_text")(self)

    def __repr__(self) -> str:
        return f"<VariableTypes of {self.title}: {len(self.rows)} places>"


NO_TYPES = VariableTypes("", ())
