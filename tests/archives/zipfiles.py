"""Archives are zip files; these functions change the records of one that PyTorch wrote."""

import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

Records = Iterator[tuple[str, bytes]]


def edit_records(archive: Path, edit: Callable[[str, bytes], Records]) -> None:
    """Replace every record by those that `edit(name, content)` yields for it."""
    with zipfile.ZipFile(archive) as old:
        records = [(record.filename, old.read(record)) for record in old.infolist()]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as new, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Duplicate name: ")
        for name, content in records:
            for edited in edit(name, content):
                new.writestr(*edited)


def replace_in(archive: Path, chosen: Callable[[str], bool], old: bytes, new: bytes) -> None:
    """Replace bytes in the records whose names are `chosen`; they must be there."""
    found = False

    def edit(name: str, content: bytes) -> Records:
        nonlocal found
        if chosen(name):
            found = found or old in content
            content = content.replace(old, new)
        yield name, content

    edit_records(archive, edit)
    assert found, f"no record of {archive} that was chosen holds {old!r}"


def is_own_code(name: str) -> bool:
    """Whether a record is the code of one of the models in `saved_models`.

    PyTorch numbers types of the same name: `saved_models/___torch_mangle_3.py` is one as well.
    """
    return "/saved_models" in name and name.endswith(".py")


def append_record(archive: Path, name: str, content: bytes) -> None:
    """Add a record beside those there are, below the archive's own root folder."""
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        root = file.namelist()[0].split("/")[0]
        file.writestr(f"{root}/{name}", content)
