/** Requests over custom messages of an anywidget model, with blobs in numbered chunks. */

import {
  PROTOCOL,
  RESULT_DECODERS,
  decodeChunk,
  decodeEvent,
  decodeHello,
  decodeProgress,
  decodeReply,
  type Chunk,
  type Reply,
  type Requests,
} from "../protocol.generated";
import type { Decoder } from "../protocol";
import { Observable, type Unsubscribe } from "../store";
import { ProtocolVersionError } from "../model";
import { bytesOf } from "./buffers";
import { RequestError, type Answer, type Pending, type Transport } from "./types";

/** What the kernel says of its work on one message: `busy`, then `idle`. */
export interface WireStatus {
  readonly content: { readonly execution_state: string };
}

/**
 * What is called back of a message: Jupyter looks for the kernel's status in it, and other front
 * ends, to which anywidget leaves the form of it, call it when the message is sent.
 */
export interface WireCallbacks {
  (): void;
  readonly iopub: { readonly status: (message: WireStatus) => void };
}

/** The part of an anywidget model that is used here: what every front end has. */
export interface WireModel {
  send(content: unknown, callbacks?: WireCallbacks): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

type Buffer = ArrayBuffer | ArrayBufferView;

interface Waiting {
  readonly pending: Pending;
  readonly resolve: (raw: unknown, blob: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  reply: Reply | null;
  readonly chunks: Map<number, Uint8Array>;
}

const NOTHING = new Uint8Array(0);
let views = 0;

export class LiveTransport implements Transport {
  readonly unavailable = "";
  private readonly waiting = new Map<string, Waiting>();
  private readonly pending = new Observable<readonly Pending[]>([]);
  private readonly connection = new Observable(true);
  private readonly events = new Set<(kind: string, payload: Record<string, unknown>) => void>();
  private readonly view = `v${++views}-${Math.random().toString(36).slice(2, 8)}`;
  private sequence = 0;
  private revision = 0;

  constructor(
    private readonly model: WireModel,
    private readonly version: string,
  ) {
    model.on("msg:custom", this.receive);
    model.on("comm:close", this.closed);
    model.on("comm_live_update", this.closed); // the kernel restarts
    this.send({ type: "hello", protocol: PROTOCOL, package: this.version });
  }

  request<K extends keyof Requests>(kind: K, payload: Requests[K]["payload"]): Promise<Answer<K>> {
    const id = `${this.view}/${++this.sequence}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {
        pending: { id, kind, since: Date.now(), progress: "", done: 0, total: 0 },
        resolve: (raw, blob) => {
          const decode = RESULT_DECODERS[kind] as Decoder<Requests[K]["result"]>;
          try {
            resolve({ result: decode(raw, kind, new Uint8Array(blob)), raw, blob });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
        reject,
        reply: null,
        chunks: new Map(),
      });
      this.announce();
      this.send({ type: "request", id, revision: this.revision, kind, payload }, () => {
        // A kernel that died and came back is idle again without a word to us: it knows us no more.
        if (this.isUnheard(id)) this.closed();
      });
    });
  }

  cancel(id: string): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.send({ type: "cancel", id });
    this.finish(id);
    waiting.reject(new RequestError("", "cancelled"));
  }

  stop(id: string): void {
    if (this.waiting.has(id)) this.send({ type: "cancel", id });
  }

  onPending(listener: (pending: readonly Pending[]) => void): Unsubscribe {
    return this.pending.watch((p) => p, listener);
  }

  onConnection(listener: (connected: boolean) => void): Unsubscribe {
    return this.connection.watch((c) => c, listener);
  }

  onEvent(listener: (kind: string, payload: Record<string, unknown>) => void): Unsubscribe {
    this.events.add(listener);
    return () => this.events.delete(listener);
  }

  dispose(): void {
    this.model.off("msg:custom", this.receive);
    this.model.off("comm:close", this.closed);
    this.model.off("comm_live_update", this.closed);
    for (const id of [...this.waiting.keys()]) this.cancel(id);
    this.send({ type: "bye", view: this.view });
  }

  private send(message: unknown, whenDone: () => void = () => undefined): void {
    const status = ({ content }: WireStatus) => content.execution_state === "idle" && whenDone();
    try {
      const callbacks = Object.assign(() => undefined, { iopub: { status } });
      const sent = this.model.send(message, callbacks);
      if (sent instanceof Promise) sent.catch(this.closed);
    } catch {
      // The comm is gone: the widget outlived its kernel.
      this.closed();
    }
  }

  private isUnheard(id: string): boolean {
    const waiting = this.waiting.get(id);
    return waiting?.reply === null && waiting.chunks.size === 0 && waiting.pending.progress === "";
  }

  private readonly closed = (): void => {
    this.connection.set(false);
    for (const [id, waiting] of [...this.waiting]) {
      this.finish(id);
      waiting.reject(new RequestError("", "the kernel has gone"));
    }
  };

  private readonly receive = (content: unknown, buffers: readonly Buffer[] = []): void => {
    const message = content as { type?: unknown; id?: unknown };
    const id = typeof message.id === "string" ? message.id : "";
    if (message.type === "hello") return this.greet(content);
    if (message.type === "event") return this.event(content);
    const waiting = this.waiting.get(id);
    if (!waiting) return; // another view's, or cancelled
    try {
      this.deliver(id, waiting, message.type, content, buffers);
    } catch (error) {
      this.finish(id);
      waiting.reject(error as Error);
    }
  };

  private deliver(
    id: string,
    waiting: Waiting,
    type: unknown,
    content: unknown,
    buffers: readonly Buffer[],
  ): void {
    if (type === "progress") {
      const { text, done, total } = decodeProgress(content, "progress", new Uint8Array(0));
      const progress = total > 0 ? `${text} ${done}/${total}` : text;
      const pending = { ...waiting.pending, progress, done, total };
      this.waiting.set(id, { ...waiting, pending });
      this.announce();
      return;
    }
    if (type === "reply") waiting.reply = decodeReply(content, "reply", new Uint8Array(0));
    if (type === "chunk") {
      const chunk: Chunk = decodeChunk(content, "chunk", new Uint8Array(0));
      const buffer = buffers[0];
      waiting.chunks.set(chunk.n, buffer ? bytesOf(buffer) : NOTHING);
    }
    const { reply } = waiting;
    if (!reply) return;
    if (reply.error) {
      const { code, message, help, notes } = reply.error;
      this.finish(id);
      waiting.reject(new RequestError(code, message, help, notes));
    } else if (waiting.chunks.size >= reply.chunks) {
      this.finish(id);
      this.revision = Math.max(this.revision, reply.revision);
      waiting.resolve(reply.payload, join(waiting.chunks));
    }
  }

  private greet(content: unknown): void {
    const { protocol } = decodeHello(content, "hello", new Uint8Array(0));
    if (protocol === PROTOCOL) return;
    for (const [id, waiting] of [...this.waiting]) {
      this.finish(id);
      waiting.reject(new ProtocolVersionError(protocol));
    }
  }

  private event(content: unknown): void {
    const event = decodeEvent(content, "event", new Uint8Array(0));
    this.revision = Math.max(this.revision, event.revision);
    for (const listener of [...this.events]) listener(event.kind, event.payload);
  }

  private finish(id: string): void {
    this.waiting.delete(id);
    this.announce();
  }

  private announce(): void {
    this.pending.set([...this.waiting.values()].map((waiting) => waiting.pending));
  }
}

function join(chunks: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const parts = [...chunks].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
