"""What a step does, in a sentence: every step that PyTorch's own pipelines are seen to make."""

import pytest

import tsviz
from tsviz.examples import get
from tsviz.passes import Runtime, catalog, describe_pass, lesson_of, run_passes

PIPELINES = {
    "plan": Runtime(grad=False),
    "gradients": Runtime(grad=True),
    "legacy": Runtime(grad=True, executor="legacy"),
    "simple": Runtime(grad=False, executor="simple"),
    "script": "script",
    "freeze": "freeze",
    "optimize": "optimize",
}


@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
def test_every_step_has_a_sentence(pipeline: Runtime | str):
    example = get("detector")
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    trace = run_passes(program, pipeline=pipeline)
    unknown = {part for step in trace for part in step.name.split(" + ") if not describe_pass(part)}
    assert unknown == set()


def test_passes_by_name_have_the_sentence_of_the_catalogue():
    assert all(describe_pass(name) == known.summary for name, known in catalog.items())
    assert describe_pass("EliminateDeadCode") == catalog["dce"].summary


def test_steps_of_several_passes_say_each_once():
    both = describe_pass("Inline + Peephole + PeepholeOptimize")
    assert both == f"{catalog['inline'].summary} {catalog['peephole'].summary}"
    assert describe_pass("my_pass") == ""


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("cse", "cse"),
        ("EliminateDeadCode", "dce"),
        ("InsertProfileNodes", ""),
        ("LowerSimpleTuples + PeepholeOptimize", "peephole"),
        ("CreateAutodiffSubgraphs", "create_autodiff_subgraphs"),
        ("FrozenConcatLinear + FoldFrozenConvAndLinear", "concat_frozen_linear"),
        ("my_pass", ""),
        ("", ""),
    ],
)
def test_lesson_of_a_step(step: str, name: str):
    assert lesson_of(step) == name


LEAST_SHARE = {"plan": 0.65, "gradients": 0.6, "legacy": 0.6, "freeze": 0.65, "optimize": 0.65}


@pytest.mark.parametrize("pipeline", LEAST_SHARE)
def test_most_steps_have_a_lesson(pipeline: str):
    example = get("detector")
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    steps = [step.name for step in run_passes(program, pipeline=PIPELINES[pipeline])]
    led = [name for name in steps if lesson_of(name)]
    share = f"{pipeline}: {len(led)} of {len(steps)} steps have a lesson"
    print(share, "without one:", sorted(set(steps) - set(led)))  # noqa: T201 (seen with -s)
    assert all(lesson_of(name) in catalog for name in led)
    assert len(led) / len(steps) >= LEAST_SHARE[pipeline]
