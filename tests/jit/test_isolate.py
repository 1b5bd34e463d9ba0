"""The child process: it answers, or it fails in a way that the parent survives and can name."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tsviz.jit import isolate
from tsviz.jit.confinement import Limits, landlock_version
from tsviz.jit.isolate import (
    Child,
    ChildFailure,
    Json,
    get_child,
    start_ahead,
    started_ahead,
)

MEBIBYTE = 2**20


def ask(work: str, request: Json = None, limits: Limits | None = None) -> Json:
    with Child(f"tests.jit.child_work:{work}") as child:
        return child.ask(request, limits or Limits())


def failure(work: str, request: Json = None, limits: Limits | None = None) -> ChildFailure:
    with pytest.raises(ChildFailure) as caught:
        ask(work, request, limits)
    return caught.value


def test_request_and_answer_are_json() -> None:
    request = {"text": "größer \ud800 \n 日本", "numbers": [1, 2.5, None], "deep": [[[True]]]}
    assert ask("echo", request) == request


def test_what_libraries_print_is_no_answer() -> None:
    assert ask("chatter") == "the answer"


def test_surroundings_are_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "of the parent")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    seen = ask("surroundings")
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "HOME", "TMPDIR"}
    assert seen["environment"].keys() <= allowed | {"OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"}
    assert seen["environment"]["HOME"] == seen["folder"] != str(tmp_path)
    assert seen["files"] == []
    assert "" not in seen["path"]
    assert str(tmp_path) not in seen["path"]
    assert not Path(seen["folder"]).exists()


def test_a_file_in_the_working_folder_is_no_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.chdir(tmp_path)
    assert ask("echo", 1) == 1


def test_a_crash_leaves_the_parent_alive() -> None:
    found = failure("crash")
    assert (found.reason, found.words) == ("crash", "SIGSEGV")


def test_an_exception_is_told() -> None:
    found = failure("fail")
    assert found.reason == "error"
    assert found.words.endswith("ValueError: the words")


def test_cpu_time_is_limited() -> None:
    assert failure("spin", limits=Limits(seconds=1)).reason == "time"


def test_waiting_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsviz.jit.isolate._GRACE", 0)
    found = failure("wait", limits=Limits(seconds=0))
    assert (found.reason, found.words) == ("time", "")


def test_memory_is_limited() -> None:
    limits = Limits(memory=256 * MEBIBYTE)
    assert ask("hoard", 64 * MEBIBYTE, limits) == 64 * MEBIBYTE
    assert failure("hoard", 1024 * MEBIBYTE, limits).reason == "memory"


def test_the_answer_is_limited() -> None:
    limits = Limits(output=MEBIBYTE)
    assert len(ask("answer_at_length", MEBIBYTE // 2, limits)) == MEBIBYTE // 2
    found = failure("answer_at_length", 2 * MEBIBYTE, limits)
    assert found.reason == "error"
    assert "File too large" in found.words


def test_an_answer_that_is_no_json() -> None:
    found = failure("leave")
    assert found.reason == "error"
    assert found.words.startswith("its answer is no JSON")


def test_a_child_that_is_not_asked_ends() -> None:
    with Child("tests.jit.child_work:echo") as child:
        process = child._process
    assert process.returncode is not None


def test_files_cannot_grow(tmp_path: Path) -> None:
    outcomes = ask("attempt", str(tmp_path / "target"), Limits(output=1000))
    assert outcomes["write"] != "done" or (tmp_path / "target").stat().st_size <= 1000


@pytest.mark.skipif(not landlock_version(), reason="the kernel has no Landlock")
def test_nothing_can_be_changed_or_started(tmp_path: Path) -> None:
    target, kept = tmp_path / "target", tmp_path / "target.kept"
    kept.write_text("kept")
    outcomes = ask("attempt", str(target))
    assert set(outcomes.values()) == {"PermissionError"}
    assert kept.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [kept]


def test_the_parent_is_not_confined(tmp_path: Path) -> None:
    ask("echo")
    file = tmp_path / "file"
    file.write_text("still allowed")
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert file.read_text() == "still allowed"


def test_a_child_that_was_started_ahead_is_taken_once() -> None:
    entry = "tests.jit.child_work:echo"
    with started_ahead(entry), get_child(entry) as first, get_child(entry) as second:
        assert first.folder != second.folder
        assert [child.ask(1, Limits()) for child in (first, second)] == [1, 1]
    assert not first.folder.exists()


def test_a_child_that_died_while_it_waited_is_not_taken() -> None:
    entry = "tests.jit.child_work:echo"
    start_ahead(entry, patience=3600)
    ((_, waiting),) = isolate._waiting
    waiting._process.kill()
    waiting._process.wait()
    with get_child(entry) as child:
        assert child.ask("another one", Limits()) == "another one"
    assert isolate._waiting == []
    assert not waiting.folder.exists()


def test_a_child_that_is_not_asked_for_in_time_ends() -> None:
    entry = "tests.jit.child_work:echo"
    start_ahead(entry, patience=3600)
    start_ahead(entry, patience=3600)
    (waiting,) = isolate._waiting
    with get_child(entry) as taken:
        assert (entry, taken) == waiting
        assert taken.ask("still there", Limits()) == "still there"
    start_ahead(entry, patience=0)
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer) and timer.interval == 0:
            timer.join()
    assert isolate._waiting == []


def test_a_child_that_nobody_took_is_gone() -> None:
    with started_ahead("tests.jit.child_work:echo"):
        pass
    with get_child("tests.jit.child_work:echo") as child:
        assert child.ask("new", Limits()) == "new"
    other = "tests.jit.child_work:chatter"
    with started_ahead(other), get_child("tests.jit.child_work:echo") as child:
        assert child.ask("the one asked for", Limits()) == "the one asked for"
