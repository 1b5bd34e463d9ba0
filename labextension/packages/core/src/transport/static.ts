/** The transport of a saved explorer: no kernel, and it says so. */

import type { Requests } from "../protocol.generated";
import type { Unsubscribe } from "../store";
import { strings } from "../strings";
import { RequestError, type Answer, type Transport } from "./types";

const never: Unsubscribe = () => undefined;

export class StaticTransport implements Transport {
  constructor(readonly unavailable: string = strings.savedFile) {}

  request<K extends keyof Requests>(): Promise<Answer<K>> {
    return Promise.reject(new RequestError("", this.unavailable));
  }

  cancel(): void {
    // nothing is ever pending
  }

  stop(): void {
    // as above
  }

  onPending(): Unsubscribe {
    return never;
  }

  onConnection(): Unsubscribe {
    return never;
  }

  onEvent(): Unsubscribe {
    return never;
  }

  dispose(): void {
    // holds nothing
  }
}
