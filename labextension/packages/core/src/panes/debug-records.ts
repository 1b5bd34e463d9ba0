/** Records of whole runs, and where two of them part. */

import type { Commands } from "../commands";
import { debugGraph, isStepping } from "../debugging";
import { button, h, setReason } from "../dom";
import { driftChart } from "../plots/drift";
import { nameOf } from "../plots/naming";
import type { Chart } from "../plots/chart";
import type { Plots } from "../plots/library";
import type { DebugDrift, DebugRecord } from "../protocol.generated";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";
import { debugStrings as words } from "../debug-strings";
import { ChartTable } from "./chart-table";
import { form } from "./debug-fields";
import { PlotView } from "./plot";
import { Tabs } from "./tabs";

type Face = "plot" | "table";

export class DebugRecords {
  readonly element: HTMLElement;
  private readonly variant = choice(words.recordOf);
  private readonly record = button(words.record, () => this.make(), { title: words.recordHow });
  private readonly one = choice(words.compareOne);
  private readonly other = choice(words.compareOther);
  private readonly sides: HTMLFormElement;
  private readonly told = h("p", { class: "tsv-mono", "aria-live": "polite" });
  private readonly note = h("p", { class: "tsv-faint" });
  private readonly empty = h("p", { class: "tsv-faint" });
  private readonly faces = new Tabs(strings.asPlotOrTable, (key) => this.turn(key as Face));
  private readonly body: HTMLElement;
  private readonly plot: PlotView;
  private readonly table: ChartTable;
  private face: Face = "plot";
  private chart: Chart | null = null;

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
    loadPlots: () => Promise<Plots>,
  ) {
    this.plot = new PlotView(disposables, loadPlots, (row) => this.show(row));
    this.table = new ChartTable(disposables, (row) => this.show(row));
    this.sides = form(disposables, words.drift, [], () => this.compare(), words.showDrift);
    this.sides.prepend(this.one, this.other);
    this.faces.set(
      [
        { key: "plot", label: strings.plot },
        { key: "table", label: strings.table },
      ],
      this.face,
    );
    this.body = h(
      "div",
      { class: "tsv-debug-drift" },
      h("div", { class: "tsv-debug-told" }, this.faces.element, this.told),
      this.note,
      this.plot.element,
      this.table.element,
    );
    this.element = h(
      "div",
      { class: "tsv-debug-records" },
      h(
        "div",
        { class: "tsv-debug-forms" },
        h("div", { class: "tsv-debug-form" }, this.variant, this.record),
        this.sides,
      ),
      this.empty,
      this.body,
    );
    disposables.add(
      store.watch(
        ({ debug }) => debug.state?.records ?? null,
        (records) => this.fill(records ?? []),
      ),
      store.watch(
        ({ document }) => document?.payload.capabilities.variants ?? null,
        (variants) => this.offer(variants ?? {}),
      ),
      store.watch(
        ({ debug, jobs, connected }) => `${debug.state?.serial} ${jobs.length} ${connected}`,
        () => this.enable(),
      ),
      store.watch(
        ({ debug }) => debug.drift,
        () => this.draw(),
      ),
      store.watch(
        ({ debug }) => debug.isOnRecords,
        () => this.draw(),
      ),
    );
  }

  private offer(variants: Readonly<Record<string, string>>): void {
    this.variant.replaceChildren(
      h("option", { value: "" }, words.recordThis),
      ...Object.entries(variants).map(([name, why]) =>
        h("option", { value: name, disabled: why !== "", title: why }, words.recordVariant(name)),
      ),
    );
  }

  private enable(): void {
    const { value: state } = this.store;
    const isBusy = state.jobs.some(({ kind }) => kind === "debug_record");
    const reason = isBusy ? words.isRecording : this.commands.debug.reason("record");
    setReason(this.record, reason, words.recordHow);
  }

  private make(): void {
    void this.commands.debug.record(this.variant.value);
  }

  private fill(records: readonly DebugRecord[]): void {
    this.empty.textContent = records.length > 1 ? "" : words.recordFirst(records.length);
    this.empty.hidden = records.length > 1;
    this.sides.hidden = records.length < 2;
    for (const [side, back] of [
      [this.one, 2],
      [this.other, 1],
    ] as const) {
      side.replaceChildren(
        ...records.map(({ name, values, fault }) =>
          h("option", { value: name, title: fault }, words.recordName(name, values, fault)),
        ),
      );
      side.value = records.at(-back)?.name ?? "";
    }
  }

  private compare(): void {
    void this.commands.debug.drift(this.one.value, this.other.value);
  }

  private turn(face: Face): void {
    this.face = face;
    this.faces.mark(face);
    this.draw();
  }

  private draw(): void {
    const { drift, isOnRecords } = this.store.value.debug;
    this.body.hidden = drift === null;
    if (!drift || !isOnRecords) return this.plot.clear();
    this.chart = driftChart(drift, (node) => this.placeOf(node));
    this.told.replaceChildren(...this.toldOf(drift));
    this.note.textContent = this.chart.note;
    this.note.hidden = this.chart.note === "";
    const isPlot = this.face === "plot";
    this.plot.element.hidden = !isPlot;
    this.table.element.hidden = isPlot;
    if (isPlot) void this.plot.show(this.chart);
    else {
      this.plot.clear();
      this.table.show(this.chart);
      this.table.mark(new Set(drift.first >= 0 ? [drift.first] : []));
    }
  }

  /** How they part; the first difference leads to its node. */
  private toldOf({ words: said, first, names, ops, places }: DebugDrift): (HTMLElement | string)[] {
    const [head] = said.split("\n");
    if (first < 0) return [head!];
    const place = this.placeOf(this.store.value.debug.drift!.node[first]!) || places[first]!;
    const title = [names[first]!, ops[first]!, place].filter((part) => part !== "");
    return [
      `${head!} · ${words.firstDifference}: `,
      button(title.join(" · "), () => this.show(first), {
        class: "tsv-link tsv-mono",
        title: words.nodeOf,
      }),
    ];
  }

  /** `Cell 2:19`, in the words of the source pane. */
  private placeOf(node: number): string {
    const { document, ...state } = this.store.value;
    const graph = document?.graphs[debugGraph({ document, ...state })];
    return node < 0 || !graph ? "" : nameOf(graph, node).place;
  }

  private show(row: number): void {
    const { value: state } = this.store;
    const node = state.debug.drift?.node[row] ?? -1;
    if (node < 0 || !isStepping(state)) return;
    this.store.dispatch({ type: "showGraph", graph: debugGraph(state) });
    this.store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true });
  }
}

const choice = (label: string) =>
  h("select", { class: "tsv-btn", "aria-label": label, title: label });
