"""A running kernel "Python 3 (tsdebug)"."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.asking import Asked


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder: Path = tmp_path_factory.mktemp("kernel")
    with Asked.started(folder) as asked:
        yield asked
