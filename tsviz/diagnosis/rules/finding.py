"""What a rule hands to the engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.seen import Seen
from tsviz.location import FileRange


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that PyTorch may refuse; the compiler has the last word.

    Attributes:
        rule: name of the rule.
        function: where it is.
        place: what is marked.
        cause: what is wrong, in one sentence.
        advice: what to write.
        edit: changes that are safe to make, () where there are none.
        others: further places of the same fault in the function.
        attribute: the class and the name of an attribute that has to go, too.
        hook: the hook that the copy's modules do not get, or `None`.
        names: what complaints about follow from the detour.
        is_certain: whether the copy is without it anyhow, so that it cannot be put back alone.
        standins: expressions of known types, which stubs can take the place of; used where there
            is neither edit nor detour.
        detour: changes that take it out of the compiler's way, () for the whole statement; used
            where there is no edit.
    """

    rule: str
    function: Function
    place: FileRange
    cause: str
    advice: str = ""
    edit: tuple[Change, ...] = ()
    detour: tuple[Change, ...] = ()
    others: tuple[FileRange, ...] = ()
    names: tuple[str, ...] = ()
    attribute: tuple[type, str] | None = None
    is_certain: bool = False
    standins: tuple[tuple[FileRange, Seen], ...] = ()
    hook: object = None


Find = Callable[[Function, World], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: such as `untyped-argument`.
        find: looks through one function.
    """

    name: str
    find: Find
