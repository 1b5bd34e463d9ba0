/** Time by what holds what: modules, or the call stacks of Python; as icicle or as treemap. */

import { known, levelOf } from "../model";
import type { Target } from "../measured";
import { shortAmount, shortShare } from "../scene/words";
import { grouped, strings } from "../strings";
import { brief, layoutOf, plain, type Chart, type Palette, type Picture } from "./chart";
import { amountCell, graphWith, nameOf, shareCell, type Measured } from "./naming";

export type Nesting = "modules" | "stacks";

/** So many are drawn at most, those with the most time. */
const MOST = 1500;

interface Branch {
  readonly label: string;
  readonly parent: Branch | null;
  readonly children: Map<string, Branch>;
  readonly depth: number;
  target: Target | null;
  amount: number;
  /** The line of an op, in short. */
  place: string;
}

export function treeChart(
  measured: Measured,
  shape: "icicle" | "treemap",
  nesting: Nesting,
): Chart {
  const { measure, profile } = measured;
  const branches = flatten(grow(measured, nesting));
  const whole = profile.whole(measure);
  const drawn = largest(branches);
  return {
    label: strings.treeOf(strings.nestings[nesting], strings.measures[measure]),
    note: "",
    hint:
      drawn.length < branches.length
        ? strings.smallLeftOut(grouped(branches.length - drawn.length))
        : strings.treeHow,
    columns: [strings.what, strings.where, strings.measures[measure], strings.share],
    rows: branches.map(({ label, place, depth, amount, target }) => ({
      cells: [
        "\u2003".repeat(depth) + label,
        place,
        amountCell(measure, amount),
        shareCell(amount, whole),
      ],
      target,
    })),
    draw: drawn.length > 1 ? (palette) => draw(measured, shape, branches, drawn, palette) : null,
  };
}

function draw(
  { measure, profile }: Measured,
  shape: "icicle" | "treemap",
  branches: readonly Branch[],
  drawn: readonly Branch[],
  palette: Palette,
): Picture {
  const whole = profile.whole(measure);
  const rows = new Map(branches.map((branch, row) => [branch, row]));
  const words = drawn.map(({ amount }) =>
    plain(`${shortAmount(measure, amount)} · ${shortShare(amount, whole)}`),
  );
  const trace = {
    type: shape,
    ids: drawn.map((branch) => String(rows.get(branch))),
    parents: drawn.map(({ parent }) => (parent ? String(rows.get(parent)) : "")),
    labels: drawn.map(({ label }) => brief(label, 60)),
    values: drawn.map(({ amount }) => amount),
    customdata: drawn.map((branch) => rows.get(branch)),
    branchvalues: "total",
    sort: shape === "treemap",
    text: drawn.map(({ amount }) => plain(shortShare(amount, whole))),
    textinfo: "label+text",
    hovertext: drawn.map(({ label, place }, i) =>
      [label, place].map(plain).concat(words[i]!).filter(Boolean).join("<br>"),
    ),
    hoverinfo: "text",
    marker: {
      colors: drawn.map(({ amount }) => palette.heat[levelOf(amount, whole)]),
      line: { color: palette.ground, width: 1 },
      ...(shape === "treemap" ? { pad: { t: 20, l: 3, r: 3, b: 3 } } : {}),
    },
    textfont: { color: palette.ink, size: 11.5 },
    pathbar: { visible: true, textfont: { color: palette.ink, size: 11 } },
    tiling: shape === "icicle" ? { orientation: "v", pad: 1 } : { packing: "squarify", pad: 2 },
  };
  return {
    traces: [trace],
    layout: layoutOf(palette, {
      margin: { l: 8, r: 8, t: 4, b: 8 },
      uniformtext: { minsize: 9, mode: "hide" },
    }),
  };
}

// ── growing ─────────────────────────────────────────────────────────────────────────────────────

function branchOf(label: string, parent: Branch | null): Branch {
  const depth = parent ? parent.depth + 1 : 0;
  return { label, parent, children: new Map(), depth, target: null, amount: 0, place: "" };
}

function child(parent: Branch, key: string, label: string): Branch {
  let found = parent.children.get(key);
  if (!found) parent.children.set(key, (found = branchOf(label, parent)));
  return found;
}

function grow(measured: Measured, nesting: Nesting): Branch {
  const { profile, document, measure } = measured;
  const { nodes, node_shares } = profile.payload;
  const root = branchOf(document.payload.title, null);
  nodes.forEach((id, row) => {
    const amount = known(profile.amountOf(node_shares, row, measure));
    if (amount <= 0) return;
    const graph = graphWith(measured, id);
    const node = graph?.nodeOf(id) ?? -1;
    const { op, place, module } = nameOf(graph, node);
    let at = root;
    if (nesting === "modules") at = moduleBranch(root, module);
    else if (graph) at = stackBranch(measured, root, graph.payload.nodes.frame[node]!);
    const label = op.replace(/^(aten|prim)::/, "");
    const leaf = child(at, `op ${label} ${place}`, label || strings.noNode);
    leaf.place = place;
    const numbers = leaf.target?.kind === "nodes" ? leaf.target.numbers : [];
    if (id >= 0) leaf.target = { kind: "nodes", plan: -1, numbers: [...numbers, id] };
    for (let branch: Branch | null = leaf; branch; branch = branch.parent) branch.amount += amount;
  });
  return root;
}

function moduleBranch(root: Branch, path: string): Branch {
  let at = root;
  const names = path === "" ? [] : path.split(".");
  names.forEach((name, i) => {
    at = child(at, `module ${name}`, name);
    at.target ??= { kind: "module", path: names.slice(0, i + 1).join(".") };
  });
  return at;
}

function stackBranch({ document }: Measured, root: Branch, frame: number): Branch {
  let at = root;
  for (const { id, file, line, function: name } of document.stack(frame).reverse()) {
    at = child(
      at,
      `frame ${file}:${line} ${name}`,
      [name, document.place(id)].filter(Boolean).join("  "),
    );
    at.target ??= { kind: "line", file, line };
  }
  return at;
}

/** Each branch before its children, the longest of these first. */
function flatten(root: Branch): Branch[] {
  const found: Branch[] = [];
  const visit = (branch: Branch) => {
    found.push(branch);
    [...branch.children.values()].sort((a, b) => b.amount - a.amount).forEach(visit);
  };
  visit(root);
  return found;
}

/** Those with the most time; whatever one of them stands in is among them. */
function largest(branches: readonly Branch[]): readonly Branch[] {
  if (branches.length <= MOST) return branches;
  const least = branches.map(({ amount }) => amount).sort((a, b) => b - a)[MOST - 1]!;
  return branches.filter(({ amount }) => amount > least);
}
