/** What a profile says of a node, a scope or a line. */

import { button, h } from "../../dom";
import type { Measure, Profile } from "../../model";
import { sampleTarget } from "../../plots/naming";
import { perRun } from "../../plots/top";
import {
  heatWords,
  shortAmount,
  shortBytes,
  shortNumber,
  shortShare,
  shortTime,
} from "../../scene/words";
import { counted, strings } from "../../strings";
import type { Context } from "./context";
import { facts, muted, section } from "./sections";

type Fact = readonly [string, string];

/** A number in words; "" where it is not known. */
const words = (number: number, say: (known: number) => string) =>
  Number.isNaN(number) ? "" : say(number);

export function profileOfNode(context: Context, node: number): Node[] {
  const { graph } = context;
  const { profile } = graph.document;
  if (!profile) return [];
  const id = graph.id(node);
  const isPlan = profile.plan === graph;
  const row = isPlan ? profile.sampleOf.get(id) : profile.shareOf.get(id);
  if (row === undefined || !profile.heatOf(graph, profile.first)) return [];
  const rows = isPlan ? [row] : plannedAs(profile, id);
  const list = isPlan ? sampleFacts(profile, row) : shareFacts(profile, row);
  return section(strings.measuredHere, h("div", {}, facts(list), ways(context, rows)));
}

/** Times of the node's own ops, and what else is known of it in the plan. */
function sampleFacts(profile: Profile, row: number): Fact[] {
  const { samples } = profile.payload;
  const each = (column: ArrayLike<number>) => column[row]! / profile.runs;
  const taken = samples.taken[row]!;
  return [
    ...profile.measures.map((measure) =>
      amountFact(profile, measure, profile.amountOfSample(row, measure)),
    ),
    [strings.median, words(samples.median[row]!, shortTime)],
    [
      strings.quartiles,
      words(samples.low[row]!, (low) => `${shortTime(low)} – ${shortTime(samples.high[row]!)}`),
    ],
    [strings.withInner, words(each(samples.total_ns), shortTime)],
    [strings.calls, words(each(samples.calls), perRun)],
    [strings.branches, words(taken, () => strings.wentWays(taken, samples.not_taken[row]!))],
    [strings.roundsARun, words(each(samples.iterations), perRun)],
    [strings.peak, words(samples.peak[row]!, shortBytes)],
    [strings.flopRate, words(samples.rate[row]!, (rate) => `${shortNumber(rate)}FLOP/s`)],
    [strings.ofRoof, words(samples.roof[row]!, (percent) => `${percent.toPrecision(2)}%`)],
    [strings.marked, words(each(samples.marked_self_ns), shortTime)],
  ];
}

function shareFacts(profile: Profile, row: number): Fact[] {
  const { node_shares } = profile.payload;
  return [
    ...profile.measures.map((measure) =>
      amountFact(profile, measure, profile.amountOf(node_shares, row, measure)),
    ),
    [strings.calls, words(node_shares.calls[row]! / profile.runs, perRun)],
    [strings.isShared, node_shares.shared[row] ? strings.sharedHow : ""],
  ];
}

function amountFact(profile: Profile, measure: Measure, amount: number): Fact {
  const share = words(amount, (known) => shortShare(known, profile.whole(measure)));
  const said = [shortAmount(measure, amount), share].filter((part) => part !== "");
  return [strings.measures[measure], said.join(" · ")];
}

/** Rows of the samples that stand for a node of the program. */
function plannedAs({ payload }: Profile, id: number): number[] {
  const { node, origins_at, origins } = payload.samples;
  return [...node.keys()].filter((row) =>
    origins.subarray(origins_at[row], origins_at[row + 1]).includes(id),
  );
}

/** From a node of the program to those of the plan, and back. */
function ways({ graph, store }: Context, rows: readonly number[]): Node | null {
  const profile = graph.document.profile!;
  const isPlan = profile.plan === graph;
  const links = rows.flatMap((row) => {
    const target = sampleTarget(profile, row);
    if (isPlan && target.numbers.length === 0) return [];
    const there = isPlan ? 0 : profile.payload.graph;
    const label = isPlan
      ? strings.inProgram(counted(target.numbers.length, strings.node))
      : strings.inPlan(profile.plan.op(profile.plan.nodeOf(target.plan)));
    const go = () => {
      store.dispatch({ type: "showGraph", graph: there });
      store.dispatch({ type: "measured", target });
    };
    return [h("li", {}, button(label, go, { class: "tsv-link" }))];
  });
  return links.length > 0 ? h("ul", {}, ...links) : null;
}

export function profileOfContainer({ graph }: Context, container: number): Node[] {
  const { profile } = graph.document;
  const list = (profile?.measures ?? []).flatMap((measure): Fact[] => {
    const heat = profile!.heatOf(graph, measure);
    const amount = heat?.containers[container] ?? NaN;
    return heat
      ? [[strings.measures[measure], words(amount, (known) => heatWords(heat, known))]]
      : [];
  });
  return section(strings.measuredHere, facts(list));
}

export function profileOfLine({ graph }: Context, file: number, line: number): Node[] {
  const { profile } = graph.document;
  if (!profile) return [];
  const list = profile.measures.flatMap((measure): Fact[] => {
    const heat = profile.lineHeat(file, line, measure);
    if (!heat) return [];
    const through =
      heat.through > heat.own
        ? ` (${amountFact(profile, measure, heat.through)[1]} ${strings.withCalls})`
        : "";
    const [name, own] = amountFact(profile, measure, heat.own);
    return [[name, own + through]];
  });
  return section(
    strings.measuredHere,
    list.length > 0 ? h("div", {}, facts(list), muted(strings.inOneRun)) : null,
  );
}
