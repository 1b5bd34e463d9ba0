"""What is claimed of the models with a fault, and of the clean ones, is what plain PyTorch does."""

import ast
import linecache
import random
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.models.faults import CLEAN, FAULTS, Clean, Fault, truth
from tests.models.faults.domains import find_outside, sample
from tests.models.faults.model import Arguments, parameter_names
from tests.models.faults.variations import (
    Pair,
    cleaned,
    in_function,
    in_submodule,
    is_ours,
    pairable,
    paired,
    renamed,
    with_other_shapes,
)

BY_NAME = {fault.name: fault for fault in FAULTS}
WITH_WITNESS = [fault.name for fault in FAULTS if fault.witness is not None]
# Faults that 30 arguments drawn at random do not show.
RARE = ["early-return"]
CLEAN_BY_NAME = {clean.name: clean for clean in CLEAN}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("variations")


def check_fault(fault: Fault) -> None:
    """The trace is right on the inputs it was made with, and wrong where the fault says so."""
    model, inputs = fault.build(), fault.inputs()
    traced = truth.trace(model, inputs)
    assert truth.equal(truth.run(model, inputs), truth.run(traced, inputs))
    if fault.witness is None:
        check_refused(fault, model, traced)
    else:
        check_witness(fault, model, traced, fault.witness())


def check_refused(fault: Fault, model: nn.Module, traced: nn.Module) -> None:
    assert fault.effect == "accepts"
    assert fault.reason
    assert fault.refused is not None
    with pytest.raises((AssertionError, ValueError)):
        truth.run(model, fault.refused())
    truth.run(traced, fault.refused())


def check_witness(fault: Fault, model: nn.Module, traced: nn.Module, witness: Arguments) -> None:
    calls = [witness]
    if fault.effect == "state":
        assert truth.equal(truth.run(model, witness), truth.run(traced, witness))
        calls = [fault.inputs(), witness]
    if fault.effect == "eval":
        model.eval()
        traced.eval()
    seed = 1 if fault.effect == "seed" else 0
    expected = truth.run(model, *calls, seed=seed)
    assert truth.equal(expected, truth.run(model, *calls, seed=seed))
    if fault.effect == "raises":
        with pytest.raises((RuntimeError, IndexError)):
            truth.run(traced, *calls, seed=seed)
    else:
        assert not truth.equal(expected, truth.run(traced, *calls, seed=seed))


def check_line(fault: Fault) -> None:
    """Each line that may be named stands in the file once."""
    text = fault.file.read_text(encoding="utf-8")
    assert [line for line in (fault.line, *fault.also_right) if text.count(line) != 1] == []
    assert fault.line in linecache.getline(str(fault.file), fault.line_number)


def find_wrong_call(model: Fault | Clean, calls: int) -> Arguments | None:
    """The first of some arguments, drawn from the domain, that the trace is wrong on."""
    eager, inputs = model.build(), model.inputs()
    traced, draw = truth.trace(eager, inputs), random.Random(0)
    for _ in range(calls):
        arguments = sample(model.domain, parameter_names(eager), inputs, draw)
        expected = truth.run(eager, arguments)
        try:
            right = truth.equal(expected, truth.run(traced, arguments))
        except (RuntimeError, IndexError):
            right = False
        if not right:
            return arguments
    return None


@pytest.mark.parametrize("name", BY_NAME)
def test_the_trace_is_wrong_as_the_fault_says(name: str):
    check_fault(BY_NAME[name])


@pytest.mark.parametrize("name", CLEAN_BY_NAME)
def test_the_trace_of_a_clean_model_is_right(name: str):
    assert find_wrong_call(CLEAN_BY_NAME[name], 30) is None


def test_what_proves_clean_models_would_find_the_faults():
    shown = [fault for fault in FAULTS if fault.effect in ("raises", "differs")]
    assert [fault.name for fault in shown if find_wrong_call(fault, 30) is None] == RARE


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if fault.remedy or fault.neutral])
def test_the_line_is_the_only_fault(name: str, folder: Path):
    assert find_wrong_call(cleaned(BY_NAME[name], folder), 30) is None


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if fault.remedy])
def test_the_remedy_changes_no_result(name: str, folder: Path):
    fault = BY_NAME[name]
    clean = cleaned(fault, folder)
    model, other, inputs = fault.build(), clean.build(), fault.inputs()
    draw = random.Random(0)
    for _ in range(30):
        arguments = sample(fault.domain, parameter_names(model), inputs, draw)
        assert truth.equal(truth.run(model, arguments), truth.run(other, arguments))


@pytest.mark.parametrize("name", BY_NAME)
def test_the_arguments_are_in_the_domain(name: str):
    fault = BY_NAME[name]
    names, inputs = parameter_names(fault.build()), fault.inputs()
    others = [make() for make in (fault.witness, fault.refused, fault.inputs_other) if make]
    for arguments in [inputs, *others]:
        assert find_outside(fault.domain, names, inputs, arguments) == []
    assert set(fault.domain) <= set(names)


@pytest.mark.parametrize("name", WITH_WITNESS)
def test_eager_accepts_the_domain(name: str):
    fault = BY_NAME[name]
    model, inputs = fault.build(), fault.inputs()
    names, draw = parameter_names(model), random.Random(0)
    for _ in range(10):
        arguments = sample(fault.domain, names, inputs, draw)
        assert find_outside(fault.domain, names, inputs, arguments) == []
        truth.run(model, arguments)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_line_is_unique(name: str):
    check_line(BY_NAME[name])


@pytest.mark.parametrize("name", BY_NAME)
def test_pytorch_warns_of_no_other_line(name: str):
    """So the model has one fault, as far as PyTorch knows; of many it knows nothing."""
    fault = BY_NAME[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        truth.trace(fault.build(), fault.inputs(), quiet=False)
    warned = {
        warning.lineno
        for warning in caught
        if issubclass(warning.category, torch.jit.TracerWarning)
        and warning.filename == str(fault.file)
    }
    assert warned - {*fault.line_numbers} == set()


def test_names_and_lines_are_unique():
    assert len(BY_NAME) == len(FAULTS)
    assert len(CLEAN_BY_NAME) == len(CLEAN)
    assert len({(fault.file, fault.line_number) for fault in FAULTS}) == len(FAULTS)
    assert len({fault.model for fault in FAULTS}) == len(FAULTS)


def test_every_model_with_a_fault_is_registered():
    """None was left out because nobody found its witness."""
    ours = [fault for fault in FAULTS if is_ours(fault)]
    classes = {
        node.name
        for file in {fault.file for fault in ours}
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    assert classes == {getattr(fault.model, "__name__", "") for fault in ours}


def test_a_run_leaves_the_random_generators_alone():
    before = random.getstate(), torch.get_rng_state(), torch.get_num_threads()
    truth.run(BY_NAME["random-scale"].build(), BY_NAME["random-scale"].inputs())
    assert random.getstate() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert torch.get_num_threads() == before[2]


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if fault.inputs_other])
def test_with_other_shapes(name: str):
    fault = BY_NAME[name]
    other = with_other_shapes(fault)
    assert str(other.inputs()) != str(fault.inputs())
    check_fault(other)


def changed_thrice(fault: Fault, folder: Path) -> Fault:
    """The changes can be combined."""
    return in_submodule(in_function(renamed(fault, folder), folder), folder)


@pytest.mark.parametrize("vary", [renamed, in_function, changed_thrice])
@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if is_ours(fault)])
def test_in_another_file(name: str, vary: Callable[[Fault, Path], Fault], folder: Path):
    varied = vary(BY_NAME[name], folder)
    check_line(varied)
    assert linecache.getline(str(varied.file), varied.line_number).strip() == varied.line
    check_fault(varied)


@pytest.mark.parametrize("name", BY_NAME)
def test_in_a_submodule(name: str, folder: Path):
    check_fault(in_submodule(BY_NAME[name], folder))


def test_no_local_name_survives(folder: Path):
    for fault in filter(is_ours, FAULTS):
        tree = ast.parse(renamed(fault, folder).file.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        nodes = [node for function in functions for node in ast.walk(function)]
        names = {node.arg for node in nodes if isinstance(node, ast.arg)} | {
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        assert [name for name in names - {"self"} if not re.fullmatch(r"name\d+", name)] == []


def pairs() -> list[tuple[str, str]]:
    """Every fault that can stand in a pair stands in two."""
    names = [fault.name for fault in FAULTS if pairable(fault)]
    random.Random(0).shuffle(names)
    return list(zip(names, [*names[1:], names[0]], strict=True))


@pytest.mark.parametrize("names", pairs(), ids=" and ".join)
def test_two_faults_in_one_model(names: tuple[str, str], folder: Path):
    first, second = (BY_NAME[name] for name in names)
    pair = paired(first, second, folder)
    model, inputs = pair.build(), pair.inputs()
    traced = truth.trace(model, inputs)
    assert truth.equal(truth.run(model, inputs), truth.run(traced, inputs))
    for number in (0, 1):
        check_half(pair, number)


def check_half(pair: Pair, number: int) -> None:
    """On the witness of one fault its result is wrong, and that of the other fault is right."""
    model, inputs, witness = pair.build(), pair.inputs(), pair.witness(number)
    assert find_outside(pair.domain, parameter_names(model), inputs, witness) == []
    traced, expected = truth.trace(model, inputs), truth.run(model, witness)
    if pair.faults[number].effect == "raises":
        with pytest.raises((RuntimeError, IndexError)):
            truth.run(traced, witness)
        return
    result = truth.run(traced, witness)
    assert not truth.equal(expected[number], result[number])
    assert truth.equal(expected[1 - number], result[1 - number])
