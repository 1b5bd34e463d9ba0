"""`%tsdebug --debug`: the explorer opens with the program held, and what is refused."""

from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.magic.conftest import Ran
from tsviz.widgets.explorer import Explorer

Run = Callable[[str], Ran]


def test_the_program_is_held_where_the_explorer_opens(run: Run, shell: InteractiveShell):
    ran = run("e = %tsdebug --via=script --debug y = model(x)")
    assert (ran.out, ran.err) == ("", "")
    explorer = shell.user_ns["e"]
    assert isinstance(explorer, Explorer)
    assert explorer.session.document().stepping
    assert not explorer.session.document(shared=True).stepping
    assert "y" in shell.user_ns
    explorer.close()
    assert not explorer.session.document().stepping


MISTAKES = {
    "model": (
        "error[TSV-M26]: expected example inputs, because the program has to run; got none\n"
        "  help: %tsdebug --debug model(x)\n"
    ),
    "--text model(x)": (
        "error[TSV-M25]: expected `--debug` or `--text`, got both\n"
        "  help: leave `--text` out, or step it in a terminal: `tsviz debug FILE --args …`\n"
    ),
    "--compare model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--debug`\n"
        "  help: leave `--debug` out\n"
    ),
}


@pytest.mark.parametrize(("typed", "said"), MISTAKES.items(), ids=MISTAKES)
def test_mistakes(run: Run, typed: str, said: str):
    ran = run(f"%tsdebug --debug {typed}")
    assert ran.value is None
    assert ran.err == said


def test_help_names_it(run: Run):
    printed = run("%tsdebug --help").out
    assert "%tsdebug --debug model(x)    step it, forwards and back, and see every value" in printed
    assert "--debug            hold it before its first node, to be stepped" in printed
