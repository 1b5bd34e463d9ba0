"""What `torch.jit.load`, `save` and `freeze` say."""

from tsviz.frontends.failures.message import Message

LOADING = (
    Message(
        "no-file",
        r"The provided filename (?P<path>[^\n]+) does not exist",
        "there is no file `{path}`",
        "check the path: it counts from where Python was started",
    ),
    Message(
        "folder",
        r"The provided filename (?P<path>[^\n]+) is a directory",
        "`{path}` is a folder, not a file",
        "name the file in it",
    ),
    Message(
        "no-archive",
        r"failed reading zip archive: not a ZIP archive",
        "the file is no TorchScript archive: those are zip files",
        "check that it was written by `torch.jit.save`, and arrived whole",
    ),
    Message(
        "cut-archive",
        r"failed reading zip archive: failed finding central directory",
        "the archive is cut off or damaged: its directory, at the end of the file, is missing",
        "copy or download it again",
    ),
    Message(
        "weights-only-file",
        r"failed locating file constants\.pkl",
        "the file holds no compiled code; one with weights only (`state_dict`) looks like this",
        "load it with `torch.load` and `model.load_state_dict`",
    ),
    Message(
        "unknown-operator",
        r"Unknown builtin op: (?P<op>[\w:.]+?)\.?(?:\n|$)",
        "the archive calls `{op}`, which nothing here has registered",
        "import the package that registers it before loading",
    ),
    Message(
        "archive-device",
        r"Attempting to deserialize object on a CUDA device",
        "the archive's tensors were on a CUDA device, and this machine has none",
        "torch.jit.load(path, map_location='cpu')",
    ),
    Message(
        "archive-for-torch-load",
        r"with TorchScript archives passed to ``?torch\.load",
        "this is a TorchScript archive, and `torch.load` was asked to read it as weights",
        "use `torch.jit.load`, if you trust whoever made the file: loading can run code",
    ),
    Message(
        "newer-archive",
        r"file with version (?P<a>\d+), but the maximum .*? is (?P<b>\d+)",
        "the archive has format {a}, this PyTorch reads up to {b}",
        "update PyTorch to the version that wrote it, or a later one",
    ),
)

SAVING = (
    Message(
        "no-folder",
        r"Parent directory (?P<path>[^\n]+) does not exist",
        "there is no folder `{path}`",
        "make it first: `Path(…).mkdir(parents=True)`",
    ),
    Message(
        "python-call",
        r"Could not export Python function call '(?P<name>[^']+)'",
        "`{name}` stays Python (`@torch.jit.ignore`), and an archive holds no Python",
        "mark it `@torch.jit.unused` if saved models never call it, or make it compile",
    ),
    Message(
        "pickled-module",
        r"Tried to serialize object (?P<name>[\w.]+) which does not have a __getstate__",
        "a compiled module cannot be pickled, which is how `torch.save` and `multiprocessing` take "
        "it",
        "use `torch.jit.save`, and `torch.jit.load` on the other side",
    ),
    Message(
        "not-compiled",
        r"'(?P<kind>\w+)' object has no attribute 'save'",
        "`{kind}` is a Python module, and `torch.jit.save` takes compiled ones",
        "compile it first: torch.jit.script(model).save(path)",
    ),
)

FREEZING = (
    Message(
        "train-mode",
        r"Freezing is currently only implemented for modules in eval mode",
        "the module is in train mode, and only one in eval mode can be frozen",
        "call `model.eval()` before",
    ),
    Message(
        "freeze-python",
        r"Freezing expects a ScriptModule as input",
        "this is a Python module, and only a compiled one can be frozen",
        "compile it first: torch.jit.freeze(torch.jit.script(model.eval()))",
    ),
)
