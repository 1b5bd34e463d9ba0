/**
 * The one store. State changes only by a pure reducer; whoever shows a part of it subscribes to
 * that part and is called when it is another object than before.
 */

import { reduce, type Action } from "./actions";
import { type State } from "./state";

export type Unsubscribe = () => void;

/** Collects what must be undone when its owner goes: every listener has an owner. */
export class Disposables {
  private readonly pending: Unsubscribe[] = [];

  add(...undo: Unsubscribe[]): void {
    this.pending.push(...undo);
  }

  listen<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K | (string & {}),
    listener: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): void {
    const handler = listener as EventListener;
    target.addEventListener(type, handler, options);
    this.add(() => target.removeEventListener(type, handler, options));
  }

  dispose(): void {
    for (const undo of this.pending.splice(0).reverse()) undo();
  }
}

/** A value with listeners: the store's state, or the hover, which changes too often for it. */
export class Observable<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(protected current: T) {}

  get value(): T {
    return this.current;
  }

  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const listener of [...this.listeners]) listener(next);
  }

  /** Calls back on each change of what `select` returns, and once now. */
  watch<S>(select: (value: T) => S, listener: (selected: S) => void): Unsubscribe {
    let last = select(this.current);
    const check = (value: T) => {
      const next = select(value);
      if (Object.is(next, last)) return;
      last = next;
      listener(next);
    };
    this.listeners.add(check);
    listener(last);
    return () => this.listeners.delete(check);
  }
}

/** What the pointer or the keyboard is over, in any pane. */
export type Hover =
  | {
      readonly kind: "nodes";
      readonly nodes: readonly number[];
      readonly from: string;
      /** The source line they were found by, if they were: another graph may have others of it. */
      readonly line?: { readonly file: number; readonly line: number };
      /** Frames to set off in the source, where it is about nodes that only another graph has. */
      readonly frames?: readonly number[];
    }
  | { readonly kind: "container"; readonly container: number; readonly from: string }
  | null;

export class Store extends Observable<State> {
  readonly hover = new Observable<Hover>(null);

  dispatch = (action: Action): void => this.set(reduce(this.current, action));
}
