"""From TARGET and the options of a subcommand to a program.

The child that reads an archive takes longest, to import PyTorch. So it is started before anything
else, and what this process needs is imported meanwhile.
"""

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tsviz.jit.isolate import ARCHIVE_READER, started_ahead

if TYPE_CHECKING:
    from tsviz.frontends import Program


def reader_started(target: str, options: argparse.Namespace) -> AbstractContextManager[None]:
    """Has the child that TARGET needs, if it needs one, start to import now."""
    path = Path(target).expanduser()
    is_for_child = path.is_file() and path.suffix != ".tsviz" and not options.trust
    return started_ahead(ARCHIVE_READER) if is_for_child else nullcontext()


def capture_target(target: str, options: argparse.Namespace) -> "Program":
    """The program that TARGET stands for, captured as the options say."""
    from tsviz.capturing import Wish, get_program
    from tsviz.commands.targets import find_target, read_arguments

    found = find_target(target)
    args, kwargs = read_arguments(options.args, options.kwargs, found.names)
    passes = bool(getattr(options, "passes", None))  # only `show` has it
    wish = Wish(options.via or "auto", options.method or "", options.trust, passes)
    return get_program(found.value, wish, args, kwargs)
