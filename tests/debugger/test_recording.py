"""Records: what is in them, and where two of them part."""

import pytest
import torch

import tsviz
from tests.debugger.driving import Calls, Gathers, Mismatches, Noisy, bits, plain_run, started
from tests.models import ZOO
from tsviz.debugger.noting import Noting
from tsviz.debugger.numerics import fingerprint

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


def test_every_value_is_in_it():
    with started(Gathers(), (torch.ones(2),)) as session:
        record = session.record()
        assert repr(record) == f"<tsviz.Record of Gathers.forward ({len(record)} values)>"
        assert session.state.position == 1  # what is held stays held
    table = record.to_dataframe()
    products = table[table.op == "aten::mul"]
    assert products.most.tolist() == [0.0, 1.0, 2.0]
    assert products.position.tolist() == [4, 7, 10]
    assert bits(record.result) == bits([torch.ones(2) * i for i in range(3)])


@pytest.mark.parametrize("name", ["small-resnet-traced", "transformer", "fork-each", "in-place"])
def test_results_are_those_of_the_plain_run(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    with started(program) as session:
        assert bits(session.record().result) == bits(plain_run(program)[0])


def test_the_same_run_twice_is_equal():
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        diff = session.record().compare(session.record())
    assert diff.first is None
    assert str(diff) == f"{len(diff.pairs)} of {len(diff.pairs)} values equal bit for bit"


def test_two_inputs():
    model = torch.jit.script(Calls().eval())
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    program = tsviz.capture(model, (torch.ones(1, 3),))
    records = [tsviz.debug(program, (x,)).record() for x in (torch.ones(1, 3), torch.zeros(1, 3))]
    diff = records[0].compare(records[1])
    assert diff.first is not None
    assert records[0].op(diff.first.one) == "aten::add"
    assert diff.first.drift == 0.5
    lines = str(diff).splitlines()
    assert lines[1].startswith("first difference: %shifted.1, by `aten::add` (")
    assert lines[2] == "  relative 0.5, over 3 numbers of it"
    table = diff.to_dataframe()
    assert table[table.op == "prim::GetAttr"].equal.all()
    assert not table[table.op == "aten::linear"].equal.any()


def test_two_variants():
    model, x = Calls().eval(), (torch.ones(1, 3),)
    ways = ("script", "trace", "freeze")
    scripted, traced, frozen = (tsviz.debug(model, x, via=via).record() for via in ways)
    for other in (traced, frozen):
        diff = scripted.compare(other)
        computed = [pair for pair in diff.pairs if scripted.op(pair.one).startswith("aten::")]
        assert len(computed) == 5
        assert all(pair.is_equal for pair in computed)


def test_another_weight_shows_where_it_is_used_first():
    one, other = (torch.jit.script(Calls().eval()) for _ in range(2))
    other.load_state_dict(one.state_dict())
    with torch.no_grad():
        other.head.weight.add_(1)
    diff = (
        tsviz.debug(one, (torch.ones(1, 3),))
        .record()
        .compare(tsviz.debug(other, (torch.ones(1, 3),)).record())
    )
    assert diff.first is not None
    assert diff.one.name(diff.first.one).startswith("%weight")
    assert diff.one.places.scope(diff.one.places.makers[diff.first.one.value]) == "head"


def test_what_fails_is_recorded_as_far_as_it_came():
    with started(Mismatches(), (torch.ones(2, 3),)) as session:
        record = session.record()
    assert record.fault is not None
    assert repr(record).endswith(f"({len(record)} values, failed with RuntimeError)>")
    assert record.op(record.entries[-1]) == "aten::relu"


def test_tensors_are_kept_on_demand():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        record = session.record(keep=["aten::relu"])
        kept = [entry for entry in record.entries if entry.kept is not None]
    assert [record.op(entry) for entry in kept] == ["aten::relu"]
    assert fingerprint(kept[0].kept) == kept[0].mark


def test_nothing_is_printed_again(capfd: pytest.CaptureFixture[str]):
    from tests.debugger.driving import Tells

    with started(Tells(), (torch.ones(2),)) as session:
        session.record()
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 byte"),
    ],
)
def test_where_memory_runs_out_the_run_goes_on(monkeypatch: pytest.MonkeyPatch, error: Exception):
    whole = Noting.note

    def note(self: Noting, tensor: torch.Tensor) -> object:
        if tensor.shape == (1, 2):
            raise error
        return whole(self, tensor)

    monkeypatch.setattr(Noting, "note", note)
    with started(Calls().eval(), (torch.ones(1, 3),)) as session:
        record = session.record(keep=["aten::relu"])
        expected = session.record().result
    assert not record.is_whole
    assert all(entry.kept is None for entry in record.entries)
    assert record.fault is None
    assert bits(record.result) == bits(expected)
    (found,) = record.notes
    assert found.message.startswith("memory ran out when %")
    assert found.message.endswith(" was noted: no tensors are kept")
    assert (found.code, found.help) == ("TSV-D46", "keep fewer nodes: `record(keep=…)`")


def test_other_failures_of_ours_are_no_secret(monkeypatch: pytest.MonkeyPatch):
    def note(self: Noting, tensor: torch.Tensor) -> object:
        raise RuntimeError("something else")

    monkeypatch.setattr(Noting, "note", note)
    with started(Calls().eval(), (torch.ones(1, 3),)) as session:
        record = session.record()
    assert record.fault is not None
    assert "something else" in record.fault.text
