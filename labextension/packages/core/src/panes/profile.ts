/** The drawer of the profile: what was measured in a line, and plots with tables of their numbers. */

import type { Commands } from "../commands";
import { h } from "../dom";
import type { DocumentModel, Profile } from "../model";
import type { Chart } from "../plots/chart";
import type { Plots } from "../plots/library";
import type { Measured } from "../plots/naming";
import { againstChart, type Between } from "../plots/against";
import { rooflineChart } from "../plots/roofline";
import { accountingChart, warmUpChart } from "../plots/runs";
import { sweepChart } from "../plots/sweep";
import { timelineChart } from "../plots/timeline";
import { topChart, type By } from "../plots/top";
import { treeChart, type Nesting } from "../plots/tree";
import { shortTime } from "../scene/words";
import { selectedNodes } from "../selectors";
import { currentGraph, type Failure, type State } from "../state";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";
import { drawerHead } from "./drawer";
import { ChartTable } from "./chart-table";
import { PlotView } from "./plot";
import { ProfileForm } from "./profile-form";
import { Tabs } from "./tabs";

type View = keyof typeof strings.tabs;
type Face = "plot" | "table";

const VIEWS = Object.keys(strings.tabs) as View[];

export class ProfilePane {
  readonly element: HTMLElement;
  private readonly disposables = new Disposables();
  private readonly facts = h("div", { class: "tsv-profile-facts tsv-faint" });
  private readonly failure = h("div", { class: "tsv-failure", role: "alert", hidden: true });
  private readonly warnings = h("ul", { class: "tsv-profile-warnings" });
  private readonly empty = h("p", { class: "tsv-empty" }, strings.notMeasured);
  private readonly tabs = new Tabs(strings.profileViews, (key) => this.choose(key as View));
  private readonly faces = new Tabs(strings.asPlotOrTable, (key) => this.turn(key as Face));
  private readonly by = choice(strings.byWhat);
  private readonly nesting = choice(strings.nestings);
  private readonly between = choice(strings.betweens);
  private readonly note = h("span", { class: "tsv-faint" });
  private readonly title = h("b");
  private readonly form: ProfileForm;
  private readonly body: HTMLElement;
  private readonly plot: PlotView;
  private readonly table: ChartTable;
  private hasProfile = false;
  private view: View = "top";
  private face: Face = "plot";
  private chart: Chart | null = null;
  private isAsked = false;

  constructor(
    private readonly store: Store,
    commands: Commands,
    loadPlots: () => Promise<Plots>,
  ) {
    const { disposables } = this;
    this.form = new ProfileForm(store, commands, disposables);
    this.plot = new PlotView(disposables, loadPlots, (row) => this.act(row));
    this.table = new ChartTable(disposables, (row) => this.act(row));
    const bar = h(
      "div",
      { class: "tsv-profile-bar" },
      this.faces.element,
      this.by,
      this.nesting,
      this.between,
      this.title,
      this.note,
    );
    this.body = h(
      "div",
      { class: "tsv-profile-body" },
      this.warnings,
      this.tabs.element,
      bar,
      this.plot.element,
      this.table.element,
    );
    this.element = h(
      "section",
      { class: "tsv-drawer tsv-profile", "aria-label": strings.profile },
      drawerHead(store, strings.profile, this.facts),
      this.form.element,
      this.failure,
      this.empty,
      this.body,
    );
    for (const select of [this.by, this.nesting, this.between])
      disposables.listen(select, "change", () => this.show());
    this.faces.set(
      [
        { key: "plot", label: strings.plot },
        { key: "table", label: strings.table },
      ],
      this.face,
    );
    this.watch();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private watch(): void {
    const { store } = this;
    this.disposables.add(
      store.watch(
        (state) => state.drawer === "profile",
        (isOpen) => {
          this.element.hidden = !isOpen;
          this.showSoon();
        },
      ),
      store.watch(
        (state) => state.document,
        (document) => {
          this.fill(document?.profile ?? null);
          this.offer(document);
          this.showSoon();
        },
      ),
      store.watch(
        (state) => state.heat,
        () => this.showSoon(),
      ),
      store.watch(
        (state) => state.place,
        () => this.mark(),
      ),
      store.watch(
        (state) => state.profileFailure,
        (failure) => this.fail(failure),
      ),
    );
  }

  private fill(profile: Profile | null): void {
    this.body.hidden = !profile;
    this.empty.hidden = profile !== null;
    this.facts.replaceChildren(...(profile ? factsOf(profile) : [strings.noProfile]));
    const { diagnostics = [] } = profile?.payload ?? {};
    this.warnings.hidden = diagnostics.length === 0;
    this.warnings.replaceChildren(
      ...diagnostics.map(({ severity, code, message, help }) =>
        h("li", {}, h("b", {}, `${severity}[${code}] `), message, help && `; ${help}`),
      ),
    );
  }

  /** A tab for each view that there is something for; what was asked for is looked at first. */
  private offer(document: DocumentModel | null): void {
    const { against, sweep } = document?.payload ?? {};
    const views = VIEWS.filter(
      (view) => (view !== "compare" || against) && (view !== "sweep" || sweep),
    );
    const asked = this.hasProfile ? this.form.takeAsked() : "all";
    if (against && (asked === "all" || asked === "variant")) this.view = "compare";
    else if (sweep && (asked === "all" || asked === "sweep")) this.view = "sweep";
    this.hasProfile = document?.profile != null;
    if (!views.includes(this.view)) this.view = "top";
    this.tabs.set(
      views.map((key) => ({ key, label: strings.tabs[key] })),
      this.view,
    );
  }

  private choose(view: View): void {
    this.view = view;
    this.tabs.mark(view);
    this.show();
  }

  private turn(face: Face): void {
    this.face = face;
    this.faces.mark(face);
    this.show();
  }

  /** Once for all that changes now, and after it: what draws is asked for over the wire. */
  private showSoon(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    queueMicrotask(() => {
      this.isAsked = false;
      this.show();
    });
  }

  /** Shows what is chosen; nothing is made while nobody sees it. */
  private show(): void {
    const { document, drawer, heat } = this.store.value;
    const profile = document?.profile;
    if (!document || !profile || drawer !== "profile") return this.plot.clear();
    const measure = heat ?? profile.first;
    this.by.hidden = this.view !== "top";
    this.between.hidden = this.view !== "compare";
    this.nesting.hidden = this.view !== "flame" && this.view !== "treemap";
    this.chart = this.chartOf({ document, profile, measure });
    this.title.textContent = this.chart.label;
    const isPlot = this.face === "plot";
    const { note, hint } = this.chart;
    this.note.textContent = [note, isPlot ? hint : ""].filter((part) => part !== "").join(" · ");
    this.plot.element.hidden = !isPlot;
    this.table.element.hidden = isPlot;
    if (isPlot) void this.plot.show(this.chart);
    else {
      this.plot.clear();
      this.table.show(this.chart);
    }
    this.mark();
  }

  private chartOf(measured: Measured): Chart {
    const nesting = this.nesting.value as Nesting;
    switch (this.view) {
      case "top":
        return topChart(measured, this.by.value as By);
      case "flame":
        return treeChart(measured, "icicle", nesting);
      case "treemap":
        return treeChart(measured, "treemap", nesting);
      case "timeline":
        return timelineChart(measured);
      case "roofline":
        return rooflineChart(measured);
      case "warmUp":
        return warmUpChart(measured);
      case "accounting":
        return accountingChart(measured);
      case "compare":
        return againstChart(measured.document, this.between.value as Between);
      case "sweep":
        return sweepChart(measured.document.payload.sweep!);
    }
  }

  private act(row: number): void {
    const target = this.chart?.rows[row]?.target;
    if (target) this.store.dispatch({ type: "measured", target });
  }

  /** Marks the rows of what is selected. */
  private mark(): void {
    if (this.chart && this.face === "table")
      this.table.mark(rowsOfSelection(this.store.value, this.chart));
  }

  private fail(failure: Failure | null): void {
    this.failure.hidden = !failure;
    if (!failure) return;
    const { title, detail, help } = failure;
    this.failure.replaceChildren(
      h("b", {}, title),
      ...(detail === "" ? [] : [h("div", {}, detail)]),
      ...(help === "" ? [] : [h("div", {}, `help: ${help}`)]),
    );
  }
}

function choice(options: Readonly<Record<string, string>>): HTMLSelectElement {
  return h(
    "select",
    { class: "tsv-btn", "aria-label": strings.by },
    ...Object.entries(options).map(([value, label]) =>
      h("option", { value }, `${strings.by} ${label}`),
    ),
  );
}

/** The facts on which all else stands: the median run, its spread, what measuring cost. */
function factsOf({ payload, runs }: Profile): HTMLElement[] {
  const { plain, profiled, accounting, conditions } = payload;
  const times = median(profiled) / median(plain);
  const share = accounting.ops > 0 ? accounting.attributed / accounting.ops : 1;
  const fact = (words: string, title: string | null = null) => h("span", { title }, words);
  const [low, middle, high] = [quantile(plain, 0.25), median(plain), quantile(plain, 0.75)];
  const run = h("b", { title: strings.aRunHow });
  run.textContent = strings.aRun(shortTime(middle), shortTime(low), shortTime(high));
  return [
    run,
    fact(strings.runsMeasured(runs)),
    fact(strings.overhead(times.toFixed(2)), strings.overheadHow),
    fact(strings.accounted(floored(share)), strings.accountedHow),
    fact(conditions),
  ];
}

/** Never rounded up to all. */
const floored = (share: number) =>
  share === 1 ? "100%" : `${(Math.floor(1000 * share) / 10).toFixed(1)}%`;

const median = (times: ArrayLike<number>) => quantile(times, 0.5);

function quantile(times: ArrayLike<number>, share: number): number {
  const sorted = Array.from(times).sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (at - Math.floor(at)) * (high - low);
}

/** Rows that stand for something that is selected. */
function rowsOfSelection(state: State, { rows }: Chart): ReadonlySet<number> {
  const graph = currentGraph(state);
  const { selection } = state.place;
  const found = new Set<number>();
  if (!graph || !selection) return found;
  const isPlan = state.document?.profile?.plan === graph;
  const ids = new Set(selectedNodes(graph, selection).map((node) => graph.id(node)));
  const path = selection.kind === "container" ? graph.path(selection.container) : null;
  rows.forEach(({ target }, row) => {
    const isMeant =
      target?.kind === "line"
        ? selection.kind === "line" &&
          target.file === selection.file &&
          target.line === selection.line
        : target?.kind === "module"
          ? target.path === path
          : target !== null &&
            (isPlan && target.plan >= 0
              ? ids.has(target.plan)
              : target.numbers.some((id) => ids.has(id)));
    if (isMeant) found.add(row);
  });
  return found;
}
