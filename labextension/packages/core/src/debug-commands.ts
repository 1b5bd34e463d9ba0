/** What is asked of a stepped program, and why something cannot be asked now. */

import {
  breakpointAt,
  isLooking,
  chosenValue,
  isStepping,
  selectedSpot,
  type DebugAction,
  type List,
  type Spot,
} from "./debugging";
import { failureOf } from "./failures";
import { DocumentModel } from "./model";
import { decodeDebugState, type DebugRequest, type DebugState } from "./protocol.generated";
import type { Store } from "./store";
import { debugStrings as words } from "./debug-strings";
import type { Transport } from "./transport";

/** So many values are asked for at once. */
const VALUES = 60;
/** So many numbers of a tensor are. */
export const NUMBERS = 120;

export type Verb =
  | "start"
  | "state"
  | "step"
  | "over"
  | "out"
  | "back"
  | "continue"
  | "odd"
  | "run_to"
  | "differs"
  | "goto"
  | "pause"
  | "restart"
  | "break"
  | "condition"
  | "clear"
  | "watch"
  | "unwatch"
  | "pin"
  | "unpin"
  | "set"
  | "record"
  | "close";

const NOTHING = { by: "node", target: "", node: -1, text: "", number: 0, after: 0 };
const GOING: ReadonlySet<string> = new Set(["step", "over", "out", "continue", "odd", "run_to"]);

/** So many steps wait for the one before them; a key that is held down must not outrun the program. */
const MOST_WAITING = 4;

export class DebugCommands {
  private turn = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly store: Store,
    private readonly transport: Transport,
    /** Why a program cannot be stepped at all, or "". */
    private readonly closed: () => string,
  ) {}

  /** Why a verb cannot be used now, or "". */
  reason(verb: Verb): string {
    const closed = this.closed();
    if (closed !== "") return closed;
    const { state } = this.store.value.debug;
    if (verb === "start") return isStepping(this.store.value) ? words.hasBegun : "";
    if (!state || !isStepping(this.store.value)) return words.notBegun;
    if (verb === "pause") return state.status === "running" ? "" : words.isHeld;
    if (state.status === "running" && verb !== "restart" && verb !== "close")
      return words.isRunning;
    if (GOING.has(verb) || verb === "set") {
      if (state.status !== "paused") return words.isDone(state.status);
    }
    if (verb === "run_to" && !selectedSpot(this.store.value)) return words.nothingSelected;
    if (verb === "back" && state.status === "paused" && state.position <= 1) return words.isFirst;
    return "";
  }

  /** Asks for something; done when it was answered. */
  async do(verb: Verb, more: Partial<DebugRequest> = {}): Promise<void> {
    const asked = { ...NOTHING, by: this.store.value.debug.by, verb, ...more };
    try {
      const { result } = await this.transport.request("debug", asked);
      await this.take(result);
    } catch (error) {
      this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  /** The program was held later than its answer came. */
  heard(payload: unknown): void {
    const state = decodeDebugState(payload, "event", new Uint8Array(0));
    void this.take(state);
  }

  /** Uses a verb if it can be used; a step after the steps before it. */
  use(verb: Verb): void {
    if (!GOING.has(verb) && verb !== "back") return void this.useNow(verb);
    if (this.waiting >= MOST_WAITING) return;
    this.waiting += 1;
    this.turn = this.turn.then(async () => {
      this.waiting -= 1;
      await this.useNow(verb);
    });
  }

  private async useNow(verb: Verb): Promise<void> {
    if (this.reason(verb) !== "") return;
    const spot = verb === "run_to" ? selectedSpot(this.store.value) : null;
    await this.do(verb, spot ? askedAt(spot) : {});
  }

  /** Sets a breakpoint, or takes away the one that is there. */
  async toggle(spot: Spot): Promise<void> {
    if (this.reason("break") !== "") return;
    const known = breakpointAt(this.store.value, spot);
    if (known) return this.do("clear", { number: known.number });
    await this.do("break", askedAt(spot));
    const made = this.store.value.debug.state?.breakpoints.at(-1);
    if (spot.kind === "line" && made?.path === spot.path && made.line !== spot.line)
      this.store.dispatch({ type: "notice", text: words.movedTo(spot.line, made.line) });
  }

  toggleSelected(): void {
    const spot = selectedSpot(this.store.value);
    if (spot) void this.toggle(spot);
    else this.store.dispatch({ type: "notice", text: words.nothingSelected });
  }

  /** Asks for further values. */
  moreValues(): Promise<void> {
    const { debug } = this.store.value;
    return this.values(debug[debug.list].rows.length, VALUES);
  }

  /** Has the table show values, or attributes. */
  async show(list: List): Promise<void> {
    this.dispatch({ what: "list", list });
    await this.values(0, VALUES);
  }

  /** Looks at what an expression gives: all that is told of it, and its first numbers. */
  async lookAt(text: string, first = 0): Promise<void> {
    this.dispatch({ what: "look", text });
    try {
      const { result: detail } = await this.transport.request("debug_detail", { text });
      this.dispatch({ what: "detail", text, detail });
      await this.numbers(text, first);
    } catch (error) {
      this.dispatch({ what: "unseen", text, failure: failureOf(error) });
    }
  }

  /** Has the program, or another variant of it, run once more as a whole. */
  async record(variant: string): Promise<void> {
    try {
      const { result } = await this.transport.request("debug_record", { variant });
      await this.take(result);
    } catch (error) {
      this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  /** Asks how far two records drift apart. */
  async drift(one: string, other: string): Promise<void> {
    try {
      const { result } = await this.transport.request("debug_drift", { one, other });
      this.dispatch({ what: "drift", drift: result });
    } catch (error) {
      this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  /** Asks how far two pins or expressions are apart. */
  async compare(one: string, other: string): Promise<void> {
    try {
      const { result: apart } = await this.transport.request("debug_compare", { one, other });
      this.dispatch({ what: "failed", failure: null });
      this.dispatch({ what: "apart", apart });
    } catch (error) {
      this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  /** Shows numbers of what an expression gives. */
  async numbers(text: string, first = 0): Promise<void> {
    const asked = { text, first: Math.max(0, first), count: NUMBERS };
    try {
      const { result: page } = await this.transport.request("debug_page", asked);
      this.dispatch({ what: "numbers", numbers: { text, page } });
    } catch (error) {
      this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  private async take(state: DebugState): Promise<void> {
    const shown = this.store.value.document;
    const lacks = !shown?.graphs.some(({ payload }) => payload.kind === "stepped");
    if (state.is_other && lacks && state.status !== "none") await this.loadStepped();
    this.dispatch({ what: "state", state });
    const { debug } = this.store.value;
    if (debug.state === state && isLooking(state)) void this.look();
  }

  /** Shows the values as they are now, and what is shown of the chosen one. */
  private async look(): Promise<void> {
    const { debug } = this.store.value;
    await this.values(0, Math.max(VALUES, debug[debug.list].rows.length));
    const { look, numbers } = this.store.value.debug;
    const value = chosenValue(this.store.value.debug);
    if (look !== "" && value?.text !== "") await this.lookAt(look, numbers?.page.first);
  }

  /** What is stepped is another graph, which comes with the document. */
  private async loadStepped(): Promise<void> {
    const { raw, blob } = await this.transport.request("document", {});
    this.store.dispatch({ type: "reloaded", document: DocumentModel.decode(raw, blob) });
  }

  private async values(first: number, count: number): Promise<void> {
    try {
      const { list } = this.store.value.debug;
      const kind = list === "values" ? "debug_values" : "debug_attributes";
      const { result } = await this.transport.request(kind, { first, count });
      this.dispatch({ what: "values", list, values: result });
    } catch (error) {
      // A program that goes on meanwhile has none to show, and comes with new ones when it is held.
      if (this.store.value.debug.state?.status !== "running")
        this.dispatch({ what: "failed", failure: failureOf(error) });
    }
  }

  private dispatch(action: DebugAction): void {
    this.store.dispatch({ type: "debug", action });
  }
}

const askedAt = (spot: Spot): Partial<DebugRequest> =>
  spot.kind === "node" ? { node: spot.node } : { target: `${spot.path}:${spot.line}` };

/** What a key does to a stepped program; false for keys that are none of these. */
export function debugKey(key: string, store: Store, commands: DebugCommands): boolean {
  const { value: state } = store;
  if (state.drawer !== "debug" || !isStepping(state)) return false;
  // In a cell the browser's own keys stay what they are: F5 loads the page anew.
  const keys = state.fullWindow ? { ...KEYS, ...FUNCTION_KEYS } : KEYS;
  const verb = keys[key];
  if (verb === "break") commands.toggleSelected();
  else if (verb) commands.use(verb);
  return verb !== undefined;
}

const KEYS: Readonly<Record<string, Verb>> = {
  c: "continue",
  n: "over",
  s: "step",
  u: "out",
  r: "back",
  p: "pause",
  b: "break",
};
const FUNCTION_KEYS: Readonly<Record<string, Verb>> = {
  F5: "continue",
  "Shift+F5": "close",
  F6: "pause",
  F9: "break",
  F10: "over",
  "Shift+F10": "back",
  F11: "step",
  "Shift+F11": "out",
};
