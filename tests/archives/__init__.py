"""The files that people open: good ones, broken ones, hostile ones, written anew by each test.

`ARCHIVES[name].build(folder)` writes one into a folder and returns its path.
"""

from tests.archives.hostile import written_by
from tests.archives.registry import ARCHIVES, Archive

__all__ = ["ARCHIVES", "Archive", "written_by"]
