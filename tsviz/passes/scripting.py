"""The pipeline of `torch.jit.script`, as far as PyTorch prints it, function by function."""

from collections.abc import Iterator
from dataclasses import replace

from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.ir import comment_place, read_graph
from tsviz.jit.script_log import Compilation, record_scripting
from tsviz.location import How, Link
from tsviz.passes.origins import Tagged
from tsviz.passes.snapshots import Line, Snapshots
from tsviz.passes.trace import PassRecord, PassTrace

_DEAD, _FOLD = "EliminateDeadCode", "ConstantPropagationImmutableTypes"
_LAST = "ConstantPooling + CanonicalizeOutputs + AnnotateWarns"


def record_scripted(program: Program) -> PassTrace:
    """Scripts the model of a program anew and records how its functions are cleaned up.

    The entry point is the program itself; each function that it calls is a part of it.
    """
    shared = Snapshots({}, {}, {})
    records: list[PassRecord] = []
    first, own = program.graph, -1
    for part, compilation in enumerate(record_scripting(program.model, program.method)):
        line = _begin(shared, compilation)
        first = first if part else line.current.graph
        stage = f"compiling {compilation.name}"
        for name, text in _steps(compilation):
            before = line.current.graph
            after, origins = shared.follow(line, text)
            index = len(records)
            records.append(PassRecord(index, own, part, name, stage, 0, before, after, origins))
        own = own if part else len(records) - 1
    return PassTrace(program, "script", first, tuple(records), (_hidden(program),))


def _steps(compilation: Compilation) -> Iterator[tuple[str, str]]:
    """What ran, and the text after it; the first text is where the record begins.

    Where constants were propagated, dead code is taken away once more, and printed before the rest.
    """
    is_clean = is_folded = False
    for dump in compilation.dumps[1:]:
        if dump.file != "dead_code_elimination":
            name, is_printed, is_folded = _FOLD, is_folded, True
        elif is_clean:
            name, is_printed, is_folded = f"{_FOLD} + {_DEAD}", False, True
        else:
            name, is_printed, is_clean = _DEAD, False, True
        if not is_printed:
            yield name, dump.text
    yield _LAST, compilation.compiled


def _begin(shared: Snapshots, compilation: Compilation) -> Line:
    """The line of a function, whose nodes stand where the comments in its text say."""
    text = compilation.dumps[0].text
    reading = read_graph(text, compilation.name)
    for node, comment in reading.comments.items():
        place = comment_place(comment)
        if place is not None:
            shared.links[node] = Link(place, How.EXACT)
    graph = replace(reading.graph, links=shared.links, scopes=shared.scopes)
    return Line(Tagged(graph, {}), dict(graph.values), dict(graph.types), text)


def _hidden(program: Program) -> Diagnostic:
    message = (
        f"how PyTorch emits `{program.name}` and puts it into SSA form is not observable: the "
        f"record of each function begins after LowerSimpleTuples"
    )
    return Diagnostic("TSV-S08", message, severity="warning")
