"""`tsviz debug TARGET`: steps a program in the terminal."""

import argparse
import sys

from tsviz.commands.programs import capture_target


def run(options: argparse.Namespace) -> bool:
    """Reads verbs from the standard input; returns whether the program failed at last."""
    import tsviz
    from tsviz.commands.debug_shell import Shell
    from tsviz.debugger import Status
    from tsviz.terminal import new_console

    program = capture_target(options.target, options)
    with tsviz.debug(program, plan=options.plan) as session:
        Shell(session, new_console(), sys.stdin).cmdloop()
        return session.state.status is Status.FAILED
