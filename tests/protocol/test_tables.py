from hypothesis import given
from hypothesis import strategies as st

from tsviz.protocol.tables import PackedLines

LINES = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])))


@given(LINES, st.integers(0, 700))
def test_lines_come_back_as_they_were_packed(lines: list[str], more: int) -> None:
    lines += [f"%{i} : Tensor = aten::relu(%{i - 1})" for i in range(more)]
    packed = PackedLines.of(lines)
    assert list(packed) == lines
    assert packed.rows == len(lines)
    assert len(packed.blocks_at) == -(-len(lines) // packed.block_rows) + 1


def test_half_a_character_is_written_as_its_escape() -> None:
    assert list(PackedLines.of(["a\ud800b"])) == ["a\\ud800b"]
