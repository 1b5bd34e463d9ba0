"""`profile.against`: what differs is told from noise, and lines are found again after an edit."""

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.profiler.models import Inner, Sleeps
from tsviz.profiler import Profile, ProfileComparison, profile
from tsviz.profiler.noise import difference_of

RUNS = 8
SLEEP = "y = torch.ops.tsviz_planted.sleep_for(x, self.seconds)"
BEFORE = """\
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        y = torch.tanh(x)
        y = torch.cos(y)
        return y + 1
"""
AFTER = BEFORE.replace("class Net", "WIDTH = 4\n\n\nclass Net").replace("torch.cos", "torch.sin")


def profiled(model: nn.Module, runs: int = RUNS) -> Profile:
    with torch.no_grad():
        return profile(model.eval(), (torch.ones(4),), runs=runs)


@pytest.fixture(scope="module")
def slept() -> ProfileComparison:
    return profiled(Sleeps(0.05)).against(profiled(Sleeps(0.0)))


def test_what_is_slower_is_told_from_noise(slept: ProfileComparison):
    """The other line may be slower in truth: a processor that slept is cold."""
    assert [change.code for change in slept.lines] == [SLEEP, "return torch.tanh(y)"]
    assert slept.lines[0].verdict == "slower"
    assert slept.whole.verdict == "slower"
    assert [change.verdict for change in slept.modules] == ["slower"]


def test_the_other_way_round_it_is_faster(slept: ProfileComparison):
    back = slept.before.against(slept.after)
    assert back.lines[0].verdict == "faster"
    assert back.lines[0].difference.middle == -slept.lines[0].difference.middle
    assert back.lines[0].difference.low == -slept.lines[0].difference.high


def test_a_profile_against_itself(slept: ProfileComparison):
    same = slept.before.against(slept.before)
    assert {one.verdict for one in (same.whole, *same.lines, *same.modules)} == {"no difference"}


def test_times_are_those_of_the_profile(slept: ProfileComparison):
    runs = slept.after.runs
    assert len(slept.after.plain.values) == len(slept.whole.after) == runs
    taken = sum(sum(change.after) for change in slept.lines)
    assert taken == slept.after.accounting.attributed


def test_the_table(slept: ProfileComparison):
    table = slept.to_dataframe()
    assert list(table.columns) == [
        *("file", "line", "code", "before_us", "after_us", "difference_us", "low_us", "high_us"),
        *("ratio", "verdict"),
    ]
    assert list(table["code"]) == [SLEEP, "return torch.tanh(y)"]
    assert table["verdict"][0] == "slower"
    assert (table["low_us"] <= table["difference_us"]).all()
    assert list(slept.by_module()["module"]) == [""]


def test_the_page(slept: ProfileComparison):
    lines = str(slept).split("\n")
    assert lines[0].startswith("before  Sleeps.forward · script · f32[4] · torch ")
    assert lines[1].startswith("after   Sleeps.forward · script · f32[4] · torch ")
    assert lines[2].startswith("a run without a profiler: ")
    assert lines[2].endswith(": slower")
    assert "sleep_for" in str(slept)
    assert [line for line in lines[3:] if " slower " in line]


def test_what_is_noise_is_not_listed(slept: ProfileComparison):
    lines = str(slept.before.against(slept.before)).split("\n")
    assert lines[2].endswith(": no difference")
    assert "2 lines: no difference within the noise" in lines
    assert not [line for line in lines if "models.py:" in line]


def read(folder: Path, text: str) -> nn.Module:
    folder.mkdir()
    (folder / "edited.py").write_text(text)
    spec = importlib.util.spec_from_file_location("edited", folder / "edited.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Net()


def test_lines_of_an_edited_file_are_matched(tmp_path: Path):
    old, new = (
        profiled(read(tmp_path / name, text), runs=2)
        for name, text in (("old", BEFORE), ("new", AFTER))
    )
    found = {(one.code, one.line): one.verdict for one in new.against(old).lines}
    assert found == {
        ("y = torch.tanh(x)", 10): "too few runs to tell",
        ("y = torch.sin(y)", 11): "new",
        ("y = torch.cos(y)", 8): "gone",
        ("return y + 1", 12): "too few runs to tell",
    }


def test_programs_without_a_line_in_common(tmp_path: Path):
    other = profiled(read(tmp_path / "net", BEFORE), runs=2)
    verdicts = {change.verdict for change in profiled(Inner(), runs=2).against(other).lines}
    assert verdicts == {"new", "gone"}


def test_few_runs_are_said():
    found = profiled(Inner(), runs=2).against(profiled(Inner(), runs=2))
    assert "1 line: too few runs to tell" in str(found)


@pytest.mark.parametrize(
    ("before", "after", "rank"), [(3, 3, None), (3, 5, 0), (5, 5, 2), (8, 8, 13), (10, 10, 23)]
)
def test_the_interval_is_that_of_the_tables(before: int, after: int, rank: int | None):
    """Critical values of Mann and Whitney's U, two sides, 5%."""
    old, new = [100.0 * at for at in range(before)], [float(at) for at in range(after)]
    pairs = sorted(b - a for a in old for b in new)
    found = difference_of(old, new)
    if rank is None:
        assert (found.low, found.high) == (float("-inf"), float("inf"))
        return
    drift = (old[-(before // 2)] - old[0] + new[-(after // 2)] - new[0]) / 2
    assert (found.low, found.high) == (pairs[rank] - drift, pairs[-1 - rank] + drift)


def test_more_comparisons_ask_for_more():
    old, new = [1.0, 2.0, 1.0, 2.0] * 2, [3.0, 4.0, 3.0, 4.0] * 2
    one, many = (difference_of(old, new, comparisons=count) for count in (1, 1000))
    assert not one.is_noise
    assert many.low < one.low


def test_a_drift_within_one_series_is_noise():
    old, new = [1.0] * 8, [1.0] * 4 + [3.0] * 4
    assert difference_of(old, new).is_noise
