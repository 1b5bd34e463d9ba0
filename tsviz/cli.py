"""The `tsviz` command.

Exit codes: 0 fine, 1 there are findings, 2 the command line is wrong or something is missing,
3 the target failed, 4 tsviz itself failed.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from tsviz import __version__
from tsviz.commands import TargetFailed
from tsviz.environment import missing_packages_named
from tsviz.errors import Diagnostic, TsvizError, UsageError
from tsviz.location import SourceFile
from tsviz.options import COMMANDS, SHOW, Command, iter_options

FINE, FINDINGS, USAGE, TARGET, INTERNAL = range(5)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: the words after `tsviz`, by default those of this process.

    Returns:
        The exit code.
    """
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:  # `tsviz show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def _run(words: list[str]) -> int:
    try:
        with missing_packages_named():
            return _dispatch(words)
    except UsageError as error:
        _complain(error.diagnostic, error.sources)
        return USAGE
    except TsvizError as error:
        _complain(error.diagnostic, error.sources)
        return TARGET
    except TargetFailed as failed:
        sys.stderr.write(failed.text)
        return TARGET
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (traceback hook: our own stack helps no user)
        from tsviz.terminal import unexpected

        _complain(unexpected(error))
        return INTERNAL


def _complain(diagnostic: Diagnostic, sources: tuple[SourceFile, ...] = ()) -> None:
    from rich.console import Console

    from tsviz.terminal import diagnostic_text

    Console(stderr=True, soft_wrap=True).print(diagnostic_text(diagnostic, sources))


def _dispatch(words: list[str]) -> int:
    if not words:
        build_parser().print_help(sys.stderr)
        return USAGE
    names = [command.name for command in COMMANDS]
    if words[0] not in (*names, "-h", "--help", "--version"):
        words = [SHOW, *words]
    options = build_parser().parse_args(words)
    run: Callable[[argparse.Namespace], bool] = import_module(
        f"tsviz.commands.{options.command}"
    ).run
    return FINDINGS if run(options) else FINE


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command, from the table of options."""
    parser = _Parser(
        prog="tsviz",
        description="See what PyTorch really runs, every node linked to its Python line. "
        "`tsviz TARGET` is short for `tsviz show TARGET`.",
        epilog="TARGET: a file (model.pt), or module:attr, module:attr.method, module:factory()",
    )
    parser.add_argument("--version", action="version", version=f"tsviz {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        _add_command(commands.add_parser(command.name, help=command.help), command)
    return parser


def _add_command(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.description = f"{command.help[0].upper()}{command.help[1:]}."
    for target in command.targets:
        parser.add_argument(target.lower(), metavar=target, help=_TARGET_HELP)
    if command.word:
        name = command.word.lower()
        parser.add_argument(name, nargs="?", metavar=command.word, help=command.word_help)
    for option in iter_options(command.name):
        if option.is_flag:
            parser.add_argument(f"--{option.name}", action="store_true", help=option.help)
        else:
            parser.add_argument(
                f"--{option.name}",
                metavar=option.metavar,
                nargs="?" if option.bare else None,
                const=option.bare or None,
                choices=None if option.several else option.choices or None,
                help=option.description,
            )


_TARGET_HELP = (
    "a file, or `module:attr[.method]` with the working folder on the import path; "
    "`module:factory()` is called first"
)


class _Parser(argparse.ArgumentParser):
    """Raises usage errors as diagnostics; knows no abbreviations, which would age badly."""

    def __init__(self, **options: str | bool) -> None:
        super().__init__(**{**options, "allow_abbrev": False})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raises `TSV-L01`."""
        raise UsageError(Diagnostic("TSV-L01", message, help=f"{self.prog} --help"))
