"""A profile on the wire: nothing is lost of it, and a page has what draws it only if it has one."""

import re
from math import isnan
from pathlib import Path

import pytest
import torch
from torch import nn

import tsviz
from tests.models.seeding import seeded
from tsviz.measured import Measured
from tsviz.profiler import Profile
from tsviz.protocol import Document
from tsviz.protocol.profile_tables import ProfilePayload
from tsviz.session import Session


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = self.inner(x)
        if x.sum() > -1e9:
            x = torch.relu(x)
        return x


@pytest.fixture(scope="module")
def found() -> Profile:
    program = tsviz.capture(seeded(Branching)().eval(), (torch.ones(2, 4),), via="script")
    return tsviz.profile(program, runs=3, nodes="all")


@pytest.fixture(scope="module")
def document(found: Profile) -> Document:
    return Session(found.program, "0", measured=Measured(found)).document(shared=True)


@pytest.fixture(scope="module")
def payload(document: Document) -> ProfilePayload:
    assert document.profile is not None
    return document.profile


def test_every_nanosecond_is_sent_once(found: Profile, payload: ProfilePayload):
    whole = sum(sample.cpu_ns or 0 for sample in found.samples.values())
    for shares in (payload.node_shares, payload.line_shares, payload.module_shares):
        assert sum(shares.cpu_ns.data) == whole
    known = [taken for taken in payload.samples.cpu_ns.data if not isnan(taken)]
    assert sum(known) == whole == payload.accounting.attributed


def test_nodes_are_called_as_in_their_graphs(document: Document, payload: ProfilePayload):
    program, plan = (set(document.graphs[row].nodes.id.data) for row in (0, payload.graph))
    assert set(payload.samples.node.data) <= plan
    assert set(payload.samples.origins.data) <= program
    assert set(payload.nodes.data) - {-1} <= program
    ends = list(payload.samples.origins_at.data)
    assert ends == sorted(ends)
    assert ends[-1] == len(payload.samples.origins)


def test_what_was_not_measured_is_not_a_number(payload: ProfilePayload):
    assert all(map(isnan, payload.node_shares.device_ns.data))
    assert not payload.has_device
    assert payload.accounting.kernels is None


def test_lines_are_rows_of_the_document(document: Document, payload: ProfilePayload):
    files = {document.files[file].title for file in payload.line_file.data if file >= 0}
    assert files == {"test_profile_payloads.py"}
    assert payload.modules[0] == ""
    assert "inner.0" in payload.modules


def test_the_plan_has_the_shapes_that_flowed(document: Document, payload: ProfilePayload):
    plan = document.graphs[payload.graph]
    observed = {document.strings[int(row)] for row in plan.values.observed.data}
    assert "f32[2, 4]" in observed


def test_the_timeline_is_one_run(found: Profile, payload: ProfilePayload):
    line = payload.timeline
    assert (line.run, len(line.node)) == (found.shown_run, len(found.pieces))
    assert set(line.node.data) - {-1} <= set(payload.samples.node.data)


def test_a_page_has_the_plots_only_with_a_profile(found: Profile, tmp_path: Path):
    without, with_ = tmp_path / "without.html", tmp_path / "with.html"
    tsviz.save(found.program, without)
    summary = tsviz.save(found, with_)
    assert re.match(r"[\d.]+ MB: \d+ nodes, a profile of 3 runs, \d+ source files", summary)
    assert "tsviz-plots" not in without.read_text().split('id="tsviz-data"')[1]
    page = with_.read_text()
    assert '<script type="text/plain" id="tsviz-plots">' in page
    plain, more = scripts(without.read_text()), scripts(page)
    assert (len(plain), len(more)) == (1, 2)
    assert more[0] == plain[0]


def scripts(page: str) -> list[str]:
    """The hashes that the page's policy allows as scripts."""
    (policy,) = re.findall(r"script-src ([^;]*);", page[:3000])
    rest = policy.replace("'wasm-unsafe-eval'", "").split()
    assert all(re.fullmatch(r"'sha256-[\w+/=]+'", one) for one in rest)
    return rest


def test_explore_shows_it(found: Profile):
    explorer = tsviz.explore(found)
    assert explorer.profile is found
    assert explorer.session.document().profile is not None
