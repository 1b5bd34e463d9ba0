/** Which explorer of the page is the one that the user is at. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { linkedExplorers, type Linked } from "@tsviz/core/linking";
import { Signal, type ISignal } from "@lumino/signaling";
import type { Widget } from "@lumino/widgets";

/**
 * The one that was used last in the notebook or the document that is looked at; a notebook without
 * any has none. In a text file it is still that of before, of which the file may be a part.
 */
export class CurrentExplorer {
  private readonly signal = new Signal<this, void>(this);
  private readonly explorers = linkedExplorers();
  private readonly homes = new WeakMap<Linked, Widget>();
  private readonly followed = new Map<Linked, () => void>();
  /** In the order in which they came, or were used last. */
  private readonly used: Linked[] = [];
  private home: Widget | null = null;

  /** @param isHome whether a tab is one that explorers come in */
  constructor(
    private readonly shell: JupyterFrontEnd.IShell,
    private readonly isHome: (widget: Widget) => boolean,
  ) {
    for (const event of ["focusin", "pointerdown"])
      document.addEventListener(event, this.meet, { capture: true });
    shell.currentChanged?.connect(() => this.follow(), this);
    this.explorers.onChange(() => this.update());
    this.update();
  }

  get value(): Linked | null {
    return this.used.findLast((linked) => this.isHere(linked)) ?? null;
  }

  get all(): ReadonlySet<Linked> {
    return this.explorers.all;
  }

  /** All that are in the notebook or the document that is looked at. */
  get here(): readonly Linked[] {
    return [...this.all].filter((linked) => this.isHere(linked));
  }

  /** The name of that notebook or document, or "". */
  get place(): string {
    return this.home?.title.label ?? "";
  }

  /** Another one is current, or something in one of them has changed. */
  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** Makes the one that a tab holds the current one. */
  chooseIn(home: Widget): void {
    const found = this.used.findLast((linked) => this.homeOf(linked) === home);
    if (found) this.choose(found);
  }

  /** The tab that an explorer is in; still, while a notebook keeps what is far away out of the page. */
  homeOf(linked: Linked): Widget | null {
    const holds = (widget: Widget) => widget.node.contains(linked.element);
    const known = this.homes.get(linked);
    if (known && !known.isDisposed && (holds(known) || !linked.element.isConnected)) return known;
    for (const widget of this.shell.widgets("main"))
      if (holds(widget)) {
        this.homes.set(linked, widget);
        return widget;
      }
    return null;
  }

  private isHere(linked: Linked): boolean {
    return this.home === null || this.homeOf(linked) === this.home;
  }

  private readonly meet = ({ target }: Event): void => {
    for (const linked of this.all)
      if (linked.element.contains(target as Node) && linked !== this.value) this.choose(linked);
  };

  private follow(): void {
    const widget = this.shell.currentWidget;
    if (widget && widget !== this.home && this.comesInto(widget)) this.enter(widget);
  }

  private enter(widget: Widget): void {
    this.home = widget;
    widget.disposed.connect(this.leave); // once, however often it is entered
    this.signal.emit();
  }

  private readonly leave = (widget: Widget): void => {
    if (this.home === widget) this.home = null;
    this.signal.emit();
  };

  private comesInto(widget: Widget): boolean {
    return this.isHome(widget) || [...this.all].some((linked) => this.homeOf(linked) === widget);
  }

  private update(): void {
    const { all } = this;
    for (const [linked, unfollow] of this.followed)
      if (!all.has(linked)) {
        unfollow();
        this.followed.delete(linked);
        this.used.splice(this.used.indexOf(linked), 1);
      }
    for (const linked of all)
      if (!this.followed.has(linked)) {
        this.used.push(linked);
        this.followed.set(
          linked,
          linked.onChange(() => this.hear(linked)),
        );
      }
    this.signal.emit();
  }

  /** By the time it has something to show it stands in the page, and may be in the tab that is open. */
  private hear(linked: Linked): void {
    this.follow();
    if (this.isHere(linked)) this.signal.emit();
  }

  private choose(linked: Linked): void {
    this.used.splice(this.used.indexOf(linked), 1);
    this.used.push(linked);
    const home = this.homeOf(linked);
    if (home && home !== this.home) this.enter(home);
    else this.signal.emit();
  }
}
