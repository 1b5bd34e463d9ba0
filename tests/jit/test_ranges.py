"""What `Node.sourceRange()` says, of live nodes and of those that come from an archive."""

from tsviz.jit import RangeText, parse_range
from tsviz.location import FileRange

SCRIPTED = """\
  File "/home/me/model.py", line 12
    def forward(self, x):
        y = torch.relu(x)
            ~~~~~~~~~~ <--- HERE
        return y
"""
TRACED = """\
/home/me/model.py(12): forward
/site-packages/torch/nn/modules/module.py(1768): _slow_forward
"""
PRINTED = """\
Serialized   File "code/__torch__/model.py", line 9
    x: Tensor) -> Tensor:
    y = torch.relu(x)
        ~~~~~~~~~~ <--- HERE
    return y
"""
RELU = FileRange("/home/me/model.py", 12, 12, 12, 22)
PRINTED_RELU = FileRange("code/__torch__/model.py", 9, 8, 9, 18)
STACK = (
    FileRange("/home/me/model.py", 12, function="forward"),
    FileRange("/site-packages/torch/nn/modules/module.py", 1768, function="_slow_forward"),
)


def test_live() -> None:
    assert parse_range("") == RangeText()
    assert parse_range(SCRIPTED) == RangeText((RELU,))
    assert parse_range(TRACED) == RangeText(STACK, traced=True)


def test_from_an_archive() -> None:
    assert parse_range(SCRIPTED + PRINTED) == RangeText((RELU,), PRINTED_RELU)
    assert parse_range(TRACED + PRINTED) == RangeText(STACK, PRINTED_RELU, traced=True)
    assert parse_range(PRINTED) == RangeText((), PRINTED_RELU)
    assert parse_range(f'  File "", line 0\n{PRINTED}') == RangeText((), PRINTED_RELU)


def test_from_an_archive_without_positions() -> None:
    assert parse_range(PRINTED.removeprefix("Serialized ")) == RangeText((), PRINTED_RELU)


def test_what_repeats_is_shared() -> None:
    """Links are found for equal stacks at once, which they are known by being one object."""
    one = parse_range(TRACED + PRINTED)
    other = parse_range(TRACED + PRINTED.replace("line 9", "line 10"))
    assert one.frames is other.frames


def test_several_lines_of_which_one_is_blank() -> None:
    text = """\
  File "model.py", line 3
        x = 1
        if x:
        ~~~~~
            y = 2
            ~~~~~

            return y
            ~~~~~~~~ <--- HERE
"""
    assert parse_range(text) == RangeText((FileRange("model.py", 3, 8, 6, 20),))


def test_columns_are_characters() -> None:
    text = """\
  File "model.py", line 3
        y = "größe" + torch.relu(x)
                        ~~~~~~~~~~ <--- HERE
"""
    assert parse_range(text) == RangeText((FileRange("model.py", 3, 22, 3, 32),))


def test_pattern_text_is_no_file() -> None:
    assert parse_range(SCRIPTED.replace("/home/me/model.py", "<string>")) == RangeText()
