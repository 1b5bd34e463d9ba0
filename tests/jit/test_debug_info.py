"""Original positions out of `.debug_pkl`: on real archives they are those of the live nodes."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.jit._pickle import build_intlist

from tests.archives import ARCHIVES, written_by
from tests.models.zoo import ZOO
from tsviz.jit import parse_range
from tsviz.jit.debug_info import DebugInfo, SourcePiece, assemble_sources, read_debug_info
from tsviz.jit.pickles import PickleError
from tsviz.jit.walking import iter_native_nodes
from tsviz.location import FileRange, Origin, SourceFile

Record = tuple[int, tuple[object, int, int]]


class IntList:
    """Pickles as PyTorch's `build_intlist([…])`."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers

    def __reduce__(self) -> tuple[Callable[..., object], tuple[list[int]]]:
        return build_intlist, (self.numbers,)


def written(*records: Record, strings: tuple[str, ...] = ()) -> bytes:
    return pickle.dumps(("FORMAT_WITH_STRING_TABLE", strings, records), protocol=2)


def records(archive: Path) -> dict[str, bytes]:
    """Every record by its name below the root folder."""
    with zipfile.ZipFile(archive) as file:
        return {name.split("/", 1)[1]: file.read(name) for name in file.namelist()}


def debug_info(archive: Path) -> dict[str, DebugInfo]:
    return {
        name.removesuffix(".debug_pkl"): read_debug_info(content)
        for name, content in records(archive).items()
        if name.endswith(".debug_pkl")
    }


def offset_of(place: FileRange, code: bytes) -> int:
    """The byte at which a place in printed code begins."""
    lines = code.decode().split("\n")[: place.line]
    return len("\n".join([*lines[:-1], lines[-1][: place.col]]).encode())


@pytest.mark.parametrize("name", ["hooks", "self-attention", "unet", "language-model", "fork-each"])
def test_positions_are_those_of_the_live_nodes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.jit.save(ZOO[name].build(), path)
    stored, info = records(path), debug_info(path)
    model = torch.jit.load(path)
    compared = 0
    for node in iter_native_nodes(model.inlined_graph):
        said = parse_range(node.sourceRange())
        if said.traced or not said.frames or said.serialized is None:
            continue
        printed, original = said.serialized, said.frames[0]
        found = info[printed.file].find(offset_of(printed, stored[printed.file]))
        assert found is not None
        assert (found.file, found.line, found.col) == (original.file, original.line, original.col)
        compared += 1
    assert compared > 5


def test_texts_are_those_of_the_files(tmp_path: Path) -> None:
    info = debug_info(ARCHIVES["plain-pt"].build(tmp_path))
    texts = assemble_sources(piece for found in info.values() for piece in found.pieces)
    assert {Path(path).name for path in texts} == {"saved_models.py", "linear.py"}
    for path, text in texts.items():
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        stored = {at: line for at, line in enumerate(text.split("\n")) if line}
        assert stored == {at: lines[at] for at in stored}
        assert "def forward" in text


def test_traced_code_has_no_text(tmp_path: Path) -> None:
    info = debug_info(ARCHIVES["traced"].build(tmp_path))
    assert all(found.offsets and not found.pieces for found in info.values())
    assert all(found.find(found.offsets[-1]) is None for found in info.values())


def test_columns_are_characters() -> None:
    text = "def f(x):\n    return 'größer' + x\n"
    start = text.encode().index(b"x", 10)
    data = written(
        (0, (("m.py-text", "m.py", 7), 0, 3)), (9, ((text, "m.py", 7), start, start + 1))
    )
    place = read_debug_info(data).find(12)
    assert place is not None
    assert SourceFile("m.py", "\n" * 6 + text, Origin.ARCHIVE).slice(place) == "x"
    assert (place.line, place.col, place.end_col) == (8, 22, 23)


def test_a_place_holds_until_the_next_one() -> None:
    source = ("def f(x):\n    return x\n", "m.py", 1)
    info = read_debug_info(written((4, (source, 0, 3)), (8, (source, 14, 22))))
    assert info.find(3) is None
    assert info.find(4) == info.find(7) == FileRange("m.py", 1, 0, 1, 3)
    assert info.find(8) == info.find(1000) == FileRange("m.py", 2, 4, 2, 12)


def test_both_formats() -> None:
    """Before PyTorch 1.10 texts stood in full; since then they are lists of strings in a table."""
    lines = ("def f(x):\n", "    return x\n", "m.py")
    old = pickle.dumps(((5, (("".join(lines[:2]), "m.py", 3), 0, 3), 0),), protocol=2)
    new = written((5, ((IntList([0, 1]), 2, 3), 0, 3)), strings=lines)
    assert read_debug_info(old) == read_debug_info(new)
    assert read_debug_info(new).pieces == (SourcePiece("m.py", 3, "".join(lines[:2])),)


def test_pieces_of_one_file_are_put_together() -> None:
    pieces = [
        SourcePiece("m.py", 5, "def g():\n    pass\n"),
        SourcePiece("m.py", 2, "def f(): ...\n"),
    ]
    assert assemble_sources(pieces) == {"m.py": "\ndef f(): ...\n\n\ndef g():\n    pass\n"}
    assert assemble_sources([]) == {}


def test_a_hostile_record_is_refused_and_not_run(tmp_path: Path) -> None:
    path = ARCHIVES["debug-info-executes"].build(tmp_path)
    with pytest.raises(PickleError, match=r"^it names `posix\.mkdir`$"):
        debug_info(path)
    assert not written_by(path).exists()


SOURCE = ("def f(): ...\n", "m.py", 1)
MALFORMED = "its parts are not those of source positions"


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps("text", protocol=2),
        pickle.dumps(((1,),), protocol=2),
        written((0, ((1, 2), 0, 3))),
        written((0, (("text", "m.py", "1"), 0, 3))),
        written((0, (("text", "m.py", 0), 0, 3))),
        written((0, (("text", "m.py", 2_000_000), 0, 3))),
        written((0, ((5, 6, 1), 0, 3)), strings=("text",)),
        written(("0", (SOURCE, 0, 3))),  # type: ignore[arg-type]
        written((0, (SOURCE, 0, None))),  # type: ignore[arg-type]
        written((0, ((IntList([0] * 100_000), 1, 1), 0, 3)), strings=("x" * 10_000, "m.py")),
    ],
    ids=[
        "no tuple", "no place", "no source", "no line", "line 0", "line 2,000,000", "no string",
        "no offset", "no end", "one text very often",
    ],
)  # fmt: skip
def test_a_malformed_record_is_refused(data: bytes) -> None:
    with pytest.raises(PickleError, match=f"^{MALFORMED}$"):
        read_debug_info(data)


def test_texts_that_lie_absurdly_far_down_are_refused() -> None:
    pieces = [SourcePiece(f"{number}.py", 999_999, "pass\n") for number in range(5)]
    with pytest.raises(PickleError, match=r"^its texts would fill too many lines$"):
        assemble_sources(pieces)


@pytest.mark.parametrize("name", ["unet", "self-attention", "module-containers"])
def test_calls_of_functions_are_found_again(name: str, tmp_path: Path) -> None:
    """PyTorch reads such a call back without its original place; what it calls has one."""
    path = tmp_path / "model.pt"
    torch.jit.save(ZOO[name].build(), path)
    stored, info = records(path), debug_info(path)
    calls = {
        (record, *end): place
        for record, found in info.items()
        for end, place in found.find_calls(stored[record].decode()).items()
    }
    unit = torch._C.CompilationUnit()
    module = torch._C.import_ir_module(unit, str(path), None, {}, False)
    graphs = [function.graph for function in unit.get_functions()]
    graphs += [module._get_method(method).graph for method in module._method_names()]
    lost = 0
    for node in (node for graph in graphs for node in iter_native_nodes(graph)):
        said = parse_range(node.sourceRange())
        if node.kind() != "prim::CallFunction" or said.frames:
            continue
        assert said.serialized is not None
        printed = said.serialized
        called = str(node.inputsAt(0).type().annotation_str).rsplit(".", 1)[-1]
        place = calls[printed.file, printed.end_line, printed.end_col]
        line = Path(place.file).read_text(encoding="utf-8").split("\n")[place.line - 1]
        assert line[place.col : place.end_col].endswith(called)
        lost += 1
    assert lost > 0
