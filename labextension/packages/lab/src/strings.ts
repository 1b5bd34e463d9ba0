/** Every text of the extension, in one place. */

import { COMMANDS } from "./ids";

/** Label and caption of each command. */
const COMMAND_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  [COMMANDS.explore]: ["Explore variable …", "Shows what PyTorch makes of a model or a call"],
  [COMMANDS.exploreCell]: [
    "Explore what this cell compiles",
    "Runs the cell's code once more, in a cell below, and explores its last expression",
  ],
  [COMMANDS.compare]: [
    "Compare traced and scripted …",
    "Searches for inputs on which the variants differ from the Python code",
  ],
  [COMMANDS.profile]: ["Profile …", "Measures where a call spends its time"],
  [COMMANDS.debug]: ["Debug …", "Steps through a call, node by node"],
  [COMMANDS.doctor]: ["Diagnose …", "Names what stops a model from being scripted"],
  [COMMANDS.explain]: ["Explain last error", "Leads from PyTorch's message to your own line"],
  [COMMANDS.goToLine]: [
    "Go to line of selected node",
    "Shows the line in its cell, or opens its file",
  ],
  [COMMANDS.toggleBreakpoint]: [
    "Toggle breakpoint",
    "Sets a breakpoint at the line of the cursor, or takes it away; begins to step where nothing is",
  ],
  [COMMANDS.showSide]: ["Show side panel", "Outline, findings, breakpoints and watches"],
  [COMMANDS.exportHtml]: ["Export HTML", "Saves the explorer as a page that opens offline"],
  [COMMANDS.course]: [
    "TorchScript course",
    "Copies the notebooks that are not there yet into this folder, and opens the first",
  ],
};

export const strings = {
  factory: "TorchScript explorer",
  fileType: "TorchScript model",
  starting: "Waiting for the kernel that reads the file …",
  noKernel: "A kernel reads the file, and none is running",
  noKernelHelp: "choose a Python kernel whose environment has tsviz",
  notPython: (kernel: string, language: string) =>
    `Reading the file takes a Python kernel, and \`${kernel}\` runs ${language}`,
  missing: (kernel: string) => `tsviz is not installed where the kernel \`${kernel}\` runs`,
  missingHelp: (version: string) =>
    `run \`%pip install tsviz==${version}\` in a notebook with that kernel, or choose another kernel`,
  older: (kernel: string) =>
    `The kernel \`${kernel}\` has a tsviz that is older than the extension in JupyterLab`,
  unusable: (kernel: string) => `tsviz does not start in the kernel \`${kernel}\``,
  unusableHelp: "run `%tsdebug --env` in a notebook with that kernel, or choose another kernel",
  dead: (kernel: string) => `The kernel \`${kernel}\` has died`,
  deadHelp: "try again, which starts it anew; if the file is what ends it, report that",
  otherVersion: (kernel: string, own: string) =>
    `the kernel has tsviz ${kernel}, JupyterLab's extension is of ${own}: install one version on both sides`,
  chooseKernel: "Choose a kernel …",
  again: "Try again",
  changed: (name: string) => `${name} has changed on disk since it was opened`,
  gone: (name: string) => `${name} is no longer there; what is shown was read before`,
  reload: "Reload",
  reloadAndCompare: "Reload and compare",
  dismiss: "Dismiss",
  run: "Load and run …",
  runTitle: "Load this file into its kernel?",
  runWords: (name: string) =>
    `Loading ${name} runs whatever code it holds, with all that you may do on this machine. It is loaded this once; what is only looked at runs nothing.`,
  runDo: "Load and run",
  cancel: "Cancel",
  compareFiles: "Compare with …",
  compareFilesHow: "Lays two model files beside each other",
  chooseFiles: (count: number) =>
    count === 1 ? "Compare with which model file?" : "Compare which two model files?",
  commands: COMMAND_WORDS,
  // Jupyter cuts what is longer than 140 letters.
  blobsForbidden:
    "Explorers in cells need `blob:` in the `script-src` of this page's content security policy. Model files open without.",
  launcherCategory: "Other", // Jupyter's own name of the section
  courseCopied: (count: number, folder: string) =>
    `${count === 1 ? "1 notebook" : `${count} notebooks`} copied into ${folder}`,
  courseMissing: (name: string, status: number) =>
    `Jupyter did not hand out ${name} (${status}): install tsviz anew where Jupyter runs`,
  courseFailed: (folder: string) => `The course could not be copied into ${folder}`,
  side: "TorchScript",
  noExplorer: "No explorer is open: run `%tsdebug model(x)`, or open a model file",
  noExplorerIn: (place: string) => `No explorer in ${place}: run \`%tsdebug model(x)\` in it`,
  explorerStarts: "The explorer is on its way",
  methods: "Methods",
  outline: "Outline",
  passes: "Passes",
  noPasses: "none recorded: Passes in the explorer records them",
  findings: "Diagnostics",
  breakpoints: "Breakpoints",
  watches: "Watches",
  none: "none",
  noBreakpoints: "none: click beside a line, or use the command Toggle breakpoint",
  noWatches: "none: add one in the explorer, under Debug",
  setBreakpoint: "Set a breakpoint",
  showFound: "Click to show it in the explorer",
  noBreakpoint: (reason: string) => `No breakpoint: ${reason}`,
  cannot: (what: string, reason: string) => `${what}: ${reason}`,
  goToLine: "Go to line",
  nodes: (count: number) => (count === 1 ? "1 node" : `${count} nodes`),
  moreScopes: (count: number) => `… ${count} more: unfold them in the explorer`,
  noLine: "Nothing with a line is selected in the explorer",
  elsewhere: (title: string, line: number) =>
    `${title}:${line} is not the file that Jupyter has: its text as it was captured stands in the explorer`,
  targetLabel: "a call, a variable or the path of a file",
  targetExample: "model(x)",
};
