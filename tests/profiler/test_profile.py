"""`tsviz.profile`: counts are exact, sums are equal, and nothing of the user's changes."""

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.profiler.models import (
    Fails,
    Forks,
    Gains,
    Inner,
    Nothing,
    Outer,
    Planted,
    Random,
    Recursive,
)
from tsviz.errors import CaptureError, PassError, UsageError
from tsviz.examples import EXAMPLES
from tsviz.ir import Graph
from tsviz.jit import recording
from tsviz.jit.profiling import Meter
from tsviz.jit.sampling import Op, Sampling, with_tags
from tsviz.profiler import Profile, Sample, measure, profile
from tsviz.profiler.building import Measured, build_samples

RUNS = 10


def only(found: Profile, op: str) -> Sample:
    """The one sample of an op that ran."""
    (sample,) = [s for s in found.samples.values() if s.op == op and s.calls]
    return sample


@pytest.fixture(scope="module")
def planted() -> Iterator[Profile]:
    with torch.no_grad():
        yield profile(Planted().eval(), (torch.randn(8, 64),), runs=RUNS, nodes="all")


def test_a_branch_that_is_taken_in_one_call_of_ten(planted: Profile):
    taken = [s.taken for s in planted.samples.values() if s.taken and s.calls == RUNS]
    assert (1, 9) in taken
    tanh = only(planted, "aten::tanh")
    assert tanh.calls == 1
    assert tanh.self_ns is not None
    assert [time > 0 for time in tanh.self_ns].count(True) == 1


def test_a_loop_of_varying_length(planted: Profile):
    cosines = [s for s in planted.samples.values() if s.op == "aten::cos" and s.calls]
    assert sum(s.calls or 0 for s in cosines) == sum(n % 10 for n in range(1, 11))
    bodies = [s.iterations for s in planted.samples.values() if s.iterations]
    assert bodies


def test_the_op_that_sleeps_is_found(planted: Profile):
    asleep = only(planted, "tsviz_planted::sleep")
    assert asleep.calls == RUNS
    assert all(time >= 2_000_000 for time in asleep.self_ns or ())


def test_the_large_product_is_four_fifths_of_the_work(planted: Profile):
    large, small = (s for s in planted.samples.values() if s.op == "aten::linear")
    assert (large.flops, small.flops) == (2 * 8 * 64 * 64, 2 * 8 * 64 * 16)
    assert large.inputs == ("f32[8, 64]", "f32[64, 64]", "")
    assert large.outputs == ("f32[8, 64]",)
    assert large.bytes_moved == 4 * (8 * 64 + 64 * 64 + 8 * 64)
    assert large.bytes_allocated == 4 * 8 * 64


def test_all_of_the_time_is_accounted_for(planted: Profile):
    sums = planted.accounting
    assert sums.attributed == sums.ops
    assert sums.unattributed == {}
    assert sums.wall == sum(planted.profiled.values)
    assert sums.interpreter + sums.busy == sums.wall
    assert [(check.differ, check.agree > 0) for check in planted.checks] == [((), True)] * 2


def test_marks_time_every_node(planted: Profile):
    branch = next(s for s in planted.samples.values() if s.taken == (1, 9))
    assert branch.self_ns is None
    assert branch.marked_ns is not None
    assert branch.marked_self_ns is not None
    assert branch.marked_ns > branch.marked_self_ns
    assert planted.marked is not None
    assert len(planted.marked.values) == RUNS


def test_sums_by_node_line_and_module_are_equal(planted: Profile):
    whole = planted.accounting.attributed
    frames = planted.by_node(), planted.by_node(plan=False), planted.by_line(), planted.by_module()
    assert [int(frame["cpu_ns"].sum()) for frame in frames] == [whole] * 4
    assert int(planted.by_module()["total_ns"].max()) == whole
    assert planted.by_line().index.names == ["file", "line"]


def test_lines_are_the_users(planted: Profile):
    code = set(planted.by_line()["code"])
    assert {"y = torch.tanh(y)", "y = torch.cos(y)", "y = self.large(x)"} <= code
    assert {"large", "small", ""} == set(planted.by_module().index)


def test_unrolled_copies_and_forks_are_told_apart():
    with torch.no_grad():
        found = profile(Outer().eval(), (torch.randn(4, 4),), runs=3)
    adds = [s for s in found.samples.values() if s.op == "aten::add" and s.calls]
    assert [s.calls for s in adds] == [3] * 3
    assert all(s.self_ns is not None and not s.is_shared for s in adds)
    assert found.accounting.attributed == found.accounting.ops
    assert found.accounting.shared == 0
    lines = found.by_line().set_index("code")
    assert lines.loc["y = y + step", "calls"] == 2 * 3  # adding 0 is left out


def test_what_is_fused_shares_by_the_number_of_members(fused_on_cpu: None):
    model = torch.jit.script(Inner().eval())
    with torch.no_grad():
        found = profile(model, (torch.randn(8, 8),), runs=3)
    group = only(found, "prim::TensorExprGroup")
    assert group.members == 3
    assert group.cpu_ns is not None
    (origins,) = [shares for node, shares in found.shares.items() if node == group.node]
    assert len(origins) == 3
    ops = [found.program.graph.nodes[node].op for node in origins]
    assert ops == ["aten::sigmoid", "aten::relu", "aten::mul"]
    shares = [found.by_origin[node] for node in origins]
    assert sum(share.cpu_ns for share in shares) == group.cpu_ns
    assert max(s.cpu_ns for s in shares) - min(s.cpu_ns for s in shares) <= 1
    assert all(share.is_shared for share in shares)


@pytest.fixture
def fused_on_cpu() -> Iterator[None]:
    jit = torch._C
    before = jit._jit_can_fuse_on_cpu(), jit._jit_get_te_must_use_llvm_cpu()
    jit._jit_override_can_fuse_on_cpu(True)
    jit._jit_set_te_must_use_llvm_cpu(False)
    yield
    jit._jit_override_can_fuse_on_cpu(before[0])
    jit._jit_set_te_must_use_llvm_cpu(before[1])


SMALL = ("resnet-tiny", "bert-tiny", "decoder", "detector", "tagger")


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("grad", [False, True])
def test_every_op_of_the_examples_has_its_node(name: str, grad: bool):
    (example,) = [one for one in EXAMPLES if one.name == name]
    with torch.set_grad_enabled(grad):
        found = profile(example.build(), example.inputs(), runs=2)
    assert found.accounting.share_attributed >= 0.98
    assert [check.differ for check in found.checks] == [()]
    assert found.diagnostics == ()
    assert int(found.by_line()["cpu_ns"].sum()) == found.accounting.attributed


def test_without_marked_runs_what_may_be_several_is_split():
    with torch.no_grad():
        found = profile(Outer().eval(), (torch.randn(4, 4),), runs=2)
    bare = _without_marks(found)
    assert bare.calls is None
    assert bare.is_shared


def _without_marks(found: Profile) -> Sample:
    """The sample of an unrolled copy as it is where the plan does not run by itself."""
    from tsviz.jit.profiling import Meter, read_plan_tags
    from tsviz.passes.inputs import find_inputs
    from tsviz.passes.pipeline import find_plan

    program = found.program
    with torch.no_grad():
        trace, recorder, _ = find_plan(program, find_inputs(program, None, None))
        meter = Meter(recorder.entry, trace.natives[0], trace.last, cuda=False)
        run = meter.name(meter.run_profiled(0), 0)
    tags = read_plan_tags(trace.natives[0], trace.last)
    measured = Measured(trace.last, tags, (run.nanoseconds,), (run.sampling,), (), (), (), False)
    built = build_samples(measured)
    assert built.accounting.attributed == built.accounting.ops
    assert built.accounting.shared > 0
    return next(s for s in built.samples.values() if s.op == "aten::add" and s.self_ns)


# ── whose the ops of a run without call stacks are ──────────────────────────────────────────────


def metered(model: nn.Module, x: torch.Tensor) -> Meter:
    from tsviz.passes.inputs import find_inputs
    from tsviz.passes.pipeline import find_plan

    program = tsviz.capture(model, (x,), via="script")
    trace, recorder, _ = find_plan(program, find_inputs(program, None, None))
    return Meter(recorder.entry, trace.natives[0], trace.last, cuda=False)


def test_a_timed_run_notes_no_call_stacks_and_its_twin_names_its_ops():
    with torch.no_grad():
        meter = metered(Planted().eval(), torch.randn(8, 64))
        for number in range(12):
            timed = meter.run_profiled(number)
            named = meter.name(timed, number)
            assert {op.tag for op in timed.sampling.ops} == {None}
            assert None not in {op.tag for op in named.sampling.ops}
            assert named.nanoseconds == timed.nanoseconds
            times = [
                [(op.name, op.start, op.end) for op in run.sampling.ops] for run in (timed, named)
            ]
            assert times[0] == times[1]


def test_a_run_on_several_threads_is_its_own_twin():
    with torch.no_grad():
        meter = metered(Outer().eval(), torch.randn(4, 4))
        timed = meter.run_profiled(0)
        named = meter.name(timed, 0)
    assert len({op.thread for op in named.sampling.ops}) > 1
    assert None not in {op.tag for op in named.sampling.ops}
    assert named.sampling.ops[0].start > timed.sampling.ops[-1].end


def test_runs_that_are_not_alike_have_no_tags_of_each_other():
    ops = tuple(Op(name, tag, tag, tag + 1, 1) for tag, name in enumerate(["a", "b"]))
    bare = Sampling(tuple(replace(op, tag=None) for op in ops))
    assert with_tags(bare, Sampling(ops)) == Sampling(ops)
    assert with_tags(bare, Sampling(ops[:1])) is None
    assert with_tags(bare, Sampling(ops[::-1])) is None


# ── what stays as it was ────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_users_changes(capfd: pytest.CaptureFixture[str]):
    model = Planted().eval()
    x = torch.randn(8, 64)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    seen, state = x.clone(), torch.random.get_rng_state()
    profile(model, (x,), runs=2)
    assert all(tensor.equal(before[name]) for name, tensor in model.state_dict().items())
    assert x.equal(seen)
    assert torch.random.get_rng_state().equal(state)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert capfd.readouterr() == ("", "")


def test_a_random_branch_is_counted_as_it_went():
    with torch.no_grad():
        found = profile(Random().eval(), (torch.ones(16),), runs=8)
    taken = next(s.taken for s in found.samples.values() if s.taken)
    assert sum(taken) == 8
    double = only(found, "aten::mul")
    assert double.calls == taken[0]
    assert [time > 0 for time in double.self_ns or ()].count(True) == taken[0]


def test_progress_is_told_and_can_stop_it():
    told: list[tuple[int, int, str]] = []
    profile(Inner(), (torch.ones(2),), runs=2, progress=lambda *row: told.append(row))
    warm_up = [row for row in told if row[2].startswith("warming up")]
    assert warm_up == [(0, 4, f"warming up: run {at + 1}") for at in range(len(warm_up))]
    assert told[len(warm_up) :] == [
        (0, 4, "measuring"),
        (2, 4, "measuring"),
        (4, 4, "counting"),
        (4, 4, "reading shapes"),
    ]


# ── bad input ───────────────────────────────────────────────────────────────────────────────────


def refused(call: Callable[[], object]) -> str:
    with pytest.raises((UsageError, PassError)) as raised:
        call()
    return raised.value.diagnostic.render()


def test_another_profiler():
    with torch.profiler.profile():
        text = refused(lambda: profile(Inner(), (torch.ones(2),)))
    assert text == (
        "error[TSV-T01]: expected no other profiler to be at work, found torch.profiler\n"
        "  help: leave its block first, then profile with tsviz: they would disturb each other"
    )


def test_no_such_device():
    assert refused(lambda: profile(Inner(), (torch.ones(2),), device="cuda:99")).startswith(
        "error[TSV-T02]: expected a device that PyTorch can use here, got 'cuda:99': PyTorch finds"
    )
    assert refused(lambda: profile(Inner(), (torch.ones(2),), device="meta")) == (
        "error[TSV-T02]: expected a device that PyTorch can use here, got 'meta': "
        "profiles are made on `cpu` and `cuda`\n"
        "  help: leave `device` out"
    )


def test_runs_and_nodes():
    assert refused(lambda: profile(Inner(), (torch.ones(2),), runs=0)) == (
        "error[TSV-T05]: expected runs to be at least 1, got 0"
    )
    assert refused(lambda: profile(Inner(), (torch.ones(2),), nodes="some")) == (
        "error[TSV-T09]: expected nodes to be one of ops, all, got 'some'"
    )


def test_no_inputs():
    assert "TSV-S11" in refused(lambda: profile(torch.jit.script(Inner())))


def test_a_model_that_fails_later_keeps_what_was_measured():
    found = profile(Fails(at=8), (torch.ones(2),), runs=10)
    (finding,) = found.diagnostics
    assert finding.code == "TSV-T03"
    assert finding.message == (
        "`Fails.forward` failed in run 4 of 10 after its warm-up: the code raises ValueError: "
        "enough; the 3 before it were measured"
    )
    assert found.runs == 3
    assert only(found, "aten::relu").calls == 3


def test_a_model_that_fails_at_once():
    assert "TSV-S01" in refused(lambda: profile(Fails(at=1), (torch.ones(2),)))
    text = refused(lambda: profile(Fails(at=5), (torch.ones(2),), runs=3))
    assert text.startswith(
        "error[TSV-T03]: `Fails.forward` failed in run 1 of 3 after its warm-up: the code raises "
        "ValueError: enough"
    )


def test_no_op_at_all():
    found = profile(Nothing(), (torch.ones(2),), runs=2)
    assert found.accounting.ops == 0
    assert found.accounting.share_attributed == 1.0
    assert found.by_line().empty
    assert "ops of nodes" in str(found)


def test_a_guard_that_fails_is_said_and_what_ran_instead_is_counted():
    with torch.enable_grad():
        found = profile(Gains().eval(), (torch.ones(4, 8),), runs=4)
    assert [one.render() for one in found.diagnostics] == [
        "warning[TSV-T14]: the guard of what PyTorch specialised failed 4 times, of 1 group of "
        "nodes: the code before the specialisation ran instead\n"
        "  note: the times of that code stand on the nodes of the group, whose lines are the same"
    ]
    timed = [s for s in found.samples.values() if s.self_ns is not None]
    products = [s for s in timed if s.op == "aten::linear"]
    assert [s.calls for s in products] == [4, 4, 4]
    assert all(s.calls for s in timed), "what took time ran"
    lines = {found.line_of(s.node) for s in products}
    assert len(lines) == 1
    assert found.accounting.attributed == found.accounting.ops


def test_a_run_that_took_most_of_the_time_is_said():
    (found,) = measure.find_disturbed([1_000, 1_100, 300_000, 900, 1_000])
    assert found.render() == (
        "warning[TSV-T15]: 1 of 5 runs under the profiler took most of the time of all, up to 300 "
        "times the median: the times of nodes are means, and hold that, too\n"
        "  help: measure again while nothing else runs"
    )
    assert list(measure.find_disturbed([1_000, 3_000, 1_100, 1_000, 900])) == []
    assert list(measure.find_disturbed([1_000, 300_000, 900, 1_000])) == [], "too few to say"


def test_forks_with_fusion_groups_are_timed_though_the_plan_does_not_run_by_itself(
    fused_on_cpu: None,
):
    with torch.no_grad():
        found = profile(Forks().eval(), (torch.randn(8, 8),), runs=3)
    assert [one.render() for one in found.diagnostics] == [
        "warning[TSV-T07]: the plan does not run by itself: calls, shapes and memory were not "
        "measured\n  note: PyTorch said: a plan with both forks and fusion groups cannot run apart"
    ]
    sums = found.accounting
    assert list(sums.unattributed) == ["fused_sigmoid_relu_mul"], "of this fork or of that"
    assert sums.attributed + sum(sums.unattributed.values()) == sums.ops
    assert all(sample.calls is None for sample in found.samples.values())


def test_recursion_is_refused_where_torchscript_refuses_it():
    with pytest.raises(CaptureError) as raised:
        profile(Recursive(), (torch.ones(2),), via="script")
    assert "recursive" in str(raised.value)


def test_an_op_that_takes_no_time_has_0_and_not_nothing():
    with torch.no_grad():
        found = profile(Inner().eval(), (torch.ones(2),), runs=2)
        meter = metered(Inner().eval(), torch.ones(2))
        run = meter.name(meter.run_profiled(0), 0)
    still = replace(run.sampling, ops=tuple(replace(op, start=7, end=7) for op in run.sampling.ops))
    plan, tags = meter_plan(found)
    built = build_samples(Measured(plan, tags, (0,), (still,), (), (), (), False))
    timed = [s for s in built.samples.values() if s.self_ns is not None]
    assert [s.cpu_ns for s in timed] == [0] * len(timed)
    assert len(timed) == 3
    assert all(s.flops_per_second is None for s in timed)
    assert built.accounting.share_attributed == 1.0


def meter_plan(found: Profile) -> tuple[Graph, dict[int, int]]:
    """The plan of a profile, and the tags of its nodes."""
    from tsviz.jit.profiling import read_plan_tags

    return found.plan, read_plan_tags(found.trace.natives[0], found.plan)


def test_hooks_are_said():
    model = Inner()
    model.register_forward_hook(_hook)
    found = profile(model, (torch.ones(2),), runs=2)
    assert [finding.render() for finding in found.diagnostics] == [
        "warning[TSV-T12]: 1 hook of the model itself ran outside of what is measured\n"
        "  note: PyTorch runs them around the graph; those of submodules are in it"
    ]


def _hook(self: nn.Module, input: tuple[torch.Tensor], output: torch.Tensor) -> torch.Tensor:
    return output


def test_an_interrupt_keeps_what_was_measured(interruptible: None):
    def stop(done: int, total: int, words: str) -> None:
        if done == 4 and words == "measuring":
            signal.raise_signal(signal.SIGINT)

    found = profile(Inner(), (torch.ones(2),), runs=5, progress=stop)
    assert [finding.render() for finding in found.diagnostics] == [
        "warning[TSV-T04]: interrupted: 2 of 5 runs were measured"
    ]
    assert found.runs == 2


def test_an_interrupt_is_heard_between_runs_of_the_warm_up(interruptible: None):
    told: list[str] = []

    def stop(done: int, total: int, words: str) -> None:
        told.append(words)
        if words == "warming up: run 2":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        profile(Inner(), (torch.ones(2),), progress=stop)
    assert told == ["warming up: run 1", "warming up: run 2"]


def test_an_interrupt_before_anything_was_measured(interruptible: None):
    def stop(done: int, total: int, words: str) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        profile(Inner(), (torch.ones(2),), progress=stop)


def test_an_executor_that_does_not_say_what_it_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recording, "last_plan", lambda: None)
    assert refused(lambda: profile(torch.jit.script(Inner()), (torch.ones(2),))) == (
        "error[TSV-T13]: PyTorch does not say what it runs of `Inner.forward`, "
        "so no node has a time\n"
        "  help: turn its executor on again: `torch.jit.optimized_execution` is on by default"
    )


@pytest.mark.parametrize("setting", ["_jit_set_profiling_executor", "_jit_set_profiling_mode"])
def test_other_executors(setting: str):
    change = getattr(torch._C, setting)
    before = change(False)
    try:
        found = profile(torch.jit.script(Inner()), (torch.ones(2),), runs=2)
    finally:
        change(before)
    assert found.accounting.attributed == found.accounting.ops
    assert only(found, "aten::relu").calls == 2


def said(runs: int = 2) -> list[str]:
    found = profile(Inner(), (torch.ones(2),), runs=runs)
    return [finding.render() for finding in found.diagnostics]


def test_a_plan_that_changes_meanwhile(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Meter, "is_as_planned", False)
    assert said() == [
        "warning[TSV-T06]: the plan was compiled anew while it was measured\n"
        "  help: what is shown is the plan after the warm-up; give more runs, or other inputs"
    ]


def raises(*args: object, **kwargs: object) -> None:
    raise RuntimeError("no such op")


def test_a_plan_that_does_not_run_by_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Meter, "run_marked", raises)
    assert said() == [
        "warning[TSV-T07]: the plan does not run by itself: calls, shapes and memory were not "
        "measured\n  note: PyTorch said: no such op"
    ]


def test_a_plan_that_cannot_be_watched(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Meter, "observe", raises)
    assert said() == [
        "warning[TSV-T08]: the plan cannot be watched: shapes and operations were not measured\n"
        "  note: PyTorch said: no such op"
    ]


def test_a_marked_copy_that_gives_another_result(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measure, "results_differ", lambda expected, found: True)
    assert said() == [
        "warning[TSV-T11]: the marked copy of the plan gives another result than the program: "
        "calls, shapes and memory are left out"
    ]


def test_timelines(planted: Profile, tmp_path: Path):
    planted.write(tmp_path / "run.json")
    events = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    ops = [event for event in events if event.get("cat") == "op"]
    assert len(ops) == len(planted.pieces)
    (asleep,) = [event for event in ops if event["name"] == "tsviz_planted::sleep"]
    assert asleep["args"]["ops"] == ["tsviz_planted::sleep"]
    assert asleep["args"]["lines"][0].rpartition(":")[0].endswith("models.py")
    planted.write(tmp_path / "run.speedscope.json")
    stacks = json.loads((tmp_path / "run.speedscope.json").read_text())
    marks = [event["type"] for event in stacks["profiles"][0]["events"]]
    assert marks.count("O") == marks.count("C")
    assert refused(lambda: planted.write("run.txt")) == (
        "error[TSV-T10]: expected a file that ends in .json or .speedscope.json, got `run.txt`"
    )


# ── other devices ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.cuda
def test_kernels_add_up_and_belong_to_their_nodes():
    model = nn.Sequential(nn.Linear(512, 512), nn.ReLU()).eval()
    with torch.no_grad():
        found = profile(model, (torch.randn(64, 512),), runs=5, device="cuda")
    sums = found.accounting
    assert sums.kernels is not None
    assert sums.kernels_attributed is not None
    assert sums.kernels_attributed >= 0.99 * sums.kernels
    per_node = sum(sum(s.device_ns or ()) for s in found.samples.values())
    assert per_node == sums.kernels_attributed
    assert int(found.by_line()["device_ns"].sum()) == sums.kernels_attributed
    assert all((s.kernels or 0) > 0 for s in found.samples.values() if s.op == "aten::linear")


def test_public_name():
    assert tsviz.profile is profile
