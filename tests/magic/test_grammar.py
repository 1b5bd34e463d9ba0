"""`%tsdebug [options] target`, line by line: what it means, or the exact message."""

import ast
from dataclasses import dataclass, field

import pytest
import torch
from torch import nn

from tsviz.errors import UsageError
from tsviz.magic.evaluation import is_model
from tsviz.magic.grammar import Request, parse_line
from tsviz.magic.targets import Call, File, Reference


@dataclass(frozen=True)
class Line:
    """What a line should be parsed to."""

    kind: str
    text: str
    options: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    binds: str = ""


def seen(request: Request) -> Line:
    options = dict(request.options)
    match request.target:
        case None:
            return Line("nothing", "", options)
        case Call() as call:
            return Line("call", call.callee, options, call.arguments, call.binds)
        case Reference(text=text):
            return Line("name", text, options)
        case File(path=path):
            return Line("file", path, options)


PARSED = {
    # nothing
    "": Line("nothing", ""),
    "   ": Line("nothing", ""),
    "--": Line("nothing", ""),
    "--help": Line("nothing", "", {"help": ""}),
    "--env": Line("nothing", "", {"env": ""}),
    "--lesson=cse": Line("nothing", "", {"lesson": "cse"}),
    "--via=trace": Line("nothing", "", {"via": "trace"}),
    "--compare": Line("nothing", "", {"compare": ""}),
    # calls
    "--compare model(x)": Line("call", "model", {"compare": ""}, ("x",)),
    "--profile model(x)": Line("call", "model", {"profile": ""}, ("x",)),
    "--profile --runs=20 --nodes=all model(x)": Line(
        "call", "model", {"profile": "", "runs": "20", "nodes": "all"}, ("x",)
    ),
    "--compare --text y = model(x)": Line(
        "call", "model", {"compare": "", "text": ""}, ("x",), "y"
    ),
    "--compare --matrix --variants=trace,eager --tries=5 --seconds=0.5 model(x)": Line(
        "call",
        "model",
        {"compare": "", "matrix": "", "variants": "trace,eager", "tries": "5", "seconds": "0.5"},
        ("x",),
    ),
    """--compare --inputs='{"x": {"dims": {0: (1, 4)}}}' model(x)""": Line(
        "call", "model", {"compare": "", "inputs": '{"x": {"dims": {0: (1, 4)}}}'}, ("x",)
    ),
    "--compare --inputs=sizes model(x)": Line(
        "call", "model", {"compare": "", "inputs": "sizes"}, ("x",)
    ),
    "--doctor --fix model(x)": Line("call", "model", {"doctor": "", "fix": "diff"}, ("x",)),
    "--debug model(x)": Line("call", "model", {"debug": ""}, ("x",)),
    "--via=trace --debug model(x)": Line("call", "model", {"via": "trace", "debug": ""}, ("x",)),
    "--doctor --fix=write model": Line("name", "model", {"doctor": "", "fix": "write"}),
    "model(x)": Line("call", "model", arguments=("x",)),
    "  model(x)  ": Line("call", "model", arguments=("x",)),
    "model()": Line("call", "model"),
    "model(x);": Line("call", "model", arguments=("x",)),
    "model(x)  # a comment --via=trace": Line("call", "model", arguments=("x",)),
    "model.encode(x)": Line("call", "model.encode", arguments=("x",)),
    "models['a'](x)": Line("call", "models['a']", arguments=("x",)),
    "Net()(x)": Line("call", "Net()", arguments=("x",)),
    "model(x, n=3, *rest, **more)": Line(
        "call", "model", arguments=("x", "*rest", "n=3", "**more")
    ),
    "model(torch.randn(1, 3), {'k': x})": Line(
        "call", "model", arguments=("torch.randn(1, 3)", "{'k': x}")
    ),
    "model(x, '{y}', '$y')": Line("call", "model", arguments=("x", "'{y}'", "'$y'")),
    "model('--trust', \"--via=trace\")": Line(
        "call", "model", arguments=("'--trust'", '"--via=trace"')
    ),
    "model([a --b for a in c])": Line("call", "model", arguments=("[a --b for a in c]",)),
    "модель(ввод)": Line("call", "модель", arguments=("ввод",)),
    "model('日本', x)": Line("call", "model", arguments=("'日本'", "x")),
    "model(lambda v: v)": Line("call", "model", arguments=("lambda v: v",)),
    "model(\n    x,\n    n=3,\n)": Line("call", "model", arguments=("x", "n=3")),
    # assignments
    "y = model(x)": Line("call", "model", arguments=("x",), binds="y"),
    "a, b = model(x)": Line("call", "model", arguments=("x",), binds="a, b"),
    "a = b = model(x)": Line("call", "model", arguments=("x",), binds="a = b"),
    "out['y'] = model(x)": Line("call", "model", arguments=("x",), binds="out['y']"),
    # names
    "model": Line("name", "model"),
    "net.layer1": Line("name", "net.layer1"),
    "net.layers[0]": Line("name", "net.layers[0]"),
    "models['a']": Line("name", "models['a']"),
    "f'{folder}/model.pt'": Line("name", "f'{folder}/model.pt'"),
    # files
    "model.pt": Line("file", "model.pt"),
    "model.PTH": Line("file", "model.PTH"),
    "models/resnet.jit": Line("file", "models/resnet.jit"),
    "./a b.pt": Line("file", "./a b.pt"),
    "a b.pt": Line("file", "a b.pt"),
    "'a b.pt'": Line("file", "a b.pt"),
    '"./a b.pt"': Line("file", "./a b.pt"),
    "~/x.pt": Line("file", "~/x.pt"),
    "../x.ptl": Line("file", "../x.ptl"),
    "/tmp/modèle.pt": Line("file", "/tmp/modèle.pt"),
    "model (1).pt": Line("file", "model (1).pt"),
    "./without-suffix": Line("file", "./without-suffix"),
    r"C:\models\x.pt": Line("file", r"C:\models\x.pt"),
    # options
    "--via=trace model(x)": Line("call", "model", {"via": "trace"}, ("x",)),
    "--trust --via=freeze model.pt": Line("file", "model.pt", {"trust": "", "via": "freeze"}),
    "--keep --passes=runtime model(x)": Line(
        "call", "model", {"keep": "", "passes": "runtime"}, ("x",)
    ),
    "--text y = model(x)": Line("call", "model", {"text": ""}, ("x",), "y"),
    "--save=out.html model": Line("name", "model", {"save": "out.html"}),
    "--save='my page.html' model": Line("name", "model", {"save": "my page.html"}),
    '--save="my page.html" model': Line("name", "model", {"save": "my page.html"}),
    "--save=~/a=b.html model": Line("name", "model", {"save": "~/a=b.html"}),
    "--method=encode model": Line("name", "model", {"method": "encode"}),
    "--trust model": Line("name", "model", {"trust": ""}),
    "-- model(x)": Line("call", "model", arguments=("x",)),
    "--trust -- ./a --b.pt": Line("file", "./a --b.pt", {"trust": ""}),
    "--\tmodel": Line("name", "model"),
}

REFUSED = {
    "--vai=trace model": """\
error[TSV-M01]: there is no option `--vai`
  --> %tsdebug:1:10
   1 | %tsdebug --vai=trace model
     |          ^^^^^^^^^^^
  note: known: --via=WAY, --method=NAME, --trust, --save=FILE.html, \
--passes=PIPELINE, --lesson=PASS, --compare, --doctor, --debug, --profile, --runs=N, \
--nodes=WHICH, --text, --keep, --env, --variants=NAMES, --inputs=INPUTS, --tries=N, --seconds=S, \
--matrix, --fix[=HOW], --types, --help
  help: %tsdebug --via=trace model""",
    "-t model": """\
error[TSV-M01]: there is no option `-t`
  --> %tsdebug:1:10
   1 | %tsdebug -t model
     |          ^^
  note: known: --via=WAY, --method=NAME, --trust, --save=FILE.html, \
--passes=PIPELINE, --lesson=PASS, --compare, --doctor, --debug, --profile, --runs=N, \
--nodes=WHICH, --text, --keep, --env, --variants=NAMES, --inputs=INPUTS, --tries=N, --seconds=S, \
--matrix, --fix[=HOW], --types, --help
  help: %tsdebug --trust model""",
    "-v model": """\
error[TSV-M01]: there is no option `-v`
  --> %tsdebug:1:10
   1 | %tsdebug -v model
     |          ^^
  note: known: --via=WAY, --method=NAME, --trust, --save=FILE.html, \
--passes=PIPELINE, --lesson=PASS, --compare, --doctor, --debug, --profile, --runs=N, \
--nodes=WHICH, --text, --keep, --env, --variants=NAMES, --inputs=INPUTS, --tries=N, --seconds=S, \
--matrix, --fix[=HOW], --types, --help
  help: write --via=WAY""",
    "--zzz": """\
error[TSV-M01]: there is no option `--zzz`
  --> %tsdebug:1:10
   1 | %tsdebug --zzz
     |          ^^^^^
  note: known: --via=WAY, --method=NAME, --trust, --save=FILE.html, \
--passes=PIPELINE, --lesson=PASS, --compare, --doctor, --debug, --profile, --runs=N, \
--nodes=WHICH, --text, --keep, --env, --variants=NAMES, --inputs=INPUTS, --tries=N, --seconds=S, \
--matrix, --fix[=HOW], --types, --help""",
    "--via trace model(x)": """\
error[TSV-M02]: `--via` needs a value after `=`
  --> %tsdebug:1:10
   1 | %tsdebug --via trace model(x)
     |          ^^^^^
  help: %tsdebug --via=trace model(x)""",
    "--via model(x)": """\
error[TSV-M02]: `--via` needs a value after `=`
  --> %tsdebug:1:10
   1 | %tsdebug --via model(x)
     |          ^^^^^
  help: write --via=WAY, without spaces""",
    "--save= out.html model": """\
error[TSV-M02]: `--save` needs a value after `=`
  --> %tsdebug:1:10
   1 | %tsdebug --save= out.html model
     |          ^^^^^^^
  help: write --save=FILE.html, without spaces""",
    "--via='' model": """\
error[TSV-M02]: `--via` needs a value after `=`
  --> %tsdebug:1:10
   1 | %tsdebug --via='' model
     |          ^^^^^^
  help: write --via=WAY, without spaces""",
    "--trust=yes model.pt": """\
error[TSV-M03]: `--trust` takes no value, got `yes`
  --> %tsdebug:1:10
   1 | %tsdebug --trust=yes model.pt
     |          ^^^^^^^^^^^
  help: %tsdebug --trust model.pt""",
    "--via=tarce model(x)": """\
error[TSV-M04]: expected `--via` to be one of auto, script, trace, hybrid, freeze, optimize, \
got `tarce`
  --> %tsdebug:1:16
   1 | %tsdebug --via=tarce model(x)
     |                ^^^^^
  help: %tsdebug --via=trace model(x)""",
    "--compare --variants=trace,scirpt model(x)": """\
error[TSV-M04]: expected `--variants` to be some of trace, script, freeze, optimize, eager, \
got `scirpt`
  --> %tsdebug:1:31
   1 | %tsdebug --compare --variants=trace,scirpt model(x)
     |                               ^^^^^^^^^^^^
  help: %tsdebug --compare --variants=trace,script model(x)""",
    "--compare --variants=, model(x)": """\
error[TSV-M04]: expected `--variants` to be some of trace, script, freeze, optimize, eager, \
got ``
  --> %tsdebug:1:31
   1 | %tsdebug --compare --variants=, model(x)
     |                               ^""",
    "--doctor --fix=all model(x)": """\
error[TSV-M04]: expected `--fix` to be one of diff, write, got `all`
  --> %tsdebug:1:25
   1 | %tsdebug --doctor --fix=all model(x)
     |                         ^^^""",
    "--doctor --fix= model(x)": """\
error[TSV-M02]: `--fix` needs a value after `=`
  --> %tsdebug:1:19
   1 | %tsdebug --doctor --fix= model(x)
     |                   ^^^^^^
  help: write --fix[=HOW], without spaces""",
    "--compare --tries=many model(x)": """\
error[TSV-M09]: expected `--tries` to be a whole number above 0, got `many`
  --> %tsdebug:1:28
   1 | %tsdebug --compare --tries=many model(x)
     |                            ^^^^""",
    "--compare --tries=2.5 model(x)": """\
error[TSV-M09]: expected `--tries` to be a whole number above 0, got `2.5`
  --> %tsdebug:1:28
   1 | %tsdebug --compare --tries=2.5 model(x)
     |                            ^^^""",
    "--compare --seconds=0 model(x)": """\
error[TSV-M09]: expected `--seconds` to be a number above 0, got `0`
  --> %tsdebug:1:30
   1 | %tsdebug --compare --seconds=0 model(x)
     |                              ^""",
    "--compare --inputs={'x': {}} model(x)": """\
error[TSV-M10]: expected `--inputs` to be a Python expression, got: '{' was never closed
  --> %tsdebug:1:29
   1 | %tsdebug --compare --inputs={'x': {}} model(x)
     |                             ^^^^^
  help: quote a value that has spaces""",
    "--compare --inputs='x = 3' model(x)": """\
error[TSV-M10]: expected `--inputs` to be a Python expression, got: invalid syntax
  --> %tsdebug:1:29
   1 | %tsdebug --compare --inputs='x = 3' model(x)
     |                             ^^^^^^^""",
    "model(x) --doctor --fix": """\
error[TSV-M06]: options come before the target, `--doctor` stands after `model(x)`
  --> %tsdebug:1:19
   1 | %tsdebug model(x) --doctor --fix
     |                   ^^^^^^^^^^^^^^
  help: %tsdebug --doctor --fix model(x)""",
    "--trust --trust model": """\
error[TSV-M05]: `--trust` is given twice
  --> %tsdebug:1:18
   1 | %tsdebug --trust --trust model
     |                  ^^^^^^^""",
    "model(x) --via=trace": """\
error[TSV-M06]: options come before the target, `--via=trace` stands after `model(x)`
  --> %tsdebug:1:19
   1 | %tsdebug model(x) --via=trace
     |                   ^^^^^^^^^^^
  help: %tsdebug --via=trace model(x)""",
    "--text model(x) --via trace --trust": """\
error[TSV-M06]: options come before the target, `--via` stands after `model(x)`
  --> %tsdebug:1:26
   1 | %tsdebug --text model(x) --via trace --trust
     |                          ^^^^^^^^^^^^^^^^^^^
  help: %tsdebug --text --via=trace --trust model(x)""",
    "a b.pt --trust": """\
error[TSV-M06]: options come before the target, `--trust` stands after `a b.pt`
  --> %tsdebug:1:17
   1 | %tsdebug a b.pt --trust
     |                 ^^^^^^^
  help: %tsdebug --trust a b.pt""",
    "--save='a.html'model": """\
error[TSV-M07]: expected a space after `--save='a.html'`, got `m`
  --> %tsdebug:1:25
   1 | %tsdebug --save='a.html'model
     |                         ^""",
    "--save='a.html model": """\
error[TSV-M08]: the quote of this value is never closed
  --> %tsdebug:1:17
   1 | %tsdebug --save='a.html model
     |                 ^^^^^^^^^^^^^""",
    "model(x": """\
error[TSV-M11]: the target is no Python expression: '(' was never closed
  --> %tsdebug:1:15
   1 | %tsdebug model(x
     |               ^""",
    "my model.onnx": """\
error[TSV-M11]: the target is no Python expression: invalid syntax
  --> %tsdebug:1:13
   1 | %tsdebug my model.onnx
     |             ^
  note: a path with spaces needs quotes
  help: %tsdebug 'my model.onnx'""",
    "# nothing": """\
error[TSV-M11]: expected a target, got only a comment
  --> %tsdebug:1:10
   1 | %tsdebug # nothing
     |          ^^^^^^^^^""",
    "x = f(); model(x)": """\
error[TSV-M12]: expected one target, got 2 statements
  --> %tsdebug:1:10
   1 | %tsdebug x = f(); model(x)
     |          ^^^^^^^^^^^^^^^^^
  help: put the statements into a cell that starts with %%tsdebug""",
    "import torch": """\
error[TSV-M12]: expected a call, an assignment, a name or a path, got another statement
  --> %tsdebug:1:10
   1 | %tsdebug import torch
     |          ^^^^^^^^^^^^""",
    "y += model(x)": """\
error[TSV-M12]: expected a call, an assignment, a name or a path, got another statement
  --> %tsdebug:1:10
   1 | %tsdebug y += model(x)
     |          ^^^^^^^^^^^^^
  help: %tsdebug model(x)""",
    "await model(x)": """\
error[TSV-M13]: a target cannot be awaited: TorchScript has no coroutines
  --> %tsdebug:1:10
   1 | %tsdebug await model(x)
     |          ^^^^^^^^^^^^^^
  help: %tsdebug model(x)""",
    "y = await model(x)": """\
error[TSV-M13]: a target cannot be awaited: TorchScript has no coroutines
  --> %tsdebug:1:14
   1 | %tsdebug y = await model(x)
     |              ^^^^^^^^^^^^^^
  help: %tsdebug y = model(x)""",
    "model(x)[0]": """\
error[TSV-M14]: expected the call of a model, got `model(x)[0]` around `model(x)`
  --> %tsdebug:1:10
   1 | %tsdebug model(x)[0]
     |          ^^^^^^^^
  help: %tsdebug model(x)""",
    "--via=trace model(x).logits": """\
error[TSV-M14]: expected the call of a model, got `model(x).logits` around `model(x)`
  --> %tsdebug:1:22
   1 | %tsdebug --via=trace model(x).logits
     |                      ^^^^^^^^
  help: %tsdebug --via=trace model(x)""",
    "-- model(x) --trust": """\
error[TSV-M14]: expected the call of a model, got `model(x) --trust` around `model(x)`
  --> %tsdebug:1:13
   1 | %tsdebug -- model(x) --trust
     |             ^^^^^^^^
  help: %tsdebug -- model(x)""",
    "lambda: model": """\
error[TSV-M14]: expected a call, an assignment, a name or a path, got `lambda: model`
  --> %tsdebug:1:10
   1 | %tsdebug lambda: model
     |          ^^^^^^^^^^^^^""",
    "y = model": """\
error[TSV-M15]: expected a call to assign from, got `model`
  --> %tsdebug:1:14
   1 | %tsdebug y = model
     |              ^^^^^""",
    "y = model(x)[0]": """\
error[TSV-M14]: expected the call of a model, got `model(x)[0]` around `model(x)`
  --> %tsdebug:1:14
   1 | %tsdebug y = model(x)[0]
     |              ^^^^^^^^
  help: %tsdebug model(x)""",
}

# Lines whose meaning depends on what the names stand for.
NAMES = {
    "model": nn.Linear(3, 3),
    "criterion": nn.MSELoss(),
    "F": nn.functional,
    "f": lambda x: x,
    "x": torch.ones(3),
    "Net": nn.Linear,
    "compiled": torch.jit.script(nn.ReLU()),
}
PARSED_WITH_NAMES = {
    "f(x)": Line("call", "f", arguments=("x",)),
    "f(f(x))": Line("call", "f", arguments=("f(x)",)),
    "criterion(model(x), x)": Line("call", "criterion", arguments=("model(x)", "x")),
    "model.forward(x)": Line("call", "model.forward", arguments=("x",)),
    "model(f(x))": Line("call", "model", arguments=("f(x)",)),
    "model.eval()(x)": Line("call", "model.eval()", arguments=("x",)),
    "Net(3, 3)(x)": Line("call", "Net(3, 3)", arguments=("x",)),
    "compiled.forward(x)": Line("call", "compiled.forward", arguments=("x",)),
    "f(lambda: model(x))": Line("call", "f", arguments=("lambda: model(x)",)),
}
REFUSED_WITH_NAMES = {
    "F.mse_loss(model(x), x)": """\
error[TSV-M14]: expected the call of a model, got `F.mse_loss(model(x), x)` around `model(x)`
  --> %tsdebug:1:21
   1 | %tsdebug F.mse_loss(model(x), x)
     |                     ^^^^^^^^
  help: %tsdebug model(x)""",
    "model(x).sum()": """\
error[TSV-M14]: expected the call of a model, got `model(x).sum()` around `model(x)`
  --> %tsdebug:1:10
   1 | %tsdebug model(x).sum()
     |          ^^^^^^^^
  help: %tsdebug model(x)""",
    "F.softmax(model(f(x)), -1)[0]": """\
error[TSV-M14]: expected the call of a model, got `F.softmax(model(f(x)), -1)[0]` around \
`model(f(x))`
  --> %tsdebug:1:20
   1 | %tsdebug F.softmax(model(f(x)), -1)[0]
     |                    ^^^^^^^^^^^
  help: %tsdebug model(f(x))""",
    "y = print(compiled(x))": """\
error[TSV-M14]: expected the call of a model, got `print(compiled(x))` around `compiled(x)`
  --> %tsdebug:1:20
   1 | %tsdebug y = print(compiled(x))
     |                    ^^^^^^^^^^^
  help: %tsdebug compiled(x)""",
}


def stands_for_model(expression: ast.expr) -> bool | None:
    """Looks names up as the magic does, without a shell."""
    text = ast.unparse(expression)
    if "(" in text:
        return None
    return is_model(eval(text, {**NAMES}))


@pytest.mark.parametrize(("line", "expected"), PARSED.items(), ids=PARSED)
def test_parsed(line: str, expected: Line):
    assert seen(parse_line(line)) == expected


@pytest.mark.parametrize(("line", "message"), REFUSED.items(), ids=REFUSED)
def test_refused(line: str, message: str):
    with pytest.raises(UsageError) as caught:
        parse_line(line)
    assert str(caught.value) == message


@pytest.mark.parametrize(("line", "expected"), PARSED_WITH_NAMES.items(), ids=PARSED_WITH_NAMES)
def test_parsed_with_names(line: str, expected: Line):
    assert seen(parse_line(line, stands_for_model)) == expected


@pytest.mark.parametrize(("line", "message"), REFUSED_WITH_NAMES.items(), ids=REFUSED_WITH_NAMES)
def test_refused_with_names(line: str, message: str):
    with pytest.raises(UsageError) as caught:
        parse_line(line, stands_for_model)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "line", [line for line, text in REFUSED.items() if "\n  help: %tsdebug " in text]
)
def test_corrected_line_is_correct(line: str):
    corrected = REFUSED[line].rpartition("help: %tsdebug ")[2]
    parse_line(corrected)
