/** A kernel's side of the wire for tests: an anywidget model whose answers are written by hand. */

import type { WireModel, WireStatus } from "./live";

export class TestModel implements WireModel {
  readonly sent: Record<string, unknown>[] = [];
  private readonly listeners = new Map<string, Set<(...args: never[]) => void>>();

  /** Says of the last message that the kernel has dealt with it. */
  finish: () => void = () => undefined;

  send(content: unknown, callbacks?: { iopub: { status: (message: WireStatus) => void } }): void {
    this.sent.push(structuredClone(content) as Record<string, unknown>);
    this.finish = () => callbacks?.iopub.status({ content: { execution_state: "idle" } });
  }

  on(event: string, callback: (...args: never[]) => void): void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(callback));
  }

  off(event: string, callback: (...args: never[]) => void): void {
    this.listeners.get(event)?.delete(callback);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])])
      (listener as (...args: unknown[]) => void)(...args);
  }

  receive(content: Record<string, unknown>, ...buffers: Uint8Array[]): void {
    this.emit("msg:custom", content, buffers);
  }

  get listenerCount(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  /** The last request of a kind. */
  lastRequest(kind: string): Record<string, unknown> | undefined {
    return this.sent.findLast(
      (message) => message["type"] === "request" && message["kind"] === kind,
    );
  }
}
