"""The executor's log: all of it is read, none of it leaks, and nothing else is lost."""

import os

import pytest
import torch

from tsviz.jit.executor_log import EXECUTOR, LEGACY, executor_log


@torch.jit.script
def looped(x: torch.Tensor, n: int) -> torch.Tensor:
    for _ in range(n):
        x = torch.tanh(x) + x * 2
    return x.relu()


@torch.jit.script
def squashed(x: torch.Tensor) -> torch.Tensor:
    """For one test only: a function keeps the executor that it first ran in."""
    return torch.tanh(x * 2) + torch.sigmoid(x)


def test_graphs_are_read_and_other_words_pass(capfd: pytest.CaptureFixture[str]):
    looped._debug_flush_compilation_cache()
    with torch.no_grad(), executor_log(EXECUTOR) as log:
        os.write(2, b"a word of somebody else\nand [DEBUG] one\n")
        for _ in range(2):
            looped(torch.ones(2), 3)
    assert capfd.readouterr().err == "a word of somebody else\nand [DEBUG] one\n"
    dumps = log.dumps()
    titles = [dump.title for dump in dumps]
    assert titles[0] == "Before inlining (beginning of runProfilingInsensitiveOptimizations)"
    assert titles[-1] == "Optimized Graph:"
    assert "After EliminateDeadCode" in titles  # whose line PyTorch forgets to end
    assert {dump.around for dump in dumps} == {()}
    assert dumps[-1].text.strip() == str(torch._C._last_executed_optimized_graph()).strip()


def test_everything_is_put_back_after_an_error(capfd: pytest.CaptureFixture[str]):
    before = torch._C._jit_get_logging_option()
    with pytest.raises(KeyboardInterrupt), executor_log(EXECUTOR):
        raise KeyboardInterrupt
    assert torch._C._jit_get_logging_option() == before
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_executors_inside_a_plan_stand_apart():
    """With gradients, what is differentiated is compiled by executors of its own."""
    looped._debug_flush_compilation_cache()
    x = torch.ones(2, requires_grad=True)
    with executor_log(EXECUTOR) as log:
        for _ in range(3):
            looped(x, 3).sum().backward()
    dumps = log.dumps()
    main = dumps[0].executor
    inner = {dump.executor for dump in dumps if dump.around == (main,)}
    assert inner
    assert main not in inner


def test_sections_of_the_legacy_executor_are_numbered():
    """It says nowhere which executor is at work; what is differentiated stands inside."""
    before = torch._C._jit_set_profiling_executor(False)
    try:
        with executor_log(LEGACY) as log:
            squashed(torch.ones(2, requires_grad=True))
    finally:
        torch._C._jit_set_profiling_executor(before)
    dumps = log.dumps()
    main = dumps[0].executor
    assert dumps[0].title == "Optimizing the following function:"
    assert (dumps[-1].title, dumps[-1].executor) == ("After compileSpec optimizations:", main)
    inner = {dump.executor for dump in dumps if dump.around == (main,)}
    assert inner
    assert {dump.executor for dump in dumps} == {main, *inner}
