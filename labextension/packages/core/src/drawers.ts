/** Which drawers can be opened, and why one cannot. */

import type { Commands } from "./commands";
import type { Drawer, State } from "./state";

/** Why a drawer cannot be used, or "". */
export function drawerReason(drawer: Drawer, state: State, commands: Commands): string {
  return holds(state, drawer) ? "" : commands.reason(drawer);
}

/** Whether a drawer has something to show without asking the kernel, or could still ask for it. */
export function holds({ document, findings, connected }: State, drawer: Drawer): boolean {
  const { passes, profile, variants = [], payload } = document ?? {};
  const offered = connected ? Object.values(payload?.capabilities.variants ?? {}) : [];
  return {
    passes: !!passes,
    compare: findings !== null || variants.length > 0 || offered.includes(""),
    debug: false,
    profile: !!profile,
  }[drawer];
}
