// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";

import { openToDepth } from "../src/layout/fold";
import { layered } from "../src/layout/layered";
import { visibleGraph } from "../src/layout/visible";
import { CanvasPainter } from "../src/scene/canvas";
import { estimate } from "../src/scene/measure";
import { NO_EMPHASIS, wantsCanvas, type Emphasis, type Painter } from "../src/scene/paint";
import { buildScene, draft, layoutInput } from "../src/scene/scene";
import { SvgPainter } from "../src/scene/svg";
import type { View } from "../src/scene/view";
import { readDocument } from "./fixtures";
import { RecordingContext } from "./recording";

const graph = readDocument("detector").graphs[0]!;
const drafts = draft(graph, visibleGraph(graph, openToDepth(graph, "all")), estimate);
const scene = buildScene(drafts, layered(layoutInput(drafts)));
const size = { width: 800, height: 600 };

/** What a test asks of a picture, whatever it was painted with. */
interface Picture {
  paint(view: View, emphasis?: Emphasis): void;
  /** Every word in the picture. */
  words(): string[];
  /** How a box is set off. */
  look(id: string): { selected: boolean; faint: boolean; colour: string };
  /** How many edges have the colour of a path. */
  pathEdges(): number;
}

class SvgPicture implements Picture {
  private readonly painter = new SvgPainter();

  paint(view: View, emphasis = NO_EMPHASIS): void {
    this.painter.paint({ scene, view, size, emphasis });
  }
  words(): string[] {
    return [...this.painter.element.querySelectorAll("text")].map((t) => t.textContent);
  }
  look(id: string): { selected: boolean; faint: boolean; colour: string } {
    const { classList } = this.painter.element.querySelector(`[data-id="${id}"]`)!;
    const colours = {
      "is-input": "--tsv-add",
      "is-output": "--tsv-chg",
      "is-selected": "--tsv-sel",
    };
    const [, colour = ""] =
      Object.entries(colours).find(([name]) => classList.contains(name)) ?? [];
    return {
      selected: classList.contains("is-selected"),
      faint: classList.contains("is-dim"),
      colour,
    };
  }
  pathEdges(): number {
    return this.painter.element.querySelectorAll(".tsv-edge.is-path").length;
  }
}

class CanvasPicture implements Picture {
  private readonly context = new RecordingContext();
  private readonly painter: Painter;
  private view: View = { x: 0, y: 0, scale: 1 };

  constructor() {
    HTMLCanvasElement.prototype.getContext = (() => this.context) as never;
    // jsdom resolves no custom properties: a token stands for its colour.
    vi.spyOn(globalThis, "getComputedStyle").mockReturnValue({
      getPropertyValue: (token: string) => token,
    } as CSSStyleDeclaration);
    this.painter = new CanvasPainter();
  }

  paint(view: View, emphasis = NO_EMPHASIS): void {
    this.view = view;
    this.painter.paint({ scene, view, size, emphasis });
  }
  words(): string[] {
    return this.context.drawn.filter(({ kind }) => kind === "text").map(({ text }) => text);
  }
  look(id: string): { selected: boolean; faint: boolean; colour: string } {
    const box = scene.boxes.find((candidate) => candidate.id === id)!;
    const { drawn } = this.context;
    const [x, y] = [box.x * this.view.scale + this.view.x, box.y * this.view.scale + this.view.y];
    const at = drawn.findIndex((d) => d.kind === "shape" && d.x === x && d.y === y);
    const [fill, line] = [drawn[at]!, drawn[at + 1]!];
    const marks = ["--tsv-add", "--tsv-chg", "--tsv-sel"];
    return {
      selected: fill.colour === "--tsv-sel-bg" && line.width === 2,
      faint: fill.alpha < 1,
      colour: marks.includes(line.colour) ? line.colour : "",
    };
  }
  pathEdges(): number {
    return this.context.drawn.filter((d) => d.kind === "fill" && d.colour === "--tsv-sel").length;
  }
}

describe.each([
  ["SVG", () => new SvgPicture()],
  ["canvas", () => new CanvasPicture()],
] as const)("the %s painter", (_, create) => {
  let picture: Picture;
  beforeEach(() => {
    vi.restoreAllMocks();
    picture = create();
  });
  const legible: View = { x: 0, y: 0, scale: 0.5 };
  const op = scene.boxes.find((box) => box.kind === "op")!;

  it("writes the words of boxes, clusters, stubs and edges", () => {
    picture.paint(legible);
    const words = picture.words();
    const seen = (rect: { y: number }) => rect.y * legible.scale < size.height / 2;
    for (const box of scene.boxes.filter(seen)) expect(words).toContain(box.title);
    for (const cluster of scene.clusters.filter(seen)) expect(words).toContain(cluster.title);
    expect(words).toContain("weight");
    expect(words).toContain("1×16×64×64");
  });

  it("paints only what is near the window", () => {
    picture.paint({ x: 0, y: 0, scale: 4 });
    expect(picture.words()).not.toContain("output  3×4");
    const last = scene.boxes.find((box) => box.id === "o0")!;
    picture.paint({ x: 400 - last.x * 4, y: 300 - last.y * 4, scale: 4 });
    expect(picture.words()).toContain("output  3×4");
  });

  it("sets off what is selected and steps the rest back", () => {
    const emphasis = { ...NO_EMPHASIS, selected: new Set([op.id]), dim: true };
    picture.paint(legible, emphasis);
    const other = scene.boxes.find((box) => box.kind === "op" && box.id !== op.id)!;
    expect(picture.look(op.id)).toMatchObject({ selected: true, faint: false });
    expect(picture.look(other.id)).toMatchObject({ selected: false, faint: true });
    picture.paint(legible);
    expect(picture.look(op.id)).toEqual({ selected: false, faint: false, colour: "" });
  });

  it("tells inputs from outputs", () => {
    const [a, b] = scene.boxes.filter((box) => box.kind === "op");
    const emphasis = { ...NO_EMPHASIS, inputs: new Set([a!.id]), outputs: new Set([b!.id]) };
    picture.paint(legible, emphasis);
    expect(picture.look(a!.id).colour).toBe("--tsv-add");
    expect(picture.look(b!.id).colour).toBe("--tsv-chg");
  });

  it("colours the edges of a path", () => {
    const isSeen = (x = Infinity, y = Infinity) => x < size.width && y < size.height;
    const seen = scene.edges.flatMap(({ points: [x, y] }, i) => (isSeen(x, y) ? [i] : []));
    picture.paint(legible, { ...NO_EMPHASIS, path: new Set(seen.slice(0, 2)) });
    expect(picture.pathEdges()).toBe(2);
  });
});

describe("a canvas of many boxes", () => {
  it("draws each box and each scope once, however small", () => {
    const context = new RecordingContext();
    HTMLCanvasElement.prototype.getContext = (() => context) as never;
    const painter = new CanvasPainter();
    for (const scale of [0.1, 0.3, 0.1]) {
      const wide = { width: scene.width * scale, height: scene.height * scale };
      painter.paint({ scene, view: { x: 0, y: 0, scale }, size: wide, emphasis: NO_EMPHASIS });
      const places = context.drawn
        .filter(({ kind }) => kind === "shape")
        .map(({ x, y }) => `${x} ${y}`);
      const wanted = [...scene.clusters, ...scene.boxes].map(
        (item) => `${item.x * scale} ${item.y * scale}`,
      );
      expect(places).toEqual(wanted);
    }
  });
});

describe("a canvas on which little is set off otherwise", () => {
  const context = new RecordingContext();
  const view: View = { x: 0, y: 0, scale: 0.5 };
  const [first, , , , , , , , other] = scene.boxes.filter((box) => box.kind === "op");
  const cleared = (painter: CanvasPainter, emphasis: Emphasis) => {
    const clear = vi.spyOn(context, "clearRect");
    painter.paint({ scene, view, size, emphasis });
    const calls = clear.mock.calls;
    clear.mockRestore();
    return calls;
  };
  const hovering = (...ids: string[]) => ({ ...NO_EMPHASIS, hovered: new Set(ids) });

  it("is painted there only, and looks as if all had been painted", () => {
    HTMLCanvasElement.prototype.getContext = (() => context) as never;
    const painter = new CanvasPainter();
    const whole = [[0, 0, 800, 600]];
    expect(cleared(painter, NO_EMPHASIS)).toEqual(whole);
    expect(cleared(painter, hovering(first!.id))).toHaveLength(1);
    expect(cleared(painter, hovering(other!.id))).toHaveLength(2);
    const sorted = () => {
      const told = context.drawn.filter(({ kind }) => kind === "shape" || kind === "text");
      return [...new Set(told.map((one) => JSON.stringify(one)))].sort();
    };
    const inParts = sorted();
    expect(cleared(painter, hovering(other!.id))).toEqual(whole); // perhaps the theme is another
    expect(inParts).toEqual(sorted());
    expect(cleared(painter, { ...hovering(first!.id), dim: true })).toEqual(whole);
    expect(cleared(painter, hovering(...scene.boxes.map(({ id }) => id)))).toEqual(whole);
  });
});

describe("a window that moves", () => {
  it("makes no element until it leaves what is around it, and sets nothing off anew", async () => {
    const painter = new SvgPainter();
    const at = (x: number): void =>
      painter.paint({ scene, view: { x, y: 0, scale: 0.5 }, size, emphasis: NO_EMPHASIS });
    at(0);
    at(-1); // from here on what is around the window has elements, too
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    observer.observe(painter.element, { subtree: true, childList: true, attributes: true });
    for (let step = 2; step <= 40; step++) at(-step);
    await Promise.resolve();
    expect(changes.map(({ type, attributeName }) => attributeName ?? type)).toEqual(
      Array(39).fill("transform"),
    );
    at(-2000);
    await Promise.resolve();
    expect(changes.some(({ type }) => type === "childList")).toBe(true);
  });

  it("takes memory for a canvas of another size only", () => {
    HTMLCanvasElement.prototype.getContext = (() => new RecordingContext()) as never;
    const painter = new CanvasPainter();
    const taken = vi.spyOn(painter.element, "width", "set");
    for (const width of [800, 800, 800, 700, 700])
      painter.paint({
        scene,
        view: { x: 0, y: 0, scale: 0.5 },
        size: { ...size, width },
        emphasis: NO_EMPHASIS,
      });
    expect(taken.mock.calls).toEqual([[800], [700]]);
  });
});

describe("the choice of a painter", () => {
  it("has hysteresis", () => {
    expect([251, 250].map((n) => wantsCanvas(n, false))).toEqual([true, false]);
    expect([150, 149].map((n) => wantsCanvas(n, true))).toEqual([true, false]);
  });
});
