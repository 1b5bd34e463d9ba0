"""A counter-example as a script: what a user runs to see it."""

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tsviz.comparison.domain import Domain
from tsviz.comparison.gaps import tolerance_of
from tsviz.comparison.subject import Subject
from tsviz.comparison.suspects import Proof
from tsviz.frontends.program import Inputs
from tsviz.jit import natives

SHOWS = "found = "
"""Begins the line from which on a script shows the difference."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and what it loads from the file beside it.

    Attributes:
        text: all of it but what loads `model`, `args` and `kwargs`.
        inputs: what it loads as `given_args` and `given_kwargs`, if what it tries is not written
            out.
    """

    text: str
    inputs: Inputs | None = None


# How each variant is made, by a user.
_MADE = {
    "script": "torch.jit.script(model)",
    "freeze": "torch.jit.freeze({})",
    "optimize": "torch.jit.optimize_for_inference(torch.jit.freeze({}))",
}


def write_script(
    subject: Subject,
    domain: Domain,
    variant: str,
    proof: Proof,
    told: Sequence[str],
    *,
    traced: bool,
) -> Script:
    """The script that shows a proof.

    Args:
        variant: which one is wrong.
        told: comments to begin with.
        traced: whether that variant was made by tracing, or of a trace.
    """
    writer = _Writer(subject, domain, proof)
    lines = [*(f"# {line}" for line in told), "import copy", *writer.imports(), "", "import torch"]
    lines += ["", f"compiled = {writer.making(variant, traced=traced)}", *writer.state()]
    lines += [*writer.inputs(), *writer.runs()]
    return Script("\n".join(lines) + "\n", writer.loaded)


class _Writer:
    """Writes the parts of a script."""

    def __init__(self, subject: Subject, domain: Domain, proof: Proof) -> None:
        self._subject, self._proof = subject, proof
        self._case, self._texts = proof.candidate.case, proof.candidate.texts
        self._args, self._kwargs = subject.example.inputs.args, subject.example.inputs.kwargs
        self._is_written = proof.candidate.is_written and all(map(domain.is_argument, self._texts))
        self._domain = domain
        self.loaded = None if self._is_written else self._case.inputs

    def imports(self) -> Iterator[str]:
        if self._case.seed:
            yield "import random"

    def making(self, variant: str, *, traced: bool) -> str:
        model = "copy.deepcopy(model)" if natives.is_module(self._subject.owner) else "model"
        base = self._tracing(model) if traced else _MADE["script"].replace("model", model)
        return base if variant in ("trace", "script") else _MADE[variant].format(base)

    def _tracing(self, model: str) -> str:
        method = self._subject.method
        how = "check_trace=False" if self._subject.strict else "check_trace=False, strict=False"
        if natives.is_module(self._subject.owner) and method != "forward":
            given = f'{{"{method}": copy.deepcopy(args)}}'
            return f"torch.jit.trace_module({model}, {given}, {how})"
        if not self._kwargs:
            return f"torch.jit.trace({model}, copy.deepcopy(args), {how})"
        named = f"copy.deepcopy({self._named()})"
        return f"torch.jit.trace({model}, example_kwarg_inputs={named}, {how})"

    def _named(self) -> str:
        """All arguments by name, as tracing wants them."""
        signature = natives.find_signature(self._subject.owner, self._subject.method)
        assert isinstance(signature, inspect.Signature)
        names = list(signature.parameters)[: len(self._args)]
        return f"dict(zip({names!r}, args)) | kwargs" if names else "kwargs"

    def state(self) -> Iterator[str]:
        if self._case.evaluating:
            yield "model.eval()"
            yield "compiled.eval()"

    def inputs(self) -> Iterator[str]:
        """Statements that make what is tried, by the names of the arguments."""
        for name, text in self._texts.items() if self._is_written else ():
            yield f"{_identifier(name)} = {text}"

    def _call(self) -> str:
        if not self._is_written:
            return "*copy.deepcopy(given_args), **copy.deepcopy(given_kwargs)"
        told: list[str] = []
        for at in range(len(self._args)):
            name = self._domain.argument(at)
            told.append(self._copied(name) if name in self._texts else f"copy.deepcopy(args[{at}])")
        named = dict.fromkeys((*self._kwargs, *self._texts))
        for key in named:
            if key in self._kwargs and key not in self._texts:
                told.append(f'{key}=copy.deepcopy(kwargs["{key}"])')
            elif not self._domain.is_positional(key):
                told.append(f"{key}={self._copied(key)}")
        return ", ".join(told)

    def _copied(self, name: str) -> str:
        return f"copy.deepcopy({_identifier(name)})"

    def runs(self) -> Iterator[str]:
        """Both calls, and what compares them."""
        method = self._subject.method
        named = natives.is_module(self._subject.owner) and method != "forward"
        dot = f".{method}" if named else ""
        for name, owner in (("expected", "model"), ("found", "compiled")):
            yield from self._seeds()
            call = f"{owner}{dot}({self._call()})"
            if self._case.calls > 1:
                first = "*copy.deepcopy(args), **copy.deepcopy(kwargs)"
                calls = [f"{owner}{dot}({first})"] * (self._case.calls - 1)
                yield f"{name} = [{', '.join([*calls, call])}]  # one after the other"
            else:
                yield f"{name} = {call}"
        buffer = self._buffer()
        if buffer:
            yield f"expected = model.{buffer}"
            yield f"found = compiled.{buffer}"
        yield "print(expected, found, sep='\\n')"
        rtol, atol = tolerance_of(self._proof.expected)
        yield (
            "torch.testing.assert_close("
            f"found, expected, rtol={rtol:.3g}, atol={atol:.3g}, equal_nan=True)"
        )

    def _buffer(self) -> str:
        words = self._proof.gap.words
        return words.split("`")[1] if words.startswith("it leaves another buffer `") else ""

    def _seeds(self) -> Iterator[str]:
        if self._case.seed:
            yield f"torch.manual_seed({self._case.seed})"
            yield f"random.seed({self._case.seed})"
            if "numpy" in sys.modules:
                yield f"__import__('numpy').random.seed({self._case.seed})"


def _identifier(name: str) -> str:
    """`args[0]` as a variable."""
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")


def preamble(model_file: str, folders: Sequence[str], *, loads_inputs: bool) -> str:
    """What a script begins with that lies beside its model.

    Args:
        folders: where the model's code is found.
        loads_inputs: whether what is tried lies in the file, too.
    """
    names = "model, args, kwargs" + (", given_args, given_kwargs" if loads_inputs else "")
    path = f"sys.path[:0] = {list(folders)!r}\n" if folders else ""
    return (
        f"import sys\nfrom pathlib import Path\n\nimport cloudpickle\n\n{path}"
        f"# Your model and example inputs, as they were given.\n"
        f"stored = Path(__file__).with_name({model_file!r}).read_bytes()\n"
        f"{names} = cloudpickle.loads(stored)\n\n"
    )


def code_folders() -> list[str]:
    """The folders of `sys.path` that no fresh process has by itself."""
    prefixes = (sys.prefix, sys.base_prefix)
    folders = [str(Path(entry or ".").resolve()) for entry in sys.path]
    return [f for f in dict.fromkeys(folders) if Path(f).is_dir() and not f.startswith(prefixes)]
