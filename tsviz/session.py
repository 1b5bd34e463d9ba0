"""The one stateful object behind every face: it owns a program and answers requests about it.

Faces exchange messages of `tsviz.protocol`; nothing here knows how they travel. Requests are
answered on the caller's thread, one at a time; those that run the user's model do so on a copy, and
never beside a cell. A search begins in its turn, and may go on beside the next cells: it is done in
a process of its own.
"""

import dataclasses
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, cast

from tsviz import debugging
from tsviz.debugging import Debugging
from tsviz.display import renderer
from tsviz.errors import Diagnostic, ProtocolError, TsvizError
from tsviz.frontends import Program, TextOnly
from tsviz.profiling import Profiling
from tsviz.protocol import PROTOCOL, REQUESTS, Column, encode, messages, tables
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.recording import Recording
from tsviz.requests import LONG, notice, progress_of, search_progress
from tsviz.searching import Searching, domain_text
from tsviz.views import diagnostic_payload, document_of, facts, file_payload

if TYPE_CHECKING:
    from tsviz.comparison import Beside
    from tsviz.passes import PassTrace
    from tsviz.profiler import Profile

CHUNK = 1 << 20
"""Largest binary part of one message, in bytes."""

Message = tuple[dict[str, object], list[bytes]]
Tell = Callable[[dict[str, object]], None]
_Request = Mapping[str, object]


class Session:
    """Answers the browser about one program.

    Attributes:
        program: what is shown.
        package: version of tsviz.
        revision: raised when the program changes; replies to older requests are dropped.
        trace: the passes that were recorded last, if any.
        comparison: what was found when the program was held against its Python code, if it was.
        variants: those laid beside the program, each once.
        debugging: what is stepped, if anything.
        profile: where its time went when it was measured last, if it was.
    """

    def __init__(
        self,
        program: Program,
        package: str,
        trace: "PassTrace | None" = None,
        comparison: ComparisonPayload | None = None,
        variants: "Sequence[Beside]" = (),
        profile: "Profile | None" = None,
    ) -> None:
        self.program = program
        self.package = package
        self.revision = 0
        self._lock = Lock()
        self._busy: tuple[int, str] | None = None
        self._facts = facts.Facts()
        self.trace = trace
        self.comparison = comparison
        self._running = dict[str, Searching | Profiling | Recording]()
        self.debugging = Debugging(program)
        self.variants = tuple(variants)
        self.profile = profile
        self._handlers: dict[str, Callable[[Any], tuple[object, bytes]]] = {
            "document": self._document,
            "asset": self._asset,
            "weight": self._weight,
            "observe": self._observe,
            "passes": self._passes,
            "variants": self._variants,
            "save_html": self._save_html,
            "domain": self._domain,
        }

    def handle(self, message: object, tell: Tell = lambda said: None) -> Iterator[Message]:
        """Answers one message with any number of them.

        A request always gets a reply: its result, or a diagnostic. One that comes from inside
        another (the user's own code can send it while it runs) is refused; one from another
        thread waits. Of a search that `goes_on_beside` cells the first message comes when it has
        begun; the others may be waited for on another thread, and hold up nobody.

        Args:
            tell: is called with what is said between the messages: how far it is.
        """
        if not isinstance(message, dict):
            return
        request = cast("_Request", message)
        if request.get("type") == "hello":
            yield self._hello(), []
        if request.get("type") == "bye":
            self.debugging.leave(str(request.get("view", "")))
        if request.get("type") != "request":
            return
        identity, kind = str(request.get("id", "")), str(request.get("kind", ""))
        if kind in debugging.KINDS:
            yield from self._guarded(identity, self._debug(identity, kind, request, tell))
            return
        if self._busy is not None and self._busy[0] == get_ident():
            yield self._failure(identity, _reentered(kind, self._busy[1])), []
            return
        telling = {
            "compare": self._compare,
            "profile": self._profile,
            "debug_record": self._record,
        }.get(kind)
        if telling is not None:
            yield from self._guarded(identity, telling(identity, request, tell))
            return
        with self._taken(kind):
            yield from self._guarded(identity, self._reply(identity, kind, request))

    @contextmanager
    def _taken(self, kind: str) -> Generator[None]:
        """Meanwhile other requests wait."""
        with self._lock:
            self._busy = (get_ident(), kind)
            try:
                yield
            finally:
                self._busy = None

    def cancel(self, identity: str) -> None:
        """Has a search or a profile show what it has by now; others end by themselves."""
        running = self._running.get(identity)
        if running is not None:
            running.stop()

    def never_begun(self, identity: str) -> dict[str, object]:
        """The answer to a request that was cancelled before its turn came."""
        return self._failure(identity, Diagnostic("TSV-P04", "cancelled before it began"))

    def close(self) -> None:
        """Ends what goes on for a view that is gone."""
        for running in list(self._running.values()):
            running.end()
        self.debugging.close()

    def document(self, *, shared: bool = False) -> tables.Document:
        """The program as a document, with all that has been found out about it so far.

        Args:
            shared: whether it leaves this machine; then nothing can be asked for later, so
                statistics of the weights go along, and the shapes of one run (on a copy) where
                there are example inputs.
        """
        failed = None
        if shared:
            self._facts.add_statistics(self.program)
            failed = self._facts.observe_if_possible(self.program)
        self._facts.add_schemas(self.program)
        return document_of(
            self.program,
            observed=self._facts.observed,
            flops=self._facts.flops,
            stats=self._facts.statistics,
            schemas=self._facts.schemas,
            findings=() if failed is None else (failed,),
            trace=self.trace,
            comparison=self.comparison,
            variants=self.variants,
            stepping=self.debugging.is_stepping and not shared,
            stepped=None if shared else self.debugging.stepped,
            profile=self.profile,
            capabilities=_SAVED if shared else self._capabilities(),
            shared=shared,
        )

    # ── requests ─────────────────────────────────────────────────────────────────────────────

    def _guarded(self, identity: str, said: Iterator[Message]) -> Iterator[Message]:
        """What is said to a request; its failure, too, is an answer."""
        try:
            yield from said
        except TsvizError as error:
            yield self._failure(identity, error.diagnostic), []
        except Exception as error:  # noqa: BLE001 (a request must never end in silence)
            yield self._failure(identity, _unexpected(error)), []

    def _reply(self, identity: str, kind: str, request: _Request) -> Iterator[Message]:
        if kind in LONG:
            yield notice(request), []
        yield from self._success(identity, *self._answer(kind, request))

    def _success(self, identity: str, payload: object, blob: bytes) -> Iterator[Message]:
        parts = [blob[at : at + CHUNK] for at in range(0, len(blob), CHUNK)]
        reply = messages.Reply("reply", identity, self.revision, None, None, len(parts))
        yield {**dataclasses.asdict(reply), "payload": payload}, []
        for number, part in enumerate(parts):
            chunk = messages.Chunk("chunk", identity, number, len(parts))
            yield dataclasses.asdict(chunk), [part]

    def _compare(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.CompareRequest", _typed("compare", request.get("payload")))
        search = Searching(self.program, asked)
        self._running[identity] = search
        try:
            yield notice(request, why_here=search.why_here), []
            with self._taken("compare") if search.why_here else nullcontext():
                found = search.follow(lambda step: tell(search_progress(identity, step, asked)))
        finally:
            del self._running[identity]
            search.close()
        self.comparison = found
        known = self.program.sources
        files = [file_payload(path) for path in found.files if path not in known]
        yield from self._success(identity, *encode(messages.Compared(found, files)))

    def _debug(self, identity: str, kind: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked, view = _typed(kind, request.get("payload")), identity.partition("/")[0]
        yield from self._success(identity, *encode(self.debugging.answer(asked, view, tell)))

    def _profile(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.ProfileRequest", _typed("profile", request.get("payload")))
        work = Profiling(self.program, asked)
        self._running[identity] = work
        try:
            yield notice(request), []
            with self._taken("profile"):
                self.profile = work.follow(
                    lambda done, total, words: tell(progress_of(identity, done, total, words))
                )
        finally:
            del self._running[identity]
        yield from self._success(identity, *encode(self.document()))

    def _record(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.DebugRecordRequest", _typed("debug_record", request.get("payload")))
        work = self.debugging.recording(asked)
        self._running[identity] = work
        try:
            yield notice(request), []
            with self._taken("debug_record"):
                made = work.follow(
                    lambda done, total, words: tell(progress_of(identity, done, total, words))
                )
        finally:
            del self._running[identity]
        yield from self._success(identity, *encode(self.debugging.keep(made, asked.variant)))

    def _answer(self, kind: str, request: _Request) -> tuple[object, bytes]:
        if kind not in REQUESTS:
            known = ", ".join(REQUESTS)
            text = f"expected a request of one of the kinds {known}, got {kind!r}"
            raise ProtocolError(Diagnostic("TSV-P01", text))
        result, blob = self._handlers[kind](_typed(kind, request.get("payload")))
        payload, columns = encode(result)
        return payload, blob or columns

    def _document(self, _: messages.DocumentRequest) -> tuple[object, bytes]:
        return self.document(), b""

    def _asset(self, request: messages.AssetRequest) -> tuple[object, bytes]:
        data = renderer("asset")(request.name)
        return messages.Asset(request.name, "text/javascript"), data

    def _weight(self, request: messages.WeightRequest) -> tuple[object, bytes]:
        return self._facts.get_statistics(self.program, request.name), b""

    def _observe(self, _: messages.ObserveRequest) -> tuple[object, bytes]:
        self._facts.observe(self.program)
        graph = self.program.graph
        strings: dict[str, int] = {"": 0}
        rows = [
            strings.setdefault(self._facts.observed.get(value, ""), len(strings))
            for value in graph.values
        ]
        flops = [self._facts.flops.get(node, float("nan")) for node in graph.nodes]
        observed = Column.of("i32", rows)
        return messages.Observed(list(strings), observed, Column.of("f64", flops)), b""

    def _passes(self, request: messages.PassesRequest) -> tuple[object, bytes]:
        from tsviz.passes import run_passes  # and with it PyTorch

        self.trace = run_passes(self.program, pipeline=request.pipeline)
        return self.document(), b""

    def _variants(self, request: messages.VariantsRequest) -> tuple[object, bytes]:
        from tsviz.comparison import lay_beside

        known = self._known_variants()
        if request.variant not in known:
            text = f"expected a variant among {', '.join(known)}, got {request.variant!r}"
            raise ProtocolError(Diagnostic("TSV-P05", text))
        laid = lay_beside(self.program, request.variant)
        others = (one for one in self.variants if one.variant != laid.variant)
        self.variants = (*others, laid)
        return self.document(), b""

    def _domain(self, _: messages.DomainRequest) -> tuple[object, bytes]:
        return messages.DomainText(domain_text(self.program)), b""

    def _save_html(self, _: messages.SaveHtmlRequest) -> tuple[object, bytes]:
        page = renderer("html")(self.document(shared=True))
        return messages.SavedHtml(page.filename, page.summary), page.text.encode()

    # ── words ────────────────────────────────────────────────────────────────────────────────

    def _hello(self) -> dict[str, object]:
        return dataclasses.asdict(messages.Hello("hello", PROTOCOL, self.package))

    def _failure(self, identity: str, diagnostic: Diagnostic) -> dict[str, object]:
        error = diagnostic_payload(diagnostic)
        reply = messages.Reply("reply", identity, self.revision, None, error, 0)
        return dataclasses.asdict(reply)

    def _capabilities(self) -> tables.Capabilities:
        native, reasons = self.program.native, dict[str, str]()
        runs = not isinstance(native, TextOnly)
        if isinstance(native, TextOnly):
            needy = ("weights", "observe", "passes", "compare", "profile", "debug")
            reasons.update(dict.fromkeys(needy, native.reason))
        elif self.program.inputs is None:
            no_inputs = "there are no example inputs: use %tsdebug model(x)"
            needy = ("observe", "runtime", "compare", "profile", "debug")
            reasons.update(dict.fromkeys(needy, no_inputs))
        if runs and self.program.model is None:
            reasons.update(compare=_COMPILED)
        return tables.Capabilities(
            weights=runs,
            observe="observe" not in reasons,
            save_html=True,
            passes=runs,
            compare="compare" not in reasons,
            debug="debug" not in reasons,
            profile="profile" not in reasons,
            pipelines=_pipelines() if runs else [],
            reasons=reasons,
            variants=self._known_variants(),
        )

    def _known_variants(self) -> dict[str, str]:
        from tsviz.comparison import variants_of

        return variants_of(self.program)


_COMPILED = "it came compiled: capture the Python code it was made of to compare with that"
_SAVED = tables.Capabilities(
    False,
    False,
    False,
    False,
    False,
    False,
    False,
    [],
    {
        "weights": "this is a saved file: only what was computed before is here",
        "save_html": "this is the saved file",
        **dict.fromkeys(
            ("observe", "passes", "compare", "profile", "debug"),
            "this is a saved file: nothing can be run",
        ),
    },
)


def _pipelines() -> list[str]:
    from tsviz.passes import PIPELINES  # and with it PyTorch, which is there where a model runs

    return list(PIPELINES)


def _typed(kind: str, payload: object) -> object:
    """The typed request; unknown fields are passed over."""
    shape = REQUESTS[kind][0]
    given = cast("_Request", payload if isinstance(payload, dict) else {})
    known = {field.name for field in dataclasses.fields(shape)}
    if missing := known - given.keys():
        text = f"expected {', '.join(sorted(missing))} in a request of kind {kind!r}, got none"
        raise ProtocolError(Diagnostic("TSV-P02", text))
    return shape(**{name: value for name, value in given.items() if name in known})


def _reentered(kind: str, running: str) -> Diagnostic:
    message = f"expected one request at a time, got {kind!r} from inside {running!r}"
    return Diagnostic("TSV-P03", message, help="ask again when that has finished")


def _unexpected(error: Exception) -> Diagnostic:
    return Diagnostic("TSV-P09", f"the request failed: {type(error).__name__}: {error}")
