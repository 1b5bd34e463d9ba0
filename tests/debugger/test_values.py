"""Values: what is shown of them, expressions, pins, edits."""

import pytest
import torch

from tests.debugger.driving import (
    Calls,
    Divides,
    Gathers,
    Noisy,
    bits,
    finished,
    plain_run,
    started,
)
from tests.models import ZOO
from tsviz.debugger import Status
from tsviz.debugger.numerics import apart, fingerprint, is_finite, sample, statistics
from tsviz.debugger.values import describe
from tsviz.errors import DebugError

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


def test_statistics():
    found = statistics(torch.tensor([1.0, 3.0, float("nan"), float("-inf"), 0.0]))
    assert (found.kind, found.count, found.nans, found.infinities, found.zeros) == (
        "f32[5]",
        5,
        1,
        1,
        1,
    )
    assert (found.least, found.most, found.strides) == (0.0, 3.0, (1,))
    assert found.mean == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (torch.tensor([1, 2]), "i64[2]  1 … 2  mean 1.5  [1, 2]"),
        (torch.tensor(True), "bool[]  [True]"),
        (torch.tensor([]), "f32[0]"),
        (torch.ones(2, device="meta"), "f32[2]  meta"),
        (torch.tensor([1 + 2j]), "c64[1]  [1+2j]"),
        (torch.full((3,), float("nan")), "f32[3]  3 NaN  [nan, nan, nan]"),
        (torch.eye(2).to_sparse(), "f32[2, 2]  1 … 1  mean 1"),
        (
            torch.arange(100, dtype=torch.float16),
            "f16[100]  0 … 99  mean 49.5  [0, 1, 2, 3, 4, 5, …]",
        ),
    ],
)
def test_tensors_in_a_line(tensor: torch.Tensor, text: str):
    assert describe(tensor) == text


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ([], "[]"),
        ([1, [2.0, "a"]], "[1, [2.0, 'a']]"),
        ((torch.ones(1), None), "(f32[1]  [1], None)"),
        ({"a": 1}, "{'a': 1}"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, … 3 more]"),
        ("x" * 300, "'" + "x" * 198 + "…"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_others_in_a_line(what: object, text: str):
    assert describe(what) == text


def test_fingerprints_tell_every_bit():
    base = torch.randn(5000)
    other = base.clone()
    assert fingerprint(base) == fingerprint(other)
    other[4321] = torch.nextafter(other[4321], torch.tensor(9.0))
    assert fingerprint(base) != fingerprint(other)
    swapped = base.clone()
    swapped[[0, 1]] = swapped[[1, 0]]
    assert fingerprint(base) != fingerprint(swapped)
    assert fingerprint(base) != fingerprint(base.reshape(50, 100))
    assert fingerprint([1, 2]) != fingerprint((1, 2)) != fingerprint([2, 1])
    assert fingerprint(torch.ones(4, 4).T) == fingerprint(torch.ones(4, 4))


def test_finite():
    assert is_finite(torch.ones(2))
    assert is_finite(torch.tensor([1, 2]))
    assert is_finite("text")
    assert not is_finite([torch.ones(1), torch.tensor([float("nan")])])
    assert not is_finite(float("-inf"))


def test_samples():
    assert sample(torch.arange(640.0))[:3] == (0.0, 10.0, 20.0)
    assert sample("text") == ()


def test_apart():
    one = torch.tensor([1.0, 2.0, float("nan"), 4.0])
    other = one.clone()
    assert str(apart(one, other)) == "equal bit for bit in value, 4 numbers"
    other[1] = torch.nextafter(other[1], torch.tensor(9.0))
    found = apart(one, other)
    assert (found.differing, found.ulps, found.where) == (1, 1, (1,))
    other[3] = float("inf")
    assert apart(one, other).absolute == float("inf")
    assert str(apart(torch.tensor([1, 2]), torch.tensor([1, 5]))) == (
        "1 of 2 numbers differ: at most 3 (relative 0.6), at [1]"
    )
    assert apart(torch.tensor([-0.0]), torch.tensor([1e-45])).ulps == 1


def test_values_in_sight():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.run_to("aten::relu")
        session.wait()
        shown = {view.name: view for view in session.values()}
        assert shown["%x.1"].text == "f32[1, 3]  1 … 1  mean 1  [1, 1, 1]"
        assert shown["%x.1"].statistics is not None
        assert session.value("shifted").name.startswith("%shifted")
        assert session.to_dataframe().loc["%x.1", "shape"] == (1, 3)
        assert session.value("self").note == (
            "%self cannot be shown: objects of classes stay inside PyTorch"
        )
        assert session.evaluate("self.head.out_features") == 2


def test_members_of_values_that_have_dots_in_their_names():
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.run_to("aten::relu")
        session.wait()
        assert session.evaluate("%x.1.shape[1]") == 3
        assert session.evaluate("%x.1.half().float().sum() + %x.1[0, 0]") == 4
        with pytest.raises(DebugError, match=r"no value is called `%nothing\.half` here"):
            session.evaluate("%nothing.half()")


def test_stale_values_of_an_earlier_iteration_are_out_of_sight():
    with started(Gathers(), (torch.ones(2),)) as session:
        session.run_to("aten::append")
        session.wait()
        made = {view.name for view in session.values()}
        session.run_to("aten::mul")
        session.wait()
        assert made - {view.name for view in session.values()} != set()


def test_attributes_show_their_mutation():
    with started(Noisy(), (torch.ones(1, 4),)) as session:
        assert session.evaluate("self.count") == 0
        session.run_to("prim::SetAttr")
        session.wait()
        session.step()
        session.wait()
        assert session.evaluate("self.count") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "%nothing",
            "error[TSV-D02]: no value is called `%nothing` here\n"
            "  help: `values()` lists what there is",
        ),
        (
            "shiftd",
            "error[TSV-D02]: no value is called `shiftd` here\n  help: did you mean `shifted`?",
        ),
        ("%z.1", "error[TSV-D03]: %z.1 was not computed yet"),
        ("%self", "error[TSV-D04]: %self cannot be shown: objects of classes stay inside PyTorch"),
    ],
)
def test_values_that_are_not_there(text: str, message: str):
    with started(Calls(), (torch.ones(1, 3),)) as session:
        session.run_to("aten::relu")
        session.wait()
        with pytest.raises(DebugError) as caught:
            session.evaluate(text)
        assert str(caught.value) == message


def test_old_values_make_room():
    with started(Calls(), (torch.ones(1, 3),), memory=20) as session:
        session.run_to("aten::relu")
        session.wait()
        with pytest.raises(DebugError) as caught:
            session.evaluate("%shifted.1")
        assert str(caught.value) == (
            "error[TSV-D05]: %shifted.1 had to make room for values computed later\n"
            "  help: go back to where it was computed, or give `debug(…, memory=…)` more bytes"
        )


def test_what_cannot_be_uninitialized():
    with started(ZOO["loop-control"].build(), ZOO["loop-control"].inputs()) as session:
        session.run_to("aten::remainder")
        session.wait()
        notes = [view.note for view in map(session.value, session._places.names) if view.note]
        assert any("it may be uninitialized" in note for note in notes)


def test_expressions_disturb_nothing():
    with started(Noisy().train(), (torch.ones(2, 4),)) as session:
        expected = bits(plain_run(session.program)[0])
        session.watch("torch.rand(3).sum() * x.sum()")
        while session.state.is_held:
            session.evaluate("torch.randn(2)")
            session.watches()
            session.step()
            session.wait()
        assert bits(session.result) == expected


def test_watches():
    with started(Divides(), (torch.ones(2),)) as session:
        session.watch("x * 2")
        session.watch("1 / 0")
        session.watch("gone")
        assert session.watches() == {
            "x * 2": "f32[2]  2 … 2  mean 2  [2, 2]",
            "1 / 0": "ZeroDivisionError: division by zero",
            "gone": "no value is called `gone` here",
        }
        session.unwatch("gone")
        with pytest.raises(DebugError) as caught:
            session.unwatch("gone")
        assert str(caught.value) == "error[TSV-D14]: `gone` is not watched"


def test_pins():
    with started(Divides(), (torch.tensor([1.0, 2.0]),)) as session:
        session.run_to("aten::reciprocal")
        session.wait()
        session.pin("y", "first")
        assert str(session.compare("first", "y")) == "equal bit for bit in value, 2 numbers"
        assert session.compare("first", "x").absolute == 1.0
        with pytest.raises(DebugError) as caught:
            session.compare("first", "x[:1]")
        assert str(caught.value) == ("error[TSV-D35]: cannot compare: shapes [2] and [1] differ")


# ── edits ───────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_holds_for_the_nodes_to_come():
    with started(Divides(), (torch.tensor([1.0, 2.0]),)) as session:
        session.run_to("aten::reciprocal")  # y = x + 1 has run
        session.wait()
        session.set("x", "x * 0 + 4")
        state = session.wait()
        assert (state.is_held, state.node.op) == (True, "aten::reciprocal")  # type: ignore[union-attr]
        assert session.value("x").edited
        assert session.evaluate("y").tolist() == [2.0, 3.0]  # type: ignore[union-attr]
        assert finished(session).tolist() == [2.25, 3.25]


def test_an_edit_after_a_node():
    with started(Divides(), (torch.tensor([1.0, 0.0]),)) as session:
        session.continue_(finite=True)
        session.wait()
        name = session.values()[-1].name
        session.set(name, "torch.zeros(2)")
        session.wait()
        assert finished(session).tolist() == [2.0, 1.0]


def test_an_edit_ends_where_the_value_is_computed_anew():
    with started(Gathers(), (torch.ones(1),)) as session:
        session.run_to("aten::append")
        session.wait()
        name = next(
            view.name for view in session.values() if view.type == "Tensor" and view.name != "%x.1"
        )
        session.set(name, "torch.full((1,), 9.0)")
        session.wait()
        assert [item.item() for item in finished(session)] == [9.0, 1.0, 2.0]


def test_going_back_past_an_edit_undoes_it():
    with started(Divides(), (torch.tensor([1.0, 2.0]),)) as session:
        session.run_to("aten::reciprocal")
        session.wait()
        session.set("x", "x * 0 + 4")
        session.wait()
        session.back()
        assert not session.wait().notes
        assert not session.value("x").edited
        assert finished(session).tolist() == [3.0, 3.5]


def test_numbers_are_edited():
    @torch.jit.script
    def scaled(x: torch.Tensor, n: int):
        return x * n

    with started(scaled, (torch.ones(2), 3)) as session:
        session.set("n", "5")
        session.wait()
        assert finished(session).tolist() == [5.0, 5.0]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x", "3", "error[TSV-D34]: expected a value of type Tensor for %x.1, got 3"),
        (
            "%self",
            "3",
            "error[TSV-D33]: %self cannot be replaced: objects of classes stay inside PyTorch",
        ),
        (
            "found",
            "[x]",
            "error[TSV-D33]: %found.1 cannot be replaced: the program "
            "writes into it, maybe by other names, too",
        ),
    ],
)
def test_edits_that_cannot_be(name: str, text: str, message: str):
    with started(Gathers(), (torch.ones(2),)) as session:
        session.run_to("aten::append")
        session.wait()
        with pytest.raises(DebugError) as caught:
            session.set(name, text)
        assert str(caught.value) == message
        assert session.state.status is Status.PAUSED
