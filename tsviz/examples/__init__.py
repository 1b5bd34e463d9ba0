"""Small real models, one lesson each, for the demo, the notebooks and the tests."""

from tsviz.examples.registry import EXAMPLES, Example, get

__all__ = ["EXAMPLES", "Example", "get"]
