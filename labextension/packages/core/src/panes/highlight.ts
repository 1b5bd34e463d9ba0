/** Colours for Python, by the parser that CodeMirror uses, without CodeMirror. */

import { h } from "../dom";
import type { Tree } from "@lezer/common";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { parser } from "@lezer/python";

export interface Token {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

const highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], class: "keyword" },
  {
    tag: [
      tags.function(tags.definition(tags.variableName)),
      tags.definition(tags.className),
      tags.meta,
    ],
    class: "function",
  },
  { tag: [tags.number, tags.string, tags.bool, tags.null], class: "literal" },
  { tag: [tags.comment, tags.docString], class: "comment" },
]);

const SLICE_MS = 8;

/**
 * Parses a long text in slices between which the page answers the user.
 * @param goOn asked before each slice; nothing more happens once it is false
 */
export function parsePython(text: string, goOn: () => boolean, done: (tree: Tree) => void): void {
  const parse = parser.startParse(text);
  const slice = () => {
    if (!goOn()) return;
    const end = performance.now() + SLICE_MS;
    do {
      const tree = parse.advance();
      if (tree) {
        done(tree);
        return;
      }
    } while (performance.now() < end);
    setTimeout(slice);
  };
  slice();
}

/** Tokens of one line, with columns in characters. */
export function tokenisePython(line: string): Token[] {
  return tokensIn(parser.parse(line), 0, line.length);
}

/** Tokens of a part of a parsed text, with columns from the start of the part. */
export function tokensIn(tree: Tree, start: number, end: number): Token[] {
  const tokens: Token[] = [];
  const put = (from: number, to: number, name: string) =>
    tokens.push({ from: Math.max(from, start) - start, to: Math.min(to, end) - start, name });
  highlightTree(tree, highlighter, put, start, end);
  return tokens.filter(({ from, to }) => from < to);
}

const IR =
  /(?<value>%[\w.]+)|(?<literal>"(?:[^"\\]|\\.)*"|\b-?\d[\d.e+-]*\b)|(?<comment># .*$)|(?<function>\b[a-z_]\w*::\w+)|(?<keyword>\bblock\d+|\bgraph\b|\breturn\b|->)/g;

/** Tokens of one row of IR text. */
export function tokeniseIr(row: string): Token[] {
  const tokens: Token[] = [];
  for (const match of row.matchAll(IR)) {
    const groups = Object.entries<string | undefined>(match.groups ?? {});
    const [name] = groups.find(([, text]) => text !== undefined) ?? [""];
    tokens.push({ from: match.index, to: match.index + match[0].length, name });
  }
  return tokens;
}

/** A row of text with its tokens as spans, and a range of it marked. */
export function colouredText(
  text: string,
  tokens: readonly Token[],
  mark: { from: number; to: number } | null = null,
): Node[] {
  const cuts = new Set([0, text.length]);
  for (const { from, to } of tokens)
    cuts.add(Math.min(from, text.length)).add(Math.min(to, text.length));
  if (mark) cuts.add(Math.min(mark.from, text.length)).add(Math.min(mark.to, text.length));
  const places = [...cuts].sort((a, b) => a - b);
  const nodes: Node[] = [];
  for (let i = 0; i + 1 < places.length; i++) {
    const [from, to] = [places[i]!, places[i + 1]!];
    const name = tokens.find((token) => token.from <= from && to <= token.to)?.name;
    const marked = mark !== null && mark.from <= from && to <= mark.to;
    const piece = new Text(text.slice(from, to));
    if (name === undefined && !marked) {
      nodes.push(piece);
      continue;
    }
    const span = h(marked ? "mark" : "span");
    if (name !== undefined) span.className = `tsv-tk-${name}`;
    span.append(piece);
    nodes.push(span);
  }
  return nodes;
}
