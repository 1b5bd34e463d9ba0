/** The explorer of a session in a live kernel. */

import { mountExplorer, type Explorer } from "./app";
import { workerFromScript } from "./layout/start";
import { link } from "./linking";
import { LiveTransport, type WireModel } from "./transport";
import { fetchEngine, fetchPlots } from "./transport/assets";

declare const TSVIZ_VERSION: string;

/**
 * Puts it into `host`, and asks the kernel for the program.
 *
 * @param page whether it fills its place, as a docked document does, and has no height of its own
 */
export function mountLive(host: HTMLElement, model: WireModel, page = false): Explorer {
  const transport = new LiveTransport(model, TSVIZ_VERSION);
  const explorer = mountExplorer(host, {
    transport,
    startWorker: async () => workerFromScript(await fetchEngine(transport)),
    loadPlots: () => fetchPlots(transport),
    page,
  });
  void explorer.commands.loadDocument();
  const unlink = link(host, explorer);
  return {
    ...explorer,
    dispose() {
      unlink();
      explorer.dispose();
    },
  };
}
