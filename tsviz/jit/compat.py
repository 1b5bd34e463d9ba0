"""What the running Python and PyTorch can do, where their versions differ."""

import sys

from tsviz.environment import FIRST_PYTHON_WITHOUT_SCRIPT


def python_supports_script() -> bool:
    """Whether PyTorch supports its script compiler on this Python.

    From 3.14 on `torch.jit.script` warns that it is unsupported "and may break"; tracing works.
    """
    return sys.version_info[:2] < FIRST_PYTHON_WITHOUT_SCRIPT
