"""What leaves this machine does not say whose machine it was."""

import re
from pathlib import Path

import pytest
import torch

import tsviz
from tests.frontends import refused
from tests.views.made import chain, example
from tests.views.reading import iter_texts
from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.location import FileRange
from tsviz.protocol.tables import Document
from tsviz.views import document_of, share_path, share_text, title_of

HERE = Path.cwd()


@pytest.mark.parametrize(
    ("path", "shared"),
    [
        (f"{HERE}/models/net.py", "models/net.py"),
        ("/home/ann/project/net.py", "net.py"),
        ("/usr/lib/python3/site-packages/torch/nn/modules/conv.py", "torch/nn/modules/conv.py"),
        ("/usr/lib/python3/dist-packages/timm/models/vit.py", "timm/models/vit.py"),
        (r"C:\Users\ann\net.py", "net.py"),
        (r"C:\Python\Lib\site-packages\torch\nn\conv.py", "torch/nn/conv.py"),
        ("code/__torch__/net.py", "code/__torch__/net.py"),
        ("<ipython-input-3-abc>", "<ipython-input-3-abc>"),
        ("net.py", "net.py"),
    ],
)
def test_paths(path: str, shared: str):
    assert share_path(path) == shared


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ('File "/home/ann/my/net.py", line 3', 'File "net.py", line 3'),
        (f"see {HERE}/tests/x.py:12:3 and go", "see tests/x.py:12:3 and go"),
        (r"in C:\Users\ann\net.py(12): forward", "in net.py(12): forward"),
        ("(/root/a/b.py)", "(b.py)"),
        ("x / y and a/b/c", "x / y and a/b/c"),
        ("https://pytorch.org/docs/stable/jit.html", "https://pytorch.org/docs/stable/jit.html"),
        ("~/net.py and ./net.py and ../a/net.py", "~/net.py and ./net.py and ../a/net.py"),
    ],
)
def test_texts(text: str, shared: str):
    assert share_text(text) == shared


def test_titles():
    assert title_of("/a/b/net.py") == "net.py"
    assert title_of(r"C:\b\net.py") == "net.py"


def says_whose_machine(document: Document) -> list[str]:
    """Texts that name a folder of this machine; the sources themselves are the user's words."""
    sources = {"\n".join(file.text) for file in document.files}
    folders = re.compile(
        "|".join(map(re.escape, {str(Path.home()), str(HERE), "/home/", "/Users/", "/tmp/"}))
    )
    texts = (text for text in iter_texts(document) if text not in sources)
    return [text for text in texts if folders.search(text)]


@pytest.mark.parametrize("name", ["resnet-tiny", "bert-tiny", "detector"])
@pytest.mark.parametrize("via", ["script", "trace", "freeze"])
def test_shared_document_of_an_example(name: str, via: str):
    program = example(name, via)
    assert says_whose_machine(document_of(program, shared=True)) == []
    assert says_whose_machine(document_of(program)) != []


def test_shared_document_with_findings():
    """What PyTorch says about a failure is full of paths."""
    program = tsviz.capture(refused.CallsFunction().eval(), (torch.ones(2),))
    found = Diagnostic(
        "TSV-U13",
        f"failed in {refused.__file__}",
        FileRange(refused.__file__, 3),
        (f'File "{refused.__file__}", line 3',),
        f"look at {refused.__file__}",
    )
    document = document_of(program, findings=[found], shared=True)
    assert says_whose_machine(document) == []
    assert "tests/frontends/refused.py" in {file.path for file in document.files}
    assert document.diagnostics[-1].notes == ['File "tests/frontends/refused.py", line 3']


def test_only_files_that_nodes_point_at():
    program: Program = chain(["", ""])
    assert [file.path for file in document_of(program, shared=True).files] == ["model.py"]
