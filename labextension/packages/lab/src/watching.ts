/** Looks from time to time whether a file is still the one that was opened. */

import type { Contents } from "@jupyterlab/services";
import { Poll } from "@lumino/polling";
import { Signal, type ISignal } from "@lumino/signaling";

const EVERY_MS = 10_000;

export type Change = "changed" | "gone";

export class FileWatch {
  private readonly poll: Poll;
  private readonly signal = new Signal<this, Change>(this);
  private stamp = "";
  private told = "";

  /** @param isShown whether anybody could see what it finds */
  constructor(
    private readonly contents: Contents.IManager,
    private readonly path: () => string,
    private readonly isShown: () => boolean,
  ) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: EVERY_MS, backoff: true, max: 6 * EVERY_MS },
      standby: () => (this.isShown() ? "when-hidden" : true),
      name: "tsviz:file",
    });
  }

  /** Tells each change once. */
  get changed(): ISignal<this, Change> {
    return this.signal;
  }

  /** From now on the file as it is now is the one that is shown. */
  async begin(): Promise<void> {
    this.stamp = this.told = await this.read();
    void this.poll.start();
  }

  async look(): Promise<void> {
    const found = await this.read();
    if (this.poll.isDisposed || found === this.told || this.stamp === "") return;
    this.told = found;
    if (found !== this.stamp) this.signal.emit(found === "" ? "gone" : "changed");
  }

  dispose(): void {
    this.poll.dispose();
    Signal.clearData(this);
  }

  /** When and how large; "" where there is no such file. */
  private async read(): Promise<string> {
    try {
      const found = await this.contents.get(this.path(), { content: false });
      return `${found.last_modified} ${String(found.size)}`;
    } catch (error) {
      const { response } = error as { response?: Response };
      if (response?.status === 404) return "";
      throw error; // the server is away; the poll tries again later
    }
  }
}
