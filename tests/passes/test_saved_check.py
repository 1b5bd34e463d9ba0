"""What was frozen or optimised is saved, loaded and compared with itself and the program."""

import pytest
import torch
from torch import nn

import tsviz
from tests.passes.test_blame import Small, small
from tsviz.errors import PassError, UsageError
from tsviz.passes import run_passes


def test_frozen():
    check = run_passes(small(), pipeline="freeze").check_saved()
    assert check.is_same
    assert check.made is not None
    assert check.saved is not None
    assert check.saved.absolute == 0
    assert check.whole == check.made
    assert repr(check) == "<SavedCheck: the same>"


class Plain(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x) + 1


def test_optimised():
    program = tsviz.capture(Plain().eval(), (torch.randn(3),), via="script")
    assert run_passes(program, pipeline="optimize").check_saved().is_same


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="PyTorch without MKL-DNN")
def test_what_pytorch_cannot_save_is_a_verdict():
    check = run_passes(small(), pipeline="optimize").check_saved()
    assert not check.is_same
    assert check.made is not None
    assert not check.made.beyond
    assert (check.saved, check.whole) == (None, None)
    assert check.reason == (
        "it cannot be saved, because it holds 2 constants in MKL-DNN's own layout "
        "(PyTorch said: RuntimeError: required keyword attribute 'value' is undefined)"
    )


def test_the_tolerance_counts():
    trace = run_passes(small(), pipeline="freeze")
    found = trace.check_saved(rtol=0, atol=0)
    assert found.made is not None
    assert found.is_same == (found.made.absolute == 0)


def test_random_numbers_and_inputs_are_the_same_in_every_run():
    class Drops(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.add_(torch.rand_like(x))

    x = torch.ones(8)
    program = tsviz.capture(Drops().eval(), (x,), via="script")
    assert run_passes(program, pipeline="freeze").check_saved().is_same
    assert torch.equal(x, torch.ones(8))


def test_what_is_no_frozen_trace():
    with pytest.raises(UsageError) as raised:
        run_passes(small(), pipeline=["cse"]).check_saved()
    assert str(raised.value) == (
        "error[TSV-S22]: expected a trace of `freeze` or `optimize`, got one of `own`\n"
        '  help: run_passes(program, pipeline="freeze").check_saved()'
    )
    untried = tsviz.capture(Small().eval(), via="script")
    with pytest.raises(UsageError, match="TSV-S11"):
        run_passes(untried, pipeline="freeze").check_saved()
    with pytest.raises(PassError, match="TSV-S06"):
        run_passes(untried, pipeline="freeze").check_saved((torch.randn(2, 5),))
