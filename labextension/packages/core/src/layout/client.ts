/**
 * The page's side of the layout worker: one job at a time, the newest waiting one of each view wins,
 * none may take longer than the limit (the engine cannot be interrupted, so its worker is replaced),
 * and results are kept by the hash of their input.
 */

import type { EngineFailure, LayoutAnswer, LayoutJob } from "./worker";
import type { LayoutInput, LayoutResult } from "./types";

export const LIMIT_MS = 2000;
/** A picture of more than a thousand boxes is there only because somebody asked for all of it. */
const LIMIT_MS_A_BOX = 2;
const KEPT = 40;

export class LayoutTimeout extends Error {}
export class LayoutSuperseded extends Error {}
/** No worker can run here: blocked by the page's policy, or its script could not be had. */
export class LayoutUnavailable extends Error {
  constructor(readonly reason: EngineFailure | "noWorker" | "workerForbidden" = "other") {
    super(reason);
  }
}

export interface LayoutWorker {
  postMessage(job: LayoutJob): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<LayoutAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Job {
  readonly key: string;
  readonly input: LayoutInput;
  readonly resolve: (result: LayoutResult) => void;
  readonly reject: (error: Error) => void;
}

export class LayoutClient {
  private worker: LayoutWorker | null = null;
  private failure: LayoutUnavailable | null = null;
  private disposed = false;
  private running: Job | null = null;
  /** The job that waits, of each view that has one. */
  private readonly waiting = new Map<object, Job>();
  private sequence = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly cache = new Map<string, LayoutResult>();

  /** @param start makes a worker that is ready; called at once, so that the engine loads while data arrives. */
  constructor(
    private readonly start: () => Promise<LayoutWorker>,
    private readonly limit = LIMIT_MS,
  ) {
    this.launch();
  }

  /** Whether the engine has started. */
  get isReady(): boolean {
    return this.worker !== null;
  }

  /** A result that is known already, without waiting. */
  known(input: LayoutInput): LayoutResult | null {
    return this.cache.get(hash(input)) ?? null;
  }

  /** @param view whose picture it is; its newest job takes the place of one that waits */
  layout(input: LayoutInput, view: object = this): Promise<LayoutResult> {
    const key = hash(input);
    const known = this.cache.get(key);
    this.waiting.get(view)?.reject(new LayoutSuperseded());
    this.waiting.delete(view);
    if (known) return Promise.resolve(known);
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.set(view, { key, input, resolve, reject });
      this.pump();
    });
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.rejectAll(() => new LayoutSuperseded());
  }

  private launch(): void {
    this.worker = null;
    this.start().then(
      (worker) => {
        if (this.disposed) return worker.terminate();
        this.worker = worker;
        worker.onmessage = (event) => this.receive(event.data);
        worker.onerror = () => this.fail(new LayoutUnavailable());
        this.pump();
      },
      (error: unknown) =>
        this.fail(error instanceof LayoutUnavailable ? error : new LayoutUnavailable()),
    );
  }

  private fail(failure: LayoutUnavailable): void {
    this.failure = failure;
    clearTimeout(this.timer);
    this.rejectAll(() => failure);
  }

  private rejectAll(reason: () => Error): void {
    for (const job of [this.running, ...this.waiting.values()]) job?.reject(reason());
    this.running = null;
    this.waiting.clear();
  }

  private pump(): void {
    const [next] = this.waiting;
    if (!this.worker || this.running || !next) return;
    const [view, job] = next;
    this.waiting.delete(view);
    const known = this.cache.get(job.key);
    if (known) {
      job.resolve(known);
      this.pump();
      return;
    }
    this.running = job;
    this.worker.postMessage({ id: ++this.sequence, input: job.input });
    const limit = Math.max(this.limit, job.input.boxes.length * LIMIT_MS_A_BOX);
    this.timer = setTimeout(() => this.expire(), limit);
  }

  private expire(): void {
    const job = this.running;
    this.running = null;
    this.worker?.terminate();
    this.launch();
    job?.reject(new LayoutTimeout());
  }

  private receive(answer: LayoutAnswer): void {
    if (!("id" in answer)) return;
    if (answer.id === this.sequence && this.running) {
      const job = this.running;
      this.running = null;
      clearTimeout(this.timer);
      if ("result" in answer) {
        this.keep(job.key, answer.result);
        job.resolve(answer.result);
      } else job.reject(new Error(answer.error));
    }
    this.pump();
  }

  private keep(key: string, result: LayoutResult): void {
    this.cache.set(key, result);
    const oldest = this.cache.keys().next().value;
    if (this.cache.size > KEPT && oldest !== undefined) this.cache.delete(oldest);
  }
}

/** Two 32-bit FNV-1a hashes over the input: equal inputs, and in practice only those, collide. */
export function hash(input: LayoutInput): string {
  const text = JSON.stringify(input);
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return `${text.length}-${(a >>> 0).toString(36)}-${(b >>> 0).toString(36)}`;
}
