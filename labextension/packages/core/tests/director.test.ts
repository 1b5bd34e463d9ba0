import { describe, expect, it, vi } from "vitest";

import { INITIAL } from "../src/state";
import { LayoutClient, type LayoutWorker } from "../src/layout/client";
import { LayoutDirector, type Picture } from "../src/layout/director";
import { layered } from "../src/layout/layered";
import type { LayoutJob } from "../src/layout/worker";
import { estimate } from "../src/scene/measure";
import { Store } from "../src/store";
import { containerOf, readDocument } from "./fixtures";

const LIMIT = 50;
const document = readDocument("detector");
const graph = document.graphs[0]!;

/** A worker that answers only what has few enough boxes. */
class SlowWorker implements LayoutWorker {
  onmessage: LayoutWorker["onmessage"] = null;
  onerror: LayoutWorker["onerror"] = null;

  constructor(private readonly most: number) {}

  postMessage({ id, input }: LayoutJob): void {
    if (input.boxes.length > this.most) return;
    queueMicrotask(() =>
      this.onmessage?.({ data: { id, result: layered(input) } } as MessageEvent<never>),
    );
  }

  terminate(): void {
    // holds nothing
  }
}

async function open(most: number) {
  vi.useFakeTimers();
  const store = new Store(INITIAL);
  const pictures: Picture[] = [];
  const client = new LayoutClient(() => Promise.resolve(new SlowWorker(most)), LIMIT);
  const director = new LayoutDirector(store, client, estimate, (picture) => pictures.push(picture));
  await vi.advanceTimersByTimeAsync(0);
  store.dispatch({ type: "loaded", document });
  const settle = () => vi.advanceTimersByTimeAsync(LIMIT * 20);
  await settle();
  const close = () => {
    director.dispose();
    client.dispose();
    vi.useRealTimers();
  };
  return { store, pictures, settle, close };
}

describe("a layout that takes too long", () => {
  it("is folded deeper until it does not, and says so", async () => {
    const { store, pictures, settle, close } = await open(20);
    const before = store.value.open[0]!;
    store.dispatch({ type: "depth", depth: "all" });
    await settle();
    const { open: shown, scene } = pictures.at(-1)!;
    expect(scene.boxes.length).toBeLessThanOrEqual(20);
    expect(shown.size).toBeLessThan(graph.containerCount);
    expect(shown).toBe(store.value.open[0]);
    expect(before).not.toBe(shown);
    expect(store.value.notice).toMatch(/took too long, so the deepest scopes were folded$/);
    close();
  });

  it("keeps open what was just opened, and then falls back to a simple arrangement", async () => {
    const { store, pictures, settle, close } = await open(0);
    store.dispatch({ type: "depth", depth: 1 });
    await settle();
    const stem = containerOf(document, "stem");
    store.dispatch({ type: "toggle", container: stem });
    await settle();
    expect(pictures.at(-1)!.open.has(stem)).toBe(true);
    expect(pictures.at(-1)!.scene.boxes.length).toBeGreaterThan(0);
    expect(store.value.notice).toMatch(/shown in a simpler arrangement$/);
    close();
  });
});
