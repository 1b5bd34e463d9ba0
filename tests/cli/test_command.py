"""The command around its subcommands: help, versions, the table of options, the demo."""

from collections.abc import Callable
from pathlib import Path

import pytest

import tsviz as package
from tests.cli.conftest import Done
from tsviz.cli import build_parser
from tsviz.comparison import VARIANTS as COMPARED
from tsviz.comparison.variants import WAYS
from tsviz.frontends.torchscript import VIAS as CAPTURE_VIAS
from tsviz.options import (
    COMMANDS,
    MAGIC,
    OPTIONS,
    VARIANTS,
    VIAS,
    Kind,
    find_option,
    get_option,
    iter_options,
    read_number,
)

Tsviz = Callable[..., Done]


def test_ways_to_capture_are_those_of_capture():
    assert VIAS == CAPTURE_VIAS


def test_variants_are_those_of_the_comparison_and_the_matrix():
    assert set(VARIANTS) == {*COMPARED, "eager"} == set(WAYS)


def test_what_an_option_needs_is_a_flag_of_the_magic():
    for option in OPTIONS:
        assert not option.needs or get_option(MAGIC, option.needs).is_flag
    with pytest.raises(KeyError):
        get_option(MAGIC, "html")


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (Kind.WHOLE, "3", 3),
        (Kind.WHOLE, "3.0", None),
        (Kind.WHOLE, "-3", None),
        (Kind.NUMBER, "0.5", 0.5),
        (Kind.NUMBER, "nan", None),
        (Kind.NUMBER, "half", None),
    ],
)
def test_numbers(kind: Kind, text: str, number: float | None):
    assert read_number(kind, text) == number


def test_every_option_belongs_to_a_face():
    faces = {MAGIC, *(command.name for command in COMMANDS)}
    for option in OPTIONS:
        assert option.faces
        assert set(option.faces) <= faces


def test_name_means_one_thing_on_each_face():
    for face in (MAGIC, *(command.name for command in COMMANDS)):
        names = [option.name for option in iter_options(face)]
        assert len(names) == len(set(names))


def test_find_option():
    option = find_option(MAGIC, "via")
    assert option is not None
    assert (option.usage, option.is_flag) == ("--via=WAY", False)
    assert find_option(MAGIC, "html") is None


def test_no_words(tsviz: Tsviz):
    done = tsviz()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: tsviz [-h] [--version] COMMAND ...")


def test_version(tsviz: Tsviz):
    assert tsviz("--version") == Done(0, f"tsviz {package.__version__}\n", "")


def test_help_lists_commands(tsviz: Tsviz):
    out = tsviz("--help").out
    for command in COMMANDS:
        assert f"    {command.name} " in out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_lists_options(tsviz: Tsviz, command):
    done = tsviz(command.name, "--help")
    assert done.code == 0
    for option in iter_options(command.name):
        assert f"--{option.name}" in done.out


def test_parser_knows_every_option_with_and_without_equals_sign():
    parser = build_parser()
    assert parser.parse_args(["show", "m.pt", "--via=trace"]).via == "trace"
    assert parser.parse_args(["show", "--via", "trace", "m.pt"]).target == "m.pt"
    assert parser.parse_args(["demo", "--out=x.html"]).out == "x.html"


def test_demo(tsviz: Tsviz, folder: Path):
    done = tsviz("demo", "--out=page.html")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == [
        *("model", "variant", "nodes", "linked"),
        *("exact", "call", "inferred", "none", "lines"),
    ]
    assert [line[:17].strip() for line in lines[1:16:3]] == [
        "ResNet-50",
        "BERT-base encoder",
        "Greedy decoder",
        "Object detector",
        "LSTM tagger",
    ]
    for line in lines[1:16]:
        variant, nodes, linked, *counts, _ = line[17:].split()
        assert variant in ("script", "trace", "freeze")
        assert sum(int(count.replace(",", "")) for count in counts) == int(nodes.replace(",", ""))
        assert float(linked.rstrip("%")) > 99
    assert lines[-1].startswith("page.html: ")
    assert "<html" in (folder / "page.html").read_text()
