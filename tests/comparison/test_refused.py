"""What cannot be compared: each diagnostic, word for word, and what an interrupt leaves."""

import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.comparison import refused
from tests.comparison.gates import Gate
from tests.comparison.refused import Catches, Draws, Fails, Names, Says, Stops
from tsviz.comparison import Comparison, Status, compare
from tsviz.comparison.proving import Prover
from tsviz.comparison_html import comparison_html
from tsviz.errors import CaptureError, UsageError

FILE = refused.__file__
X = torch.ones(2, 3)
EXAMPLE = '\n  help: write inputs={"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'


def refusal(model: object, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        compare(model, (X,), **options)
    return str(caught.value)


def test_no_inputs():
    with pytest.raises(UsageError) as caught:
        compare(Gate())
    assert str(caught.value) == (
        "error[TSV-V20]: expected example inputs to run `Gate` with, got none\n"
        "  help: pass them: tsviz.compare(model, (x,)), in a terminal --args"
    )


def test_compiled():
    assert refusal(torch.jit.script(Gate())) == (
        "error[TSV-V11]: expected Python code to compare with, got `Gate`, which is compiled\n"
        "  help: pass the model it was made of"
    )


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"y": {}},
            "error[TSV-V12]: expected tensors of the example inputs (x), got 'y'" + EXAMPLE,
        ),
        (
            {"x": {"sizes": 1}},
            "error[TSV-V12]: expected keys among also, classes, devices, dims, dtypes, given, "
            "lengths, only, range, ranks, got 'sizes'" + EXAMPLE,
        ),
        (
            {"x": {"dims": {0: (3, 4)}}},
            "error[TSV-V18]: expected sizes around that of the example, 2, for dimension 0 of "
            "`x`, got 3 to 4",
        ),
        (
            {"x": {"dims": {2: (1, 4)}}},
            "error[TSV-V18]: expected a dimension of `x` from 0 to 1, got 2",
        ),
        (
            {"x": {"dims": 3}},
            "error[TSV-V18]: expected what `x` may be as in the help, got {'dims': 3}\n"
            "  note: Python says: 'int' object has no attribute 'items'" + EXAMPLE,
        ),
        (
            {"x": {"range": (0, float("inf"))}},
            "error[TSV-V18]: expected a range of finite numbers for `x`, got (0, inf)\n"
            "  help: what lies outside may stand in `also`",
        ),
    ],
    ids=["argument", "key", "size", "dimension", "kind", "infinite"],
)
def test_domain(inputs: dict[str, Any], message: str):
    assert refusal(Gate(), inputs=inputs) == message


def test_variant():
    assert refusal(Gate(), variants=("trace", "frozen")) == (
        "error[TSV-V14]: expected variants among trace, script, freeze, optimize, got 'frozen'"
    )


def test_finding_without_a_counter_example(tmp_path: Path):
    found = compare(Gate(), (X,), variants=("trace",), tries=1)
    assert {finding.status for finding in found.findings} == {Status.POSSIBLE}
    with pytest.raises(UsageError) as caught:
        found.write(found.findings[0], tmp_path / "fault.py")
    assert str(caught.value) == (
        "error[TSV-V13]: expected a finding with a counter-example, got one without\n"
        "  help: take one of `.proven`"
    )
    assert list(tmp_path.iterdir()) == []


def test_python_itself_fails():
    with pytest.raises(CaptureError) as caught:
        compare(Fails(), (X,))
    assert str(caught.value) == (
        "error[TSV-V15]: `Fails.forward` fails on the example inputs: a matrix of 3 columns cannot "
        "be multiplied by one of 2 rows\n"
        f"  --> {FILE}:21:16\n"
        "  21 |         return x @ x\n"
        "     |                ^^^^^\n"
        "  note: PyTorch said: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)\n"
        "  help: give the left one 2 columns (transpose or reshape one of them), or a linear layer "
        "`in_features=3`"
    )
    assert isinstance(caught.value.__cause__, RuntimeError)


# ── one variant cannot be made ──────────────────────────────────────────────────────────────────


def failure(found: Comparison, variant: str) -> str:
    one = found[variant]
    assert one.failure is not None
    assert (one.program, one.findings, one.tally.tried) == (None, (), 0)
    return one.failure.render()


@pytest.mark.parametrize("variant", ["trace", "freeze", "optimize"])
def test_a_call_that_raises_inside_a_try_is_not_traced(variant: str):
    found = compare(Catches().eval(), (X,), variants=(variant,), tries=3)
    assert failure(found, variant) == (
        "error[TSV-C06]: `Catches.forward` is not traced: it catches what a call on tensors "
        "raises\n"
        "  note: PyTorch's tracer crashes, with all of Python, when such a call raises inside a "
        "`try`\n"
        "  help: decide with a condition instead, or give an example on which nothing raises"
    )
    assert f"{variant}  not made\n" in str(found)
    assert "not traced: it catches what a call" in str(found)


def test_what_cannot_be_traced_leaves_the_other_variant():
    found = compare(Says(), (X,), tries=3)
    told = (
        "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from "
        "traced functions"
    )
    assert failure(found, "trace") == (
        "error[TSV-V17]: TorchScript cannot trace `Says.forward`: the traced function returns "
        "something that is no tensor\n"
        f"  note: PyTorch said: {told}\n"
        "  help: return tensors, or tuples of them; leave numbers, strings and None out; models of "
        "transformers do with `use_cache=False`"
    )
    assert found["script"].tally.tried == 3


def test_a_dict_as_result_is_traced_as_pytorch_allows():
    found = compare(Names(), (X,), tries=20)
    assert found["trace"].failure is None
    assert found["script"].tally.tried == 20
    assert "warning[TSV-C07]: `Names` returns a dict, so it was traced with `strict=False`" in (
        " ".join(str(found).split())
    )
    assert "TSV-C07" in comparison_html(found)
    (proof,) = [one for one in found.proven if one.variant == "trace"]
    assert "torch.jit.trace(copy.deepcopy(model), copy.deepcopy(args), check_trace=False, " in (
        proof.snippet
    )
    assert "strict=False" in proof.snippet


def test_python_that_does_not_agree_with_itself():
    found = compare(Draws(), (X,), variants=("trace",), tries=3)
    assert found.noise is None
    assert found["trace"].tally.unsteady == 3
    assert found.proven == ()
    lines = str(found).split("\n")
    assert "Python does not agree with itself on the example, so nothing can be proven" in lines
    words = "trace  3 inputs tried, 3 on which Python differs from itself; no counter-example found"
    assert f"{words} in 0 inputs" in lines


# ── interrupts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("interruptible")
def test_interrupted_while_the_model_runs():
    found = compare(Stops(at=30), (X,), tries=40)
    trace, script = found.variants
    assert trace.tally.is_interrupted
    assert 0 < trace.tally.tried < 40
    assert [finding.status for finding in found.proven] == [Status.PROVEN] * 2
    assert (script.program, script.failure, script.tally.is_interrupted) == (None, None, True)
    assert f"trace   {trace.tally.tried} inputs tried, interrupted; 2 proven" in str(found)
    assert "script  not come to before it was interrupted\n" in str(found)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_before_anything_was_tried():
    def stop(tried: int, of: int) -> None:
        assert (tried, of) == (0, 40)
        signal.raise_signal(signal.SIGINT)

    found = compare(Gate(), (X,), tries=40, progress=stop)
    assert [one.tally.tried for one in found.variants] == [0, 0]
    assert [one.tally.is_interrupted for one in found.variants] == [True, True]
    assert found.proven == ()


class Late(Prover):
    """Someone presses Ctrl-C after the first script."""

    def _answer(self, path: Path):
        if path.name != "case_0.py":
            signal.raise_signal(signal.SIGINT)
        return super()._answer(path)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_while_scripts_run():
    with Late() as prover:
        found = compare(Gate(), (X,), tries=40, prover=prover)
    assert [one.status for one in found.proven] == [Status.PROVEN]
    late = "it was interrupted before a process of its own showed it"
    (second,) = (one for one in found.findings if one.reason == late)
    assert (second.status, "torch.full((1, 3), 1.0)" in second.snippet) == (Status.POSSIBLE, True)
    assert found["script"].program is None
    assert found["trace"].tally.is_interrupted


def test_time_runs_out():
    found = compare(Gate(), (X,), variants=("trace",), seconds=0.0)
    tally = found["trace"].tally
    assert (tally.is_stopped, tally.is_interrupted) == (True, False)
    assert "0 inputs tried, time ran out; no counter-example found in 0 inputs" in str(found)


# ── the domain as text ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "inputs",
    [
        {"x": {"dims": {0: (1, 9), 1: (2, 3)}, "range": (-1.0, 1.0)}},
        {"x": {"dims": {}, "range": (0.0, 1.0), "also": (float("nan"), float("-inf"))}},
        {"x": {"dims": {0: "y.0"}}, "y": {"dims": {0: (1, 8)}, "dtypes": ["float64"]}},
    ],
    ids=["sizes", "not finite", "linked"],
)
def test_text_of_a_domain_makes_it_again(inputs: dict[str, Any]):
    class Sum(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x + y

    def told(given: Any) -> str:
        found = compare(Sum(), (X, X), variants=("trace",), inputs=given, tries=1)
        return str(found.domain)

    text = told(inputs)
    made = eval(text, {})
    assert repr({name: made[name] for name in inputs}) == repr(inputs)
    assert told(made) == text


def test_default_domain():
    found = compare(Gate(), X, variants=("trace",), tries=1)
    assert str(found.domain) == "{'x': {'dims': {0: (1, 4)}}}"


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("name", ["shrink", "explain", "write_script"])
def test_interrupted_while_it_is_reported(name: str, monkeypatch: pytest.MonkeyPatch):
    """Whatever it is about then, what was found is not lost."""
    from tsviz.comparison import reporting

    plain, calls = getattr(reporting, name), list[int]()

    def interrupted(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return plain(*given, **named)

    monkeypatch.setattr(reporting, name, interrupted)
    found = compare(Gate(), (X,), variants=("trace",), tries=40)
    assert found["trace"].tally.is_interrupted
    assert len(found.findings) == 3
    assert calls
