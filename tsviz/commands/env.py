"""`tsviz env`: what is installed where, and what is missing."""

import argparse

from rich.console import Console

from tsviz.environment import read_environment
from tsviz.terminal import environment_page


def run(_: argparse.Namespace) -> bool:
    """Prints the page; returns whether something is wrong."""
    environment = read_environment()
    Console().print(environment_page(environment), highlight=False)
    return any(environment.iter_findings())
