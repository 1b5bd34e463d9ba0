/**
 * What is drawn beside its consumer instead of as a box of its own.
 *
 * Constants and attribute accesses are half of the nodes of a TorchScript graph and say nothing
 * about its flow; as boxes they bury it. So they become a few words beside the node that takes
 * them: named by the operator's schema, and left out where they only repeat its default.
 */

import { Role, type GraphModel } from "../model";
import { shortShape } from "../scene/words";

export interface Stub {
  /** Node to select on click. */
  readonly node: number;
  readonly text: string;
}

/** Nodes that are drawn as stubs: constants, attributes, and lists and tuples made of those only. */
export function findStubs(graph: GraphModel): Uint8Array {
  const stubs = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    const role = graph.role(node);
    if (role === Role.constant || role === Role.attribute) stubs[node] = 1;
    else if (role === Role.plumbing && !isMutated(graph, node))
      stubs[node] = graph.inputs(node).every((v) => stubs[graph.producer(v)] === 1) ? 1 : 0;
  }
  return stubs;
}

const MUTATORS =
  /^aten::(append|extend|insert|pop|clear|remove|reverse|sort|update|_set_item|Delete)$/;

/** Nodes that put something into a list or dictionary they take. */
export function mutatorsOf(graph: GraphModel, value: number): number[] {
  return graph
    .users(value)
    .filter((user) => MUTATORS.test(graph.op(user)) && graph.inputs(user)[0] === value);
}

/** Whether something is put into what the node made: such a list has a flow of its own. */
function isMutated(graph: GraphModel, node: number): boolean {
  return graph.outputs(node).some((value) => mutatorsOf(graph, value).length > 0);
}

/** The text of a stub's value: `3`, `[1, 1]`, `weight`. */
export function stubText(graph: GraphModel, value: number): string {
  const node = graph.producer(value);
  if (node < 0) return graph.valueName(value);
  const attributes = graph.attributes(node);
  if (graph.role(node) === Role.attribute)
    return /name="?([^"\]]*)"?/.exec(attributes)?.[1] ?? graph.valueName(value);
  if (graph.role(node) === Role.constant) {
    const text = attributes.replace(/^value=/, "") || "None";
    if (text.startsWith("<Tensor")) return tensorText(graph.observed(value) || text);
    if (!graph.valueType(value).startsWith("bool")) return text;
    return text === "1" ? "True" : text === "0" ? "False" : text;
  }
  const items = graph.inputs(node).map((input) => stubText(graph, input));
  const isTuple = graph.op(node).endsWith("TupleConstruct");
  return isTuple ? `(${items.join(", ")})` : `[${items.join(", ")}]`;
}

/** A tensor by its shape: its text has a hash where a reader wants the size. */
function tensorText(text: string): string {
  const shape = /\w+\[[^\]]*\]/.exec(text)?.[0];
  return shape === undefined ? "tensor" : shortShape(shape);
}

/** How `while` says that its rounds are not counted. */
const UNCOUNTED = "9223372036854775807";

/** Stubs of a node worth their place: attributes first, then constants that differ from defaults. */
export function stubsOf(graph: GraphModel, node: number, isStub: Uint8Array): Stub[] {
  const args = schemaArguments(graph.schema(node));
  const attributes: Stub[] = [];
  const constants: Stub[] = [];
  graph.inputs(node).forEach((value, i) => {
    const producer = graph.producer(value);
    if (producer < 0 || !isStub[producer]) return;
    const text = stubText(graph, value);
    const argument = args[i];
    if (graph.role(producer) === Role.attribute) attributes.push({ node: producer, text });
    else if (text !== "None" && text !== UNCOUNTED && !repeats(text, argument?.fallback))
      constants.push({ node: producer, text: argument ? `${argument.name} ${text}` : text });
  });
  return [...attributes, ...constants];
}

interface Argument {
  readonly name: string;
  readonly fallback: string | undefined;
}

const parsed = new Map<string, Argument[]>();

/** Names and defaults of a schema such as `aten::add.Tensor(Tensor self, *, Scalar alpha=1) -> Tensor`. */
export function schemaArguments(schema: string): readonly Argument[] {
  let known = parsed.get(schema);
  if (!known) {
    const list = /\((.*)\)\s*->/.exec(schema)?.[1] ?? "";
    known = splitTopLevel(list)
      .filter((part) => part !== "" && part !== "*")
      .map((part) => {
        const [declared = "", fallback] = part.split("=", 2);
        return { name: declared.trim().split(/\s+/).at(-1) ?? "", fallback };
      });
    parsed.set(schema, known);
  }
  return known;
}

function splitTopLevel(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < list.length; i++) {
    const c = list[i];
    if (c === "(" || c === "[") depth++;
    else if (c === ")" || c === "]") depth--;
    else if (c === "," && depth === 0) {
      parts.push(list.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(list.slice(from).trim());
  return parts;
}

/** Whether `text` is what the default says; `stride=1` stands for `[1, 1]` too. */
function repeats(text: string, fallback: string | undefined): boolean {
  if (fallback === undefined) return false;
  const items = /^\[(.+)\]$/.exec(text)?.[1]?.split(", ") ?? [text];
  const plain = (word: string) => word.replace(/\.0*$/, "").toLowerCase();
  return plain(text) === plain(fallback) || items.every((item) => plain(item) === plain(fallback));
}
