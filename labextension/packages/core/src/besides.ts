/** Which two variants stand beside each other, and what they are called. */

import type { DocumentModel, Variant } from "./model";
import type { State } from "./state";
import { CHANGE_WORDS, type Change } from "./scene/paint";
import { strings } from "./strings";

/** The variant that is laid beside the program, or was; null for none, or where it has no graph. */
export function chosenVariant({ document, variant }: State): Variant | null {
  const chosen = document?.variants[variant];
  return chosen && chosen.graph >= 0 ? chosen : null;
}

/** Of the program and the variant laid beside it, the graph that is not shown; else -1. */
export function otherGraph(state: State): number {
  const chosen = state.compare === "off" ? null : chosenVariant(state);
  const { graph } = state.place;
  if (!chosen || (graph !== 0 && graph !== chosen.graph)) return -1;
  return graph === 0 ? chosen.graph : 0;
}

/** Whether two variants stand beside each other. */
export const isBeside = (state: State) => otherGraph(state) >= 0;

/** The variant whose inlined graph this is, as `Document.variant` has it. */
export function variantOf(document: DocumentModel, graph: number): string {
  const other = document.variants.find((variant) => variant.graph === graph);
  return graph > 0 && other ? other.payload.variant : document.payload.variant;
}

export function isVariant(document: DocumentModel, graph: number): boolean {
  return document.graphs[graph]?.payload.kind === "variant";
}

/** `traced`, and `the trace`: what a graph is called as one of two variants. */
export function namesOf(document: DocumentModel, graph: number): readonly [string, string] {
  const hasVersions = document.variants.some(({ payload }) => !strings.isVariant(payload.variant));
  const isOther = document.variants.some((variant) => variant.graph === graph);
  if (hasVersions && !isOther) return strings.thisVersion; // both may have been made the same way
  return strings.variant(variantOf(document, graph));
}

/** What the signs mean: of snapshots what a step did, of variants which of the two has a node. */
export function changeWords(state: State): Readonly<Record<Change, string>> {
  const other = otherGraph(state);
  if (!state.document || other < 0) return CHANGE_WORDS;
  const word = (graph: number) => strings.onlyWord(namesOf(state.document!, graph)[0]);
  return {
    ...CHANGE_WORDS,
    made: word(state.place.graph),
    removed: word(other),
    edited: strings.differs,
    moved: "", // two variants have no common order
  };
}

/** The same for the graph of one side alone: whatever only it has is only in its variant. */
export function sideWords(state: State): Readonly<Record<Change, string>> {
  const words = changeWords(state);
  return isBeside(state) ? { ...words, removed: words.made } : words;
}
