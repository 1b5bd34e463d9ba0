"""Changes of a text, and the way back: the same characters stand where the change left them."""

from hypothesis import given
from hypothesis import strategies as st

from tsviz.diagnosis.patches import Change, offset_of, patch, position_of
from tsviz.location import FileRange

TEXT = st.text(alphabet="ab\né ", max_size=40)


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, list[Change]]:
    """A text with changes at any places, which may overlap."""
    text = draw(TEXT)
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        (line, col), (end_line, end_col) = position_of(text, start), position_of(text, end)
        place = FileRange("f", line, col, end_line, end_col)
        changes.append(Change(place, draw(st.text(alphabet="xy\n", max_size=3))))
    return text, changes


@given(TEXT, st.integers(0, 40))
def test_offsets_and_positions(text: str, at: int):
    at = min(at, len(text))
    assert offset_of(text, *position_of(text, at)) == at


@given(changed())
def test_what_is_kept_leads_back_to_itself(case: tuple[str, list[Change]]):
    text, changes = case
    patched = patch(text, changes)
    assert set(patched.made) <= set(changes)
    for at, char in enumerate(patched.text):
        if char in "xy\n":  # also what changes bring
            continue
        (line, col), (end_line, end_col) = (position_of(patched.text, n) for n in (at, at + 1))
        place = patched.original(FileRange("copy", line, col, end_line, end_col), "f")
        assert text[offset_of(text, place.line, place.col)] == char


@given(TEXT)
def test_no_change(text: str):
    assert patch(text, []).text == text
