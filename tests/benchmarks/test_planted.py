"""The planted costs are what the benchmark takes them for."""

from dataclasses import replace

import pytest
import torch

from benchmarks import planted, profiler


def test_counts_and_notes_agree():
    with torch.no_grad():
        built, noted = profiler.profile_planted(planted.Loops())
    calls = sum(s.calls or 0 for s in built.samples.values() if s.op == planted.OP)
    assert calls == len(noted) > 0
    with torch.no_grad():
        built, noted = profiler.profile_planted(planted.Branches())
    assert [s.taken for s in built.samples.values() if s.taken] == [(1, 9)]
    assert len(noted) == 1


def test_what_was_not_counted_right_is_off_by_all():
    with torch.no_grad():
        built, noted = profiler.profile_planted(planted.Loops())
    missing = {node: replace(s, calls=None) for node, s in built.samples.items()}
    assert profiler.off_in_loop(replace(built, samples=missing), noted) == 1.0


@pytest.mark.parametrize("number", [0, 1])
def test_the_order_is_turned_round(number: int):
    ran: list[str] = []

    def run(name: str) -> int:
        ran.append(name)
        return 1

    series = profiler.Series()
    series.take_turns({"a": lambda _: run("a"), "b": lambda _: run("b")}, number)
    assert ran == (["a", "b"] if number else ["b", "a"])
