"""What is found out on request: once, on copies, and with words where it cannot be."""

from pathlib import Path

import pytest
import torch

import tsviz
from tests.frontends import refused
from tests.models import ZOO
from tests.views.made import chain, example
from tsviz.errors import CaptureError, UsageError
from tsviz.frontends import Program
from tsviz.views.facts import Facts

X = torch.ones(2, 3)


def said(facts: Facts, program: Program) -> str:
    with pytest.raises(UsageError) as caught:
        facts.observe(program)
    return str(caught.value)


def test_observing_twice_runs_once():
    model = torch.jit.script(refused.MutatesScripted().eval())
    facts, program = Facts(), tsviz.capture(model, (X,))
    facts.observe(program)
    first = facts.observed
    assert first != {}
    facts.observe(program)
    assert facts.observed is first


def test_a_program_without_tensors_is_observed_once_as_well():
    program = tsviz.capture(ZOO["arithmetic"].build(), ZOO["arithmetic"].inputs())
    facts = Facts()
    facts.observe(program)
    seen = facts.observed
    facts.observe(program)
    assert seen == {}
    assert facts.observed is seen


def test_no_inputs():
    assert said(Facts(), tsviz.capture(refused.TakesThree().eval())) == (
        "error[TSV-U12]: expected example inputs to run with, got none\n"
        "  help: use %tsdebug model(x)"
    )


def test_text_cannot_run():
    assert said(Facts(), chain([""])).startswith(
        "error[TSV-U01]: expected a program that can run, got "
    )


def test_the_model_raises():
    scripted = torch.jit.script(refused.Rejects().eval())
    code = 'raise ValueError(f"rank {rank} is wrong")'
    number = line(code)
    text = said(Facts(), tsviz.capture(scripted, (X,)))
    assert text.splitlines()[:4] == [
        "error[TSV-U13]: `Rejects.forward` failed on the example inputs: the code raises "
        "ValueError: rank 2 is wrong",
        f"  --> {refused.__file__}:{number}:9",
        f"{number:>4} |         {code}",
        "     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",  # as far as PyTorch's range goes
    ]
    assert len(text.splitlines()) == 4


def line(code: str) -> int:
    rows = Path(refused.__file__).read_text(encoding="utf-8").splitlines()
    (number,) = (at for at, row in enumerate(rows, 1) if code in row)
    return number


def test_an_op_raises_inside_pytorch_and_the_users_line_is_shown():
    program = tsviz.capture(refused.TakesThree().eval(), (torch.ones(2, 5),), via="script")
    number = line("return self.linear(x)")
    text = said(Facts(), program)
    assert text.splitlines()[:5] == [
        "error[TSV-U13]: `TakesThree.forward` failed on the example inputs: a matrix of 5 columns "
        "cannot be multiplied by one of 3 rows",
        f"  --> {refused.__file__}:{number}:16",
        f"{number:>4} |         return self.linear(x)",
        "     |                ^^^^^^^^^^^",
        "  note: call stack, innermost first:",
    ]
    assert (
        "\n  note: PyTorch said: mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)\n" in text
    )
    assert "tsviz_probe" not in text


def test_inputs_that_do_not_fit_any_more():
    program = tsviz.capture(torch.jit.script(refused.TakesThree().eval()), (X,))
    other = Program(
        graph=program.graph,
        methods={},
        sources={},
        variant=program.variant,
        inputs=tsviz.frontends.Inputs((X, X)),
        native=program.native,
        title="TakesThree",
    )
    assert said(Facts(), other).startswith(
        "error[TSV-U15]: expected example inputs that fit `TakesThree.forward(x)`, got 2 positional"
    )


def test_inputs_that_cannot_be_copied():
    def first(x: torch.Tensor, what: torch.Tensor) -> torch.Tensor:
        return x

    program = tsviz.capture(torch.jit.script(first), (X, refused.Unique()))
    with pytest.raises(CaptureError, match=r"TSV-C04.*there is only one of these"):
        Facts().observe(program)


def test_if_possible():
    assert Facts().observe_if_possible(chain([""])) is None
    assert Facts().observe_if_possible(tsviz.capture(refused.TakesThree().eval())) is None
    working = example("detector")
    facts = Facts()
    assert facts.observe_if_possible(working) is None
    assert facts.observed != {}
    failing = tsviz.capture(torch.jit.script(refused.Rejects().eval()), (X,))
    found = Facts().observe_if_possible(failing)
    assert found is not None
    assert (found.code, found.severity) == ("TSV-U13", "warning")


def test_statistics():
    facts, program = Facts(), tsviz.capture(refused.TakesThree().eval())
    first = facts.get_statistics(program, "linear.bias")
    assert sum(first.histogram) == 4
    assert facts.get_statistics(program, "linear.bias") is first
    facts.add_statistics(program)
    assert facts.statistics.keys() == {"linear.weight", "linear.bias"}
    assert facts.statistics["linear.bias"] is first
    facts.add_statistics(chain([""]))
    with pytest.raises(UsageError) as caught:
        facts.get_statistics(program, "linear.gain")
    assert str(caught.value) == (
        "error[TSV-U14]: expected a weight with readable numbers, got `linear.gain`"
    )


def test_schemas():
    facts, program = Facts(), tsviz.capture(refused.TakesThree().eval())
    facts.add_schemas(program)
    (schema,) = facts.schemas.values()
    assert schema.startswith("aten::linear(Tensor input, Tensor weight, Tensor? bias=None)")
    facts.add_schemas(chain([""]))
    assert len(facts.schemas) == 1
