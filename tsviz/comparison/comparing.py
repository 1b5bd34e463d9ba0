"""`tsviz.compare`: what tracing, scripting and freezing lost of a model, proven where it can be."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsviz.comparison.domain import Declared, Domain, Generate, domain_of
from tsviz.comparison.events import Decision, Events
from tsviz.comparison.findings import Finding, Status
from tsviz.comparison.gaps import noise_between
from tsviz.comparison.proving import Prover, write
from tsviz.comparison.reporting import report
from tsviz.comparison.search import Limits, Progress, Search, Step, Tally
from tsviz.comparison.sites import Site
from tsviz.comparison.subject import Subject, Warned
from tsviz.display import renderer
from tsviz.errors import CaptureError, Diagnostic, TsvizError, UsageError
from tsviz.frontends.compiling import crashing, dict_result
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.inputs import takes_nothing
from tsviz.frontends.program import Inputs, Program, Variant
from tsviz.frontends.torchscript import capture, find_inputs, find_target, import_program
from tsviz.jit import natives

if TYPE_CHECKING:
    import pandas
    from hypothesis.strategies import SearchStrategy

VARIANTS = ("trace", "script", "freeze", "optimize")


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant beside the Python code.

    Attributes:
        variant: which.
        program: it; `None` where it could not be made.
        failure: why not, or `None`; without a program, too, it was not come to.
        tally: how much was tried.
        findings: what it lost.
    """

    variant: Variant
    program: Program | None
    failure: Diagnostic | None
    tally: Tally
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Comparison:
    """The Python code of a model, and what was made of it.

    Attributes:
        title: of the model.
        domain: the inputs that count; as text it can be edited and given to `compare`.
        variants: in the order asked for.
        sites: where the Python that ran can go more than one way, each with how it went for the
            example: outcomes in their order, none where it was not reached.
        noise: how far two runs in Python are from each other; `None` where they do not agree, so
            that nothing can be proven.
        runs: how often the Python code was run, on copies.
    """

    title: str
    domain: Domain
    variants: tuple[Compared, ...]
    sites: tuple[tuple[Site, tuple[object, ...]], ...]
    noise: float | None
    runs: int
    _subject: Subject | None = field(default=None, repr=False, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of all variants, proven first."""
        order = list(Status)
        found = [finding for one in self.variants for finding in one.findings]
        return tuple(sorted(found, key=lambda finding: order.index(finding.status)))

    @property
    def proven(self) -> tuple[Finding, ...]:
        """The findings that a script shows in a process of its own."""
        return tuple(one for one in self.findings if one.status is Status.PROVEN)

    def __getitem__(self, variant: str) -> Compared:
        """The variant of this name."""
        return next(one for one in self.variants if one.variant == variant)

    def write(self, finding: Finding, path: str | Path) -> str:
        """Writes the counter-example of a finding as a script, the model in a file beside it.

        Args:
            path: of the script, such as `fault.py`.

        Returns:
            One line on what was written.

        Raises:
            UsageError: `TSV-V13` the finding has no counter-example.
        """
        example = finding.counterexample
        if example is None or example.script is None or self._subject is None:
            message = "expected a finding with a counter-example, got one without"
            raise UsageError(Diagnostic("TSV-V13", message, help="take one of `.proven`"))
        target = Path(path).expanduser()
        write(self._subject, example.script, target)
        return f"{target}: run it with Python; {target.with_suffix('.model').name} holds the model"

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a finding: variant, status, line, what was lost, what follows, what to do."""
        return renderer("comparison_dataframe")(self)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("comparison_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("comparison_text")(self)

    def __repr__(self) -> str:
        return (
            f"<Comparison of {self.title}: {len(self.proven)} proven, {len(self.findings)} found>"
        )


def compare(
    model: object,
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    variants: Sequence[str] = ("trace", "script"),
    inputs: "Declared | Generate | SearchStrategy[Any] | None" = None,
    tries: int = Limits().tries,
    seconds: float = Limits().seconds,
    progress: Progress | None = None,
    steps: Callable[[Step], None] | None = None,
    prover: Prover | None = None,
) -> Comparison:
    """Holds what PyTorch makes of a model against its Python code.

    The code is run on copies, with inputs like the example and unlike it. An input counts if
    Python accepts it, agrees with itself on it, and it lies in the domain.

    Args:
        model: an `nn.Module`, a function or a bound method of a module: Python code.
        args, kwargs: example inputs; a single tensor stands for itself.
        variants: some of `trace`, `script`, `freeze`, `optimize`.
        inputs: the domain, by argument: sizes that dimensions may have, and a range of values, as
            in `{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}`. By default the first
            dimension of all tensors varies, and values are anything of the dtype. Or what makes
            tuples of arguments: a function of a number, or a strategy of Hypothesis.
        tries: inputs for each variant, at most.
        seconds: time for each variant, about; what was found by then is kept.
        progress: is called with how many inputs were tried, of how many; what it raises stops.
        steps: is called with the same and more: the variant, and how much is found by now.
        prover: runs the scripts; whoever compares many models can give one for all.

    Raises:
        UsageError: `TSV-V11` there is no Python code to compare with, `TSV-V12` the domain (or
            `TSV-V18`: a size of it, `TSV-V19`: what a generator makes) does not fit,
            `TSV-V14` an unknown variant, `TSV-V20` no example inputs, and as `capture`.
        CaptureError: `TSV-V15` the Python code itself fails on the example.
    """
    for name in variants:
        if name not in VARIANTS:
            message = f"expected variants among {', '.join(VARIANTS)}, got {name!r}"
            raise UsageError(Diagnostic("TSV-V14", message))
    subject = subject_of(model, args, kwargs)
    domain = domain_of(subject, inputs)

    def tell(step: Step) -> None:
        if progress is not None and not step.is_proving:
            progress(step.tried, step.of)
        if steps is not None:
            steps(step)

    noise = check_example(subject)
    ways = subject.watch(subject.example)
    with Prover() if prover is None else nullcontext(prover) as runner:
        made: list[Compared] = []
        for name in map(Variant, variants):
            if any(one.tally.is_interrupted for one in made):
                made.append(_left_out(name))
                continue
            try:
                limits = Limits(tries, seconds)
                made.append(_compared(subject, domain, name, limits, tell, runner))
            except KeyboardInterrupt:
                made.append(_left_out(name))
    return Comparison(
        subject.title, domain, tuple(made), tuple(_sites(ways)), noise, subject.runs, subject
    )


def subject_of(
    model: object, args: Sequence[object], kwargs: Mapping[str, object] | None
) -> Subject:
    """What is compared.

    Raises:
        UsageError: `TSV-V11` there is no Python code to compare with, and as `capture`.
    """
    target = find_target(model)
    if natives.is_compiled(target.owner):
        message = f"expected Python code to compare with, got `{target.title}`, which is compiled"
        raise UsageError(Diagnostic("TSV-V11", message, help="pass the model it was made of"))
    inputs = find_inputs(target, args, kwargs)
    if inputs is None and not takes_nothing(target.owner, target.method):
        message = f"expected example inputs to run `{target.title}` with, got none"
        help = "pass them: tsviz.compare(model, (x,)), in a terminal --args"
        raise UsageError(Diagnostic("TSV-V20", message, help=help))
    return Subject(target.owner, target.method, inputs or Inputs())


def check_example(subject: Subject) -> float | None:
    """Runs the example twice.

    Returns:
        How far the runs are from each other; `None` where they do not agree.

    Raises:
        CaptureError: `TSV-V15` it fails.
    """
    first = subject.eager(subject.example)
    if first.error is not None:
        message = f"`{subject.title}` fails on the example inputs"
        found, sources = describe_failure(first.error, "TSV-V15", message)
        raise CaptureError(found, sources) from first.error
    return noise_between(first, subject.eager(subject.example))


def _sites(events: Events) -> list[tuple[Site, tuple[object, ...]]]:
    outcomes: dict[Site, list[object]] = {site: [] for site in events.sites}
    for event in events.order:
        if isinstance(event, Decision):
            outcomes.setdefault(event.site, []).append(event.outcome)
    return [(site, tuple(went)) for site, went in outcomes.items()]


def _left_out(variant: Variant) -> Compared:
    """A variant that was not come to before someone stopped it."""
    return Compared(variant, None, None, Tally(is_stopped=True, is_interrupted=True), ())


def _compared(
    subject: Subject,
    domain: Domain,
    variant: Variant,
    limits: Limits,
    tell: Callable[[Step], None],
    prover: Prover,
) -> Compared:
    try:
        program, warned = make_variant(subject, variant)
    except TsvizError as error:
        return Compared(variant, None, error.diagnostic, Tally(), ())
    is_traced = variant is Variant.TRACE or _is_traced(program)
    base = subject.follow(subject.example) if is_traced else None
    search = Search(subject, domain, program.native, base)
    for one in warned:
        search.warn(one)
    search.run(limits, lambda tried, of: tell(Step(variant, tried, of, search.found)))

    def tell_proving() -> None:
        tell(Step(variant, search.tally.tried, limits.tries, search.found, is_proving=True))

    findings = report(search, variant, prover, tell_proving)
    return Compared(variant, program, None, search.tally, findings)


def make_variant(subject: Subject, variant: Variant) -> tuple[Program, tuple[Warned, ...]]:
    """A variant, and what PyTorch's tracer warned of.

    Raises:
        UsageError, CaptureError: as `capture`.
    """
    inputs = subject.example.inputs
    if variant is not Variant.SCRIPT and subject.eager(subject.example).swallowed:
        raise CaptureError(crashing(subject.title))  # the others trace what does not script
    if variant is not Variant.TRACE:
        owner: Any = subject.owner
        is_owner = subject.method == "forward" or not natives.is_module(owner)
        model = owner if is_owner else getattr(owner, subject.method)
        return capture(model, inputs.args, inputs.kwargs, via=str(variant)), ()
    native, error, warned = subject.trace(subject.example)
    if error is not None:
        message = f"TorchScript cannot trace `{subject.title}`"
        found, sources = describe_failure(error, "TSV-V17", message)
        raise CaptureError(found, sources) from error
    method = subject.native_method(native)
    title = natives.title_of(subject.owner)
    doubts = () if subject.strict else (dict_result(title),)
    made = import_program(
        native, method, variant=variant, inputs=inputs, title=title, diagnostics=doubts
    )
    return replace(made, model=subject.owner), warned


def _is_traced(program: Program) -> bool:
    """Whether a frozen program was made of a trace, because scripting failed."""
    return program.banner.startswith("traced")
