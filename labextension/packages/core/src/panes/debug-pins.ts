/** Values that are kept, and how far two of them are apart. */

import type { Commands } from "../commands";
import { debugGraph } from "../debugging";
import { button, h } from "../dom";
import type { DebugApart, DebugPin, DebugSide as Side } from "../protocol.generated";
import type { Disposables, Store } from "../store";
import { grouped } from "../strings";
import { debugStrings as words } from "../debug-strings";
import { field, form } from "./debug-fields";

let lists = 0;

export class DebugPins {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "tsv-debug-list", "aria-label": words.pins });
  private readonly known = h("datalist", { id: `tsv-pins-${++lists}` });
  private readonly one = field(words.compareOne, words.compareHow);
  private readonly other = field(words.compareOther, words.compareHow);
  private readonly found = h("div", { class: "tsv-debug-apart", "aria-live": "polite" });

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    for (const side of [this.one, this.other]) side.setAttribute("list", this.known.id);
    const sides = [this.one, this.other];
    this.element = h(
      "div",
      {},
      h("h4", {}, words.pins),
      this.list,
      form(disposables, words.pins, sides, () => this.compare(), words.compare),
      this.known,
      this.found,
    );
    disposables.add(
      store.watch(
        ({ debug }) => debug.state?.pins ?? null,
        (pins) => this.fill(pins ?? []),
      ),
      store.watch(
        ({ debug }) => debug.values.rows,
        () => this.offer(),
      ),
      store.watch(
        ({ debug }) => debug.apart,
        (apart) => this.found.replaceChildren(...(apart ? this.told(apart) : [])),
      ),
    );
  }

  private fill(pins: readonly DebugPin[]): void {
    const rows = pins.map(({ name, shown, node }) =>
      h(
        "li",
        { class: "tsv-mono" },
        this.toNode(name, node),
        h("span", { class: "tsv-debug-shown", title: shown }, shown),
        button("×", () => void this.commands.debug.do("unpin", { target: name }), {
          class: "tsv-link",
          "aria-label": words.remove(name),
          title: words.remove(name),
        }),
      ),
    );
    this.list.replaceChildren(
      ...(rows.length > 0 ? rows : [h("li", { class: "tsv-faint" }, words.noPins)]),
    );
    // The two that were pinned last are what is compared most likely.
    const [before, last] = [pins.at(-2)?.name, pins.at(-1)?.name];
    if (this.one.value === "" && last) this.one.value = before ?? last;
    if (this.other.value === "" && before && last) this.other.value = last;
    this.offer();
  }

  /** Names that can be compared: those of pins, and of values in sight. */
  private offer(): void {
    const { state, values } = this.store.value.debug;
    const names = [...(state?.pins ?? []), ...values.rows].map(({ name }) => name);
    this.known.replaceChildren(...names.map((name) => h("option", { value: name })));
  }

  private compare(): void {
    const [one, other] = [this.one.value.trim(), this.other.value.trim()];
    if (one !== "" && other !== "") void this.commands.debug.compare(one, other);
  }

  private told(apart: DebugApart): HTMLElement[] {
    const { differing, count, absolute, relative, ulps, where, one, other } = apart;
    if (differing === 0) return [h("p", {}, words.areEqual(count))];
    const amounts = [absolute, relative, ...(ulps === null ? [] : [grouped(ulps)])];
    return [
      h("p", {}, h("b", {}, words.areApart(differing, count))),
      h(
        "p",
        { class: "tsv-value-facts" },
        ...amounts.map((amount, i) => h("span", {}, `${words.largest[i]} `, h("code", {}, amount))),
      ),
      h("p", { class: "tsv-mono" }, words.at(where)),
      ...[one, other].map((side) => this.side(side)),
    ];
  }

  private side({ name, node, number }: Side): HTMLElement {
    return h("p", { class: "tsv-mono" }, this.toNode(name, node), ` ${number}`);
  }

  /** A name that leads to the node which had computed it. */
  private toNode(name: string, node: number): HTMLElement {
    if (node < 0) return h("b", {}, name);
    const show = () => {
      const graph = debugGraph(this.store.value);
      this.store.dispatch({ type: "showGraph", graph });
      this.store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true });
    };
    return button(name, show, { class: "tsv-link tsv-mono", title: words.nodeOf });
  }
}
