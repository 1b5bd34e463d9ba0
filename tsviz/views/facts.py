"""What is found out about a program only when somebody asks: shapes, statistics, schemas."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic, TsvizError, UsageError
from tsviz.frontends import Program, TextOnly
from tsviz.protocol import tables

if TYPE_CHECKING:
    from tsviz.jit.weights import Statistics


class Facts:
    """The answers so far; asking twice computes once.

    Attributes:
        observed: value id → dtype and shape of one run.
        flops: node id → floating point operations of that run.
        statistics: weight name → statistics.
        schemas: node id → operator schema.
    """

    def __init__(self) -> None:
        self._has_run = False
        self.observed: dict[int, str] = {}
        self.flops: dict[int, float] = {}
        self.statistics: dict[str, tables.WeightStats] = {}
        self.schemas: dict[int, str] = {}

    def observe(self, program: Program) -> None:
        """Runs a copy of the program once with its example inputs.

        Raises:
            UsageError: `TSV-U01` it cannot run here, `TSV-U12` it has no example inputs,
                `TSV-U13` the model raised, `TSV-U15` the inputs do not fit.
            CaptureError: `TSV-C04` it cannot be copied.
        """
        if self._has_run:
            return
        from tsviz.frontends.failures import describe_failure
        from tsviz.frontends.inputs import check_inputs, copy_for_run
        from tsviz.jit.observing import observe

        native = program.get_native()
        if program.inputs is None:
            message = "expected example inputs to run with, got none"
            raise UsageError(Diagnostic("TSV-U12", message, help="use %tsdebug model(x)"))
        check_inputs(native, program.method, program.inputs)
        copied, inputs = copy_for_run(native, program.inputs)
        try:
            seen = observe(copied, program.method, program.graph, inputs.args, inputs.kwargs)
        except Exception as error:  # the user's model runs, and may raise anything
            message = f"`{program.name}` failed on the example inputs"
            found, sources = describe_failure(error, "TSV-U13", message)
            raise UsageError(found, sources) from error
        self.observed, self.flops = seen.tensors, seen.flops
        self._has_run = True

    def observe_if_possible(self, program: Program) -> Diagnostic | None:
        """Runs the program once, if it can run and has inputs; returns why that failed."""
        if program.inputs is None or isinstance(program.native, TextOnly):
            return None
        try:
            self.observe(program)
        except TsvizError as error:
            return replace(error.diagnostic, severity="warning")
        return None

    def get_statistics(self, program: Program, name: str) -> tables.WeightStats:
        """Statistics of one weight.

        Raises:
            UsageError: `TSV-U14` it has no numbers to read.
        """
        if name not in self.statistics:
            from tsviz.jit.weights import find_statistics

            found = find_statistics(program.get_native(), name)
            if found is None:
                message = f"expected a weight with readable numbers, got `{name}`"
                raise UsageError(Diagnostic("TSV-U14", message))
            self.statistics[name] = _payload(found)
        return self.statistics[name]

    def add_statistics(self, program: Program) -> None:
        """Computes the statistics of all weights that have numbers."""
        if isinstance(program.native, TextOnly):
            return
        from tsviz.jit.weights import iter_statistics

        wanted = {weight.name for weight in program.weights} - self.statistics.keys()
        if not wanted:
            return
        for name, found in iter_statistics(program.get_native()):
            if name in wanted:
                self.statistics[name] = _payload(found)

    def add_schemas(self, program: Program) -> None:
        """Reads the operator schemas, where there is a live object to ask."""
        if self.schemas or isinstance(program.native, TextOnly):
            return
        from tsviz.jit.schemas import read_schemas

        self.schemas = read_schemas(program.native, program.method, program.graph)


def _payload(found: "Statistics") -> tables.WeightStats:
    return tables.WeightStats(
        minimum=found.minimum,
        maximum=found.maximum,
        mean=found.mean,
        std=found.std,
        zeros=found.zeros,
        not_finite=found.not_finite,
        histogram=list(found.histogram),
    )
