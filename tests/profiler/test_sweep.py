"""`sweep` and `throughput`: what they measure, what they refuse, and that settings come back."""

import re
import signal
from collections.abc import Callable

import pytest
import torch
from torch import nn

from tests.profiler.models import Baked, Counted, Fails, Inner, Two
from tsviz.errors import PassError, UsageError
from tsviz.frontends import Inputs
from tsviz.profiler import Sweep, sweep, throughput
from tsviz.profiler.resizing import resized, size_of


def refused(call: Callable[[], object]) -> str:
    with pytest.raises((UsageError, PassError)) as raised:
        call()
    return raised.value.diagnostic.render()


def small(**options: object) -> Sweep:
    return sweep(Inner(), (torch.ones(2, 3),), runs=2, **options)  # type: ignore[arg-type]


# ── sweeps ──────────────────────────────────────────────────────────────────────────────────────


def test_each_point_has_a_profile_of_its_size():
    before = torch.get_num_threads()
    found = small(batch_sizes=(1, 5), threads=(1, 2))
    assert [(p.batch_size, p.threads) for p in found.points] == [(1, 1), (5, 1), (1, 2), (5, 2)]
    for point in found.points:
        assert point.profile is not None
        shapes = {shape for s in point.profile.samples.values() for shape in s.inputs or ()}
        assert f"f32[{point.batch_size}, 3]" in shapes
        assert f"{point.threads} thread" in point.profile.conditions
        assert point.per_second == point.batch_size / point.profile.plain.median * 1e9
    assert torch.get_num_threads() == before
    assert found.find(5, 2) is found.points[3]
    assert found.find(7) is None


def test_rows_repeat_those_that_were_given():
    given = Inputs((torch.tensor([[1.0], [2.0]]), 3), {"y": torch.tensor([[5.0, 6.0]])})
    made = resized(given, {0: 0, "y": 1}, 5)
    assert made.args[1] == 3
    assert [x.flatten().tolist() for x in (made.args[0], made.kwargs["y"])] == [
        [1.0, 2.0, 1.0, 2.0, 1.0],
        [5.0, 6.0, 5.0, 6.0, 5.0],
    ]
    assert size_of(given, {0: 0, "y": 1}) == 2


def test_only_what_is_named_is_resized():
    table, rows = torch.ones(7, 3), torch.ones(2, 3)
    found = sweep(Two(), (table, rows), dims={1: 0}, batch_sizes=(4,), runs=1)
    (point,) = found.points
    assert point.profile is not None
    shapes = {shape for s in point.profile.samples.values() for shape in s.inputs or ()}
    assert {"f32[7, 3]", "f32[4, 3]"} <= shapes


def test_a_trace_that_keeps_its_size_says_so():
    found = sweep(Baked(), (torch.ones(3, 2),), batch_sizes=(3, 4), via="trace", runs=1)
    kept, other = found.points
    assert kept.failure is None
    assert other.profile is None
    assert other.per_second is None
    assert other.failure is not None
    assert other.failure.code == "TSV-S01"
    assert "batch size 4, " in str(found)
    assert list(found.to_dataframe()["run_ms"].isna()) == [False, True]


def test_the_table_and_the_page_of_a_sweep():
    found = small(batch_sizes=(1, 2))
    assert list(found.to_dataframe().columns) == [
        *("batch_size", "threads", "run_ms", "quartile_1_ms", "quartile_3_ms", "example_ms"),
        *("examples_per_s", "failure"),
    ]
    lines = str(found).split("\n")
    assert lines[0] == "Inner.forward · script"
    assert re.split(r" {2,}", lines[2]) == [
        *("batch size", "threads", "a run", "an example", "examples/s")
    ]
    assert len(lines) == 6


def test_progress_of_a_sweep_counts_all_points():
    told: list[tuple[int, int, str]] = []
    threads = torch.get_num_threads()
    many = f"{threads} thread{'s' * (threads > 1)}"
    sweep(
        Inner(),
        (torch.ones(2),),
        batch_sizes=(1, 2),
        runs=1,
        progress=lambda *row: told.append(row),
    )
    assert told[0] == (0, 4, f"batch size 1, {many}: warming up: run 1")
    assert told[-1] == (4, 4, f"batch size 2, {many}: reading shapes")


def test_an_interrupted_sweep_keeps_its_points(interruptible: None):
    def stop(done: int, total: int, words: str) -> None:
        if words.startswith("batch size 2"):
            signal.raise_signal(signal.SIGINT)

    before = torch.get_num_threads()
    found = small(batch_sizes=(1, 2, 4), threads=(1,), progress=stop)
    assert [point.batch_size for point in found.points] == [1]
    assert found.is_interrupted
    assert "stopped before all was measured" in str(found)
    assert torch.get_num_threads() == before


def test_an_interrupted_point_ends_the_sweep(interruptible: None):
    def stop(done: int, total: int, words: str) -> None:
        if words.endswith("measuring") and done == 2:
            signal.raise_signal(signal.SIGINT)

    found = small(batch_sizes=(1, 2), progress=stop)
    assert [point.batch_size for point in found.points] == [1]
    assert found.is_interrupted


def test_wrong_numbers():
    assert refused(lambda: small(batch_sizes=())) == (
        "error[TSV-T20]: expected `batch_sizes` to be whole numbers from 1 on, got ()"
    )
    assert refused(lambda: small(threads=(0,))) == (
        "error[TSV-T20]: expected `threads` to be whole numbers from 1 on, got (0,)"
    )


def test_arguments_that_are_not_there():
    assert refused(lambda: small(dims={"mask": 0})) == (
        "error[TSV-T21]: expected `dims` to name arguments, which are 0, got 'mask'"
    )


HELP = "\n  help: name the arguments that hold the batch, as in `dims={0: 0}`"


def test_no_batch_size():
    assert refused(lambda: small(dims=2)) == (
        "error[TSV-T22]: expected dimension 2 in `0`, got a tensor of shape [2, 3]" + HELP
    )
    assert refused(lambda: sweep(Two(), (torch.ones(7, 3), torch.ones(2, 3)))) == (
        "error[TSV-T22]: expected one batch size, found 7 in `0` and 2 in `1`" + HELP
    )
    assert refused(lambda: small(dims={})) == (
        "error[TSV-T22]: expected a tensor whose size is that of the batch, found none" + HELP
    )


# ── throughput ──────────────────────────────────────────────────────────────────────────────────


def test_every_variant_has_its_rates():
    before = torch.get_num_threads()
    found = throughput(Inner(), (torch.ones(2),), threads=(1, 2), repetitions=2)
    kinds = [(rate.variant, rate.threads, rate.is_beside_python) for rate in found.rates]
    each = [(1, False), (2, False), (1, True)]
    assert kinds == [(variant, *one) for variant in ("eager", "script") for one in each]
    assert all(len(rate.times.values) == 2 for rate in found.rates)
    assert all(rate.per_second.median > 0 for rate in found.rates)
    assert (found.repetitions, found.op_threads) == (2, 1)
    assert torch.get_num_threads() == before


def test_every_call_is_made_with_the_callers_grad_mode():
    seen: list[bool] = []
    model = Counted(lambda _: seen.append(torch.is_grad_enabled()))
    with torch.no_grad():
        found = throughput(model, (torch.ones(2),), threads=(2,), via="trace", repetitions=1)
    eager = [rate for rate in found.rates if rate.variant == "eager"]
    warm_up, traced = 4, 1
    assert len(seen) >= warm_up + traced + sum(rate.calls * rate.threads for rate in eager)
    assert set(seen) == {False}


def test_what_came_compiled_has_no_python_code():
    model = torch.jit.script(Inner())
    found = throughput(model, (torch.ones(2),), threads=(1,), repetitions=1)
    assert {rate.variant for rate in found.rates} == {"script"}


def test_the_table_and_the_page_of_a_throughput():
    found = throughput(Inner(), (torch.ones(2),), threads=(1, 2), repetitions=1)
    table = found.to_dataframe()
    assert list(table.columns) == [
        *("variant", "threads", "beside_python", "calls_per_s", "quartile_1", "quartile_3"),
        "times_one_thread",
    ]
    assert list(table["times_one_thread"])[::3] == [1.0, 1.0]
    lines = str(found).split("\n")
    assert lines[0].startswith("Inner.forward · 1 thread an op, ")
    assert [line.split()[0] for line in lines[3:9]] == ["eager"] * 3 + ["script"] * 3


def test_a_model_that_fails_in_a_thread():
    text = refused(lambda: throughput(Fails(at=6), (torch.ones(2),), threads=(1,), via="script"))
    assert text.startswith(
        "error[TSV-T23]: a call of the variant `script` failed: the code raises ValueError: "
        "enough\n"
    )


def test_a_model_that_fails_at_once():
    text = refused(lambda: throughput(Fails(at=1), (torch.ones(2),), threads=(1,), via="script"))
    assert text.startswith(
        "error[TSV-T23]: a call of the variant `eager` failed: the code raises ValueError: enough\n"
    )


def test_an_interrupt_keeps_complete_repetitions(interruptible: None):
    def stop(done: int, total: int, words: str) -> None:
        if done == 5:
            signal.raise_signal(signal.SIGINT)

    found = throughput(Inner(), (torch.ones(2),), threads=(1,), repetitions=5, progress=stop)
    assert (found.repetitions, found.is_interrupted) == (1, True)
    assert {len(rate.times.values) for rate in found.rates} == {1}
    assert "stopped before all was measured" in str(found)


def test_nothing_of_the_users_changes():
    model = nn.BatchNorm1d(3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.randn(4, 3)
    state = torch.random.get_rng_state()
    throughput(model, (x,), threads=(1,), repetitions=1)
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert torch.random.get_rng_state().equal(state)
