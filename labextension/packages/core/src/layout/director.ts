/**
 * Turns what is open into a picture: builds the folded graph, has it laid out, and when that takes
 * too long folds deeper and says so, or falls back to a simple layout.
 */

import { currentGraph, type State } from "../state";
import { heatOf } from "../measured";
import type { GraphModel, Heat } from "../model";
import type { Measure } from "../scene/measure";
import { buildScene, draft, layoutInput, type Drafts, type Scene } from "../scene/scene";
import type { Store } from "../store";
import { strings } from "../strings";
import { LayoutSuperseded, LayoutTimeout, LayoutUnavailable, type LayoutClient } from "./client";
import { deepestOpen } from "./fold";
import { layered } from "./layered";
import type { LayoutInput } from "./types";
import { visibleGraph, type VisibleGraph } from "./visible";

/** A picture of so many boxes is of no use, and Graphviz may not end; it is not even asked. */
const HOPELESS = 3000;

export interface Picture {
  readonly graph: GraphModel;
  readonly open: ReadonlySet<number>;
  readonly visible: VisibleGraph;
  readonly scene: Scene;
}

interface Asked {
  readonly graph: GraphModel;
  readonly open: ReadonlySet<number>;
  readonly heat: Heat | null;
}

export class LayoutDirector {
  private current: Asked | null = null;
  /** The container whose unfolding brought the current view about; it is not folded again. */
  private asked = -1;
  private folding = false;
  private readonly stop: () => void;

  constructor(
    private readonly store: Store,
    private readonly client: LayoutClient,
    private readonly measure: Measure,
    private readonly show: (picture: Picture) => void,
  ) {
    const stopGraph = store.watch(currentGraph, () => this.update(store.value));
    const stopOpen = store.watch(
      (state) => state.open[state.place.graph],
      () => this.update(store.value),
    );
    const stopHeat = store.watch(heatOf, () => this.update(store.value));
    this.stop = () => {
      stopGraph();
      stopHeat();
      stopOpen();
    };
  }

  dispose(): void {
    this.stop();
  }

  private update(state: State): void {
    const graph = currentGraph(state);
    const open = state.open[state.place.graph];
    if (!graph || !open) return;
    const heat = heatOf(state);
    const before = this.current;
    const isSame = before?.graph === graph && before.open === open;
    if (isSame && before.heat === heat) return;
    const current = { graph, open, heat };
    this.current = current;
    if (isSame) {
      void this.arrange(current);
      return;
    }
    if (this.folding) this.folding = false;
    else {
      this.asked = before?.graph === graph ? newest(before.open, open) : -1;
      this.store.dispatch({ type: "notice", text: "" });
    }
    void this.arrange(current);
  }

  private async arrange(asked: Asked): Promise<void> {
    const { graph, open, heat } = asked;
    const visible = visibleGraph(graph, open);
    const drafts = draft(graph, visible, this.measure, heat);
    const input = layoutInput(drafts);
    const show = (layout: Parameters<typeof buildScene>[1]) => {
      if (this.current === asked)
        this.show({ graph, open, visible, scene: buildScene(drafts, layout) });
    };
    const known = this.client.known(input);
    if (known) {
      show(known);
      return;
    }
    try {
      if (input.boxes.length > HOPELESS) throw new LayoutTimeout();
      // The engine needs a while to start (and over the wire to arrive); there is a picture before.
      if (!this.client.isReady) show(layered(input));
      show(await this.client.layout(input, this));
    } catch (error) {
      if (error instanceof LayoutSuperseded || this.current !== asked) return;
      if (error instanceof LayoutTimeout && this.foldDeeper(graph, open, drafts)) return;
      this.explain(error, input);
      show(layered(input));
    }
  }

  private foldDeeper(graph: GraphModel, open: ReadonlySet<number>, drafts: Drafts): boolean {
    const keep = this.asked < 0 ? [] : graph.ancestry(this.asked);
    const deepest = deepestOpen(graph, open).filter((c) => !keep.includes(c));
    if (deepest.length === 0) return false;
    this.folding = true;
    this.store.dispatch({ type: "notice", text: strings.layoutFolded(drafts.boxes.length) });
    this.store.dispatch({ type: "fold", containers: deepest });
    return true;
  }

  private explain(error: unknown, input: LayoutInput): void {
    const reason = error instanceof LayoutUnavailable ? error.reason : "other";
    const text =
      error instanceof LayoutTimeout
        ? strings.layoutPlain(input.boxes.length)
        : strings.layoutWithout[reason];
    this.store.dispatch({ type: "notice", text });
  }
}

function newest(before: ReadonlySet<number>, after: ReadonlySet<number>): number {
  const added = [...after].filter((c) => !before.has(c));
  return added.length > 0 ? Math.min(...added) : -1;
}
