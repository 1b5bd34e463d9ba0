/** A comm of a kernel, as what explorers talk through. */

import { KernelMessage, type Kernel } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import type { WireModel } from "@tsviz/core";

type Listener = (...args: never[]) => void;
type Callbacks = Parameters<WireModel["send"]>[1];

/** The name of the comms that a kernel answers once `serve` of `tsviz.widgets.documents` ran. */
const TARGET = "tsviz.document";

/** What a kernel is asked to open. */
export interface Wish extends JSONObject {
  /** Of the file, from the kernel's folder on. */
  readonly path: string;
  /** Of another file to hold it against, or "". */
  readonly beside: string;
  /** Whether to hold it against what it was when it was opened last. */
  readonly since: boolean;
  /** Whether the user lets it run its code in the kernel. */
  readonly trust: boolean;
  /** What the process that reads it may use, in seconds and mebibytes; 0 for what suits the file. */
  readonly seconds: number;
  readonly memory: number;
}

export class Channel implements WireModel {
  private readonly comm: Kernel.IComm;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(
    private readonly kernel: Kernel.IKernelConnection,
    wish: Wish,
  ) {
    this.comm = kernel.createComm(TARGET);
    this.comm.onMsg = ({ content, buffers }) =>
      this.emit("msg:custom", content.data, buffers ?? []);
    this.comm.onClose = () => this.lose();
    this.comm.open(wish);
  }

  send(content: unknown, callbacks?: Callbacks): void {
    const future = this.comm.send(content as JSONObject);
    future.onIOPub = (message) => {
      if (KernelMessage.isStatusMsg(message)) callbacks?.iopub.status(message);
    };
  }

  on(event: string, callback: Listener): void {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known.add(callback));
  }

  off(event: string, callback: Listener): void {
    this.listeners.get(event)?.delete(callback);
  }

  /** The other side has gone: whoever listens stops waiting for it. */
  lose(): void {
    this.emit("comm:close");
  }

  dispose(): void {
    this.listeners.clear();
    if (this.comm.isDisposed) return;
    if (this.kernel.connectionStatus === "connected") sendClose(this.kernel, this.comm.commId);
    this.comm.dispose();
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])])
      (listener as (...args: unknown[]) => void)(...args);
  }
}

/**
 * Tells a kernel that a comm has ended, over a connection that stays until the kernel has answered.
 *
 * The document's own connection closes together with it, and a busy server drops what it has not
 * sent by then.
 */
function sendClose(kernel: Kernel.IKernelConnection, commId: string): void {
  const own = kernel.clone({ handleComms: false });
  const closing = KernelMessage.createMessage<KernelMessage.ICommCloseMsg<"shell">>({
    msgType: "comm_close",
    channel: "shell",
    username: own.username,
    session: own.clientId,
    content: { comm_id: commId, data: {} },
  });
  const end = () => {
    own.dispose();
  };
  own.sendShellMessage(closing, false, true).done.then(end, end);
}
