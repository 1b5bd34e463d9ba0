/** Which explorer of the page is the one that the user is at. */

import { linkedExplorers, type Linked } from "@tsviz/core/linking";
import { Signal, type ISignal } from "@lumino/signaling";

export class CurrentExplorer {
  private readonly signal = new Signal<this, void>(this);
  private readonly explorers = linkedExplorers();
  private linked: Linked | null = null;
  private readonly followed = new Map<Linked, () => void>();

  constructor() {
    for (const event of ["focusin", "pointerdown"])
      document.addEventListener(event, this.meet, { capture: true });
    this.explorers.onChange(() => this.update());
    this.update();
  }

  get value(): Linked | null {
    return this.linked;
  }

  get all(): ReadonlySet<Linked> {
    return this.explorers.all;
  }

  /** Another one is current, or something in it has changed. */
  get changed(): ISignal<this, void> {
    return this.signal;
  }

  private readonly meet = ({ target }: Event): void => {
    for (const linked of this.explorers.all)
      if (linked !== this.linked && linked.element.contains(target as Node)) this.choose(linked);
  };

  private update(): void {
    const { all } = this.explorers;
    for (const [linked, unfollow] of this.followed)
      if (!all.has(linked)) {
        unfollow();
        this.followed.delete(linked);
      }
    for (const linked of all)
      if (!this.followed.has(linked))
        this.followed.set(
          linked,
          linked.onChange(() => this.hear(linked)),
        );
    if (!this.linked || !all.has(this.linked)) this.choose([...all].at(-1) ?? null);
  }

  private hear(linked: Linked): void {
    if (linked === this.linked) this.signal.emit();
  }

  private choose(linked: Linked | null): void {
    this.linked = linked;
    this.signal.emit();
  }
}
