"""The one stateful object behind every face: it owns a program and answers requests about it.

Faces exchange messages of `tsviz.protocol`; nothing here knows how they travel. Requests are
answered on the caller's thread, one at a time; those that run the user's model do so on a copy, and
never beside a cell. A search begins in its turn, and may go on beside the next cells: it is done in
a process of its own.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, cast

from tsviz import debugging
from tsviz.capabilities import SAVED, capabilities_of, check_variant
from tsviz.debugging import Debugging
from tsviz.display import renderer
from tsviz.errors import Diagnostic, ProtocolError
from tsviz.frontends import Program
from tsviz.measured import NOTHING, Measured, of_sweep
from tsviz.profiling import Profiling, Sweeping
from tsviz.protocol import REQUESTS, Column, encode, messages, tables
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.recording import Recording
from tsviz.replies import Message, asset, failure_reply, guarded, hello, success, typed
from tsviz.requests import LONG, notice, progress_of, search_progress
from tsviz.searching import Searching, domain_text
from tsviz.views import document_of, facts, file_payload

if TYPE_CHECKING:
    from tsviz.comparison import Beside
    from tsviz.passes import PassTrace
    from tsviz.profiler import Profile

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
        measured: where its time went when it was measured last, if it was.
    """

    def __init__(
        self,
        program: Program,
        package: str,
        trace: "PassTrace | None" = None,
        comparison: ComparisonPayload | None = None,
        variants: "Sequence[Beside]" = (),
        measured: Measured = NOTHING,
    ) -> None:
        self.program = program
        self.package = package
        self.revision = 0
        self._lock = Lock()
        self._busy: tuple[int, str] | None = None
        self._facts = facts.Facts()
        self.trace = trace
        self.comparison = comparison
        self._running = dict[str, Searching | Profiling | Sweeping | Recording]()
        self.debugging = Debugging(program)
        self.variants = tuple(variants)
        self.measured = measured
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

    @property
    def profile(self) -> "Profile | None":
        """Where its time went when it was measured last, if it was."""
        return self.measured.profile

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
            yield hello(self.package), []
        if request.get("type") == "bye":
            self.debugging.leave(str(request.get("view", "")))
        if request.get("type") != "request":
            return
        identity, kind = str(request.get("id", "")), str(request.get("kind", ""))
        if kind in debugging.KINDS:
            yield from self._guarded(identity, self._debug(identity, kind, request, tell))
            return
        if self._busy is not None and self._busy[0] == get_ident():
            refused = _reentered(kind, self._busy[1])
            yield failure_reply(identity, refused, self.revision), []
            return
        tellers = {
            "compare": self._compare,
            "profile": self._profile,
            "sweep": self._sweep,
            "debug_record": self._record,
        }
        telling = tellers.get(kind)
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
            profile=self.measured.profile,
            against=self.measured.against,
            sweep=self.measured.sweep,
            capabilities=SAVED if shared else capabilities_of(self.program),
            shared=shared,
        )

    # ── requests ─────────────────────────────────────────────────────────────────────────────

    def _guarded(self, identity: str, said: Iterator[Message]) -> Iterator[Message]:
        return guarded(identity, said, self.revision)

    def _reply(self, identity: str, kind: str, request: _Request) -> Iterator[Message]:
        if kind in LONG:
            yield notice(request), []
        yield from self._success(identity, *self._answer(kind, request))

    def _success(self, identity: str, payload: object, blob: bytes) -> Iterator[Message]:
        return success(identity, payload, blob, self.revision)

    def _compare(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.CompareRequest", typed("compare", request.get("payload")))
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
        asked, view = typed(kind, request.get("payload")), identity.partition("/")[0]
        yield from self._success(identity, *encode(self.debugging.answer(asked, view, tell)))

    def _profile(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.ProfileRequest", typed("profile", request.get("payload")))
        work = Profiling(self.program, asked)
        with self._follows(identity, work):
            yield notice(request), []
            with self._taken("profile"):
                found, other = work.follow(partial(_tell_progress, identity, tell))
        before = other or (self.measured.profile if not asked.against else None)
        against = None if before is None else found.against(before)
        self.measured = Measured(found, against, self.measured.sweep)
        yield from self._success(identity, *encode(self.document()))

    def _sweep(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.SweepRequest", typed("sweep", request.get("payload")))
        work = Sweeping(self.program, asked)
        with self._follows(identity, work):
            yield notice(request), []
            with self._taken("sweep"):
                found = work.follow(partial(_tell_progress, identity, tell))
        measured = of_sweep(found)
        if self.measured.profile is not None:
            measured = replace(self.measured, sweep=found)
        self.measured = measured
        yield from self._success(identity, *encode(self.document()))

    @contextmanager
    def _follows(self, identity: str, work: Profiling | Sweeping | Recording) -> Generator[None]:
        """Meanwhile it can be stopped."""
        self._running[identity] = work
        try:
            yield
        finally:
            del self._running[identity]

    def _record(self, identity: str, request: _Request, tell: Tell) -> Iterator[Message]:
        asked = cast("messages.DebugRecordRequest", typed("debug_record", request.get("payload")))
        work = self.debugging.recording(asked)
        with self._follows(identity, work):
            yield notice(request), []
            with self._taken("debug_record"):
                made = work.follow(partial(_tell_progress, identity, tell))
        yield from self._success(identity, *encode(self.debugging.keep(made, asked.variant)))

    def _answer(self, kind: str, request: _Request) -> tuple[object, bytes]:
        if kind not in REQUESTS:
            known = ", ".join(REQUESTS)
            text = f"expected a request of one of the kinds {known}, got {kind!r}"
            raise ProtocolError(Diagnostic("TSV-P01", text))
        result, blob = self._handlers[kind](typed(kind, request.get("payload")))
        payload, columns = encode(result)
        return payload, blob or columns

    def _document(self, _: messages.DocumentRequest) -> tuple[object, bytes]:
        return self.document(), b""

    def _asset(self, request: messages.AssetRequest) -> tuple[object, bytes]:
        return asset(request)

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

        check_variant(self.program, request.variant)
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


def _tell_progress(identity: str, tell: Tell, done: int, total: int, words: str) -> None:
    tell(progress_of(identity, done, total, words))


def _reentered(kind: str, running: str) -> Diagnostic:
    message = f"expected one request at a time, got {kind!r} from inside {running!r}"
    return Diagnostic("TSV-P03", message, help="ask again when that has finished")
