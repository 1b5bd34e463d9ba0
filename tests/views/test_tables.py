"""A program as a table."""

import pandas
import pytest

import tsviz
from tests.models import ZOO
from tests.views.made import chain, example


def test_a_row_for_every_node_in_printed_order():
    program = example("detector")
    frame = program.to_dataframe()
    nodes = list(program.nodes_by_id.values())
    assert frame.index.name == "id"
    assert list(frame.index) == [node.id for node in nodes]
    assert list(frame["op"]) == [node.op for node in nodes]
    lines = [program.model_line(node) for node in nodes]
    assert list(frame["file"]) == [line.file if line else None for line in lines]
    assert frame["line"].tolist() == [line.line if line else pandas.NA for line in lines]
    assert set(frame["how"]) <= {"exact", "call", "inferred", "none"}
    assert list(frame["scope"]) == [program.graph.scope(node) for node in nodes]


def test_columns_and_their_types():
    frame = chain(["a", ""]).to_dataframe()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "op": TEXT,
        "scope": TEXT,
        "file": TEXT,
        "line": "Int64",
        "how": TEXT,
        "inputs": TEXT,
        "outputs": TEXT,
        "types": TEXT,
    }
    assert frame.iloc[1].to_dict() == {
        "op": "aten::relu",
        "scope": "",
        "file": "model.py",
        "line": 2,
        "how": "exact",
        "inputs": "%v1",
        "outputs": "%v2",
        "types": "Tensor",
    }


TEXT = str(pandas.Series(["text"]).dtype)


@pytest.mark.parametrize(
    "text", ["graph():\n  return ()\n", "graph(%x : Tensor):\n  return (%x)\n"]
)
def test_no_nodes(text: str):
    frame = tsviz.parse(text).to_dataframe()
    assert len(frame) == 0
    assert str(frame["line"].dtype) == "Int64"


def test_nodes_without_a_line_have_no_number():
    text = "graph(%x : Tensor):\n  %1 : Tensor = aten::relu(%x)\n  return (%1)\n"
    frame = tsviz.parse(text).to_dataframe()
    assert frame["line"].isna().all()
    assert frame["file"].isna().all()


def test_names_and_types_of_several_values():
    program = tsviz.capture(ZOO["language-model"].build(), ZOO["language-model"].inputs())
    frame = program.to_dataframe()
    (lstm,) = frame[frame["op"] == "aten::lstm"].itertuples()
    assert lstm.types == "Tensor, Tensor, Tensor"
    assert lstm.outputs.count("%") == 3
