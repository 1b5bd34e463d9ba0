/** The drawer of the comparison: the search for inputs that tell the model from its Python code, and
    two variants of it side by side. */

import { isBeside } from "../besides";
import type { Commands } from "../commands";
import { h, setAttributes } from "../dom";
import type { Failure, State } from "../state";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";
import { drawerHead } from "./drawer";
import { CompareForm } from "./compare-form";
import { findingCard, flowCard } from "./finding-card";
import { FindingsList, FlowTable, countsOf } from "./findings-list";
import { Tabs } from "./tabs";
import { VariantsPane } from "./variants";

type Face = "search" | "beside";
type View = "findings" | "flow";

export class ComparePane {
  readonly element: HTMLElement;
  private readonly faces = new Tabs(strings.compareFaces, (key) => this.turn(key as Face));
  private readonly search: HTMLElement;
  private readonly beside: VariantsPane;
  private readonly disposables = new Disposables();
  private readonly summary = h("span", { class: "tsv-faint" });
  private readonly failure = h("div", { class: "tsv-failure", role: "alert", hidden: true });
  private readonly tabs = new Tabs(strings.compareViews, (key) => this.show(key as View));
  private readonly list: FindingsList;
  private readonly flow: FlowTable;
  private readonly card = h("aside", {
    class: "tsv-card",
    "aria-label": strings.finding,
    tabindex: "0",
  });
  private readonly body: HTMLElement;
  private readonly empty = h("p", { class: "tsv-empty" }, strings.notSearched);

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
  ) {
    const { disposables } = this;
    this.beside = new VariantsPane(store, commands);
    this.list = new FindingsList(disposables, (finding) => this.choose(finding));
    this.flow = new FlowTable(disposables, (row) => this.chooseFlow(row));
    const views = h("div", { class: "tsv-compare-views" }, this.list.element, this.flow.element);
    this.body = h("div", { class: "tsv-drawer-body" }, views, this.card);
    this.search = h(
      "div",
      { class: "tsv-compare-search" },
      new CompareForm(store, commands, disposables).element,
      this.failure,
      this.tabs.element,
      this.empty,
      this.body,
    );
    this.element = h(
      "section",
      { class: "tsv-drawer tsv-compare", "aria-label": "Compare" },
      drawerHead(store, "Compare", this.faces.element, this.summary),
      this.search,
      this.beside.element,
    );
    this.faces.set(
      [
        { key: "search", label: strings.searchFace },
        { key: "beside", label: strings.besides },
      ],
      "search",
    );
    this.turn("search");
    this.watch();
  }

  dispose(): void {
    this.beside.dispose();
    this.disposables.dispose();
  }

  private watch(): void {
    const { store } = this;
    this.disposables.add(
      store.watch(
        (state) => state.drawer === "compare",
        (isOpen) => (this.element.hidden = !isOpen),
      ),
      store.watch(
        (state) => isBeside(state),
        (on) => on && this.turn("beside"),
      ),
      store.watch(lacksDomain, (lacks) => {
        if (lacks && this.commands.reason("compare") === "") void this.commands.loadDomain();
      }),
      store.watch(
        (state) => state.findings,
        () => this.fill(),
      ),
      store.watch(
        (state) => state.finding,
        (finding) => this.reach(finding),
      ),
      store.watch(
        (state) => state.searchFailure,
        (failure) => this.fail(failure),
      ),
    );
  }

  private turn(face: Face): void {
    this.faces.mark(face);
    setAttributes(this.element, { "data-face": face });
    this.search.hidden = face !== "search";
    this.beside.element.hidden = face !== "beside";
    this.summary.hidden = face !== "search";
  }

  private fill(): void {
    const { findings } = this.store.value;
    const { payload } = findings ?? {};
    this.summary.textContent = findings ? countsOf(findings) : strings.noComparison;
    if (payload?.is_interrupted) this.summary.textContent += ` · ${strings.interrupted}`;
    if (payload && payload.noise === null) this.summary.textContent += ` · ${strings.noNoise}`;
    this.list.fill(findings);
    this.flow.fill(findings);
    this.body.hidden = this.tabs.element.hidden = !findings;
    this.empty.hidden = findings !== null;
    const counts = [payload?.findings.length ?? 0, payload?.flow.length ?? 0];
    this.tabs.set(
      [
        { key: "findings", label: `${strings.findings} (${counts[0]})` },
        { key: "flow", label: `${strings.flow} (${counts[1]})`, title: strings.flowHow },
      ],
      "findings",
    );
    this.show("findings");
    if (payload && payload.findings.length > 0) this.list.mark(-1);
    this.reach(-1);
  }

  private show(view: View): void {
    this.tabs.mark(view);
    this.list.element.hidden = view !== "findings";
    this.flow.element.hidden = view !== "flow";
  }

  private choose(finding: number): void {
    this.store.dispatch({ type: "finding", finding });
    this.reach(finding); // also where it was chosen before, and the table has been looked at since
  }

  /** Shows what was chosen, here or in the source. */
  private reach(finding: number): void {
    const { findings } = this.store.value;
    const chosen = findings?.payload.findings[finding];
    this.list.mark(finding);
    this.flow.mark(-1);
    if (chosen) {
      this.turn("search");
      this.show("findings");
    }
    this.card.replaceChildren(
      ...(findings && chosen
        ? findingCard(findings, chosen, (place) => this.store.dispatch({ type: "place", place }))
        : [h("p", { class: "tsv-faint" }, strings.chooseFinding)]),
    );
  }

  private chooseFlow(row: number): void {
    const { findings } = this.store.value;
    const flow = findings?.payload.flow[row];
    if (!findings || !flow) return;
    this.store.dispatch({ type: "finding", finding: -1 });
    this.store.dispatch({ type: "place", place: flow.place });
    this.flow.mark(row);
    this.card.replaceChildren(...flowCard(findings, flow, (finding) => this.choose(finding)));
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

/** Whether the drawer is open and does not know yet which inputs count. */
function lacksDomain({ drawer, domain, document, connected }: State): boolean {
  return drawer === "compare" && domain === null && document !== null && connected;
}
