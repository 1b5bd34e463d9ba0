"""The wire between kernel and browser. Standard library only."""

from tsviz.protocol.columns import Column, encode
from tsviz.protocol.messages import PROTOCOL, REQUESTS
from tsviz.protocol.tables import Document

__all__ = ["PROTOCOL", "REQUESTS", "Column", "Document", "encode"]
