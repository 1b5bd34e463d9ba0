/** The explorer of one file: has a kernel read it, and shows what came of that. */

import type { ISessionContext } from "@jupyterlab/apputils";
import { PathExt } from "@jupyterlab/coreutils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { Contents, Kernel } from "@jupyterlab/services";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import type { Explorer } from "@tsviz/core";

import { bar, button, type Offer } from "./bars";
import { Channel, type Wish } from "./channel";
import { serve, type Trouble } from "./serving";
import { strings } from "./strings";
import { FileWatch, type Change } from "./watching";

declare const TSVIZ_VERSION: string;

export interface PanelOptions {
  readonly context: DocumentRegistry.Context;
  readonly contents: Contents.IManager;
  readonly limits: () => Limits;
  readonly dialogs: ISessionContext.IDialogs;
}

/** Reading a file takes longer than this, most of it in one process. */
const READING_MS = 200;

type MountLive = (typeof import("@tsviz/core"))["mountLive"];
/** What the user set for files. */
export interface Limits extends Pick<Wish, "seconds" | "memory"> {
  /** Levels of scopes to open; 0 for what the explorer finds best. */
  readonly depth: number;
  /** So many boxes are drawn at first, at most. */
  readonly boxes: number;
}

type Wishes = Pick<Wish, "beside" | "since" | "trust">;

const PLAIN: Wishes = { beside: "", since: false, trust: false };
const RESTARTS: readonly Kernel.Status[] = ["restarting", "autorestarting"];

export class FilePanel extends Widget {
  private explorer: Explorer | null = null;
  private channel: Channel | null = null;
  private restarts = false;
  private attempt = 0;
  private wish: Wishes = PLAIN;
  private readonly bars = document.createElement("div");
  private readonly place = document.createElement("div");
  private readonly watch: FileWatch;

  constructor(private readonly options: PanelOptions) {
    super();
    this.addClass("tsv-document");
    this.place.className = "tsv-document-place";
    this.node.append(this.bars, this.place);
    const { context, contents } = options;
    this.watch = new FileWatch(
      contents,
      () => context.path,
      () => this.isVisible,
    );
    this.watch.changed.connect((_, change) => this.offerReload(change), this);
    const { sessionContext } = context;
    sessionContext.kernelChanged.connect((_, { newValue }) => this.take(newValue), this);
    sessionContext.statusChanged.connect((_, status) => this.follow(status), this);
    sessionContext.connectionStatusChanged.connect((_, status) => {
      // A kernel that was started anew says nothing before it is asked something.
      if (status === "connected") this.returnTo();
    }, this);
    // While there is a connection by which the kernel can be told so.
    sessionContext.disposed.connect(() => this.clear(), this);
    this.wait();
    void context.ready
      .then(() => sessionContext.ready)
      .then(() => {
        // Else it was told already: the kernel changed, from none to that one.
        if (this.attempt === 0) this.take(sessionContext.session?.kernel ?? null);
      });
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.attempt++;
    this.clear();
    this.watch.dispose();
    super.dispose();
  }

  /** Has the file read again. */
  reload(wish: Partial<Wishes> = {}): void {
    this.wish = { ...PLAIN, ...wish };
    const kernel = this.options.context.sessionContext.session?.kernel;
    if (kernel?.connectionStatus === "connected" && kernel.status !== "dead") this.take(kernel);
    else void this.restart();
  }

  /** Lays another file beside this one. */
  async compareWith(path: string): Promise<void> {
    const { contents, context } = this.options;
    await context.ready;
    const folder = PathExt.dirname(contents.localPath(context.path));
    const beside = PathExt.relative(`/${folder}`, `/${contents.localPath(path)}`);
    this.wish = { ...PLAIN, beside };
    // Else the kernel is on its way, and will be asked for both.
    if (context.sessionContext.session?.kernel) this.reload(this.wish);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.watch.look();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector<HTMLElement>(".tsv")?.focus({ preventScroll: true });
    void this.watch.look();
  }

  private async restart(): Promise<void> {
    this.wait();
    const { sessionContext } = this.options.context;
    await (sessionContext.session ? sessionContext.restartKernel() : sessionContext.startKernel());
  }

  /** What becomes of the kernel: one that restarts is asked anew, one that died is said. */
  private follow(status: Kernel.Status): void {
    if (RESTARTS.includes(status) || status === "dead") {
      this.restarts = status !== "dead";
      this.attempt++;
      this.channel?.lose();
      if (status === "dead") this.lose(strings.dead(this.kernelName), strings.deadHelp);
    } else if (status === "idle") this.returnTo();
  }

  private returnTo(): void {
    if (!this.restarts) return;
    this.restarts = false;
    this.take(this.options.context.sessionContext.session?.kernel ?? null);
  }

  /** As the kernel sees it, which is started in the file's folder. */
  private get fileName(): string {
    const { contents, context } = this.options;
    return PathExt.basename(contents.localPath(context.path));
  }

  private get kernelName(): string {
    return this.options.context.sessionContext.kernelDisplayName;
  }

  /** Whether there is a program to look at. */
  private get isExploring(): boolean {
    return this.explorer !== null && this.explorer.store.value.document !== null;
  }

  private take(kernel: Kernel.IKernelConnection | null): void {
    if (this.isDisposed) return;
    const attempt = ++this.attempt;
    if (kernel) void this.open(kernel, () => attempt !== this.attempt);
    else this.lose(strings.noKernel, strings.noKernelHelp);
  }

  /** There is no kernel: what is shown can still be read, and the way back stands above it. */
  private lose(title: string, help: string): void {
    this.channel?.lose();
    const offers: readonly Offer[] = [[strings.again, () => this.reload(this.wish)]];
    if (this.isExploring) this.bars.replaceChildren(bar("alert", title, offers));
    else this.tell({ title, detail: "", help });
  }

  private async open(kernel: Kernel.IKernelConnection, isOver: () => boolean): Promise<void> {
    this.wait();
    const { mountLive } = await import("@tsviz/core");
    await this.watch.begin().catch(() => undefined); // then changes go unnoticed
    if (isOver()) return;
    const old = this.explorer;
    const mount = () => this.mount(kernel, mountLive);
    // It asks for the program while the kernel makes ready; an old one stays until that is sure.
    const answer = await serve(kernel, () => {
      if (!old && !isOver()) mount();
    });
    if (isOver()) return;
    if (typeof answer !== "string") {
      this.tell(answer);
      return;
    }
    if (old) mount();
    if (answer !== TSVIZ_VERSION) this.note(strings.otherVersion(answer, TSVIZ_VERSION));
  }

  private mount(kernel: Kernel.IKernelConnection, mountLive: MountLive): void {
    this.clear();
    const { depth, boxes, ...limits } = this.options.limits();
    this.channel = new Channel(kernel, { path: this.fileName, ...this.wish, ...limits });
    const options = { page: true, boxes, engineAfter: READING_MS };
    const explorer = (this.explorer = mountLive(this.place, this.channel, options));
    const { beside, since } = this.wish;
    whenShown(explorer, (variants) => {
      if (depth > 0) explorer.store.dispatch({ type: "depth", depth });
      if (variants === 0 || (beside === "" && !since)) return;
      explorer.store.dispatch({ type: "beside", variant: 0 });
      if (since) explorer.store.dispatch({ type: "swap" }); // what came before stands on the left
    });
  }

  private note(text: string): void {
    const dismiss: Offer = [strings.dismiss, () => this.bars.replaceChildren()];
    this.bars.replaceChildren(bar("status", text, [dismiss]));
  }

  private offerReload(change: Change): void {
    const name = this.fileName;
    const dismiss: Offer = [strings.dismiss, () => this.bars.replaceChildren()];
    const offers: readonly Offer[] =
      change === "gone"
        ? [dismiss]
        : [
            [strings.reload, () => this.reload()],
            [strings.reloadAndCompare, () => this.reload({ since: true })],
            dismiss,
          ];
    const text = change === "gone" ? strings.gone(name) : strings.changed(name);
    this.bars.replaceChildren(bar("alert", text, offers));
  }

  private wait(): void {
    if (this.explorer) return; // it stays until the next one is there
    const element = document.createElement("p");
    element.setAttribute("role", "status");
    element.textContent = strings.starting;
    this.place.replaceChildren(element);
  }

  private tell({ title, detail, help }: Trouble): void {
    this.clear();
    const element = document.createElement("div");
    element.className = "tsv-document-trouble";
    element.setAttribute("role", "alert");
    const heading = document.createElement("h2");
    heading.textContent = title;
    const words = [detail, help && `help: ${help}`].filter(Boolean).map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    });
    const { context, dialogs } = this.options;
    element.append(
      heading,
      ...words,
      button([strings.again, () => this.reload(this.wish)]),
      button([strings.chooseKernel, () => void dialogs.selectKernel(context.sessionContext)]),
    );
    this.place.replaceChildren(element);
  }

  private clear(): void {
    this.explorer?.dispose();
    this.channel?.dispose();
    this.explorer = this.channel = null;
    this.bars.replaceChildren();
    this.place.replaceChildren();
  }
}

/** Calls back once there is a program, with the number of others that came along. */
function whenShown({ store }: Explorer, then: (variants: number) => void): void {
  let isDone = false;
  store.watch(
    ({ document }) => document,
    (document) => {
      if (!document || isDone) return;
      isDone = true;
      queueMicrotask(() => then(document.variants.length)); // when all have heard of it
    },
  );
}
