"""The neutral IR: data model, text, verification, comparison. Standard library only."""

from tsviz.ir.graph import (
    Attribute,
    Block,
    Graph,
    Node,
    Opaque,
    SubgraphRef,
    TensorRef,
    Use,
    Value,
    fresh_id,
    iter_block,
)
from tsviz.ir.parser import Reading, comment_place, read_graph
from tsviz.ir.printer import Listing, list_graph, render_graph
from tsviz.ir.types import TensorFacts, Type, intern_type

__all__ = [
    "Attribute",
    "Block",
    "Graph",
    "Listing",
    "Node",
    "Opaque",
    "Reading",
    "SubgraphRef",
    "TensorFacts",
    "TensorRef",
    "Type",
    "Use",
    "Value",
    "comment_place",
    "fresh_id",
    "intern_type",
    "iter_block",
    "list_graph",
    "read_graph",
    "render_graph",
]
