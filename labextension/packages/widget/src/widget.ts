/** The explorer as an anywidget: one view of the model's session in a notebook's cell. */

import type { AnyModel } from "@anywidget/types";
import {
  LiveTransport,
  mountExplorer,
  plotsFromModule,
  workerFromScript,
  type Plots,
  type Transport,
  type WireModel,
} from "@tsviz/core";

declare const TSVIZ_VERSION: string;

/** The engine's script, fetched over the wire once a page however many explorers are open. */
let engine: Promise<BlobPart> | null = null;

function fetchEngine(transport: Transport): Promise<BlobPart> {
  engine ??= transport.request("asset", { name: "graphviz.js" }).then(
    ({ blob }) => new Uint8Array(blob),
    (error: unknown) => {
      engine = null; // another explorer may have more luck
      throw error;
    },
  );
  return engine;
}

/** What draws plots; like the engine, once a page. */
let plots: Promise<Plots> | null = null;

function fetchPlots(transport: Transport): Promise<Plots> {
  plots ??= transport
    .request("asset", { name: "plotly.js" })
    .then(({ blob }) => plotsFromModule(new Uint8Array(blob)))
    .catch((error: unknown) => {
      plots = null;
      throw error;
    });
  return plots;
}

function render({ model, el }: { model: AnyModel; el: HTMLElement }): () => void {
  const transport = new LiveTransport(model as unknown as WireModel, TSVIZ_VERSION);
  const explorer = mountExplorer(el, {
    transport,
    startWorker: async () => workerFromScript(await fetchEngine(transport)),
    loadPlots: () => fetchPlots(transport),
  });
  void explorer.commands.loadDocument();
  return () => explorer.dispose();
}

export default { render };
