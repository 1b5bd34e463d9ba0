/** A chart, drawn. What it shows can be gone through by keys, since marks of a plot have no focus. */

import { h } from "../dom";
import { paletteOf, type Cell, type Chart } from "../plots/chart";
import type { Plots, Plotted } from "../plots/library";
import type { Disposables } from "../store";
import { strings } from "../strings";

const CONFIG = { displayModeBar: false, displaylogo: false, responsive: true, showTips: false };
const HOST = { class: "tsv-plot-host", "aria-hidden": "true" }; // its table is for reading
const CLICKS = ["plotly_click", "plotly_icicleclick", "plotly_treemapclick"];

export class PlotView {
  readonly element: HTMLElement;
  private readonly state = h("div", { class: "tsv-empty", role: "status", hidden: true });
  private readonly said = h("div", { class: "tsv-sr", "aria-live": "polite" });
  private host = h("div", HOST);
  private chart: Chart | null = null;
  private plots: Plots | null = null;
  private current = -1;
  private drawing = 0;

  /** @param choose is called with the number of a row of the chart */
  constructor(
    disposables: Disposables,
    private readonly load: () => Promise<Plots>,
    private readonly choose: (row: number) => void,
  ) {
    this.element = h(
      "div",
      { class: "tsv-plot", role: "application", "aria-roledescription": "plot", tabindex: "0" },
      this.state,
      this.host,
      this.said,
    );
    disposables.listen<"keydown">(this.element, "keydown", (event) => this.key(event));
    disposables.add(() => this.clear());
    this.followTheme(disposables);
  }

  /** The theme is set by what puts the explorer together, and by Jupyter. */
  private followTheme(disposables: Disposables): void {
    const observer = new MutationObserver(() => this.redraw());
    queueMicrotask(() => {
      const themed = this.element.closest(".tsv");
      if (themed) observer.observe(themed, { attributes: true, attributeFilter: ["data-theme"] });
    });
    disposables.add(() => observer.disconnect());
  }

  /** Draws, once the library is there; what was asked for before is not drawn any more. */
  async show(chart: Chart): Promise<void> {
    const turn = ++this.drawing;
    this.chart = chart;
    this.current = -1;
    this.element.setAttribute("aria-label", chart.label + strings.plotKeys);
    this.element.dataset["drawn"] = "false";
    if (!chart.draw) {
      this.say(strings.nothingToDraw);
      return;
    }
    if (!this.plots) this.say(strings.plotsLoading);
    try {
      this.plots ??= await this.load();
      if (turn === this.drawing) await this.draw(chart);
    } catch (error) {
      if (turn === this.drawing) this.say(`${strings.noPlots}: ${String(error)}`);
    }
  }

  /** Draws anew: the colours are others. */
  private redraw(): void {
    if (this.chart && this.plots) void this.show(this.chart);
  }

  /** Takes the picture away; it is not seen. */
  clear(): void {
    this.drawing++;
    this.chart = null;
    this.plots?.purge(this.host);
  }

  private say(words: string): void {
    this.plots?.purge(this.host);
    this.state.textContent = words;
    this.state.hidden = false;
    this.host.hidden = true;
    this.element.dataset["drawn"] = "true";
  }

  private async draw(chart: Chart): Promise<void> {
    this.state.hidden = true;
    // A new element each time: what a plot was zoomed to belongs to what it showed.
    const host = h("div", HOST);
    this.plots!.purge(this.host);
    this.host.replaceWith(host);
    this.host = host;
    const { traces, layout } = chart.draw!(paletteOf(this.element));
    const isTall = typeof layout["height"] === "number";
    host.classList.toggle("is-tall", isTall);
    const plotted: Plotted = await this.plots!.react(
      host,
      traces,
      isTall ? layout : { ...layout, autosize: true },
      CONFIG,
    );
    for (const event of CLICKS)
      plotted.on(event, ({ points }) => {
        const row = points?.[0]?.customdata;
        if (typeof row === "number") this.choose(row);
      });
    this.element.dataset["drawn"] = "true";
  }

  private key(event: KeyboardEvent): void {
    const { rows } = this.chart ?? { rows: [] };
    const next = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const isChoice = event.key === "Enter" || event.key === " ";
    if (rows.length === 0 || (next === undefined && !isChoice)) return;
    event.preventDefault();
    event.stopPropagation();
    if (isChoice) {
      if (this.current >= 0) this.choose(this.current);
      return;
    }
    this.current = Math.max(0, Math.min(this.current + next!, rows.length - 1));
    const words = rows[this.current]!.cells.map(textOf).filter((text) => text.trim() !== "");
    this.said.textContent = strings.atRow(this.current + 1, rows.length, words.join(", "));
    this.element.title = this.said.textContent;
  }
}

const textOf = (cell: Cell) => (typeof cell === "string" ? cell : cell[0]);
