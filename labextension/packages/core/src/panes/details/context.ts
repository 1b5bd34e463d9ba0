/** What the sections of the details are made from. */

import type { Action } from "../../actions";
import type { Commands } from "../../commands";
import type { GraphModel } from "../../model";
import type { Store } from "../../store";

export interface Context {
  readonly graph: GraphModel;
  readonly store: Store;
  readonly commands: Commands;
}

export function select(
  { store }: Context,
  selection: (Action & { type: "select" })["selection"],
  reveal = false,
): void {
  store.dispatch({ type: "select", selection, reveal });
}
