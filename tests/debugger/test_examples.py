"""The examples of tsviz, stepped: the same results as unstepped."""

import pytest

import tsviz
from tests.debugger.driving import bits, finished, plain_run, started
from tsviz.examples import EXAMPLES, get

SMALL = [example.name for example in EXAMPLES if example.name not in ("resnet50", "bert")]


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("name", SMALL)
def test_examples(name: str):
    example = get(name)
    program = tsviz.capture(example.build().eval(), example.inputs())
    expected, error = plain_run(program)
    assert error is None
    with started(program) as session:
        session.break_at("*", when="False")  # asked at every node
        assert bits(finished(session)) == bits(expected)
