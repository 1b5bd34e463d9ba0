/** The explorer of a session in a live kernel. */

import { mountExplorer, type Explorer, type ExplorerOptions } from "./app";
import { workerFromScript } from "./layout/start";
import { link } from "./linking-explorer";
import { LiveTransport, type WireModel } from "./transport";
import { fetchEngine, fetchPlots } from "./transport/assets";

declare const TSVIZ_VERSION: string;

export interface LiveOptions extends Pick<ExplorerOptions, "page" | "boxes"> {
  /**
   * Milliseconds that the layout engine lets the kernel go first. It takes a processor for a quarter
   * of a second to start and is needed last; it starts at once when the program is there.
   */
  readonly engineAfter?: number;
}

/**
 * Puts it into `host`, and asks the kernel for the program.
 *
 * @param options of which `page` says whether it fills its place, as a docked document does, and has
 *   no height of its own
 */
export function mountLive(
  host: HTMLElement,
  model: WireModel,
  { engineAfter = 0, ...options }: LiveOptions = {},
): Explorer {
  const transport = new LiveTransport(model, TSVIZ_VERSION);
  let loaded = Promise.resolve();
  const explorer = mountExplorer(host, {
    transport,
    startWorker: async () => {
      const script = await fetchEngine(transport);
      const pause = new Promise((resolve) => setTimeout(resolve, engineAfter));
      await Promise.race([pause, loaded]);
      return workerFromScript(script);
    },
    loadPlots: () => fetchPlots(transport),
    ...options,
  });
  loaded = explorer.commands.loadDocument();
  const unlink = link(host, explorer);
  return {
    ...explorer,
    dispose() {
      unlink();
      explorer.dispose();
    },
  };
}
