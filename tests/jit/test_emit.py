"""Graphs made again from the neutral IR: they print as before, and run to the last bit the same."""

import pytest
import torch

import tsviz
from tests.models import ZOO
from tests.passes.comparing import normalised
from tsviz.errors import PassError
from tsviz.frontends import Program
from tsviz.ir import read_graph
from tsviz.jit.emit import Emitter
from tsviz.jit.natives import inlined_graph
from tsviz.jit.walking import print_graph

NOT_IN_TEXT = {  # functions, Python ops and enums are printed by their names
    *("autograd-function-traced", "bag-of-words", "enum-argument", "feed-forward"),
    *("fork-function", "hooks", "ignored-python-method", "module-containers"),
    *("many-rewrites", "nested-calls", "traced-with-scripted-function", "unet"),
}


def zoo_program(name: str) -> Program:
    return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())


@pytest.mark.parametrize("name", sorted(ZOO))
def test_what_is_emitted_prints_as_before(name: str):
    program = zoo_program(name)
    native = inlined_graph(program.native, program.method)
    emitted = Emitter(program.graph, native).emit(program.graph)
    torch._C._jit_pass_lint(emitted)
    again = read_graph(print_graph(emitted)).graph
    assert normalised(again) == normalised(read_graph(print_graph(native)).graph)


@pytest.mark.parametrize("name", sorted(ZOO))
def test_what_is_made_from_text_alone_prints_as_before(name: str):
    """Nothing is cloned: an emitter that knows the types, and no node."""
    program = zoo_program(name)
    native = inlined_graph(program.native, program.method)
    emitter = Emitter(program.graph, native)
    other = read_graph(print_graph(native)).graph  # with ids of its own
    if name in NOT_IN_TEXT:
        with pytest.raises(PassError, match="TSV-S05"):
            emitter.emit(other)
        return
    emitted = emitter.emit(other)
    again = read_graph(print_graph(emitted)).graph
    assert normalised(again) == normalised(other)
