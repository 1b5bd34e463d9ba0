"""The neutral IR: data model, text, verification, comparison. Standard library only."""

from tsviz.ir.diff import Change, Edit, GraphDiff, diff_graphs, hash_graph, iter_defined
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
    rewrite_block,
)
from tsviz.ir.matching import adopt_ids, match_nodes
from tsviz.ir.near import settle_near
from tsviz.ir.parser import Reading, comment_place, read_graph
from tsviz.ir.printer import Listing, list_graph, render_graph
from tsviz.ir.record import GraphRecord, check_record, graph_of_record, record_graph
from tsviz.ir.session_file import SavedProgram, read_session, write_session
from tsviz.ir.types import TensorFacts, Type, intern_type
from tsviz.ir.verify import iter_faults

__all__ = [
    "Attribute",
    "Block",
    "Change",
    "Edit",
    "Graph",
    "GraphDiff",
    "GraphRecord",
    "Listing",
    "Node",
    "Opaque",
    "Reading",
    "SavedProgram",
    "SubgraphRef",
    "TensorFacts",
    "TensorRef",
    "Type",
    "Use",
    "Value",
    "adopt_ids",
    "check_record",
    "comment_place",
    "diff_graphs",
    "fresh_id",
    "graph_of_record",
    "hash_graph",
    "intern_type",
    "iter_block",
    "iter_defined",
    "iter_faults",
    "list_graph",
    "match_nodes",
    "read_graph",
    "read_session",
    "record_graph",
    "render_graph",
    "rewrite_block",
    "settle_near",
    "write_session",
]
