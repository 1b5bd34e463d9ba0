"""The modules, attributes and tensors in an archive, read out of its pickles as data.

An archive is checked here as far as its tensors go: each must lie within its storage, and the
storage must be as long as it claims. What PyTorch would refuse or misread is an error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TypeGuard, cast

from tsviz.errors import ArchiveError
from tsviz.frontends.printed_code import PrintedClass, short_name
from tsviz.frontends.stored_tensors import dtype_of, width_of
from tsviz.frontends.zip_directory import FETCH_AGAIN, Directory, archive_error
from tsviz.jit.pickles import Built, Entries, Global, Persistent

_MOST_PARTS = 1_000_000
_MOST_CHARACTERS = 64 * 2**20
_MOST_DIMENSIONS = 64
_MOST_ELEMENTS = 2**63
_DEEPEST = 100
_LONGEST_NAME = 1_000
_MAKERS = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_qtensor")
_TYPED = "torch.jit._pickle"
CONSTANTS = "constants"
"""What stands before the numbers of the table of constants, as a module would."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """A tensor and where its elements lie.

    Attributes:
        name: dotted path of attributes, keys and positions.
        kind: `parameter`, `buffer`, `constant` (in the table of constants) or `tensor` (other).
        dtype: short name such as `f32`.
        strides, offset: in elements of its storage.
        record: that its storage is.
        width: bytes of an element; 0 where there are none, or several elements share a byte.
        is_meta: whether it lies on the device `meta`, which keeps no elements.
    """

    name: str
    kind: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    record: str
    width: int
    is_meta: bool

    @property
    def elements(self) -> int:
        """How many elements it has."""
        return prod(self.shape)

    @property
    def layout(self) -> tuple[tuple[int, int], ...]:
        """(length, stride) of every dimension in which elements differ in place."""
        pairs = zip(self.shape, self.strides, strict=True)
        return tuple((length, stride) for length, stride in pairs if length != 1 and stride)

    @property
    def span(self) -> int:
        """How many elements of the storage lie from its first to its last."""
        last = sum((length - 1) * stride for length, stride in self.layout)
        return last + 1 if self.elements else 0

    @property
    def is_dense(self) -> bool:
        """Whether its elements fill their span, in whatever order."""
        return prod(length for length, _ in self.layout) == self.span and not self.overlaps

    @property
    def overlaps(self) -> bool:
        """Whether one element of the storage may be several of its own, beyond repeated ones."""
        reach = 1
        for length, stride in sorted(self.layout, key=lambda pair: pair[1]):
            if stride < reach:
                return True
            reach = stride * (length - 1) + reach
        return False


@dataclass(slots=True)
class StoredState:
    """What the pickles of an archive hold.

    Attributes:
        modules: path → class, "" being the model itself; one that is shared stands where it is met
            first.
        attributes: (module or tensor, name) → value as text, of what is neither itself.
        tensors: by name.
    """

    modules: dict[str, str] = field(default_factory=dict[str, str])
    attributes: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    tensors: dict[str, StoredArray] = field(default_factory=dict[str, StoredArray])


def read_state(
    directory: Directory, root: object, constants: object, classes: Mapping[str, PrintedClass]
) -> StoredState:
    """What the model `root` and the table of constants of an archive hold.

    Raises:
        ArchiveError: `TSV-A23` a tensor does not fit its storage; `TSV-A24` it holds too many
            parts, or parts in parts.
    """
    reader = _Reader(directory, classes)
    reader.read_model(root)
    for at, value in enumerate(_items(constants)):
        reader.read_value(CONSTANTS, str(at), "constant", value)
    return reader.state


class _Reader:
    def __init__(self, directory: Directory, classes: Mapping[str, PrintedClass]) -> None:
        self.state = StoredState()
        self._directory = directory
        self._classes = classes
        self._left = _MOST_PARTS
        self._characters = _MOST_CHARACTERS

    def read_model(self, root: object) -> None:
        seen: dict[int, object] = {}
        waiting = [("", root)]
        while waiting:
            path, module = waiting.pop()
            if id(module) in seen:
                continue
            seen[id(module)] = module
            waiting += reversed(list(self._read_module(path, module)))

    def _read_module(self, path: str, module: object) -> Iterator[tuple[str, object]]:
        """Reads what a module holds itself; its submodules with their paths."""
        if not _is_object(module):
            self.read_value(path, "", "tensor", module)
            return
        name = str(module.maker)
        known = self._classes.get(name)
        self.state.modules[path] = short_name(name)
        for key, text in known.constants if known else ():
            self._count(path)
            self.state.attributes[path, key] = text
        entries = module.state if isinstance(module.state, Entries) else [("state", module.state)]
        for key, value in entries:
            if _is_object(value):
                place = _join(path, key)
                self._count(place)
                yield place, value
            else:
                self.read_value(path, str(key), _kind(known, key), value)

    def read_value(self, owner: str, key: str, kind: str, value: object) -> None:
        """Reads an attribute: its tensors, and its text where it is more than a tensor."""
        text = self._text(_join(owner, key), kind, value, 0)
        if not (isinstance(value, Built) and _is_tensor(value)):
            self.state.attributes[owner, key] = text

    def _text(self, name: str, kind: str, value: object, depth: int) -> str:
        """A value as text; tensors in it are read, and stand there as such."""
        self._count(name, depth)
        if isinstance(value, Built):
            return self._built(name, kind, value, depth)
        if isinstance(value, Entries):
            items = [
                f"{self._text(name, kind, key, depth + 1)}: "
                f"{self._text(_join(name, key), kind, part, depth + 1)}"
                for key, part in value
            ]
            return f"{{{', '.join(items)}}}"
        if isinstance(value, list | tuple):
            texts = [
                self._text(_join(name, at), kind, part, depth + 1)
                for at, part in enumerate(cast("list[object]", value))
            ]
            marks = "[]" if isinstance(value, list) else "()"
            return f"{marks[0]}{', '.join(texts)}{marks[1]}"
        text = short_name(str(value)) if isinstance(value, Global) else repr(value)
        self._characters -= len(text)
        return text

    def _built(self, name: str, kind: str, value: Built, depth: int) -> str:
        if _is_tensor(value):
            self._add_tensor(name, kind, value)
            return "a tensor"
        if str(value.maker).startswith(_TYPED):  # a list or a dictionary with its type
            return self._text(name, kind, value.args[0] if value.args else None, depth + 1)
        parts = [part for part in (*value.args, value.state) if part is not None]
        texts = [
            self._text(_join(name, at), kind, part, depth + 1) for at, part in enumerate(parts)
        ]
        return f"{short_name(str(value.maker))}({', '.join(texts)})"

    def _add_tensor(self, name: str, kind: str, built: Built) -> None:
        storage, offset, shape, strides, fourth, *rest = (*built.args, *(None,) * 6)
        facts = {"kind": kind}
        if str(built.maker).endswith("qtensor"):
            facts["quantiser"] = self._text(f"{name}.quantiser", kind, fourth, 1)
            fourth = rest[0]
        key = storage.parts if isinstance(storage, Persistent) else ()
        if len(key) != 5 or not isinstance(key[1], Global):
            raise self._unfit(name, "its storage is not named as PyTorch names one")
        lengths, steps = _items(shape), _items(strides)
        is_sound = _are_sizes(offset, key[4]) and _are_sizes(*lengths) and _are_sizes(*steps)
        if not is_sound or len(lengths) != len(steps):
            raise self._unfit(name, "its shape, strides and offset are no sizes")
        folder = "constants" if kind == "constant" else "data"
        array = StoredArray(
            name=name,
            kind=kind,
            dtype=dtype_of(key[1].name),
            shape=cast("tuple[int, ...]", lengths),
            strides=cast("tuple[int, ...]", steps),
            offset=cast("int", offset),
            record=f"{folder}/{key[2]}",
            width=0,
            is_meta=key[3] == "meta",
        )
        facts |= {"device": str(key[3]), "requires_grad": str(fourth is True)}
        self.state.attributes |= {(name, what): text for what, text in facts.items()}
        is_stored = array.elements > 0 and not array.is_meta
        count = cast("int", key[4])
        self.state.tensors[name] = self._fitted(array, key[1].name, count) if is_stored else array

    def _fitted(self, array: StoredArray, storage: str, count: int) -> StoredArray:
        """The tensor with the width of its elements, if it lies within its storage."""
        end = array.offset + array.span
        if end > count:
            words = f"it ends at element {end:,}, its storage has {count:,}"
            raise self._unfit(array.name, words)
        entry = self._directory.records.get(array.record)
        size = entry.file_size if entry is not None else 0
        known = width_of(storage)
        if known and size != count * known:
            words = f"`{array.record}` has {size:,} bytes, which are not {count:,} {array.dtype}"
            raise self._unfit(array.name, words)
        packed = size % count or not size
        return replace(array, width=known or (0 if packed else size // count))

    def _count(self, name: str, depth: int = 0) -> None:
        """Counts a part; a few bytes can describe more of them than any memory holds."""
        self._left -= 1
        if depth > _DEEPEST or len(name) > _LONGEST_NAME:
            raise self._boundless(name, "lie too deep in one another")
        if self._left < 0 or self._characters < 0:
            raise self._boundless(name, "are too many")

    def _boundless(self, name: str, words: str) -> ArchiveError:
        message = f"the parts of `{name[:60]}` in `{self._directory.path}` {words}"
        return archive_error("TSV-A24", message, help=FETCH_AGAIN)

    def _unfit(self, name: str, words: str) -> ArchiveError:
        message = f"the tensor `{name[:60]}` in `{self._directory.path}` does not fit its storage"
        return archive_error("TSV-A23", f"{message}: {words}", help=FETCH_AGAIN)


def _is_object(value: object) -> TypeGuard[Built]:
    """Whether this is a module, or an object of another class that the archive defines."""
    return (
        isinstance(value, Built)
        and isinstance(value.maker, Global)
        and value.maker.module.startswith("__torch__")
    )


def _is_tensor(value: Built) -> bool:
    return str(value.maker) in _MAKERS


def _kind(known: PrintedClass | None, key: object) -> str:
    if known is not None and key in known.parameters:
        return "parameter"
    return "buffer" if known is not None and key in known.buffers else "tensor"


def _join(path: str, key: object) -> str:
    name = str(key) if isinstance(key, str | int) else ""
    return f"{path}.{name}" if path and name else path or name


def _items(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()


def _are_sizes(*values: object) -> bool:
    """Whether these can be lengths, strides or places."""
    return len(values) <= _MOST_DIMENSIONS and all(
        type(value) is int and 0 <= value < _MOST_ELEMENTS for value in values
    )
