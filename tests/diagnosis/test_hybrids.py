"""Hybrids: what is recommended was put together, run, saved and loaded; and runs elsewhere."""

import os
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.diagnosis import mixed
from tsviz.diagnosis import Way, doctor
from tsviz.diagnosis.attempts import Attempts
from tsviz.location import short_path

ROOT = Path(__file__).parents[2]
HYBRIDS: dict[str, tuple[str, str]] = {
    "ScriptedAround": ("mixed.ScriptedAround()", "(rows(),)"),
    "TracedAround": ("mixed.TracedAround()", "(rows(),)"),
    "Nested": ("mixed.Nested()", "(rows(),)"),
    "Training": ("mixed.Training()", "(torch.arange(8.0).reshape(2, 4),)"),
}
TAKES = "the trace always takes that branch"
INPUTS = "[rows(), -rows(), torch.arange(12.0).reshape(3, 4) - 5]"


def verdict_of(model: object, *args: Any, **options: Any) -> Any:
    torch.manual_seed(0)
    return doctor(model, args or (mixed.rows(),), **options).verdict


@cache
def known(name: str) -> Any:
    """The verdict on a model of `mixed` with the rows, asked for once."""
    return verdict_of(getattr(mixed, name)())


def line(text: str, nth: int = 1) -> str:
    """The file and line of a text among the models, the n-th time it stands there."""
    lines = Path(mixed.__file__).read_text(encoding="utf-8").split("\n")
    number = [number for number, held in enumerate(lines, 1) if text in held][nth - 1]
    return f"{short_path(mixed.__file__)}:{number}"


@pytest.mark.parametrize("name", HYBRIDS)
def test_the_code_runs_in_a_process_of_its_own(name: str):
    """With the same weights, inputs of both branches and of another size, saved and loaded."""
    made, args = HYBRIDS[name]
    if name == "Training":
        verdict = verdict_of(mixed.Training(), *eval(args, {"torch": torch}))
    else:
        verdict = known(name)
    assert verdict.way is Way.HYBRID
    script = f"""
import warnings
warnings.simplefilter("ignore")
import io
import torch
from tests.diagnosis import mixed
from tests.diagnosis.mixed import rows
model, args = {made}, {args}
state = {{name: value.clone() for name, value in model.state_dict().items()}}
{verdict.code}
assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
file = io.BytesIO()
torch.jit.save(hybrid, file)
file.seek(0)
loaded = torch.jit.load(file)
for x in {INPUTS}:
    expected = copy.deepcopy(model)(x)
    assert torch.equal(copy.deepcopy(hybrid)(x), expected), x
    assert torch.equal(loaded(x) if not model.training else copy.deepcopy(loaded)(x), expected), x
print(type(hybrid).__name__)
"""
    run = subprocess.run(
        [sys.executable, "-"],
        input=script,
        text=True,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() in ("RecursiveScriptModule", "TopLevelTracedModule")


def test_a_scripted_model_around_a_traced_part():
    verdict = known("ScriptedAround")
    assert verdict.reasons == (
        "torch.jit.script refuses it: TorchScript has no sets",
        f"traced, {line('x.mean() > 0')}: `x.mean() > 0` was True for your input; {TAKES}",
        "doubled is traced: torch.jit.script refuses it: TorchScript has no sets; traced, it gives "
        "eager's result bit for bit on what it is given, and agrees on 24 inputs like them",
        "the rest is scripted",
        "put together by the code below, it gives eager's result bit for bit, agrees on 23 other "
        "inputs, and does so after it was saved and loaded",
    )
    assert verdict.code == textwrap.dedent("""\
        import copy

        import torch

        given = {}  # what the parts to be traced are called with


        def keep(path):
            def hook(part, args):
                given.setdefault(path, copy.deepcopy(args))

            return hook


        watched = copy.deepcopy(model)
        watched.doubled.register_forward_pre_hook(keep("doubled"))
        with torch.no_grad():
            watched(*args)

        hybrid = copy.deepcopy(model)
        hybrid.doubled = torch.jit.trace(hybrid.doubled, given["doubled"], check_trace=False)
        hybrid = torch.jit.script(hybrid)""")


def test_a_traced_model_around_scripted_parts():
    verdict = known("TracedAround")
    assert verdict.code == textwrap.dedent("""\
        import copy

        import torch

        hybrid = copy.deepcopy(model)
        hybrid.gates[0] = torch.jit.script(hybrid.gates[0])
        hybrid.gates[1] = torch.jit.script(hybrid.gates[1])
        hybrid = torch.jit.trace(hybrid, args, check_trace=False)""")
    assert verdict.reasons[2] == (
        "gates.0, gates.1 are scripted: it scripts, and a trace is not enough: "
        f"{line('x.sum() > 0')}: `x.sum() > 0` was True for your input; {TAKES}"
    )


def test_parts_in_parts_and_at_two_places():
    code = known("Nested").code
    assert "hybrid.first = hybrid.second = torch.jit.trace(hybrid.first, " in code
    assert code.index("hybrid.around.gates[1] = torch.jit.script(") < code.index(
        "hybrid.around = torch.jit.trace("
    )
    assert 'example_kwarg_inputs=named(hybrid.around.forward, *given["around"])' in code


def test_buffers_are_as_before_the_recorded_runs():
    code = verdict_of(mixed.Training(), torch.arange(8.0).reshape(2, 4)).code
    assert "hybrid.load_state_dict(model.state_dict())" in code
    code = verdict_of(mixed.Training().eval(), torch.arange(8.0).reshape(2, 4)).code
    assert "load_state_dict" not in code


def test_another_entry_point():
    verdict = verdict_of(mixed.Encoder().encode)
    assert verdict.way is Way.HYBRID
    assert 'torch.jit.trace_module(hybrid, {"encode": args}, check_trace=False)' in verdict.code


def test_after_the_edits_there_are():
    verdict = verdict_of(mixed.Halves(), mixed.rows(), 2)
    assert verdict.way is Way.HYBRID
    assert verdict.code.startswith("# after the edits below\nimport copy\n")
    assert "with the edits below, the rest is scripted" in verdict.reasons


def test_neither_says_what_stopped_each_attempt():
    verdict = known("Hopeless")
    assert verdict.way is Way.NEITHER
    lost = f"{line('x.sum() > 0', 2)}: `x.sum() > 0` was True for your input; {TAKES}"
    assert verdict.reasons == (
        "torch.jit.script refuses it: TorchScript has no sets",
        f"traced, {lost}",
        f"`part` can be neither scripted (TorchScript has no sets) nor traced ({lost})",
    )


def test_an_assertion_is_no_reason_against_a_trace():
    verdict = known("Asserts")
    assert verdict.way is Way.TRACE
    assert verdict.reasons[-1] == (
        f"traced, {line('assert x')}: `assert x.shape[-1] == 4` is not in the trace, but no "
        "result was wrong for it"
    )


def test_a_trace_that_is_wrong_without_a_warning():
    class Counts(nn.Module):
        calls = 0

        def forward(self, x):
            self.calls += len({1})
            return x * self.calls

    verdict = verdict_of(Counts())
    assert verdict.way is Way.NEITHER
    assert "traced, it does not give eager's result: " in verdict.reasons[1]


# ── how much is tried ───────────────────────────────────────────────────────────────────────────


TRYING = "trying other ways"


def test_progress_counts_attempts():
    told: list[tuple[int, int]] = []

    def tell(made: int, most: int, doing: str) -> None:
        if doing == TRYING:
            told.append((made, most))

    verdict_of(mixed.Nested(), progress=tell)
    assert [made for made, _ in told] == list(range(len(told)))
    assert {most for _, most in told} == {200}
    assert 5 < len(told) < 20


def test_an_interrupt_keeps_what_is_known():
    def stop(made: int, most: int, doing: str) -> None:
        if doing == TRYING and made == 2:
            raise KeyboardInterrupt

    found = doctor(mixed.Nested(), (mixed.rows(),), progress=stop)
    assert found.verdict.way is Way.NEITHER
    assert found.verdict.reasons[-1] == ("interrupted after 2 attempts: other ways were not tried")
    assert len(found.obstacles) == 2


def test_attempts_come_to_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tsviz.diagnosis.asking.Attempts", lambda told: Attempts(told, most=3))
    verdict = verdict_of(mixed.Nested())
    assert verdict.way is Way.NEITHER
    assert verdict.reasons[-1] == "3 attempts were made, and no more are"


def test_the_model_stays_as_it_was():
    model = mixed.Nested()
    kinds = [type(part) for part in model.modules()]
    hooks = [len(part._forward_pre_hooks) for part in model.modules()]
    drawn = torch.random.get_rng_state()
    doctor(model, (mixed.rows(),))
    assert [type(part) for part in model.modules()] == kinds
    assert [len(part._forward_pre_hooks) for part in model.modules()] == hooks
    assert torch.equal(torch.random.get_rng_state(), drawn)
