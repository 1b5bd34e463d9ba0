"""`tsviz env`: what is installed where, and what is missing."""

import argparse

from tsviz.environment import read_environment
from tsviz.terminal import environment_page, new_console


def run(_: argparse.Namespace) -> bool:
    """Prints the page; returns whether something is wrong."""
    environment = read_environment()
    new_console().print(environment_page(environment), highlight=False)
    return any(environment.iter_findings())
