// @vitest-environment jsdom
/** What front ends differ in, and what the explorer asks of all of them: anywidget's model, no more. */

import { readdirSync, readFileSync } from "node:fs";

import { afterEach, describe, expect, it, vi } from "vitest";

import { focusedBeside, isPageDark, onPageTheme } from "../src/page";
import { LiveTransport, type WireModel } from "../src/transport";
import { bytesOf } from "../src/transport/buffers";
import { readFixture } from "./fixtures";

type Listener = (...args: never[]) => void;

/** A model as anywidget's specification has it: no comm, no manager, no kernel to be seen. */
class PlainModel implements WireModel {
  readonly sent: Record<string, unknown>[] = [];
  private readonly listeners = new Map<string, Set<Listener>>();
  answer: unknown = undefined;

  get = () => undefined;
  set = () => undefined;
  save_changes = () => undefined;
  send(content: unknown, callbacks?: () => void): unknown {
    this.sent.push(content as Record<string, unknown>);
    callbacks?.(); // as marimo calls it once a message is on its way
    return this.answer;
  }
  on(event: string, callback: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: Listener): void {
    this.listeners.get(event)?.delete(callback);
  }
  receive(content: unknown, buffers?: unknown): void {
    for (const listener of this.listeners.get("msg:custom") ?? [])
      (listener as (...args: unknown[]) => void)(content, buffers);
  }
}

const asked = (model: PlainModel) => model.sent.at(-1)!["id"];

describe("a model that can only send and listen", () => {
  const { document: payload, blob } = readFixture("gate");
  const kinds = {
    ArrayBuffer: (bytes: Uint8Array) => new Uint8Array(bytes).buffer,
    DataView: (bytes: Uint8Array) => {
      const larger = new Uint8Array(bytes.length + 24);
      larger.set(bytes, 16); // as a part of the message that it came in
      return new DataView(larger.buffer, 16, bytes.length);
    },
    Uint8Array: (bytes: Uint8Array) => bytes,
  };

  it.each(Object.entries(kinds))("takes bytes as %s", async (_, made) => {
    const model = new PlainModel();
    const transport = new LiveTransport(model, "0.1.0");
    const answer = transport.request("document", {});
    const id = asked(model);
    model.receive({ type: "reply", id, revision: 1, payload, error: null, chunks: 1 }, []);
    model.receive({ type: "chunk", id, n: 0, of: 1 }, [made(blob)]);
    const { result } = await answer;
    expect([...result.graphs[0]!.nodes.op].length).toBeGreaterThan(3);
    expect([...bytesOf(made(blob))]).toEqual([...blob]);
  });

  it("is gone where sending fails, now or later", async () => {
    for (const fail of [
      (model: PlainModel) => (model.answer = Promise.reject(new Error("no kernel"))),
      (model: PlainModel) =>
        (model.send = () => {
          throw new Error("no comm");
        }),
    ]) {
      const model = new PlainModel();
      const transport = new LiveTransport(model, "0.1.0");
      void fail(model);
      await expect(transport.request("document", {})).rejects.toThrow("the kernel has gone");
    }
  });
});

describe("the page around it", () => {
  afterEach(() => {
    for (const element of [document.body, document.documentElement])
      for (const { name } of [...element.attributes]) element.removeAttribute(name);
    document.body.replaceChildren();
  });

  it.each([
    ["Jupyter", "data-jp-theme-light", "false", "true"],
    ["marimo", "data-theme", "dark", "light"],
    ["VS Code", "data-vscode-theme-kind", "vscode-dark", "vscode-light"],
    [
      "VS Code, contrast",
      "data-vscode-theme-kind",
      "vscode-high-contrast",
      "vscode-high-contrast-light",
    ],
  ])("is dark in %s when that is", (_, name, dark, light) => {
    expect(isPageDark()).toBeNull();
    document.body.setAttribute(name, dark);
    expect(isPageDark()).toBe(true);
    document.body.setAttribute(name, light);
    expect(isPageDark()).toBe(false);
  });

  it("is dark in Colab, where the page itself says so, and tells when that changes", async () => {
    const told = vi.fn();
    const stop = onPageTheme(told);
    document.documentElement.setAttribute("theme", "dark");
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
    expect(isPageDark()).toBe(true);
    stop();
  });

  it("says what has the focus inside a shadow tree", () => {
    const host = document.body.appendChild(document.createElement("div"));
    const shadow = host.attachShadow({ mode: "open" });
    const inner = shadow.appendChild(document.createElement("button"));
    inner.focus();
    expect(document.activeElement).toBe(host);
    expect(focusedBeside(inner)).toBe(inner);
  });
});

describe("the sources of core and widget", () => {
  const sources = ["core/src", "widget/src"].flatMap((folder) =>
    readdirSync(`packages/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map(
        (name) =>
          [`${folder}/${name}`, readFileSync(`packages/${folder}/${name}`, "utf8")] as const,
      ),
  );

  it("name no package of Jupyter's, no widget manager, no experimental call and no address", () => {
    expect(sources.length).toBeGreaterThan(100);
    const wanted =
      /@jupyterlab\/|@lumino\/|widget_manager|experimental|\bfetch\(|XMLHttpRequest|WebSocket/;
    expect(sources.filter(([, text]) => wanted.test(text)).map(([name]) => name)).toEqual([]);
  });
});
