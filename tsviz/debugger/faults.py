"""What a program raised, in the words its author knows."""

import re

from tsviz.debugger.state import Fault
from tsviz.jit.compile_errors import first_words

_KIND = re.compile(
    r"^(?:RuntimeError: )?(?:builtins\.)?"
    r"(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit))(?::|$)",
    re.MULTILINE,
)


def read_fault(error: BaseException) -> Fault:
    """The class, message and text of what was raised.

    PyTorch raises a `RuntimeError` or a class of its own for whatever a program raises; the class
    that was meant stands in its last lines.
    """
    text = str(error).strip()
    after = text.rpartition("<--- HERE\n")[2] if "<--- HERE" in text else ""
    named = _KIND.findall(after)
    kind = named[-1] if named else type(error).__name__
    kind = "RuntimeError" if kind == "Error" else kind.rpartition(".")[2]
    return Fault(kind, first_words(text), text)
