"""`tsviz course`: notebooks are copied once, and what was written into them stays."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done

Tsviz = Callable[..., Done]
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def states(done: Done) -> dict[str, str]:
    """What became of each notebook."""
    rows = (line.split(maxsplit=1) for line in done.out.splitlines() if ".ipynb  " in line)
    return {name: state.strip() for name, state in rows}


def test_the_notebooks_are_copied_as_they_are(tsviz: Tsviz, folder: Path):
    done = tsviz("course")
    assert (done.code, done.err) == (0, "")
    assert states(done) == dict.fromkeys(NAMES, "copied")
    assert len(NAMES) == 12
    made = folder / "torchscript-course"
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        name: (NOTEBOOKS / name).read_bytes() for name in NAMES
    }
    assert done.out.splitlines()[-1] == f"jupyter lab torchscript-course/{NAMES[0]}"


def test_what_was_changed_is_kept_and_what_is_missing_comes_back(tsviz: Tsviz, folder: Path):
    assert tsviz("course", "lessons/mine").code == 0
    changed, gone = (folder / "lessons" / "mine" / name for name in NAMES[1:3])
    changed.write_text("my answers", encoding="utf-8")
    gone.unlink()
    again = tsviz("course", "lessons/mine")
    special = {changed.name: "kept: it was changed here", gone.name: "copied"}
    assert states(again) == dict.fromkeys(NAMES, "is there") | special
    assert changed.read_text(encoding="utf-8") == "my answers"
    assert gone.read_bytes() == (NOTEBOOKS / gone.name).read_bytes()


def test_a_file_is_no_folder(tsviz: Tsviz, folder: Path):
    (folder / "taken").write_text("", encoding="utf-8")
    done = tsviz("course", "taken")
    assert (done.code, done.out) == (2, "")
    assert done.err.strip() == (
        "error[TSV-L13]: expected a folder for the notebooks, got 'taken': File exists"
    )
