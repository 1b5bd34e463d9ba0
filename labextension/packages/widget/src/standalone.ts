/**
 * The explorer in an HTML file, or in the frame of a notebook that keeps it. The page holds, in
 * this order: the script of the layout worker as text, this script, an element to mount into, and
 * the data; so the engine starts while the rest of the page is still being read.
 */

import { inflateSync } from "fflate";

import {
  followPageAround,
  isKept,
  mountExplorer,
  plotsFromPage,
  StaticTransport,
  strings,
  workerFromScript,
} from "@tsviz/core";

const WORKER = "tsviz-worker";
const PLOTS = "tsviz-plots";
const DATA = "tsviz-data";
const MOUNT = "tsviz";

document.getElementById(MOUNT)?.replaceChildren(); // what stands there where no script runs

const script = document.getElementById(WORKER)?.textContent;
type Started = ReturnType<typeof workerFromScript>;
let early: Started | null = script ? workerFromScript(script) : null;
early?.catch(() => undefined); // heard again when the explorer asks for it

/** The worker that was started early; later ones replace it after a layout took too long. */
function startWorker(): Started {
  const started = early;
  early = null;
  if (started) return started;
  if (script) return workerFromScript(script);
  return Promise.reject(new Error("the page holds no layout engine"));
}

/** What draws plots, which only a page with a profile holds. */
function loadPlots(): ReturnType<typeof plotsFromPage> {
  const text = document.getElementById(PLOTS)?.textContent;
  if (!text) throw new Error("the page holds no plot library");
  return plotsFromPage(text);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

interface Unpacked {
  readonly payload: unknown;
  readonly blob: Uint8Array;
}

/** From here on the browser's own inflating, which answers a turn later, is the faster one. */
const LONG = 4 * 2 ** 20;

async function inflate(packed: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  if (length < LONG) return inflateSync(packed, { out: new Uint8Array(length) });
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What `tsviz.widgets.html` packed: the lengths of JSON and blob, then both, deflated. */
async function unpack(base64: string): Promise<Unpacked> {
  const packed = bytesOf(base64);
  const lengths = new DataView(packed.buffer);
  const json = lengths.getUint32(0, true);
  const blob = lengths.getUint32(4, true);
  const data = await inflate(packed.subarray(8), json + blob);
  if (data.length !== json + blob) throw new Error("it is shorter or longer than it says");
  const text = new TextDecoder().decode(data.subarray(0, json));
  return { payload: JSON.parse(text), blob: data.subarray(json) };
}

async function start(): Promise<void> {
  const host = document.getElementById(MOUNT);
  if (!host) return;
  if (isKept()) followPageAround();
  const explorer = mountExplorer(host, {
    transport: new StaticTransport(isKept() ? strings.keptExplorer : strings.savedFile),
    startWorker,
    loadPlots: () => Promise.resolve().then(loadPlots),
    page: true,
  });
  // It is all of the page: its keys act before anything was clicked.
  if (window.top === window) host.querySelector<HTMLElement>(".tsv")?.focus();
  try {
    const text = document.getElementById(DATA)?.textContent ?? "";
    const { payload, blob } = await unpack(text);
    explorer.commands.show(payload, blob);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    explorer.store.dispatch({
      type: "failed",
      failure: {
        title: "the data in this file is damaged",
        detail,
        help: "save the file again, or fetch it again if it was cut off on its way",
      },
    });
  }
}

if (document.readyState === "loading")
  document.addEventListener("DOMContentLoaded", () => void start());
else void start();
