/** Starts the layout worker from the text of its script, which came with the page or the wire. */

import { watchPolicy } from "../page";
import { LayoutUnavailable, type LayoutWorker } from "./client";
import type { LayoutAnswer } from "./worker";

/**
 * Resolves when the engine in the worker is ready for its first job.
 *
 * @throws LayoutUnavailable with what the browser lacks or the page's policy forbids
 */
export async function workerFromScript(script: BlobPart): Promise<LayoutWorker> {
  if (!("Worker" in globalThis)) throw new LayoutUnavailable("noWorker");
  const policy = watchPolicy();
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return await started(url);
  } catch (error) {
    if (error instanceof LayoutUnavailable) throw error;
    throw new LayoutUnavailable((await policy.forbade("blob")) ? "workerForbidden" : "other");
  } finally {
    policy.dispose();
    URL.revokeObjectURL(url);
  }
}

function started(url: string): Promise<LayoutWorker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url);
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
      if ("ready" in data) {
        resolve(worker);
        return;
      }
      worker.terminate();
      reject(new LayoutUnavailable("failed" in data ? data.failed : "other"));
    };
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not start"));
  });
}
