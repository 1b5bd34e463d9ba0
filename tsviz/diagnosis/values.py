"""The types of what stands in the source as a literal."""

import ast

from tsviz.diagnosis.seen import Seen, see


def default_type(node: ast.expr | None) -> Seen | None:
    """The type of a default, `None` where there is none or it is no literal."""
    if node is None:
        return None
    try:
        return see(ast.literal_eval(node))
    except ValueError:
        return None
