"""What the rules claim of a model, though PyTorch may have accepted it as a whole."""

from collections.abc import Sequence

from tsviz.diagnosis.examining import Examination, iter_obstacle_cases
from tsviz.diagnosis.observing import observed
from tsviz.diagnosis.reach import explore
from tsviz.diagnosis.rules import Finding
from tsviz.diagnosis.trying import run_eager
from tsviz.frontends import Inputs
from tsviz.frontends.torchscript import find_inputs, find_target


def claims_of(model: object, args: Sequence[object]) -> list[Finding]:
    """The findings of all rules that hold when the compiler is asked about each alone.

    `doctor` itself would not come to ask: it says nothing of a model that scripts.
    """
    target = find_target(model)
    inputs = find_inputs(target, args, None) or Inputs()
    world = explore(target.owner, target.method, target.title, inputs)
    codes = [function.python.__code__ for function in world.functions.values()]
    try:
        with observed(codes) as world.observed:
            run_eager(world)
        examination = Examination(world)
        examination.run()
        assert examination.compiles
        return [case.finding for case in iter_obstacle_cases(examination)]
    finally:
        world.copies.forget()
