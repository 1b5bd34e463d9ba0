"""The functions and classes in an archive, from TorchScript's printed code and its origins.

PyTorch prints every method of every type once, and gives types of one class names that differ by a
number, `___torch_mangle_12`. The same class saved by another process has other numbers, so they are
taken off: a function is known by its qualified name without them, and may be printed in several
ways. Where source positions are stored, it has the Python text it came from, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tsviz.jit.debug_info import DebugInfo, SourcePiece

_MANGLING = re.compile(r"\b___torch_mangle_\d+\.")
_TOP = re.compile(r"^(?=class |def )", re.MULTILINE)
_METHOD = re.compile(r"^(?=  def )", re.MULTILINE)
_CLASS = re.compile(r"class (\w+)\(")
_DEF = re.compile(r" *def (\w+)\(")
_NAMES = re.compile(r"^  (__parameters__|__buffers__) = \[(.*)\]$", re.MULTILINE)
_NAME = re.compile(r'"([^"]*)", ')
_FINAL = re.compile(r"^  (\w+) : Final\[.*?\] = (.*)$", re.MULTILINE)
_FLOAT = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?")
_DEFINES = re.compile(r"^ *def (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PrintedFunction:
    """A function or method.

    Attributes:
        name: qualified, without mangling and without `__torch__`.
        is_method: whether the last but one part of its name is a class.
        text: as TorchScript prints it, without mangling.
        original: the Python text it was compiled from; `None` where the archive has none.
        inlined: the Python texts of other functions that were put into it, as freezing does.
    """

    name: str
    is_method: bool
    text: str
    original: SourcePiece | None
    inlined: tuple[SourcePiece, ...]


@dataclass(frozen=True, slots=True)
class PrintedClass:
    """A class.

    Attributes:
        name: as pickles name it, mangled.
        parameters, buffers: names of its tensors of that kind.
        constants: (name, value as printed) of its attributes that are part of its type.
    """

    name: str
    parameters: frozenset[str]
    buffers: frozenset[str]
    constants: tuple[tuple[str, str], ...]


def without_mangling(text: str) -> str:
    """The text as if every type had the name of its class."""
    return _MANGLING.sub("", text)


def short_name(qualified: str) -> str:
    """`__torch__.net.___torch_mangle_3.Net` → `net.Net`."""
    return without_mangling(qualified).removeprefix("__torch__.")


def read_code(
    code: Mapping[str, str], origins: Mapping[str, DebugInfo]
) -> tuple[tuple[PrintedFunction, ...], dict[str, PrintedClass]]:
    """The functions in the printed code of an archive, and its classes by name.

    Args:
        code: record name → printed code.
        origins: record name → where it comes from.
    """
    functions: list[PrintedFunction] = []
    classes: dict[str, PrintedClass] = {}
    for record, text in code.items():
        module = record.removeprefix("code/").removesuffix(".py").replace("/", ".")
        for start, definition in _parts(_TOP, text):
            named = _CLASS.match(definition)
            owner = f"{module}.{named[1]}" if named else module
            parts = list(_parts(_METHOD, definition, start)) if named else [(start, definition)]
            if named:
                classes[owner] = _class(owner, parts[0][1])
            functions += _functions(owner, bool(named), parts, origins.get(record))
    return tuple(functions), classes


def _parts(pattern: re.Pattern[str], text: str, at: int = 0) -> Iterator[tuple[int, str]]:
    """The text, which begins at byte `at`, cut where the pattern matches; each part with its byte.

    An archive counts bytes, Python characters.
    """
    cuts = [0, *(match.start() for match in pattern.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        part = text[start:end]
        yield at, part
        at += len(part.encode())


def _class(name: str, head: str) -> PrintedClass:
    """A class from what stands before its methods."""
    tensors = {kind: frozenset(_NAME.findall(names)) for kind, names in _NAMES.findall(head)}
    none: frozenset[str] = frozenset()
    return PrintedClass(
        name,
        tensors.get("__parameters__", none),
        tensors.get("__buffers__", none),
        tuple((constant, _number(value)) for constant, value in _FINAL.findall(head)),
    )


def _number(text: str) -> str:
    """`0.10000000000000001` as Python writes it."""
    return repr(float(text)) if _FLOAT.fullmatch(text) else text


def _functions(
    owner: str, is_class: bool, parts: Iterable[tuple[int, str]], origins: DebugInfo | None
) -> Iterator[PrintedFunction]:
    for start, part in parts:
        named = _DEF.match(part)
        if named is None:
            continue
        pieces = origins.pieces_in(start, start + len(part.encode())) if origins else []
        own = [piece for piece in pieces if defined_name(piece) == named[1]]
        original = own[0] if len(own) == 1 else None
        inlined = tuple(piece for piece in pieces if piece is not original)
        qualified = short_name(f"{owner}.{named[1]}")
        text = without_mangling(part).rstrip()
        yield PrintedFunction(qualified, is_class, text, original, inlined)


def defined_name(piece: SourcePiece) -> str:
    """The name of the function that a piece defines, or ""."""
    found = _DEFINES.search(piece.text)
    return found[1] if found else ""
