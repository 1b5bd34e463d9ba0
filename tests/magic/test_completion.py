"""Completion after `%tsdebug`, through the calls that Jupyter makes."""

from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell


def complete(shell: InteractiveShell, text: str) -> list[str]:
    """What the line could become: each completion applied to it."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, len(text)))
    return [text[: one.start] + one.text + text[one.end :] for one in found]


OPTIONS = {
    "%tsdebug --": [
        "%tsdebug --via=",
        "%tsdebug --method=",
        "%tsdebug --trust",
        "%tsdebug --save=",
        "%tsdebug --passes=",
        "%tsdebug --lesson=",
        "%tsdebug --compare",
        "%tsdebug --doctor",
        "%tsdebug --debug",
        "%tsdebug --profile",
        "%tsdebug --text",
        "%tsdebug --keep",
        "%tsdebug --env",
        "%tsdebug --help",
    ],
    "%tsdebug --t": ["%tsdebug --trust", "%tsdebug --text"],
    "%tsdebug --via=t": ["%tsdebug --via=trace"],
    "%tsdebug --trust --via=f": ["%tsdebug --trust --via=freeze"],
    "%%tsdebug --met": ["%%tsdebug --method="],
    "e = %tsdebug --te": ["e = %tsdebug --text"],
    "%tsdebug --compare --": [
        f"%tsdebug --compare {option}"
        for option in (
            *("--via=", "--method=", "--trust", "--save=", "--passes=", "--lesson=", "--compare"),
            *("--doctor", "--debug", "--profile", "--text", "--keep", "--env"),
            *("--variants=", "--inputs="),
            *("--tries=", "--seconds=", "--matrix", "--help"),
        )
    ],
    "%tsdebug --compare --variants=": [
        f"%tsdebug --compare --variants={name}"
        for name in ("trace", "script", "freeze", "optimize", "eager")
    ],
    "%tsdebug --compare --variants=trace,": [
        f"%tsdebug --compare --variants=trace,{name}"
        for name in ("script", "freeze", "optimize", "eager")
    ],
    "%tsdebug --compare --variants=trace,f": ["%tsdebug --compare --variants=trace,freeze"],
    "%tsdebug --m": ["%tsdebug --method="],
    "%tsdebug --compare --m": ["%tsdebug --compare --method=", "%tsdebug --compare --matrix"],
    "%tsdebug --profile --r": ["%tsdebug --profile --runs="],
    "%tsdebug --profile --nodes=": [
        "%tsdebug --profile --nodes=ops",
        "%tsdebug --profile --nodes=all",
    ],
    "%tsdebug --doctor --fi": ["%tsdebug --doctor --fix"],
    "%tsdebug --doctor --fix=": ["%tsdebug --doctor --fix=diff", "%tsdebug --doctor --fix=write"],
    "y = 1\n%tsdebug --te": ["y = 1\n%tsdebug --text"],
}


@pytest.mark.parametrize(("typed", "expected"), OPTIONS.items(), ids=OPTIONS)
def test_options(shell: InteractiveShell, typed: str, expected: list[str]):
    assert complete(shell, typed) == expected


def test_option_file(shell: InteractiveShell):
    Path("page.html").touch()
    Path("page.txt").touch()
    assert complete(shell, "%tsdebug --save=pa") == ["%tsdebug --save=page.html"]


def test_targets_are_models_and_model_files(shell: InteractiveShell):
    Path("model.pt").touch()
    Path("module.txt").touch()
    Path(".hidden.pt").touch()
    found = complete(shell, "%tsdebug mod")
    assert "%tsdebug model" in found
    assert "%tsdebug model.pt" in found
    assert "%tsdebug module.txt" not in found


def test_folders(shell: InteractiveShell):
    Path("models/deep").mkdir(parents=True)
    Path("models/net.pt").touch()
    found = complete(shell, "%tsdebug --trust models/")
    assert {"%tsdebug --trust models/deep/", "%tsdebug --trust models/net.pt"} <= set(found)


def test_other_lines_are_left_alone(shell: InteractiveShell):
    Path("model.pt").touch()
    for typed in ("print(mod", "%time mod", "%tsdebugger --t", "x = 'a' #%tsdebug", "--t"):
        assert not [line for line in complete(shell, typed) if "--trust" in line]


def test_arguments_complete_as_python(shell: InteractiveShell):
    assert "%tsdebug model(torch.ones" in complete(shell, "%tsdebug model(torch.one")
