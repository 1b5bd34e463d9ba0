// @vitest-environment jsdom
/** The explorer of a live session: when its layout engine starts. */

import { beforeEach, describe, expect, it, vi } from "vitest";

import { mountLive } from "../src/live";
import { TestModel } from "../src/transport/testing";
import { readFixture } from "./fixtures";
import { owned } from "./owning";

const ENGINE = { name: "graphviz.js", media_type: "text/javascript" };
const LONG = 3_600_000;
const { document: payload, blob } = readFixture("gate");
let started = 0;

beforeEach(() => {
  vi.useFakeTimers();
  started = 0;
  vi.stubGlobal("TSVIZ_VERSION", "0.1.0");
  vi.stubGlobal(
    "Worker",
    class {
      constructor() {
        started += 1;
      }
      terminate = () => undefined;
    },
  );
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = () => undefined;
      disconnect = () => undefined;
    },
  );
  vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: false }));
  HTMLCanvasElement.prototype.getContext = () => null;
  URL.createObjectURL = () => "blob:engine";
  URL.revokeObjectURL = () => undefined;
});

const answer = (model: TestModel, kind: string, content: unknown, bytes: Uint8Array) => {
  const id = model.lastRequest(kind)!["id"];
  model.receive({ type: "chunk", id, n: 0, of: 1 }, bytes);
  model.receive({ type: "reply", id, revision: 1, payload: content, error: null, chunks: 1 });
};

const open = async (engineAfter?: number) => {
  const model = new TestModel();
  owned(mountLive(document.createElement("div"), model, engineAfter ? { engineAfter } : {}));
  if (model.lastRequest("asset")) answer(model, "asset", ENGINE, new Uint8Array(4));
  await vi.advanceTimersByTimeAsync(0);
  return model;
};

describe("the layout engine", () => {
  it("starts at once in a cell", async () => {
    await open();
    expect(started).toBe(1);
  });

  it("lets the kernel go first where that reads a file", async () => {
    await open(LONG);
    await vi.advanceTimersByTimeAsync(LONG - 1);
    expect(started).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toBe(1);
  });

  it("starts as soon as the program is there", async () => {
    const model = await open(LONG);
    answer(model, "document", payload, blob);
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toBe(1);
  });
});
