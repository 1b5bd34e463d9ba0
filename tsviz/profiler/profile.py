"""A profile: what one program took where, and at what cost that was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.location import FileRange
from tsviz.passes import PassTrace
from tsviz.profiler.against import ProfileComparison, hold_against
from tsviz.profiler.exporting import Label, Timeline, write
from tsviz.profiler.flow import Share, flow_of, share_out
from tsviz.profiler.roofline import Roofline
from tsviz.profiler.samples import Accounting, Check, Piece, Sample, Spread, WarmUp

if TYPE_CHECKING:
    from pathlib import Path

    import pandas


@dataclass(frozen=True)
class Profile:
    """What the runs of one program showed.

    Attributes:
        trace: how the plan came to be; it leads from its nodes to the program's.
        plan: what ran.
        samples: id of a node of the plan → what was measured of it; every node has one.
        plain: wall times of the runs without a profiler, in turns with those under it.
        profiled: wall times of these.
        warm_up: the first runs, apart.
        accounting: how the times add up.
        checks: how the ways of measuring agree.
        pieces: the ops of one profiled run, for a timeline.
        shown_run: which, from 0 on.
        marked: wall times of the runs in which every node was marked; () where none was.
        roofline: what this machine can do; `None` where it was not measured.
        conditions: threads, device and the like, in words.
        diagnostics: what has to be said about it.
    """

    trace: PassTrace
    plan: Graph
    samples: Mapping[int, Sample]
    plain: Spread
    profiled: Spread
    warm_up: tuple[WarmUp, ...]
    accounting: Accounting
    checks: tuple[Check, ...]
    pieces: tuple[Piece, ...] = field(repr=False)
    shown_run: int = 0
    marked: Spread | None = None
    roofline: Roofline | None = None
    conditions: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def program(self) -> Program:
        """What was profiled."""
        return self.trace.program

    @property
    def runs(self) -> int:
        """How many runs were profiled."""
        return len(self.profiled.values)

    @property
    def overhead(self) -> float:
        """The time under the profiler in times without it; the medians of the runs."""
        return self.profiled.median / self.plain.median if self.plain.median else 1.0

    @cached_property
    def shares(self) -> Mapping[int, tuple[int, ...]]:
        """Node of the plan → the nodes of the program that it stands for; () where none is known.

        One that stands for several is shared among them by their number, because how long each of
        them would take by itself was not measured.
        """
        return flow_of(self.trace, self.plan)

    @cached_property
    def by_origin(self) -> Mapping[int, Share]:
        """Node of the program → its share; 0 holds what no node is known for."""
        return share_out(self.samples, self.shares)

    def line_of(self, node: int) -> FileRange | None:
        """The model line of a node of the program or of the plan, or `None`."""
        return self.trace.model_line(node)

    # ── as tables ────────────────────────────────────────────────────────────────────────────

    def by_node(self, *, plan: bool = True) -> "pandas.DataFrame":
        """One row a node that has a time.

        Args:
            plan: the nodes of the plan, as measured; else those of the program, with what the
                plan's took shared among them.
        """
        return renderer("profile_nodes" if plan else "profile_origins")(self)

    def by_line(self) -> "pandas.DataFrame":
        """One row a Python line; the times add up to those of `by_node` exactly."""
        return renderer("profile_lines")(self)

    def by_module(self) -> "pandas.DataFrame":
        """One row a module that is called; the own times add up to those of `by_node` exactly."""
        return renderer("profile_modules")(self)

    def to_dataframe(self) -> "pandas.DataFrame":
        """As `by_node`."""
        return self.by_node()

    # ── held against another ─────────────────────────────────────────────────────────────────────

    def against(self, other: "Profile") -> ProfileComparison:
        """What this one took against another: a variant, a version, a device, a batch size.

        Args:
            other: the one to start from; lines of files edited since are matched.

        Returns:
            Lines and modules by how far they are apart, each with the noise of both.
        """
        return hold_against(self, other)

    # ── elsewhere ────────────────────────────────────────────────────────────────────────────

    def write(self, path: "str | Path") -> str:
        """Writes the timeline for another viewer; the suffix says for which.

        Args:
            path: `.speedscope.json` for speedscope, `.json` for Perfetto and `chrome://tracing`.

        Returns:
            What was written, in words.

        Raises:
            UsageError: `TSV-T10` another suffix.
        """
        return write(_timeline(self), path)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("profile_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("profile_text")(self)

    def __repr__(self) -> str:
        name = f"{self.program.title}.{self.program.method}"
        return f"<Profile of {name}: {self.runs} runs, {self.plain.median / 1e6:.3f} ms each>"


def _timeline(profile: Profile) -> Timeline:
    nodes = {node for piece in profile.pieces for node in piece.nodes}
    known = ((node, profile.plan.nodes[node]) for node in nodes)
    labels = {
        identity: Label(node.op, profile.plan.scope(node), profile.line_of(identity))
        for identity, node in known
    }
    return Timeline(profile.program.name, profile.pieces, labels)
