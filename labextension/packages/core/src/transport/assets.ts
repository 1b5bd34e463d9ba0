/** What draws, fetched over the wire: once a page, however many explorers are open. */

import { plotsFromModule, type Plots } from "../plots/library";
import type { Transport } from "./types";

let engine: Promise<BlobPart> | null = null;
let plots: Promise<Plots> | null = null;

const fetchScript = async (transport: Transport, name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array((await transport.request("asset", { name })).blob);

/** The layout engine's script. */
export function fetchEngine(transport: Transport): Promise<BlobPart> {
  engine ??= fetchScript(transport, "graphviz.js").catch((error: unknown) => {
    engine = null; // another explorer may have more luck
    throw error;
  });
  return engine;
}

/** What draws plots. */
export function fetchPlots(transport: Transport): Promise<Plots> {
  plots ??= fetchScript(transport, "plotly.js")
    .then(plotsFromModule)
    .catch((error: unknown) => {
      plots = null;
      throw error;
    });
  return plots;
}
