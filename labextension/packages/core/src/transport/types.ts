/** One way to the other side: a live kernel, the data of an HTML file, or a test. */

import type { Requests } from "../protocol.generated";
import type { Unsubscribe } from "../store";

/** What can be seen of requests on their way. */
export interface Pending {
  readonly id: string;
  readonly kind: string;
  readonly since: number;
  readonly progress: string;
  /** How much is done, of how much; of 0 where that is not known. */
  readonly done: number;
  readonly total: number;
}

export interface Answer<K extends keyof Requests> {
  readonly result: Requests[K]["result"];
  readonly raw: unknown;
  readonly blob: Uint8Array;
}

export interface Transport {
  /** Why requests cannot be made at all, or "". */
  readonly unavailable: string;
  request<K extends keyof Requests>(kind: K, payload: Requests[K]["payload"]): Promise<Answer<K>>;
  cancel(id: string): void;
  /** Asks the other side to end; unlike `cancel` it waits for the answer, what was found by then. */
  stop(id: string): void;
  /** Calls back with all unanswered requests whenever one starts, proceeds or ends. */
  onPending(listener: (pending: readonly Pending[]) => void): Unsubscribe;
  /** Calls back when the other side goes away or comes back. */
  onConnection(listener: (connected: boolean) => void): Unsubscribe;
  /** Calls back with events of the session. */
  onEvent(
    listener: (kind: string, payload: Readonly<Record<string, unknown>>) => void,
  ): Unsubscribe;
  dispose(): void;
}

/** The other side answered with a diagnostic. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly help = "",
    readonly notes: readonly string[] = [],
  ) {
    super(message);
    this.name = "RequestError";
  }
}
