/**
 * The layout worker: Graphviz as WebAssembly, in one classic script that can start from a Blob URL
 * and fetches nothing.
 */

import { Graphviz } from "@hpcc-js/wasm-graphviz";

import { layoutBy } from "./dot";
import { ROOT, type LayoutInput, type LayoutResult } from "./types";

export interface LayoutJob {
  readonly id: number;
  readonly input: LayoutInput;
}

/** What keeps the engine from starting in this worker. */
export type EngineFailure = "noWasm" | "wasmForbidden" | "other";

export type LayoutAnswer =
  | { readonly ready: true }
  | { readonly failed: EngineFailure }
  | { readonly id: number; readonly result: LayoutResult }
  | { readonly id: number; readonly error: string };

export interface WorkerScope {
  postMessage(answer: LayoutAnswer): void;
  onmessage: ((event: MessageEvent<LayoutJob>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

const size = { width: 80, height: 24 };
const box = (id: string, parent: string, margin: number) => ({ id, parent, margin, ...size });
const edge = (from: string, to: string, hidden = false) => ({ from, to, hidden });

/**
 * A graph with all that graphs here can have. WebAssembly is compiled function by function at the
 * first call: this one waits for that while data arrives, and the first that is asked for does not.
 */
const EVERYTHING: LayoutInput = {
  boxes: [box("a", ROOT, 0), box("b", "c", 20), box("d", "e", 0), box("f", ROOT, 0)],
  clusters: ["c", "e"].map((id) => ({ id, parent: ROOT, width: 60, height: 16 })),
  edges: [edge("a", "b"), edge("a", "d"), edge("b", "f"), edge("d", "f"), edge("a", "f", true)],
  sides: [["c", "e"]],
};

// `json0` (places without drawing instructions) is missing in the library's list of formats.
const engine = Graphviz.load().then((graphviz) => {
  const run = (dot: string) => graphviz.layout(dot, "json0" as "json", "dot");
  layoutBy(run, EVERYTHING);
  return run;
});
engine.then(
  () => scope.postMessage({ ready: true }),
  () => scope.postMessage({ failed: whyNot() }),
);

/** The smallest module tells whether any may run: the page's policy holds for its workers, too. */
function whyNot(): EngineFailure {
  if (typeof WebAssembly === "undefined") return "noWasm";
  try {
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    return "other";
  } catch {
    return "wasmForbidden";
  }
}

scope.onmessage = ({ data: { id, input } }) => {
  void engine.then((run) => {
    try {
      scope.postMessage({ id, result: layoutBy(run, input) });
    } catch (error) {
      scope.postMessage({ id, error: String(error) });
    }
  });
};
