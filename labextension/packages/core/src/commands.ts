/** What needs the other side: each command asks the transport and puts the answer into the store. */

import type { CompareRequest, ProfileRequest, SweepRequest } from "./protocol.generated";
import { DebugCommands } from "./debug-commands";
import { failureOf } from "./failures";
import { DocumentModel } from "./model";
import type { Job } from "./state";
import { download } from "./scene/export";
import { Disposables, type Store } from "./store";
import { strings } from "./strings";
import type { Pending, Transport } from "./transport";

/** A request that takes longer than this waits for the cell that is running. */
const PATIENCE_MS = 300;
const LASTING = new Set(["compare", "profile", "sweep", "debug_record"]);

export class Commands {
  private readonly disposables = new Disposables();
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly debug: DebugCommands;

  constructor(
    private readonly store: Store,
    readonly transport: Transport,
  ) {
    this.debug = new DebugCommands(store, transport, () => this.reason("debug"));
    this.disposables.add(
      transport.onPending((pending) => this.showPending(pending)),
      transport.onConnection((connected) => store.dispatch({ type: "connected", connected })),
      transport.onEvent((kind, payload) => this.event(kind, payload)),
      () => clearTimeout(this.timer),
    );
  }

  dispose(): void {
    this.disposables.dispose();
    this.transport.dispose();
  }

  /** Why nothing can be asked now, or "". */
  get closed(): string {
    if (this.transport.unavailable !== "") return this.transport.unavailable;
    return this.store.value.connected ? "" : strings.kernelGone;
  }

  /** Why a command cannot be used now, or "". */
  reason(
    capability: "weights" | "observe" | "save_html" | "passes" | "compare" | "profile" | "debug",
  ): string {
    if (this.closed !== "") return this.closed;
    const capabilities = this.store.value.document?.payload.capabilities;
    if (!capabilities) return strings.noProgram;
    if (capabilities[capability]) return "";
    return capabilities.reasons[capability] ?? "not available for this program";
  }

  async loadDocument(): Promise<void> {
    try {
      const { raw, blob } = await this.transport.request("document", {});
      this.show(raw, blob);
    } catch (error) {
      this.store.dispatch({ type: "failed", failure: failureOf(error) });
    }
  }

  /** Shows a document that is at hand. */
  show(raw: unknown, blob: Uint8Array): void {
    try {
      this.store.dispatch({ type: "loaded", document: DocumentModel.decode(raw, blob) });
    } catch (error) {
      this.store.dispatch({ type: "failed", failure: failureOf(error) });
    }
  }

  observe(): Promise<void> {
    return this.run(async () => {
      const { result } = await this.transport.request("observe", {});
      const flops = Float64Array.from(result.flops);
      this.store.dispatch({ type: "observed", ...result, flops });
    });
  }

  weight(name: string): Promise<void> {
    return this.run(async () => {
      const { result } = await this.transport.request("weight", { name });
      this.store.dispatch({ type: "weight", name, stats: result });
    });
  }

  /** Has a pipeline recorded; its steps come with the program anew. */
  recordPasses(pipeline: string): Promise<void> {
    return this.run(async () => {
      const { raw, blob } = await this.transport.request("passes", { pipeline });
      this.store.dispatch({ type: "reloaded", document: DocumentModel.decode(raw, blob) });
    });
  }

  /** Has another variant made, and lays it beside the program; or says why it cannot be. */
  layBeside(name: string): Promise<void> {
    return this.run(async () => {
      const { raw, blob } = await this.transport.request("variants", { variant: name });
      const document = DocumentModel.decode(raw, blob);
      this.store.dispatch({ type: "reloaded", document });
      const variant = document.variants.findLastIndex(({ payload }) => payload.variant === name);
      this.store.dispatch({ type: "beside", variant });
    });
  }

  /** Asks which inputs count if nothing else is said. */
  async loadDomain(): Promise<void> {
    try {
      const { result } = await this.transport.request("domain", {});
      this.store.dispatch({ type: "domain", text: result.text });
    } catch (error) {
      this.store.dispatch({ type: "searchFailed", failure: failureOf(error) });
    }
  }

  /** Searches for inputs on which variants differ from the Python code. */
  async compare(wish: CompareRequest): Promise<void> {
    this.store.dispatch({ type: "searchFailed", failure: null });
    try {
      const { result } = await this.transport.request("compare", wish);
      this.store.dispatch({ type: "compared", found: result });
    } catch (error) {
      this.store.dispatch({ type: "searchFailed", failure: failureOf(error) });
    }
  }

  /** Measures where the time goes; it comes with the program anew. */
  profile(wish: ProfileRequest): Promise<void> {
    return this.measure(() => this.transport.request("profile", wish));
  }

  /** Measures at other batch sizes, and with other numbers of threads. */
  sweep(wish: SweepRequest): Promise<void> {
    return this.measure(() => this.transport.request("sweep", wish));
  }

  private async measure(ask: () => Promise<{ raw: unknown; blob: Uint8Array }>): Promise<void> {
    this.store.dispatch({ type: "profileFailed", failure: null });
    try {
      const { raw, blob } = await ask();
      this.store.dispatch({ type: "reloaded", document: DocumentModel.decode(raw, blob) });
    } catch (error) {
      this.store.dispatch({ type: "profileFailed", failure: failureOf(error) });
    }
  }

  /** Ends a job; of a search or a profile what it has by then is shown. */
  cancel({ id, kind, progress }: Job): void {
    if (LASTING.has(kind) && progress !== "") this.transport.stop(id);
    else this.transport.cancel(id);
  }

  saveHtml(): Promise<void> {
    return this.run(async () => {
      const { result, blob } = await this.transport.request("save_html", {});
      download(new Uint8Array(blob), "text/html", result.filename);
      this.store.dispatch({ type: "notice", text: result.summary });
    });
  }

  private async run(command: () => Promise<void>): Promise<void> {
    try {
      await command();
    } catch (error) {
      const { title, detail, help } = failureOf(error);
      const text = [title, detail, help].filter((part) => part !== "").join(" · ");
      this.store.dispatch({ type: "notice", text });
    }
  }

  private event(kind: string, payload: Readonly<Record<string, unknown>>): void {
    if (kind === "document") void this.loadDocument();
    if (kind === "debug") this.debug.heard(payload);
    const { node } = payload;
    if (kind === "reveal" && typeof node === "number")
      this.store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true });
  }

  private showPending(pending: readonly Pending[]): void {
    clearTimeout(this.timer);
    const now = Date.now();
    const jobs = pending.map(({ id, kind, since, progress, done, total }) => ({
      id,
      kind,
      progress,
      done,
      total,
      waiting: progress === "" && now - since >= PATIENCE_MS,
    }));
    const young = pending.filter(({ since }) => now - since < PATIENCE_MS);
    // Before the dispatch, in which somebody may make the next request.
    if (young.length > 0) this.timer = setTimeout(() => this.showPending(pending), PATIENCE_MS);
    this.store.dispatch({ type: "jobs", jobs });
  }
}
