"""The first words of what PyTorch raises, without its frames."""

import pytest
import torch
from torch import Tensor

from tsviz.jit.compile_errors import first_words


def reshaped(x: Tensor) -> Tensor:
    y = x.view(3, 5)
    return y.relu()


@pytest.mark.parametrize(
    "compiled",
    [torch.jit.script(reshaped), torch.jit.trace(reshaped, torch.ones(15))],
    ids=["script", "trace"],
)
def test_a_run_that_fails_says_why_and_not_where(compiled: object):
    with pytest.raises(RuntimeError) as raised:
        compiled(torch.ones(2))
    assert first_words(str(raised.value)) == "shape '[3, 5]' is invalid for input of size 2"
