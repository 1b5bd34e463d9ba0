/** The plot library as it is used here, and the ways to it. */

import { h } from "../dom";
import { runInPage } from "../page";

/** A part of what Plotly takes; its own types are those of all its kinds of plots. */
export type Trace = Readonly<Record<string, unknown>>;
export type Layout = Readonly<Record<string, unknown>>;

/** What Plotly says of a click. */
export interface Clicked {
  readonly points?: readonly { readonly customdata?: unknown }[];
}

/** The element of a plot, once it is one. */
export interface Plotted extends HTMLElement {
  on(event: string, listener: (event: Clicked) => unknown): void;
}

export interface Plots {
  react(
    element: HTMLElement,
    traces: readonly Trace[],
    layout: Layout,
    config: Readonly<Record<string, unknown>>,
  ): Promise<Plotted>;
  purge(element: HTMLElement): void;
}

interface Page {
  tsvizPlots?: Plots;
}

/** Runs the script as a module, where a page allows that of a blob. */
export async function plotsFromModule(script: BlobPart): Promise<Plots> {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
  return made();
}

/**
 * Runs the script as one of the page's own, which its policy allows by the hash of it. The same
 * policy forbids Plotly to write rules of style; the explorer's sheet has those that are needed.
 */
export function plotsFromPage(script: string): Plots {
  runInPage(script, h("template", { id: "plotly.js-style-global", class: "no-inline-styles" }));
  return made();
}

function made(): Plots {
  const plots = (globalThis as Page).tsvizPlots;
  if (!plots) throw new Error("the plot library did not start");
  return plots;
}
