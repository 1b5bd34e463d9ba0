/** The explorer of a session in a live kernel. */

import { mountExplorer, type Explorer, type ExplorerOptions } from "./app";
import { workerFromScript } from "./layout/start";
import { link } from "./linking-explorer";
import { LiveTransport, type WireModel } from "./transport";
import { fetchEngine, fetchPlots } from "./transport/assets";

declare const TSVIZ_VERSION: string;

/**
 * Puts it into `host`, and asks the kernel for the program.
 *
 * @param options of which `page` says whether it fills its place, as a docked document does, and has
 *   no height of its own
 */
export function mountLive(
  host: HTMLElement,
  model: WireModel,
  options: Pick<ExplorerOptions, "page" | "boxes"> = {},
): Explorer {
  const transport = new LiveTransport(model, TSVIZ_VERSION);
  const explorer = mountExplorer(host, {
    transport,
    startWorker: async () => workerFromScript(await fetchEngine(transport)),
    loadPlots: () => fetchPlots(transport),
    ...options,
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
