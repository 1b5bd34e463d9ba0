"""Programs whose every line carries a mark of its own tell which links are wrong."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import tsviz
from tests.frontends.generated import generate
from tests.frontends.oracle import Verdict
from tests.frontends.writing import check_program, load_program
from tsviz.frontends.links import link_nodes
from tsviz.location import How

SEEDS = (*range(16), 52, 59, 67, 74, 136, 376)
"""The last ones failed once; `python -m benchmarks.coverage --oracle 2000` runs all."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    folder = tmp_path_factory.mktemp("generated")
    total: dict[str, Verdict] = {}
    for seed in SEEDS:
        for via, verdict in check_program(seed, folder).items():
            total.setdefault(via, Verdict()).add(verdict)
    return total


def test_no_exact_or_call_link_is_wrong(verdicts: dict[str, Verdict]) -> None:
    for via, verdict in verdicts.items():
        assert verdict.wrong[How.EXACT] + verdict.wrong[How.CALL] == 0, (
            via,
            verdict.certain_faults[:5],
        )


def test_every_marked_node_has_a_line(verdicts: dict[str, Verdict]) -> None:
    assert {via: verdict.missing for via, verdict in verdicts.items()} == dict.fromkeys(verdicts, 0)


def test_few_inferred_links_are_wrong(verdicts: dict[str, Verdict]) -> None:
    wrong = sum(verdict.wrong[How.INFERRED] for verdict in verdicts.values())
    right = sum(verdict.right[How.INFERRED] for verdict in verdicts.values())
    assert right > 100
    assert wrong <= 0.02 * (wrong + right)


def test_every_strength_occurs(verdicts: dict[str, Verdict]) -> None:
    for how in (How.EXACT, How.CALL, How.INFERRED):
        assert sum(verdict.right[how] for verdict in verdicts.values()) > 0


def test_without_any_evidence_there_is_no_link(tmp_path: Path) -> None:
    root, _ = load_program(generate(Random(1)), tmp_path, "bare", cell=False)
    graph = replace(tsviz.capture(root, via="script").graph, links={})
    links, _ = link_nodes(graph, {})
    assert {link.how for link in links.values()} == {How.NONE}
    assert set(links) == set(graph.nodes)
