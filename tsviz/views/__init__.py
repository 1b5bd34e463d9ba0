"""IR → what a face shows."""

from tsviz.views import facts
from tsviz.views.containers import (
    Container,
    ContainerTree,
    Kind,
    Role,
    build_containers,
    role_of,
)
from tsviz.views.document import diagnostic_payload, document_of, share_path, title_of

__all__ = [
    "Container",
    "ContainerTree",
    "Kind",
    "Role",
    "build_containers",
    "diagnostic_payload",
    "document_of",
    "facts",
    "role_of",
    "share_path",
    "title_of",
]
