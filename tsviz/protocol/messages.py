"""What travels between the kernel and the browser: requests, their results and envelopes.

The same dataclasses serve the live widget, the standalone file and the tests. `codegen.py` turns
them, and the document's tables, into TypeScript types and checking decoders. Standard library only.
"""

from dataclasses import dataclass

from tsviz.protocol.columns import Column
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.protocol.debug_tables import (
    DebugApart,
    DebugDetail,
    DebugDrift,
    DebugPage,
    DebugState,
    DebugValues,
)
from tsviz.protocol.tables import DiagnosticPayload, Document, SourceFilePayload, WeightStats

PROTOCOL = 1
"""Major version; a browser refuses another one with a banner."""


# ── requests and their results ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Asks for the document; answered by `Document` and its blob."""


@dataclass(frozen=True, slots=True)
class AssetRequest:
    """Asks for a file of the front end by name (`graphviz.js`); answered by `Asset` and a blob."""

    name: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the front end; its bytes are the blob."""

    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class WeightRequest:
    """Asks for the statistics of one parameter or buffer; answered by `WeightStats`."""

    name: str


@dataclass(frozen=True, slots=True)
class ObserveRequest:
    """Asks to run once with the example inputs; answered by `Observed`."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What one run showed for the inlined graph.

    `observed` (string row a value, texts in `strings`) and `flops` (a row a node, NaN unknown).
    """

    strings: list[str]
    observed: Column
    flops: Column


@dataclass(frozen=True, slots=True)
class SaveHtmlRequest:
    """Asks for the standalone HTML file; answered by `SavedHtml` and its bytes as blob."""


@dataclass(frozen=True, slots=True)
class SavedHtml:
    """`filename` to offer, `summary` of what is inside."""

    filename: str
    summary: str


@dataclass(frozen=True, slots=True)
class PassesRequest:
    """Asks to record a pipeline; answered by a `Document` that holds it."""

    pipeline: str


@dataclass(frozen=True, slots=True)
class VariantsRequest:
    """Asks to lay another variant beside the program; answered by a `Document` that holds it."""

    variant: str


@dataclass(frozen=True, slots=True)
class DomainRequest:
    """Asks which inputs count if nothing else is said; answered by `DomainText`."""


@dataclass(frozen=True, slots=True)
class DomainText:
    """The domain as it is written in Python."""

    text: str


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Asks to hold variants against the Python code; answered by `Compared`.

    Cancelled, it is answered all the same, with what was found by then.

    Attributes:
        variants: some of `trace`, `script`, `freeze`, `optimize`.
        domain: the inputs that count, as Python; "" for those of the example.
        tries: inputs for each variant, at most.
        seconds: time for each variant, about.
    """

    variants: list[str]
    domain: str
    tries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, and the files of its places that no node points at."""

    comparison: ComparisonPayload
    files: list[SourceFilePayload]


@dataclass(frozen=True, slots=True)
class DebugRequest:
    """Asks a stepped program to do something; answered at once by `DebugState`.

    Attributes:
        verb: `start`, `state`, `step`, `over`, `out`, `back`, `continue`, `odd` (to the first NaN
            or infinity), `run_to`, `goto`, `differs` (to the first value that another variant has
            otherwise), `pause`, `restart`, `break`, `condition`, `clear`, `watch`, `unwatch`,
            `pin`, `unpin`, `set` or `close`.
        by: `node`, `line` or `module`, of a step.
        target: of `break` and `run_to`, as in `tsviz.Debugger`; of `set` the name of the value, of
            `pin` and `unpin` that of the pin.
        node: of these two the row of a node, instead of a target; else -1.
        text: a condition or an expression, of `differs` the name of a variant, or "".
        number: of a breakpoint (0 for all) or a position.
        after: how many times a breakpoint lets the program pass.
    """

    verb: str
    by: str
    target: str
    node: int
    text: str
    number: int
    after: int


@dataclass(frozen=True, slots=True)
class DebugValuesRequest:
    """Asks for values where the program is held; answered by `DebugValues`."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class DebugAttributesRequest:
    """Asks for attributes of modules where the program is held; answered by `DebugValues`."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class DebugDetailRequest:
    """Asks for what an expression gives, at one look; answered by `DebugDetail`."""

    text: str


@dataclass(frozen=True, slots=True)
class DebugCompareRequest:
    """Asks how far two pins or expressions are apart; answered by `DebugApart`."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class DebugRecordRequest:
    """Asks to run the stepped program once more as a whole; answered by a `DebugState` with it.

    Attributes:
        variant: another variant to run instead, from the same inputs; "" for what is stepped.
    """

    variant: str


@dataclass(frozen=True, slots=True)
class DebugDriftRequest:
    """Asks how far two records are apart, by their names; answered by `DebugDrift`."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class DebugPageRequest:
    """Asks for numbers or items of what an expression gives; answered by `DebugPage`."""

    text: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ProfileRequest:
    """Asks to measure runs; answered by a `Document` that holds the profile.

    Cancelled, it is answered all the same, with what was measured by then.

    Attributes:
        runs: how many are measured each way, with the profiler and without.
        nodes: `ops`, those that call an op; `all`, for which every node is marked besides.
        against: a variant that is measured, too, to hold the profile against; "" for the profile
            that was there before, if one was.
    """

    runs: int
    nodes: str
    against: str


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """Asks to measure at other batch sizes and with other numbers of threads.

    Answered by a `Document` that holds the sweep, and the profile of its first point; cancelled,
    with the points by then.

    Attributes:
        batch_sizes: which; the example inputs are repeated, or left out.
        threads: that one op may use; [] for as many as now.
        runs: of each point, each way.
    """

    batch_sizes: list[int]
    threads: list[int]
    runs: int


REQUESTS: dict[str, tuple[type, type]] = {
    "document": (DocumentRequest, Document),
    "asset": (AssetRequest, Asset),
    "weight": (WeightRequest, WeightStats),
    "observe": (ObserveRequest, Observed),
    "passes": (PassesRequest, Document),
    "variants": (VariantsRequest, Document),
    "save_html": (SaveHtmlRequest, SavedHtml),
    "domain": (DomainRequest, DomainText),
    "compare": (CompareRequest, Compared),
    "debug": (DebugRequest, DebugState),
    "debug_values": (DebugValuesRequest, DebugValues),
    "debug_attributes": (DebugAttributesRequest, DebugValues),
    "debug_detail": (DebugDetailRequest, DebugDetail),
    "debug_compare": (DebugCompareRequest, DebugApart),
    "debug_record": (DebugRecordRequest, DebugState),
    "debug_drift": (DebugDriftRequest, DebugDrift),
    "debug_page": (DebugPageRequest, DebugPage),
    "profile": (ProfileRequest, Document),
    "sweep": (SweepRequest, Document),
}
"""kind → (payload, result)."""


# ── envelopes ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of either side: `type` is "hello"."""

    type: str
    protocol: int
    package: str


@dataclass(frozen=True, slots=True)
class Request:
    """`type` "request"; `id` is "view/sequence"; `payload` by `kind`."""

    type: str
    id: str
    revision: int
    kind: str
    payload: dict[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """`type` "reply"; `payload` or else `error`; `chunks` blobs follow as `Chunk` messages."""

    type: str
    id: str
    revision: int
    payload: dict[str, object] | None
    error: DiagnosticPayload | None
    chunks: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """`type` "chunk": part `n` of `of` of a reply's blob, carried as a binary buffer."""

    type: str
    id: str
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`type` "progress": `done` of `total` (0 when unknown) and a few words."""

    type: str
    id: str
    done: int
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """`type` "cancel": the request `id` is no longer wanted."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Bye:
    """`type` "bye": the `view`, the first part of its requests' ids, is gone."""

    type: str
    view: str


@dataclass(frozen=True, slots=True)
class Event:
    """`type` "event": the session's `revision` changed, or a hint such as `reveal`.

    `payload` by `kind`: of `debug` a `DebugState`, when a stepped program is held later.
    """

    type: str
    revision: int
    kind: str
    payload: dict[str, object]
