/**
 * The state as the view of the snapshot that is compared with sees it. Its panes are those of the
 * snapshot shown: they read another place, and what they do is carried over.
 */

import type { Action } from "./actions";
import type { Selection, State } from "./state";
import { memoised } from "./memoised";
import { frameOf } from "./selection";
import { nodesOfLine } from "./selectors";
import { besideGraph, followed, placeBeside } from "./stepping";
import { Store, type Hover, type Unsubscribe } from "./store";

export class BeforeStore extends Store {
  private readonly undo: readonly Unsubscribe[];
  private readonly place = memoised(placeBeside);

  constructor(private readonly main: Store) {
    super(main.value);
    const carried = (hover: Hover, from: Store, to: Store) => {
      if (hover?.from !== CARRIED) to.hover.set(hoverIn(hover, from.value, to.value));
    };
    this.undo = [
      main.watch(
        (state) => state,
        (state) => this.set(this.seen(state)),
      ),
      main.hover.watch(
        (hover) => hover,
        (hover) => carried(hover, main, this),
      ),
      this.hover.watch(
        (hover) => hover,
        (hover) => carried(hover, this, main),
      ),
    ];
  }

  override dispatch = (action: Action): void => this.main.dispatch({ type: "before", action });

  dispose(): void {
    for (const undo of this.undo) undo();
  }

  private seen(state: State): State {
    return { ...state, place: this.place(state.document, besideGraph(state), state.subject) };
  }
}

/** Hovering that began in the other view; it is not carried back. */
const CARRIED = "beside";
const MOST_FRAMES = 200;

/** What is hovered in one snapshot, in the other. */
function hoverIn(hover: Hover, { document, place }: State, to: State): Hover {
  const [from, there] = [document?.graphs[place.graph], document?.graphs[to.place.graph]];
  if (!hover || !document || !from || !there) return null;
  if (hover.kind === "nodes" && hover.line) {
    const nodes = nodesOfLine(there, hover.line);
    return { kind: "nodes", nodes, from: CARRIED };
  }
  const selection: Selection =
    hover.kind === "container"
      ? { kind: "container", container: hover.container }
      : { kind: "nodes", nodes: hover.nodes };
  const found = followed(document, { graph: place.graph, selection }, to.place.graph);
  if (found?.kind === "container") return { ...found, from: CARRIED };
  const nodes = found?.kind === "node" ? [found.node] : found?.kind === "nodes" ? found.nodes : [];
  if (hover.kind === "container")
    return nodes.length > 0 ? { kind: "nodes", nodes, from: CARRIED } : null;
  const frames = hover.nodes
    .slice(0, MOST_FRAMES)
    .map((node) => frameOf(from, { kind: "node", node }));
  return { kind: "nodes", nodes, from: CARRIED, frames };
}
