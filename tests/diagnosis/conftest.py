"""A shell for programs that fail in cells."""

from tests.magic.conftest import bare_shell

__all__ = ["bare_shell"]
