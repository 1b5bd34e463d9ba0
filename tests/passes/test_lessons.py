"""Every pass has a lesson, and what it shows is what the real pass does, here and now."""

import re
from pathlib import Path

import pytest
import torch

from tsviz.errors import UsageError
from tsviz.frontends import find_model_frame, find_own_frame
from tsviz.ir import Graph, render_graph
from tsviz.passes import Lesson, catalog, lesson, run_passes
from tsviz.passes.lessons import LESSONS

UNSEEN = {
    "canonicalize": "no node changes, only the numbers of values: compare the two texts",
    "lint": "it checks the graph and changes nothing",
    "concat_frozen_linear": "it joins layers only where their weights lie on a CUDA device",
    "fuse_frozen_conv_add_relu": (
        "it calls a kernel of cuDNN, so it acts only where weights lie on a CUDA device"
    ),
}
NEEDS_CUDA = ("concat_frozen_linear", "fuse_frozen_conv_add_relu")
SEEN = [name for name in catalog if name not in UNSEEN]


def test_every_pass_of_the_catalogue_has_a_lesson():
    assert list(catalog) == sorted(LESSONS, key=list(catalog).index)


def test_lessons_that_can_show_no_change_say_why():
    assert {one.name: one.unseen for one in LESSONS.values() if one.unseen} == UNSEEN


@pytest.mark.parametrize("name", SEEN)
def test_the_pass_alone_changes_the_graph(name: str):
    one = lesson(name)
    assert one.step.is_changed
    assert one.runtime is not None or one.step is one.trace[-1]
    assert [step.name for step in one.trace] == [*one.prepare, name] or one.runtime is not None


@pytest.mark.parametrize("name", catalog)
def test_the_graph_is_sound_after_it(name: str):
    one = lesson(name)
    assert one.trace.diagnostics == ()
    assert not any(step.failure for step in one.trace)
    assert one.step.is_checked or one.runtime is not None


@pytest.mark.parametrize("name", SEEN)
def test_marked_lines_are_the_ones_that_the_lesson_is_about(name: str):
    """Their numbers count in the file on disk, and one of them has the fragment."""
    one = lesson(name)
    file = Path(one.file).read_text(encoding="utf-8").split("\n")
    marked = re.findall(r"^ ▸ +(\d+)  (.*)$", repr(one), re.MULTILINE)
    assert marked
    assert all(file[int(number) - 1] == code for number, code in marked)
    about = [int(number) for number, code in marked if one.fragment in code]
    assert about, one.fragment
    assert set(about) & (lines(one, one.step.before) | lines(one, one.step.after))


@pytest.mark.parametrize("name", UNSEEN)
def test_what_shows_no_change_has_its_nodes_at_the_line(name: str):
    one = lesson(name)
    file = Path(one.file).read_text(encoding="utf-8").split("\n")
    assert any(one.fragment in file[number - 1] for number in lines(one, one.step.before))


def lines(one: Lesson, graph: Graph) -> set[int]:
    """The lines of its Python that the nodes of a graph have."""
    frames = [find_model_frame(link.location) for link in graph.links.values()]
    return {frame.line for frame in frames if frame is not None and frame.file == one.file}


NOT_THE_SAME = ("autocast",)
"""What rounds on purpose."""

NOT_RUN = ("quant_fusion",)
"""Making its inputs warns; the record of an executor is held against its runs elsewhere."""


@pytest.mark.parametrize("name", [name for name, known in catalog.items() if known.safe])
def test_safe_passes_compute_the_same(name: str):
    one = lesson(name)
    if one.runtime is not None or name in NOT_RUN:
        return
    assert (one.trace.blame().culprit is None) is (name not in NOT_THE_SAME)


@pytest.mark.parametrize("name", catalog)
def test_page(name: str):
    one = lesson(name)
    page = repr(one)
    words = " ".join(page.split())
    assert page.startswith(f"{name}  ")
    for sentence in (one.info.summary, *one.sentences):
        assert " ".join(sentence.split()) in words.replace(" · ", " ") or sentence in words
    assert f'tsviz.explore(tsviz.passes.lesson("{name}").trace)' in page
    assert max(map(len, page.split("\n"))) <= 100
    assert 1 <= len(one.sentences) <= 3


def test_page_of_one_lesson():
    one = lesson("cse")
    ((first, _),) = one.sources
    shown = repr(one).split("\n")
    assert shown[:3] == [
        "cse  Keeps one of several equal nodes with equal inputs.",
        "",
        "tsviz/passes/lessons/tidying.py",
    ]
    assert f" ▸  {first + 2}      shift = torch.sigmoid(x + 1)" in shown
    assert f" -  {first + 2}    %shift.1 : Tensor = aten::sigmoid(%4)" in shown
    told = f"  · `aten::sigmoid` at line {first + 2} is computed once for all that are equal"
    assert told in shown
    assert "  - goes   ~ is changed" in shown


def test_the_readme_shows_it_as_it_is():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = repr(lesson("cse")).partition("\n\nwhat to know")[0]
    assert f"```\n{shown}\n```" in readme


def test_a_step_of_a_recording_leads_to_it():
    assert lesson("EliminateCommonSubexpression") is lesson("cse")


def test_canonicalize_changes_the_text_alone():
    step = lesson("canonicalize").step
    assert not step.is_changed
    assert render_graph(step.before) != render_graph(step.after)
    assert "after `lint`, the same" in repr(lesson("lint"))


def test_the_catalogue_leads_to_it():
    assert catalog["peephole"].lesson is lesson("peephole")
    assert "tsviz.passes.lesson(NAME)" in repr(catalog)
    assert "tsviz.passes.lesson(NAME)" in catalog._repr_html_()


def test_its_lines_are_ones_the_reader_owns():
    one = lesson("cse")
    places = [find_own_frame(link.location) for link in one.step.before.links.values()]
    assert {place.file for place in places if place is not None} == {one.file}


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("csee", "did you mean `cse`?"),
        ("fuse_addm", "did you mean `fuse_addmm` or `fuse_add_relu` or `fuse`?"),
        ("zzz", "`tsviz passes` lists them"),
    ],
)
def test_unknown_name(name: str, help: str):
    with pytest.raises(UsageError) as raised:
        lesson(name)
    expected = f"error[TSV-U18]: expected the name of a pass, got `{name}`\n  help: {help}"
    assert str(raised.value) == expected


def test_random_state_and_switches_stay_as_they_were():
    state = torch.random.get_rng_state()
    switches = (torch._C._jit_can_fuse_on_cpu(), torch._C._jit_can_fuse_on_cpu_legacy())
    for name in ("fuse", "fuse_tensorexprs", "fold_frozen_conv_bn"):
        run_anew(lesson(name))
    assert torch.equal(torch.random.get_rng_state(), state)
    found = (torch._C._jit_can_fuse_on_cpu(), torch._C._jit_can_fuse_on_cpu_legacy())
    assert found == switches


def run_anew(one: Lesson) -> None:
    one.__dict__.pop("trace", None)
    assert one.trace.changed


@pytest.mark.cuda
@pytest.mark.parametrize("name", NEEDS_CUDA)
def test_on_cuda_the_rest_shows_a_change(name: str):
    assert lesson(name).step.is_changed


def test_a_lesson_is_like_a_pipeline_of_the_users_own():
    one = lesson("peephole")
    again = run_passes(one.trace.program, pipeline=[*one.prepare, one.name])
    assert render_graph(again.last) == render_graph(one.trace.last)
