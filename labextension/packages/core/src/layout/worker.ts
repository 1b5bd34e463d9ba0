/**
 * The layout worker: Graphviz as WebAssembly, in one classic script that can start from a Blob URL
 * and fetches nothing.
 */

import { Graphviz } from "@hpcc-js/wasm-graphviz";

import { layoutBy } from "./dot";
import type { LayoutInput, LayoutResult } from "./types";

export interface LayoutJob {
  readonly id: number;
  readonly input: LayoutInput;
}

export type LayoutAnswer =
  | { readonly ready: true }
  | { readonly id: number; readonly result: LayoutResult }
  | { readonly id: number; readonly error: string };

interface WorkerScope {
  postMessage(answer: LayoutAnswer): void;
  onmessage: ((event: MessageEvent<LayoutJob>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

const engine = Graphviz.load();
void engine.then(() => scope.postMessage({ ready: true }));

scope.onmessage = ({ data: { id, input } }) => {
  void engine.then((graphviz) => {
    try {
      // `json0` (places without drawing instructions) is missing in the library's list of formats.
      const run = (dot: string) => graphviz.layout(dot, "json0" as "json", "dot");
      scope.postMessage({ id, result: layoutBy(run, input) });
    } catch (error) {
      scope.postMessage({ id, error: String(error) });
    }
  });
};
