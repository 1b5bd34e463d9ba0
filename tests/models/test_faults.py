"""What is claimed of the models with a fault is what plain PyTorch does."""

import random

import pytest

from tests.models.faults import FAULTS, Fault, truth
from tests.models.faults.domains import find_outside, sample
from tests.models.faults.model import Arguments, parameter_names

WITH_WITNESS = [fault for fault in FAULTS if fault.witness is not None]
WITHOUT = [fault for fault in FAULTS if fault.witness is None]
BY_NAME = {fault.name: fault for fault in FAULTS}


def check_witness(fault: Fault, inputs: Arguments) -> None:
    """The trace with `inputs` is right on them, and wrong on the witness as `effect` says."""
    assert fault.witness is not None
    model, witness = fault.build(), fault.witness()
    traced = truth.trace(model, inputs)
    assert truth.equal(truth.run_eager(model, inputs), truth.run(traced, inputs))
    traced = truth.trace(model, inputs)
    calls = [inputs, witness] if fault.effect == "state" else [witness]
    if fault.effect == "eval":
        model.eval()
        traced.eval()
    seed = 1 if fault.effect == "seed" else 0
    expected = truth.run_eager(model, *calls, seed=seed)
    assert truth.equal(expected, truth.run_eager(model, *calls, seed=seed))
    if fault.effect == "raises":
        with pytest.raises((RuntimeError, IndexError)):
            truth.run(traced, *calls, seed=seed)
    else:
        assert not truth.equal(expected, truth.run(traced, *calls, seed=seed))


@pytest.mark.parametrize("name", [fault.name for fault in WITH_WITNESS])
def test_the_trace_is_wrong_on_the_witness_alone(name: str):
    check_witness(BY_NAME[name], BY_NAME[name].inputs())


@pytest.mark.parametrize("name", [fault.name for fault in WITHOUT])
def test_the_trace_accepts_what_eager_refuses(name: str):
    fault = BY_NAME[name]
    assert fault.effect == "accepts"
    assert fault.reason
    assert fault.refused is not None
    model, inputs, refused = fault.build(), fault.inputs(), fault.refused()
    traced = truth.trace(model, inputs)
    assert truth.equal(truth.run_eager(model, inputs), truth.run(traced, inputs))
    with pytest.raises((AssertionError, ValueError)):
        truth.run_eager(model, refused)
    truth.run(traced, refused)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_arguments_are_in_the_domain(name: str):
    fault = BY_NAME[name]
    names, inputs = parameter_names(fault.build()), fault.inputs()
    others = [make() for make in (fault.witness, fault.refused, fault.inputs_other) if make]
    for arguments in [inputs, *others]:
        assert find_outside(fault.domain, names, inputs, arguments) == []
    assert set(fault.domain) <= set(names)


@pytest.mark.parametrize("name", [fault.name for fault in WITH_WITNESS])
def test_eager_accepts_the_domain(name: str):
    fault = BY_NAME[name]
    model, inputs = fault.build(), fault.inputs()
    names, draw = parameter_names(model), random.Random(0)
    for _ in range(10):
        arguments = sample(fault.domain, names, inputs, draw)
        assert find_outside(fault.domain, names, inputs, arguments) == []
        truth.run_eager(model, arguments)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_line_is_unique(name: str):
    fault = BY_NAME[name]
    text = fault.file.read_text(encoding="utf-8")
    assert text.count(fault.line) == 1
    assert fault.line in text.splitlines()[fault.line_number - 1]


def test_names_and_lines_are_unique():
    assert len(BY_NAME) == len(FAULTS)
    assert len({(fault.file, fault.line_number) for fault in FAULTS}) == len(FAULTS)
    assert len({fault.model for fault in FAULTS}) == len(FAULTS)
