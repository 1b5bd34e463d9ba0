"""IR → what a face shows."""

from tsviz.views import facts
from tsviz.views.containers import ContainerTree, build_containers
from tsviz.views.document import document_of, package_versions
from tsviz.views.places import file_payload, title_of
from tsviz.views.reports import diagnostic_payload
from tsviz.views.sharing import share_path, share_text
from tsviz.views.tree import Container, Kind, Role, role_of

__all__ = [
    "Container",
    "ContainerTree",
    "Kind",
    "Role",
    "build_containers",
    "diagnostic_payload",
    "document_of",
    "facts",
    "file_payload",
    "package_versions",
    "role_of",
    "share_path",
    "share_text",
    "title_of",
]
