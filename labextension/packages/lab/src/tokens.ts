import { Token } from "@lumino/coreutils";

import type { CurrentExplorer } from "./linked";

/** The explorer that the user is at. */
export const ICurrentExplorer = new Token<CurrentExplorer>("tsviz:ICurrentExplorer");
