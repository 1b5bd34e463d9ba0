"""`tsviz passes [NAME]`: PyTorch's passes as a table, or the lesson on one."""

import argparse

from tsviz.lesson_page import catalog_page, lesson_page
from tsviz.passes import catalog, lesson
from tsviz.terminal import new_console


def run(options: argparse.Namespace) -> bool:
    """Prints the table or the lesson; finds nothing wrong."""
    page = catalog_page(catalog) if options.name is None else lesson_page(lesson(options.name))
    new_console().print(page, highlight=False)
    return False
