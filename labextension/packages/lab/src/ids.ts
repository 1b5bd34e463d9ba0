/** Names by which Jupyter knows what is here; users' shortcuts and menus refer to them. */

export const CATEGORY = "TorchScript";

export const COMMANDS = {
  compareFiles: "tsviz:compare-files",
  explore: "tsviz:explore",
  exploreCell: "tsviz:explore-cell",
  compare: "tsviz:compare",
  profile: "tsviz:profile",
  debug: "tsviz:debug",
  doctor: "tsviz:doctor",
  explain: "tsviz:explain-error",
  goToLine: "tsviz:go-to-line",
  toggleBreakpoint: "tsviz:toggle-breakpoint",
  showSide: "tsviz:show-side-panel",
  exportHtml: "tsviz:export-html",
  course: "tsviz:course",
} as const;
