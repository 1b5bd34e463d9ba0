"""Where a variant is wrong although Python went the same way: state, modes, random numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from tsviz.comparison.findings import Loss
from tsviz.comparison.programs import diff
from tsviz.comparison.search import Search
from tsviz.comparison.state import find_changed, find_changers, state_of
from tsviz.comparison.subject import Case
from tsviz.comparison.suspects import Proof
from tsviz.frontends.torchscript import import_program
from tsviz.jit import natives
from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Explained:
    """A wrong result, and what it comes from.

    Attributes:
        name: the buffer or attribute that changes, or "".
        places: where, the first of them the cause; none if it is not known.
    """

    loss: Loss
    proof: Proof
    name: str = ""
    places: tuple[FileRange, ...] = ()


def explain(search: Search) -> tuple[Explained, ...]:
    """What the unexplained inputs of a search come from, each cause once."""
    inside = [proof for proof in search.unexplained if proof.candidate.is_inside]
    if not inside or search.base is None:
        return tuple(Explained(Loss.RESULT, proof) for proof in inside[:1])
    found: list[Explained] = []
    states = tuple(_iter_states(search, inside))
    found += states
    for loss, proofs in _by_loss(inside, has_state=bool(states)).items():
        places = _differing_lines(search, proofs[0].candidate.case)
        if states and not places:
            continue  # it is the state once more
        if loss is Loss.MODE and places:
            found += [Explained(loss, proofs[0], "", (place,)) for place in places]
        else:
            found.append(Explained(loss, proofs[0], "", places))
    return tuple(found)


def _by_loss(proofs: list[Proof], *, has_state: bool) -> dict[Loss, list[Proof]]:
    """The inputs that state does not explain; what differs from the example least comes first."""
    found: dict[Loss, list[Proof]] = {}
    for proof in proofs:
        case = proof.candidate.case
        if case.evaluating:
            found.setdefault(Loss.MODE, []).append(proof)
        elif case.seed:
            found.setdefault(Loss.RANDOM, []).append(proof)
        elif case.calls == 1:
            found.setdefault(Loss.VALUE, []).append(proof)
    if not found and not has_state:
        found[Loss.RESULT] = proofs
    return found


def _iter_states(search: Search, proofs: list[Proof]) -> Iterator[Explained]:
    subject = search.subject
    if not natives.is_module(subject.owner) or search.base is None:
        return
    proof = next((proof for proof in proofs if proof.candidate.case.calls > 1), proofs[0])
    if proof.candidate.case.evaluating or proof.candidate.case.seed:
        return
    followed = {
        name
        for name, tensor in proof.expected.buffers.items()
        if name in proof.found.buffers and tensor.equal(proof.found.buffers[name])
    }
    constants = _differing_lines(search, Case(subject.example.inputs, calls=2))
    for name in _changed(search):
        if name not in followed:
            places = find_changers(search.base, name)
            yield Explained(Loss.STATE, proof, name, tuple(dict.fromkeys((*places, *constants))))


def _changed(search: Search) -> tuple[str, ...]:
    """The buffers and attributes that one run in Python changes."""
    model, run = search.subject.prepared_run(search.subject.example)
    assert natives.is_module(model)
    before = state_of(model)
    run()
    return find_changed(before, state_of(model))


def _differing_lines(search: Search, case: Case) -> tuple[FileRange, ...]:
    """The lines at which a trace made in this case differs from that of the example."""
    subject = search.subject
    other, error, _ = subject.trace(case)
    if error is not None:
        return ()
    inputs = subject.example.inputs
    first, second = (
        import_program(native, subject.native_method(native), inputs=inputs)
        for native in (search.native, other)
    )
    lines = [node.line_before or node.line_after for node in diff(first, second).nodes]
    return tuple(dict.fromkeys(line for line in lines if line is not None))
