/**
 * All there is in a widget's state: this loader and a line of text. The explorer itself is fetched
 * over the comm, once a page, when a view is made.
 */

import type { AnyModel } from "@anywidget/types";
import { adoptStyle, watchPolicy } from "@tsviz/core/page";
import { h } from "@tsviz/core/dom";
import { bytesOf } from "@tsviz/core/buffers";

declare const TSVIZ_VERSION: string;

interface Stored {
  summary: string;
}
interface Explorer {
  default: { render(context: { model: AnyModel<Stored>; el: HTMLElement }): () => void };
}
interface Loaded {
  readonly explorer: Explorer;
  readonly sheet: CSSStyleSheet;
}
interface Page {
  tsviz?: Map<string, Promise<Loaded>>;
}

const FORBIDDEN =
  "this page's content security policy forbids scripts from blobs; its `script-src` would have to say `blob:`";

let sequence = 0;

function fetchAsset(model: AnyModel<Stored>, name: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const id = `loader-${Math.random().toString(36).slice(2)}/${++sequence}`;
  return new Promise((resolve, reject) => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let expected = -1;
    const receive = (
      message: Record<string, unknown>,
      buffers: (ArrayBuffer | DataView)[],
    ): void => {
      if (message["id"] !== id) return;
      if (message["type"] === "reply" && message["error"]) {
        const error = message["error"] as { message: string; help: string };
        model.off("msg:custom", receive);
        return reject(new Error([error.message, error.help].filter(Boolean).join("; ")));
      }
      if (message["type"] === "reply") expected = Number(message["chunks"]);
      if (message["type"] === "chunk" && buffers[0]) {
        parts[Number(message["n"])] = new Uint8Array(bytesOf(buffers[0]));
      }
      if (expected >= 0 && parts.filter(Boolean).length === expected) {
        model.off("msg:custom", receive);
        resolve(parts);
      }
    };
    model.on("msg:custom", receive);
    model.send({ type: "request", id, revision: 0, kind: "asset", payload: { name } });
  });
}

async function load(model: AnyModel<Stored>): Promise<Loaded> {
  const [script, style] = await Promise.all([
    fetchAsset(model, "widget.js"),
    fetchAsset(model, "widget.css"),
  ]);
  const sheet = await new CSSStyleSheet().replace(await new Blob(style).text());
  const policy = watchPolicy();
  const url = URL.createObjectURL(new Blob(script, { type: "text/javascript" }));
  try {
    return { explorer: (await import(/* @vite-ignore */ url)) as Explorer, sheet };
  } catch (error) {
    throw (await policy.forbade("blob")) ? new Error(FORBIDDEN) : error;
  } finally {
    policy.dispose();
    URL.revokeObjectURL(url);
  }
}

/** The explorer's module; all views of a page share it. */
function explorerOf(model: AnyModel<Stored>): Promise<Loaded> {
  const page = globalThis as Page;
  const known = (page.tsviz ??= new Map<string, Promise<Loaded>>());
  let loaded = known.get(TSVIZ_VERSION);
  if (!loaded) {
    loaded = load(model);
    known.set(TSVIZ_VERSION, loaded);
    loaded.catch(() => known.delete(TSVIZ_VERSION)); // another view may have more luck
  }
  return loaded;
}

/** Shown until the kernel answers: it may be busy, or gone. */
function waiting(model: AnyModel<Stored>): HTMLElement {
  const status = h(
    "div",
    { role: "status" },
    "Waiting for the kernel to send the explorer; without one, run this cell.",
  );
  const element = h("div", {}, model.get("summary"), status);
  element.style.font = "13px/1.5 system-ui,sans-serif";
  return element;
}

function render({ model, el }: { model: AnyModel<Stored>; el: HTMLElement }): () => void {
  const placeholder = waiting(model);
  el.append(placeholder);
  let dispose: (() => void) | null = null;
  let gone = false;
  explorerOf(model).then(
    ({ explorer, sheet }) => {
      if (gone) return;
      adoptStyle(el, sheet);
      placeholder.remove();
      dispose = explorer.default.render({ model, el });
    },
    (error: unknown) => {
      const status = placeholder.querySelector("[role=status]");
      if (status) status.textContent = `The explorer could not be loaded: ${String(error)}`;
    },
  );
  return () => {
    gone = true;
    dispose?.();
  };
}

export default { render };
