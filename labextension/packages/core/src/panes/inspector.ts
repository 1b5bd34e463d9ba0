/** Everything known about what is selected. */

import { currentGraph, type Selection } from "../actions";
import { button, h, setReason } from "../dom";
import type { Commands } from "../commands";
import type { GraphModel } from "../model";
import type { WeightPayload, WeightStats } from "../protocol.generated";
import { selectedNodes, usersOf } from "../selectors";
import { shortBytes, shortNumber } from "../scene/words";
import { Disposables, type Store } from "../store";
import { counted, strings } from "../strings";

const MOST_LISTED = 60;

export class Inspector {
  readonly element: HTMLElement;
  private readonly content = h("div");
  private readonly disposables = new Disposables();

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
  ) {
    const close = button("×", () => store.dispatch({ type: "inspector", open: false }), {
      class: "tsv-btn tsv-close",
      "aria-label": "Close details",
    });
    close.style.float = "right";
    this.element = h(
      "aside",
      { class: "tsv-right", "aria-label": "Details", tabindex: "0" },
      close,
      this.content,
    );
    const render = () => this.render();
    this.disposables.add(
      store.watch(
        (state) => state.place,
        () => {
          this.element.scrollTop = 0;
          render();
        },
      ),
      store.watch((state) => state.document, render),
      store.watch((state) => state.weights, render),
      store.watch((state) => state.connected, render),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private render(): void {
    const { value: state } = this.store;
    const graph = currentGraph(state);
    if (!graph) return this.content.replaceChildren();
    this.content.replaceChildren(...this.sections(graph, state.place.selection));
  }

  private sections(graph: GraphModel, selection: Selection | null): Node[] {
    switch (selection?.kind) {
      case "node":
        return this.node(graph, selection.node);
      case "container":
        return this.container(graph, selection.container);
      case "value":
        return this.value(graph, selection.value);
      case "line":
        return this.line(graph, selection.file, selection.line);
      case "weight":
        return this.weight(graph.document.payload.weights[selection.weight]!);
      default:
        return this.overview(graph);
    }
  }

  // ── a node ────────────────────────────────────────────────────────────────────────────────────

  private node(graph: GraphModel, node: number): Node[] {
    const { nodes } = graph.payload;
    const how = graph.how(node);
    const schema = graph.schema(node);
    const attributes = graph.attributes(node);
    const flops = nodes.flops[node]!;
    const container = graph.home(node);
    const scope = graph.path(Math.max(container, 0));
    return [
      h(
        "div",
        { class: "tsv-headline" },
        h("h3", {}, graph.op(node)),
        h("span", { class: `tsv-pill tsv-how-${how}`, title: HOW_TITLES[how] }, how),
      ),
      ...(schema === ""
        ? []
        : [h("div", { class: "tsv-faint tsv-mono" }, schema.replace(/^[^(]*/, ""))]),
      ...this.where(graph, node),
      ...section("Inputs", this.valueList(graph, graph.inputs(node))),
      ...section("Outputs", this.valueList(graph, graph.outputs(node))),
      ...section(
        "Facts",
        facts([
          ["Attributes", attributes],
          ["Scope", scope],
          ["FLOPs", Number.isNaN(flops) ? "" : shortNumber(flops)],
        ]),
      ),
      ...this.weightsOf(graph, node),
      ...section("Used by", this.nodeList(graph, [...new Set(usersOf(graph, node))])),
    ];
  }

  private where(graph: GraphModel, node: number): Node[] {
    const { nodes } = graph.payload;
    const stack = graph.document.stack(nodes.frame[node]!);
    const [model, own] = [nodes.model[node]!, nodes.own[node]!];
    const reason = graph.reason(node);
    const note = reason === "" ? null : h("div", { class: "tsv-muted" }, reason);
    if (stack.length === 0)
      return section("Where", note ?? h("div", { class: "tsv-muted" }, "no source line is known"));
    const rows = stack.map((frame, i) => {
      const tags = [frame.id === model ? "model line" : "", frame.id === own ? "own line" : ""];
      return h(
        "li",
        { class: "tsv-frame" },
        i === 0 ? null : h("span", { class: "tsv-faint" }, "called from"),
        this.lineLink(graph, frame.file, frame.line),
        h("span", {}, frame.function),
        ...tags.filter((tag) => tag !== "").map((tag) => h("span", { class: "tsv-tag" }, tag)),
      );
    });
    return section("Where", h("div", {}, h("ul", {}, ...rows), note));
  }

  private lineLink(graph: GraphModel, file: number, line: number): HTMLElement {
    const { title = "?", path = "" } = graph.document.payload.files[file] ?? {};
    const link = h(
      "button",
      { type: "button", class: "tsv-link", title: path },
      `${title}:${line}`,
    );
    link.addEventListener("click", () =>
      this.store.dispatch({ type: "select", selection: { kind: "line", file, line } }),
    );
    return link;
  }

  private valueList(graph: GraphModel, values: readonly number[]): Node | null {
    if (values.length === 0) return null;
    const list = h("dl", { class: "tsv-kv tsv-mono" });
    for (const value of values.slice(0, MOST_LISTED)) {
      const link = h("button", { type: "button", class: "tsv-link" }, `%${graph.valueName(value)}`);
      link.addEventListener("click", () =>
        this.store.dispatch({ type: "select", selection: { kind: "value", value }, reveal: true }),
      );
      const observed = graph.observed(value);
      const producer = graph.producer(value);
      const constant =
        producer >= 0 && graph.role(producer) === 1 ? graph.attributes(producer) : "";
      const type = graph.valueType(value);
      list.append(
        h("dt", {}, link),
        h(
          "dd",
          {},
          observed === "" ? constant.replace(/^value=/, "") : observed,
          observed !== "" && type === "Tensor"
            ? null
            : h("span", { class: "tsv-faint" }, ` ${type}`),
        ),
      );
    }
    if (values.length > MOST_LISTED)
      list.append(h("dt"), h("dd", {}, `and ${values.length - MOST_LISTED} more`));
    return list;
  }

  private nodeList(graph: GraphModel, nodes: readonly number[]): Node | null {
    if (nodes.length === 0) return null;
    const items = nodes.slice(0, MOST_LISTED).map((node) => {
      const link = h("button", { type: "button", class: "tsv-link" }, graph.op(node));
      link.addEventListener("click", () =>
        this.store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true }),
      );
      const place = graph.document.place(graph.payload.nodes.model[node]!);
      return h("li", { class: "tsv-frame" }, link, h("span", { class: "tsv-faint" }, place));
    });
    if (nodes.length > MOST_LISTED)
      items.push(
        h(
          "li",
          { class: "tsv-faint" },
          `and ${counted(nodes.length - MOST_LISTED, strings.node)} more`,
        ),
      );
    return h("ul", {}, ...items);
  }

  /** Weights a node takes, found by the path of its scope and the attribute's name. */
  private weightsOf(graph: GraphModel, node: number): Node[] {
    const names = new Set<string>();
    const path = graph.path(Math.max(graph.home(node), 0));
    for (const value of [...graph.inputs(node), ...graph.outputs(node)]) {
      const producer = graph.producer(value);
      if (producer < 0 || graph.role(producer) !== 2) continue;
      const name = /name="?([^"\]]*)"?/.exec(graph.attributes(producer))?.[1] ?? "";
      names.add(path === "" ? name : `${path}.${name}`);
    }
    const { weights } = graph.document.payload;
    const found = weights.flatMap((weight, i) => (names.has(weight.name) ? [i] : []));
    return section("Weights", this.weightLinks(weights, found));
  }

  private weightLinks(weights: readonly WeightPayload[], indexes: readonly number[]): Node | null {
    if (indexes.length === 0) return null;
    const items = indexes.slice(0, MOST_LISTED).map((index) => {
      const weight = weights[index]!;
      const link = h("button", { type: "button", class: "tsv-link" }, weight.name);
      link.addEventListener("click", () =>
        this.store.dispatch({ type: "select", selection: { kind: "weight", weight: index } }),
      );
      const shape = `${weight.dtype} [${weight.shape.join(", ")}]`;
      return h("li", { class: "tsv-frame" }, link, h("span", { class: "tsv-faint" }, shape));
    });
    if (indexes.length > MOST_LISTED)
      items.push(h("li", { class: "tsv-faint" }, `and ${indexes.length - MOST_LISTED} more`));
    return h("ul", {}, ...items);
  }

  // ── a container ───────────────────────────────────────────────────────────────────────────────

  private container(graph: GraphModel, container: number): Node[] {
    const { containers } = graph.payload;
    const node = containers.node[container]!;
    const alike = graph.alike(container);
    const isOpen = this.store.value.open[this.store.value.place.graph]?.has(container) ?? false;
    const { modules, weights } = graph.document.payload;
    const module = modules[containers.module[container]!];
    const frame = graph.document.frame(containers.frame[container]!);
    const path = graph.path(container);
    const own = weights.flatMap((weight, i) =>
      path !== "" && (weight.name === path || weight.name.startsWith(`${path}.`)) ? [i] : [],
    );
    const fold = button(
      isOpen ? "Fold" : "Unfold",
      () => {
        this.store.dispatch({ type: "toggle", container });
        this.render();
      },
      { title: "o" },
    );
    return [
      h(
        "div",
        { class: "tsv-headline" },
        h("h3", {}, path || graph.label(container)),
        container === 0 ? null : fold,
      ),
      h("div", { class: "tsv-faint tsv-mono" }, graph.detail(container)),
      ...(node >= 0 ? this.where(graph, node) : []),
      ...(frame && node < 0
        ? section(
            "Where",
            h(
              "div",
              { class: "tsv-frame" },
              h("span", { class: "tsv-faint" }, "called from"),
              this.lineLink(graph, frame.file, frame.line),
              frame.function,
            ),
          )
        : []),
      ...section(
        "Facts",
        facts([
          ["Nodes", graph.size(container).toLocaleString("en-US")],
          ["Parameters", module ? module.parameters.toLocaleString("en-US") : ""],
          ["Size", module ? shortBytes(module.bytes) : ""],
          ["FLOPs", flopsOf(graph, container, module?.flops ?? null)],
          ["Mode", module ? (module.training ? "training" : "evaluation") : ""],
        ]),
      ),
      ...(node >= 0 ? section("Inputs", this.valueList(graph, graph.inputs(node))) : []),
      ...(node >= 0 ? section("Outputs", this.valueList(graph, graph.outputs(node))) : []),
      ...section(
        alike.length > 0 ? `Identical (${alike.length})` : "Identical",
        this.containerList(graph, alike),
      ),
      ...section("Weights", this.weightLinks(weights, own)),
    ];
  }

  private containerList(graph: GraphModel, containers: readonly number[]): Node | null {
    if (containers.length === 0) return null;
    const items = containers.slice(0, MOST_LISTED).map((container) => {
      const name = graph.path(container) || graph.label(container);
      const link = h("button", { type: "button", class: "tsv-link" }, name);
      link.addEventListener("click", () =>
        this.store.dispatch({
          type: "select",
          selection: { kind: "container", container },
          reveal: true,
        }),
      );
      return h("li", { class: "tsv-frame" }, link);
    });
    if (containers.length > MOST_LISTED)
      items.push(h("li", { class: "tsv-faint" }, `and ${containers.length - MOST_LISTED} more`));
    return h("ul", {}, ...items);
  }

  // ── values, lines, weights ────────────────────────────────────────────────────────────────────

  private value(graph: GraphModel, value: number): Node[] {
    const producer = graph.producer(value);
    return [
      h("h3", {}, `%${graph.valueName(value)}`),
      ...section(
        "Facts",
        facts([
          ["Type", graph.valueType(value)],
          ["Observed", graph.observed(value)],
        ]),
      ),
      ...section(
        "Made by",
        producer >= 0
          ? this.nodeList(graph, [producer])
          : h("div", { class: "tsv-muted" }, "a param of the graph or of a block"),
      ),
      ...section("Used by", this.nodeList(graph, graph.users(value))),
    ];
  }

  private line(graph: GraphModel, file: number, line: number): Node[] {
    const selection: Selection = { kind: "line", file, line };
    const nodes = selectedNodes(graph, selection);
    const count = graph.lines.count(file, line);
    const payload = graph.document.payload.files[file];
    const text = payload?.text.split("\n")[line - 1]?.trim() ?? "";
    const direct = count?.direct ?? 0;
    const title = direct > 0 || !count ? "Nodes of this line" : "Nodes in calls from this line";
    return [
      h("h3", {}, `${payload?.title ?? "?"}:${line}`),
      h("div", { class: "tsv-mono tsv-faint" }, text),
      ...section(
        "Facts",
        facts([
          ["Nodes", String(direct)],
          ["With calls", count && count.through !== direct ? String(count.through) : ""],
          ["File", payload?.path ?? ""],
        ]),
      ),
      ...section(
        title,
        this.nodeList(graph, nodes) ??
          h("div", { class: "tsv-muted" }, "no node comes from this line"),
      ),
    ];
  }

  private weight(weight: WeightPayload): Node[] {
    const stats = this.store.value.weights[weight.name] ?? weight.stats;
    return [
      h("h3", {}, weight.name),
      h("div", { class: "tsv-faint tsv-mono" }, weight.kind),
      ...section(
        "Facts",
        facts([
          ["Type", weight.dtype],
          ["Shape", weight.shape.join(" × ") || "scalar"],
          ["Size", shortBytes(weight.bytes)],
        ]),
      ),
      ...section("Numbers", stats ? statistics(stats) : this.askForWeight(weight.name)),
    ];
  }

  private askForWeight(name: string): Node {
    const ask = button("Compute statistics", () => void this.commands.weight(name));
    const reason = this.commands.reason("weights");
    setReason(ask, reason);
    return h("div", {}, ask, reason === "" ? null : h("div", { class: "tsv-muted" }, reason));
  }

  private overview(graph: GraphModel): Node[] {
    const { payload } = graph.document;
    const { coverage } = payload;
    const observe = button("Run once for shapes", () => void this.commands.observe());
    const reason = this.commands.reason("observe");
    setReason(observe, reason, "Runs the program once with its example inputs");
    const root = payload.modules.find((module) => module.parent < 0);
    const all = payload.weights.map((_, i) => i);
    return [
      h("h3", {}, payload.title),
      h(
        "div",
        { class: "tsv-faint" },
        `${payload.variant} · ${payload.method} · ${payload.source}`,
      ),
      ...section(
        "Facts",
        facts([
          ["Nodes", graph.nodeCount.toLocaleString("en-US")],
          ["Parameters", root ? root.parameters.toLocaleString("en-US") : ""],
          ["Size", root ? shortBytes(root.bytes) : ""],
          ["FLOPs", flopsOf(graph, 0, root?.flops ?? null)],
        ]),
      ),
      ...section(
        "Linked to source",
        facts([
          ["exact", String(coverage.exact)],
          ["call", String(coverage.call)],
          ["inferred", String(coverage.inferred)],
          ["none", String(coverage.none)],
          [
            "Lines",
            `${coverage.lines}, the busiest has ${Math.round(coverage.top_share * 100)}% of the nodes`,
          ],
        ]),
      ),
      ...section(
        "Shapes",
        h("div", {}, observe, reason === "" ? null : h("div", { class: "tsv-muted" }, reason)),
      ),
      ...section("Findings", this.diagnostics(graph)),
      ...section(
        all.length > 0 ? `Weights (${all.length})` : "Weights",
        this.weightLinks(payload.weights, all),
      ),
      ...section("Versions", facts(Object.entries(payload.versions))),
    ];
  }

  private diagnostics(graph: GraphModel): Node | null {
    const { diagnostics } = graph.document.payload;
    if (diagnostics.length === 0) return null;
    return h(
      "ul",
      {},
      ...diagnostics.map((found) =>
        h(
          "li",
          {},
          h(
            "b",
            { class: found.severity === "error" ? "tsv-how-none" : "tsv-muted" },
            `${found.severity}[${found.code}] `,
          ),
          found.message,
          found.file >= 0 ? " " : null,
          found.file >= 0 ? this.lineLink(graph, found.file, found.line) : null,
          found.help === "" ? null : h("div", { class: "tsv-muted" }, `help: ${found.help}`),
        ),
      ),
    );
  }
}

const HOW_TITLES = {
  exact: "the compiler's own range, in a known file",
  call: "recovered from the inlined call stack",
  inferred: "inferred from users, producers or a constant's name",
  none: "no line is known",
};

function section(title: string, content: Node | null): Node[] {
  return content === null ? [] : [h("h4", {}, title), content];
}

function facts(rows: readonly (readonly [string, string])[]): HTMLElement | null {
  const known = rows.filter(([, text]) => text !== "");
  if (known.length === 0) return null;
  return h(
    "dl",
    { class: "tsv-kv" },
    ...known.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]),
  );
}

/** FLOPs of a scope: what the module says, else the sum of its nodes where all of them are known. */
function flopsOf(graph: GraphModel, container: number, known: number | null): string {
  if (known !== null) return shortNumber(known);
  let sum = 0;
  for (const node of container === 0 ? [] : graph.nodesIn(container)) {
    const flops = graph.payload.nodes.flops[node]!;
    if (!Number.isNaN(flops)) sum += flops;
  }
  return sum > 0 ? shortNumber(sum) : "";
}

function statistics(stats: WeightStats): Node {
  const rounded = (number: number) => String(Number(number.toPrecision(5)));
  const most = Math.max(...stats.histogram, 1);
  const bars = h("div", {
    class: "tsv-bars",
    role: "img",
    "aria-label": `histogram from ${rounded(stats.minimum)} to ${rounded(stats.maximum)}: ${stats.histogram.join(", ")}`,
  });
  for (const count of stats.histogram) {
    const bar = h("i", { title: String(count) });
    bar.style.height = `${(100 * count) / most}%`;
    bars.append(bar);
  }
  return h(
    "div",
    {},
    facts([
      ["Minimum", rounded(stats.minimum)],
      ["Maximum", rounded(stats.maximum)],
      ["Mean", rounded(stats.mean)],
      ["Std", rounded(stats.std)],
      ["Zeros", stats.zeros.toLocaleString("en-US")],
      ["Not finite", stats.not_finite > 0 ? stats.not_finite.toLocaleString("en-US") : ""],
    ]),
    bars,
    h(
      "div",
      { class: "tsv-headline tsv-faint" },
      h("span", {}, rounded(stats.minimum)),
      h("span", {}, rounded(stats.maximum)),
    ),
  );
}
