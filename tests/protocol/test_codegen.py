"""The TypeScript half of the wire, and the fixtures it is tested with, follow the Python half."""

import json

import pytest

from tests.protocol.write_fixtures import FIXTURES, FOLDER, render
from tsviz.protocol import codegen


def test_committed_typescript_is_what_the_dataclasses_say() -> None:
    assert codegen.TARGET.read_text(encoding="utf-8") == codegen.generate()


def test_check_fails_on_an_outdated_file(tmp_path, monkeypatch, capsys) -> None:
    outdated = tmp_path / "protocol.generated.ts"
    outdated.write_text("// old\n")
    monkeypatch.setattr(codegen, "TARGET", outdated)
    assert codegen.main(["--check"]) == 1
    assert "out of date; run python -m tsviz.protocol.codegen" in capsys.readouterr().err
    assert codegen.main([]) == 0
    assert codegen.main(["--check"]) == 0


def test_a_type_without_a_typescript_form_is_named() -> None:
    with pytest.raises(TypeError, match="no TypeScript form for set"):
        codegen._type(set[str])


@pytest.mark.parametrize("name", FIXTURES)
def test_committed_fixtures_are_what_the_builder_writes(name: str) -> None:
    committed = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert committed == json.loads(render(FIXTURES[name]()))
