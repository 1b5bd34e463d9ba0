/** The explorer over a kernel that is slow, busy, broken or dead: one page, the state is its hash. */

import { mountExplorer, workerFromScript } from "../../src";
import { LiveTransport } from "../../src/transport";
import { TestModel } from "../../src/transport/testing";

type State = "loading" | "error" | "ready" | "busy" | "dead" | "progress";

const textOf = (id: string) => document.getElementById(id)?.textContent ?? "";

/** A kernel that answers what `state` lets it answer. */
class Kernel extends TestModel {
  constructor(private readonly state: State) {
    super();
  }

  override send(content: unknown): void {
    super.send(content);
    const { id, kind } = content as { id?: string; kind?: string };
    if (id !== undefined && kind === "document") queueMicrotask(() => this.answer(id));
    if (id !== undefined && kind === "observe" && this.state === "progress")
      this.receive({ type: "progress", id, done: 3, total: 8, text: "running layer" });
  }

  private answer(id: string): void {
    if (this.state === "loading") return;
    if (this.state === "error") {
      const message = "the program was made by another version of PyTorch";
      const notes = ["torch 2.10.0 wrote it, torch 2.13.0 reads it"];
      const error = {
        ...{ code: "TSV-E07", severity: "error", message, file: -1, line: -1, notes },
        help: "capture it again in this kernel: %tsdebug model(x)",
      };
      this.receive({ type: "reply", id, revision: 1, payload: null, error, chunks: 0 });
      return;
    }
    const { document: payload, blob } = JSON.parse(textOf("data")) as {
      document: Record<string, unknown>;
      blob: string;
    };
    const bytes = Uint8Array.from(atob(blob), (char) => char.charCodeAt(0));
    this.receive({ type: "reply", id, revision: 1, payload, error: null, chunks: 1 });
    this.receive({ type: "chunk", id, n: 0, of: 1 }, bytes);
  }
}

const state = (location.hash.slice(1) || "ready") as State;
const kernel = new Kernel(state);
const explorer = mountExplorer(document.getElementById("host")!, {
  transport: new LiveTransport(kernel, "test"),
  startWorker: () => workerFromScript(textOf("worker")),
  loadPlots: () => Promise.reject(new Error("no plots here")),
});
void explorer.commands.loadDocument().then(() => {
  if (state === "busy" || state === "progress") void explorer.commands.observe();
  if (state === "dead") kernel.emit("comm:close");
});
