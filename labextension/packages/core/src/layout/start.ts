/** Starts the layout worker from the text of its script, which came with the page or the wire. */

import type { LayoutWorker } from "./client";

/** Resolves when the engine in the worker is ready for its first job. */
export function workerFromScript(script: BlobPart): Promise<LayoutWorker> {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      resolve(worker);
    };
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not start"));
  });
}
