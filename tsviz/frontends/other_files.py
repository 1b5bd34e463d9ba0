"""What a file is that is no archive of TorchScript, so that the user can be told what to do.

People have weights, pickled models, exported programs and more under the suffix `.pt`. They are
told apart by their first bytes and by pickles read as data; nothing is unpickled.
"""

from pathlib import Path
from typing import NoReturn

from tsviz.errors import ArchiveError
from tsviz.frontends.stored_tensors import find_tensors
from tsviz.frontends.zip_directory import MOST_TEXT, Directory, archive_error
from tsviz.jit.pickles import Built, Entries, Global, Persistent, Pickled, PickleError, read_pickle

_LEGACY = bytes.fromhex("80028a0a6cfc9c46f9206aa85019")
"""How files of `torch.save` began before PyTorch 1.6: a number, as a pickle of its own."""
_PICKLE = b"\x80"
_FLATBUFFER = b"PTMF"
_OWN_MODULES = ("torch", "collections", "builtins", "__builtin__", "_codecs")
_CAPTURE = "build the model in Python, load the weights into it, then tsviz.capture(model, …)"
_UNPICKLE = "if you trust it: tsviz.capture(torch.load(path, weights_only=False), …)"
_EXPORT = "tsviz reads TorchScript: write the model with torch.jit.save"


def refuse_other_file(path: Path) -> NoReturn:
    """Says what a file is that is no zip file.

    Raises:
        ArchiveError: `TSV-A04` nothing of PyTorch's; `TSV-A09` weights alone; `TSV-A10` another
            pickle; `TSV-A11` a format that tsviz does not read.
    """
    with path.open("rb") as file:
        start = file.read(MOST_TEXT)
    if start.startswith(_PICKLE):
        raise _pickle_error(path, start)
    if start[4:8] == _FLATBUFFER:
        raise _unread(path, "a FlatBuffer for the lite interpreter", "which holds no code")
    message = f"expected a TorchScript archive, `{path}` is neither a zip file nor a pickle"
    raise archive_error("TSV-A04", message, f"it begins with {start[:16]!r}")


def refuse_other_zip(directory: Directory) -> NoReturn:
    """Says what a zip file is that is no archive of TorchScript.

    Raises:
        ArchiveError: as `refuse_other_file`.
    """
    path, names = directory.path, directory.records
    if "archive_format" in names:
        raise _unread(path, "a program of torch.export", "which is no TorchScript")
    if "model.json" in names:
        raise _unread(path, "an archive of PyTorch 1.2 or older", "whose code cannot be checked")
    if "bytecode.pkl" in names:
        raise _unread(path, "an archive for the lite interpreter", "without the code it came from")
    if "data.pkl" in names:
        raise _pickle_error(path, directory.read("data.pkl"))
    some = ", ".join(sorted(names)[:5])
    message = f"expected a TorchScript archive, `{path}` is another zip file"
    raise archive_error("TSV-A04", message, f"it holds {some}")


def _unread(path: Path, kind: str, reason: str) -> ArchiveError:
    message = f"expected a TorchScript archive, `{path}` is {kind}, {reason}"
    return archive_error("TSV-A11", message, help=_EXPORT)


def _pickle_error(path: Path, data: bytes) -> ArchiveError:
    try:
        pickled = _read_last(data)
    except PickleError as error:
        note = f"it could not be looked into: {error}"
        return _no_weights(path, "a pickle", note)
    notes = _strangers(pickled)
    tensors = find_tensors(pickled.root)
    if tensors and _is_dictionary(pickled.root) and not notes:
        names = ", ".join(tensor.name for tensor in tensors[:5])
        more = ", …" if len(tensors) > 5 else ""
        message = f"expected a TorchScript archive, `{path}` holds weights and no model"
        note = f"it holds {len(tensors)} tensors: {names}{more}"
        return archive_error("TSV-A09", message, note, help=_CAPTURE)
    return _no_weights(path, f"a pickled {_title(pickled.root)}", *notes)


def _no_weights(path: Path, what: str, *notes: str) -> ArchiveError:
    message = f"expected a TorchScript archive, `{path}` holds {what}"
    safe = "it was not unpickled, which would run whatever code it names"
    return archive_error("TSV-A10", message, safe, *notes, help=_UNPICKLE)


def _read_last(data: bytes) -> Pickled:
    """The pickle with the object: the only one, or in an old file the fourth."""
    at = 0
    for _ in range(3 if data.startswith(_LEGACY) else 0):
        at = read_pickle(data, at).end
    return read_pickle(data, at)


def _strangers(pickled: Pickled) -> tuple[str, ...]:
    names = [str(name) for name in pickled.names if name.module.split(".")[0] not in _OWN_MODULES]
    return (f"it names {', '.join(names[:5])}",) if names else ()


def _is_dictionary(root: object) -> bool:
    ordered = isinstance(root, Built) and str(root.maker) == "collections.OrderedDict"
    return ordered or isinstance(root, Entries)


def _title(root: object) -> str:
    maker = root.maker if isinstance(root, Built) else None
    if isinstance(maker, Persistent):  # the class, kept with its source in old files
        maker = next((part for part in maker.parts if isinstance(part, Global)), None)
    return f"`{maker}`" if isinstance(maker, Global) else "object"
