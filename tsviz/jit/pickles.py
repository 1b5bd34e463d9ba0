"""Reads what a pickle says without doing what it says.

A pickle is a program. PyTorch stores source positions, the tree of modules and the table of
constants as pickles of protocol 2, and Python's own `pickle` would run whatever a stranger has
written there. The reader here knows only the instructions that PyTorch writes, imports nothing and
calls nothing: a name stays a `Global`, a call stays a `Built`.
"""

import pickle  # for the names of its instructions; nothing is unpickled
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast


class PickleError(ValueError):
    """The bytes are no pickle, or one with instructions that PyTorch does not write."""


@dataclass(frozen=True, slots=True)
class Global:
    """A name that a pickle refers to, such as `torch._utils` `_rebuild_tensor_v2`."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Persistent:
    """A reference to something outside the pickle: the storage of a tensor."""

    key: object

    @property
    def parts(self) -> tuple[object, ...]:
        """The parts of the key: `("storage", kind, name, device, number of elements)`."""
        key = self.key
        return cast("tuple[object, ...]", key) if isinstance(key, tuple) else ()


class Entries(list[tuple[object, object]]):
    """A dictionary as its entries, because keys may be anything."""


@dataclass(eq=False, slots=True)
class Built:
    """An object that the pickle asks for: a call or a new instance.

    Attributes:
        maker: what would be called; a `Global` in honest pickles.
        args: what it would be called with.
        state: what it would be given afterwards.
        entries: what would be stored in it as in a dictionary or list.
    """

    maker: object
    args: tuple[object, ...]
    state: object = None
    entries: Entries = field(default_factory=Entries)


@dataclass(frozen=True, slots=True)
class Pickled:
    """What one pickle says.

    Attributes:
        root: the object; tuples, lists, `Entries`, strings, numbers, and the classes here. Parts
            may be shared, and a hostile pickle can make cycles.
        names: every name it refers to, in order of first use.
        end: where it ends in the bytes.
    """

    root: object
    names: tuple[Global, ...]
    end: int


def read_pickle(data: bytes, start: int = 0) -> Pickled:
    """Reads the pickle at `start`.

    Raises:
        PickleError: with the reason in words.
    """
    machine = _Machine(data, start)
    try:
        root = machine.run()
    except (IndexError, KeyError, struct.error, TypeError, AttributeError) as error:
        raise PickleError(f"it breaks off or contradicts itself at byte {machine.at}") from error
    return Pickled(root, tuple(machine.names), machine.at)


_MARK = object()


class _Machine:
    """The stack machine. Every instruction is a method without result."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.names: dict[Global, None] = {}

    def run(self) -> object:
        data, instructions = self.data, _INSTRUCTIONS
        while True:
            code = data[self.at]
            self.at += 1
            if code == _STOP:
                return self.stack.pop()
            instruction = instructions.get(code)
            if instruction is None:
                raise PickleError(f"instruction {bytes([code])!r} is none that PyTorch writes")
            instruction(self)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise PickleError("it breaks off")
        self.at += size
        return taken

    def number(self, layout: str) -> Any:
        (number,) = struct.unpack(layout, self.take(struct.calcsize(layout)))
        return number

    def line(self) -> str:
        end = self.data.find(b"\n", self.at, self.at + 4096)
        if end < 0:
            raise PickleError("a name does not end")
        text = self.data[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return text

    def marked(self) -> list[Any]:
        """Pops everything above the last mark, and the mark."""
        stack = self.stack
        at = len(stack) - 1
        while stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise PickleError("a mark is missing")
        items = stack[at + 1 :]
        del stack[at:]
        return items

    # ── instructions ─────────────────────────────────────────────────────────────────────────

    def protocol(self) -> None:
        if self.take(1)[0] > 2:
            raise PickleError("it is written for a newer protocol than PyTorch uses")

    def name(self) -> None:
        found = Global(self.line(), self.line())
        self.names[found] = None
        self.stack.append(found)

    def tuple_of(self, size: int) -> None:
        items = tuple(self.stack[-size:])
        if len(items) < size or _MARK in items:
            raise PickleError("a tuple lacks items")
        self.stack[-size:] = [items]

    def make(self) -> None:
        args = self.stack.pop()
        maker = self.stack.pop()
        if not isinstance(args, tuple):
            raise PickleError("a call has no arguments")
        self.stack.append(Built(maker, cast("tuple[object, ...]", args)))

    def build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Built):
            raise PickleError("a state is given to what has none")
        target.state = state

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list) or isinstance(target, Entries):
            raise PickleError("items are added to what is no list")
        cast("list[object]", target).extend(items)

    def store(self, items: list[Any]) -> None:
        target = self.stack[-1]
        entries = target.entries if isinstance(target, Built) else target
        if not isinstance(entries, Entries) or len(items) % 2:
            raise PickleError("entries are stored in what is no dictionary")
        entries.extend(zip(items[::2], items[1::2], strict=True))

    def pop_two(self) -> list[Any]:
        pair = self.stack[-2:]
        del self.stack[-2:]
        return pair


Instruction = Callable[[_Machine], object]


def _push(value: Callable[[_Machine], object]) -> Instruction:
    return lambda machine: machine.stack.append(value(machine))


def _memorise(index: Callable[[_Machine], int]) -> Instruction:
    def instruction(machine: _Machine) -> None:
        machine.memo[index(machine)] = machine.stack[-1]

    return instruction


def _text(machine: _Machine) -> str:
    return machine.take(machine.number("<I")).decode("utf-8", "replace")


def _long(machine: _Machine) -> int:
    return int.from_bytes(machine.take(machine.take(1)[0]), "little", signed=True)


_BY_NAME: dict[bytes, Instruction] = {
    pickle.PROTO: _Machine.protocol,
    pickle.MARK: _push(lambda machine: _MARK),
    pickle.NONE: _push(lambda machine: None),
    pickle.NEWTRUE: _push(lambda machine: True),
    pickle.NEWFALSE: _push(lambda machine: False),
    pickle.BININT1: _push(lambda machine: machine.number("<B")),
    pickle.BININT2: _push(lambda machine: machine.number("<H")),
    pickle.BININT: _push(lambda machine: machine.number("<i")),
    pickle.BINFLOAT: _push(lambda machine: machine.number(">d")),
    pickle.LONG1: _push(_long),
    pickle.BINUNICODE: _push(_text),
    pickle.EMPTY_TUPLE: _push(lambda machine: ()),
    pickle.EMPTY_LIST: _push(lambda machine: []),
    pickle.EMPTY_DICT: _push(lambda machine: Entries()),
    pickle.TUPLE: _push(lambda machine: tuple(machine.marked())),
    pickle.TUPLE1: lambda machine: machine.tuple_of(1),
    pickle.TUPLE2: lambda machine: machine.tuple_of(2),
    pickle.TUPLE3: lambda machine: machine.tuple_of(3),
    pickle.APPEND: lambda machine: machine.extend([machine.stack.pop()]),
    pickle.APPENDS: lambda machine: machine.extend(machine.marked()),
    pickle.SETITEM: lambda machine: machine.store(machine.pop_two()),
    pickle.SETITEMS: lambda machine: machine.store(machine.marked()),
    pickle.BINPUT: _memorise(lambda machine: machine.take(1)[0]),
    pickle.LONG_BINPUT: _memorise(lambda machine: machine.number("<I")),
    pickle.BINGET: _push(lambda machine: machine.memo[machine.take(1)[0]]),
    pickle.LONG_BINGET: _push(lambda machine: machine.memo[machine.number("<I")]),
    pickle.GLOBAL: _Machine.name,
    pickle.REDUCE: _Machine.make,
    pickle.NEWOBJ: _Machine.make,
    pickle.BUILD: _Machine.build,
    pickle.BINPERSID: _push(lambda machine: Persistent(machine.stack.pop())),
}
_INSTRUCTIONS = {code[0]: instruction for code, instruction in _BY_NAME.items()}
_STOP = pickle.STOP[0]
