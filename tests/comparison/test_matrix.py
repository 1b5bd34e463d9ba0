"""The variant matrix: what each way to make a model loses and costs."""

import gc
import itertools
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas
import pytest
import torch
from torch import Tensor, nn

from tests.models import ZOO, attention, convolution, feed_forward, recurrent
from tests.models.seeding import seeded
from tsviz.comparison import matrix
from tsviz.comparison.matrix import VariantMatrix, VariantRow, measure_variants
from tsviz.comparison.sites import Site
from tsviz.comparison.variants import WAYS, Made
from tsviz.errors import CaptureError, UsageError

HERE = Path(__file__).read_text().split("\n")


def source(site: Site) -> str:
    """The exact text of a site's test, or of what it loops over."""
    place = site.place
    assert place.line == place.end_line
    return HERE[place.line - 1][place.col : place.end_col]


class Branching(nn.Module):
    """Two decisions, one loop whose length is that of the input, and one that is fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        for _ in range(x.size(0)):
            x = x + 1
        if x.sum() > 0 and x.size(0) < 100:
            return x * 2 if x.size(0) > 1 else x * 3
        return x - 1


def branching() -> VariantMatrix:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return measure_variants(Branching().eval(), (torch.rand(2, 3),), tries=8)


@pytest.fixture(scope="module")
def measured() -> VariantMatrix:
    return branching()


# ── rows ────────────────────────────────────────────────────────────────────────────────────────


def test_all_five_variants_work(measured: VariantMatrix):
    assert [row.variant for row in measured.rows] == [
        *("eager", "trace", "script", "freeze", "optimize")
    ]
    assert all(row.works for row in measured.rows)
    assert measured.title == "Branching.forward"
    assert not measured.is_interrupted
    assert repr(measured) == "<VariantMatrix of Branching.forward: 5 of 5 variants work>"
    assert [row.program is None for row in measured.rows] == [True, False, False, False, False]


def test_control_flow_by_line(measured: VariantMatrix):
    kept, lost = (
        {
            row.variant: [source(site) for site in getattr(row.control_flow, which)]
            for row in measured.rows
        }
        for which in ("kept", "lost")
    )
    fixed, condition = "self.layers", "x.sum() > 0 and x.size(0) < 100"
    every = [fixed, "range(x.size(0))", condition, condition, "x.size(0) > 1"]
    assert (kept["eager"], lost["eager"]) == (every, [])
    assert (kept["trace"], lost["trace"]) == ([], every)
    assert (kept["script"], lost["script"]) == (every[1:], [fixed])
    assert (kept["freeze"], lost["freeze"]) == (every[1:], [fixed])


class Signed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x + 1
        return x - 1


def test_the_error_of_a_trace_is_that_of_plain_pytorch():
    found = measure_variants(
        Signed(),
        (torch.ones(4),),
        tries=12,
        inputs={"x": {"range": (-1.0, 1.0), "dims": {}}},
        variants=("trace", "script", "eager"),
    )
    errors = found["trace"].errors
    assert errors is not None
    assert errors.tried == 12
    assert 0 < errors.wrong < 12
    assert errors.raised == 0
    assert errors.absolute == pytest.approx(2.0, abs=1e-5)  # x + 1 instead of x - 1
    assert errors.worst.startswith("off by 2 (")
    for name in ("script", "eager"):
        exact = found[name].errors
        assert exact is not None
        assert (exact.tried, exact.wrong, exact.worst) == (12, 0, "")
        assert (exact.absolute, exact.relative, exact.ulp) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("small-resnet-traced", convolution.SmallResNet),
        ("cell-loop", recurrent.CellLoop),
        ("language-model", recurrent.LanguageModel),
        ("self-attention", attention.SelfAttention),
        ("feed-forward", feed_forward.FeedForward),
    ],
)
def test_models_of_the_zoo(name: str, model: Callable[[], nn.Module]):
    found = measure_variants(seeded(model)().eval(), ZOO[name].inputs(), tries=3)
    for row in found.rows:
        assert row.works
        assert row.latency is not None
        assert row.latency.is_stable
        assert len(row.latency.seconds) == matrix.LEAST_REPETITIONS
        assert min(row.latency.seconds) > 0
        assert row.latency.first == row.latency.warm_ups[0]
        assert len(row.latency.warm_ups) >= 3
        assert row.errors is not None
        assert row.errors.absolute is not None
        assert row.saved is not None
        if row.variant != "optimize":  # PyTorch writes MKL-DNN's constants, and cannot read them
            assert row.saved.is_same is True
    script = found["script"].errors
    assert script is not None
    assert script.wrong == 0


def test_a_file_is_as_large_as_what_pytorch_writes(tmp_path: Path):
    model = Signed()
    found = measure_variants(model, (torch.ones(4),), tries=1, variants=("script",))
    path = tmp_path / "variant.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(model).save(str(path))
    saved = found["script"].saved
    assert saved is not None
    assert (saved.file_bytes, saved.is_loaded, saved.is_same) == (path.stat().st_size, True, True)


class CallsPython(nn.Module):
    @torch.jit.ignore
    def look(self, x: Tensor) -> Tensor:
        return x + 1

    def forward(self, x: Tensor) -> Tensor:
        return self.look(x)


def test_what_cannot_be_saved():
    found = measure_variants(CallsPython(), (torch.ones(2),), tries=1, variants=("script", "eager"))
    saved = found["script"].saved
    assert saved is not None
    assert (saved.file_bytes, saved.is_loaded, saved.is_same) == (None, None, None)
    assert saved.reason.startswith("it cannot be saved: RuntimeError: ")
    assert "not saved" in str(found)


def test_what_cannot_be_loaded():
    model = nn.Sequential(nn.Conv2d(1, 2, 3)).eval()
    found = measure_variants(model, (torch.ones(1, 1, 4, 4),), tries=1, variants=("optimize",))
    saved = found["optimize"].saved
    assert saved is not None
    assert saved.file_bytes is not None
    assert (saved.is_loaded, saved.is_same) == (False, None)
    assert saved.reason.startswith("it cannot be loaded: RuntimeError: ")
    assert "not loaded" in str(found)


def signed(x: Tensor, by: float = 1.0) -> Tensor:
    return x + by if x.sum() > 0 else x - by


def test_a_function():
    found = measure_variants(signed, (torch.ones(3), 2.0), tries=3)
    assert found.title == "signed"
    assert [row.works for row in found.rows] == [True, False, True, False, False]
    assert found["eager"].saved is None
    script = found["script"]
    assert script.saved is not None
    assert script.saved.is_same is True
    assert script.control_flow is not None
    assert [source(site) for site in script.control_flow.kept] == ["x.sum() > 0"]
    assert found.conditions.training is None
    failure = found["freeze"].failure
    assert failure is not None
    assert failure.code == "TSV-U06"


def test_a_function_loses_its_defaults_in_a_file():
    found = measure_variants(signed, (torch.ones(3),), tries=1, variants=("script",))
    saved = found["script"].saved
    assert saved is not None
    assert (saved.is_loaded, saved.is_same) == (True, False)
    assert "after loading it raises RuntimeError" in saved.reason
    assert found["script"].latency is not None


class TwoEntries(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x

    def shifted(self, x: Tensor, by: float = 1.0) -> Tensor:
        return x + by if x.sum() > 0 else x - by


def test_another_method_with_arguments_by_name():
    model = TwoEntries().eval()
    found = measure_variants(model.shifted, (torch.ones(2),), {"by": 3.0}, tries=3)
    assert found.title == "TwoEntries.shifted"
    assert {row.variant for row in found.rows if row.works} >= {"eager", "script", "freeze"}
    script = found["script"]
    assert script.saved is not None
    assert script.saved.is_same is True
    assert script.errors is not None
    assert script.errors.wrong == 0


# ── what does not work ──────────────────────────────────────────────────────────────────────────


def test_a_model_in_train_mode_is_not_frozen():
    found = measure_variants(Branching(), (torch.rand(2, 3),), tries=2)
    for name in ("freeze", "optimize"):
        row = found[name]
        assert row == VariantRow(name, failure=row.failure, sources=row.sources)
        assert row.failure is not None
        assert row.failure.message == (
            "expected `Branching` in eval mode to freeze it, got train mode"
        )
    frame = found.to_dataframe()
    assert list(frame["works"]) == [True, True, True, False, False]
    assert frame.loc["freeze"].drop(["works", "failure"]).isna().all()
    assert "freeze does not work:\nerror[TSV-U07]: expected `Branching` in eval mode" in str(found)


class NotCompiled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if torch.jit.is_scripting():
            raise ValueError("only in Python")
        return x


def test_a_variant_that_fails_on_the_example():
    found = measure_variants(NotCompiled(), (torch.ones(1),), variants=("script", "eager"), tries=1)
    row = found["script"]
    assert (row.works, row.errors, row.saved, row.latency) == (False, None, None, None)
    assert row.program is not None
    assert row.failure is not None
    assert row.failure.render().split("\n")[0] == (
        "error[TSV-V33]: `NotCompiled.forward` as script fails on the example inputs: "
        "the code raises ValueError: only in Python"
    )
    assert 'raise ValueError("only in Python")' in str(found)
    assert found["eager"].works


class Catches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        try:
            return x.reshape(1000)
        except RuntimeError:
            return x + 1


def test_a_model_on_which_the_tracer_would_crash():
    found = measure_variants(Catches().eval(), (torch.ones(3),), tries=1)
    codes = {row.variant: row.failure.code for row in found.rows if row.failure is not None}
    assert codes.pop("script") == "TSV-C01"
    assert codes == dict.fromkeys(("trace", "freeze", "optimize"), "TSV-C06")
    assert found["eager"].works


class NotScripted(nn.Module):
    def forward(self, *parts: Tensor) -> Tensor:
        return sum(parts[1:], parts[0])


def test_what_is_frozen_of_a_trace_says_so():
    found = measure_variants(NotScripted().eval(), (torch.ones(2), torch.ones(2)), tries=2)
    assert [row.works for row in found.rows] == [True, True, False, True, True]
    assert any(
        line.startswith("freeze: traced, because scripting failed: `NotScripted`: ")
        for line in str(found).split("\n")
    )


numbers = itertools.count()


class Unsteady(nn.Module):
    """Each call gives something else."""

    def forward(self, x: Tensor) -> Tensor:
        return x + next(numbers)


def test_what_python_itself_does_not_agree_on_is_left_out():
    found = measure_variants(Unsteady(), (torch.ones(2),), variants=("eager", "trace"), tries=4)
    for row in found.rows:
        assert row.errors is not None
        assert (row.errors.tried, row.errors.wrong, row.errors.unsteady) == (0, 0, 4)
        assert (row.errors.absolute, row.errors.relative, row.errors.ulp) == (None, None, None)
    assert "Python does not agree with itself on 4 more inputs" in str(found)


class Once(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > 1:
            raise ValueError("no more")
        return x


def test_what_cannot_be_called_again_is_not_timed():
    found = measure_variants(Once(), (torch.ones(2),), variants=("eager", "trace"), tries=2)
    assert found["eager"].works
    assert found["eager"].latency is None
    assert found["trace"].latency is not None
    assert found.to_dataframe()["latency_ms_median"].isna().tolist() == [True, False]
    assert "eager: its calls were not timed: ValueError: no more" in str(found)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"variants": ("eager", "onnx")},
            "error[TSV-V31]: expected variants among eager, trace, script, freeze, optimize, "
            "got 'onnx'",
        ),
        ({"repetitions": 3}, "error[TSV-V32]: expected at least 9 repetitions, got 3"),
    ],
)
def test_wrong_usage(options: dict[str, object], text: str):
    with pytest.raises(UsageError) as raised:
        measure_variants(Signed(), (torch.ones(1),), **options)
    assert str(raised.value) == text


def test_python_code_that_fails():
    with pytest.raises(CaptureError, match=r"`Branching\.forward` fails on the example inputs"):
        measure_variants(Branching(), (torch.ones(2, 5),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        compiled = torch.jit.script(Signed())
    with pytest.raises(UsageError, match="which is compiled"):
        measure_variants(compiled, (torch.ones(2),))


# ── how it is measured ──────────────────────────────────────────────────────────────────────────


def test_calls_go_by_turns(monkeypatch: pytest.MonkeyPatch):
    """Ways are a table: what is added to it is measured like the others."""
    calls: list[str] = []

    def logged(name: str) -> Callable[..., Made]:
        def make(subject: object) -> Made:
            made = WAYS["eager"](subject)

            def unused() -> Callable[..., object]:
                call = made.unused()
                return lambda *args: (calls.append(name), call(*args))[1]

            return replace(made, unused=unused)

        return make

    names = ("one", "two", "three")
    ways = MappingProxyType({name: logged(name) for name in names})
    monkeypatch.setattr(matrix, "WAYS", ways)
    found = measure_variants(Signed(), (torch.ones(1),), tries=1, variants=names, repetitions=10)
    warm_ups = [len(row.latency.warm_ups) for row in found.rows if row.latency is not None]
    turns = calls[sum(warm_ups) :]
    assert len(turns) == 3 * 2 * 10
    pairs = list(zip(turns[::2], turns[1::2], strict=True))
    assert all(first == second for first, second in pairs)  # the first one is not timed
    rounds = [tuple(name for name, _ in pairs[at : at + 3]) for at in range(0, 30, 3)]
    assert rounds[:4] == [names, ("two", "three", "one"), ("three", "one", "two"), names]
    assert [len(row.latency.seconds) for row in found.rows if row.latency] == [10, 10, 10]


def test_conditions_are_those_of_the_user():
    model, x = Signed().eval(), torch.ones(2)
    with torch.no_grad():
        found = measure_variants(model, (x,), variants=("eager",), tries=1)
    threads = torch.get_num_threads()
    assert (found.conditions.grad, found.conditions.devices) == ("off", ("cpu",))
    plural = "thread" if threads == 1 else "threads"
    assert str(found.conditions) == (
        f"torch {torch.__version__}, cpu, {threads} {plural}, gradients off, eval mode"
    )
    with torch.inference_mode():
        found = measure_variants(model, (x,), variants=("eager",), tries=1)
    assert "inference mode" in str(found)


class Stateful(nn.Module):
    """Draws numbers, counts calls, and edits its input."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.norm = nn.BatchNorm1d(3)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        x.mul_(2)
        return self.dropout(self.norm(x)) + torch.rand(3) * self.calls


def everything() -> Iterator[object]:
    yield random.getstate()
    yield torch.get_rng_state().tolist()
    yield (torch.is_grad_enabled(), torch.get_num_threads(), gc.isenabled(), sys.gettrace())
    yield list(warnings.filters)
    yield signal.getsignal(signal.SIGINT)
    yield torch._C._jit_get_num_profiled_runs(), torch._C._jit_get_logging_option()


@pytest.mark.parametrize("ends", ["well", "interrupted", "raised"])
@pytest.mark.parametrize("grad", [True, False])
def test_all_is_left_as_it_was(ends: str, grad: bool):
    model, x = Stateful(), torch.ones(4, 3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def progress(done: int, total: int) -> None:
        if ends != "well" and done == 5:
            raise KeyboardInterrupt if ends == "interrupted" else ZeroDivisionError

    with torch.set_grad_enabled(grad):
        world = list(everything())
        try:
            found = measure_variants(model, (x,), tries=3, progress=progress)
        except ZeroDivisionError:
            assert ends == "raised"
        else:
            assert found.is_interrupted == (ends == "interrupted")
        assert list(everything()) == world
    assert model.training
    assert torch.equal(x, torch.ones(4, 3))
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    assert all(parameter.grad is None for parameter in model.parameters())


# ── interrupts and progress ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def python_s_own_handler() -> Iterator[None]:
    """A shell that starts a process in the background has it ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted_at(step: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= step:
            signal.raise_signal(signal.SIGINT)

    return progress


NAMES = ("eager", "trace", "script")
TRIES = 3
ROW = TRIES + 1
"""Steps of a row."""


@pytest.mark.usefixtures("python_s_own_handler")
def test_an_interrupt_keeps_the_rows_that_are_done():
    found = measure_variants(
        Signed(), (torch.ones(2),), tries=TRIES, variants=NAMES, progress=interrupted_at(ROW + 2)
    )
    assert found.is_interrupted
    assert [row.variant for row in found.rows] == ["eager"]
    assert found["eager"].errors is not None
    assert found["eager"].latency is None
    assert "stopped before all were measured" in str(found)


@pytest.mark.usefixtures("python_s_own_handler")
def test_an_interrupt_among_the_turns_keeps_what_was_timed():
    turn = 3 * ROW + 3
    found = measure_variants(
        Signed(), (torch.ones(2),), tries=TRIES, variants=NAMES, progress=interrupted_at(turn + 4)
    )
    assert found.is_interrupted
    assert [len(row.latency.seconds) for row in found.rows if row.latency] == [4, 4, 4]
    assert found.to_dataframe()["repetitions"].tolist() == [4, 4, 4]


@pytest.mark.usefixtures("python_s_own_handler")
def test_an_interrupt_before_the_first_row():
    with pytest.raises(KeyboardInterrupt):
        measure_variants(Signed(), (torch.ones(2),), progress=interrupted_at(1))


class Alarmed(nn.Module):
    """Is interrupted from within, once it has been called often enough."""

    left = 0

    def forward(self, x: Tensor) -> Tensor:
        Alarmed.left -= 1
        if Alarmed.left == 0:
            signal.raise_signal(signal.SIGINT)
        return x + 1


@pytest.mark.usefixtures("python_s_own_handler")
def test_an_interrupt_inside_the_model():
    Alarmed.left = 0
    whole = measure_variants(Alarmed(), (torch.ones(2),), tries=2, variants=("trace", "eager"))
    calls = -Alarmed.left
    Alarmed.left = calls - 3  # among the last timed calls
    found = measure_variants(Alarmed(), (torch.ones(2),), tries=2, variants=("trace", "eager"))
    assert not whole.is_interrupted
    assert found.is_interrupted
    assert [row.works for row in found.rows] == [True, True]
    assert 0 < len(found["eager"].latency.seconds) < 9


def test_progress_goes_up_to_its_total():
    seen: list[tuple[int, int]] = []
    measure_variants(
        Signed(),
        (torch.ones(2),),
        tries=TRIES,
        variants=NAMES,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {seen[-1][0] + 1}


# ── faces ───────────────────────────────────────────────────────────────────────────────────────


def test_table(measured: VariantMatrix):
    frame = measured.to_dataframe()
    assert list(frame.index) == ["eager", "trace", "script", "freeze", "optimize"]
    assert {"latency_ms_median", "first_call_ms", "warm_up_ms", "file_bytes"} <= set(frame.columns)
    for row in measured.rows:
        told = frame.loc[row.variant]
        assert row.latency is not None
        assert row.latency.quartiles is not None
        low, median, high = row.latency.quartiles
        assert told["latency_ms_median"] == 1e3 * median
        assert low <= median <= high
        assert told["latency_ms_quartile_1"] == 1e3 * low
        assert told["repetitions"] == 9
        assert told["first_call_ms"] == 1e3 * row.latency.first
        assert row.saved is not None
        assert told["file_bytes"] == row.saved.file_bytes
        assert row.control_flow is not None
        assert told["control_flow_kept"] == len(row.control_flow.kept)
    assert isinstance(frame["file_bytes"].dtype, pandas.Int64Dtype)


def test_page(measured: VariantMatrix):
    lines = str(measured).split("\n")
    assert lines[0] == "Branching.forward: 5 of 5 variants work"
    assert lines[1].startswith(f"torch {torch.__version__}, cpu, ")
    head = next(line for line in lines if line.startswith("variant"))
    assert "latency [ms]" in head
    assert "file [bytes]" in head
    rows = {line.split()[0]: line for line in lines if "of 5 " in line and " yes " in line}
    assert set(rows) == {"eager", "trace", "script", "freeze", "optimize"}
    assert "5 of 5" in rows["eager"]
    assert "0 of 5" in rows["trace"]
    assert "trace: control flow lost" in lines
    number = HERE.index("        for layer in self.layers:") + 1
    assert f"  test_matrix.py:{number}  for … in self.layers" in lines
    assert any(line.startswith("latency: median (quartiles)") for line in lines)


def test_html_escapes_what_is_the_users(measured: VariantMatrix):
    bundle = replace(measured, title="<script>alert(1)</script>")._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"]
    assert "&lt;script&gt;alert(1)" in bundle["text/html"]
    assert bundle["text/html"].count("<tr ") == 6
    assert bundle["text/plain"].startswith("<script>alert(1)</script>: 5 of 5")
    condition = "x.sum() &gt; 0 and x.size(0) &lt; 100"
    assert condition in bundle["text/html"]


def test_figure(measured: VariantMatrix):
    figure = measured.figure()
    boxes = [trace for trace in figure.data if trace.type == "box"]
    assert [box.name for box in boxes] == [row.variant for row in measured.rows]
    for box, row in zip(boxes, measured.rows, strict=True):
        assert row.latency is not None
        assert list(box.y) == [1e3 * seconds for seconds in row.latency.seconds]
    errors, sizes = (trace for trace in figure.data if trace.type == "bar")
    assert list(sizes.y) == [row.saved.file_bytes for row in measured.rows if row.saved]
    assert list(errors.y) == [row.errors.absolute for row in measured.rows if row.errors]


def test_what_was_not_measured_has_no_mark_in_the_figure(measured: VariantMatrix):
    bare = tuple(VariantRow(row.variant) for row in measured.rows)
    figure = replace(measured, rows=(*bare[:-1], measured.rows[-1])).figure()
    assert [trace.name for trace in figure.data if trace.type == "box"] == ["optimize"]
    assert [list(trace.x) for trace in figure.data if trace.type == "bar"] == [["optimize"]] * 2


def test_without_plotly(measured: VariantMatrix, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(UsageError, match=r"TSV-U11.*plotly is not installed here"):
        measured.figure()
