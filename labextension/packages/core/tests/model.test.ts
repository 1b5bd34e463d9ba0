import { describe, expect, it } from "vitest";

import { DocumentModel, ProtocolVersionError } from "../src/model";
import { containerOf, nodeOf, readDocument, readFixture } from "./fixtures";

const document = readDocument("detector");
const graph = document.graphs[0]!;

describe("a document written by Python", () => {
  it("keeps names, schemas and links", () => {
    const conv = nodeOf(document, "aten::conv2d");
    expect(document.payload.title).toBe("Detector");
    expect(graph.shortOp(conv)).toBe("conv2d");
    expect(graph.schema(conv)).toMatch(/^aten::conv2d\(Tensor input/);
    expect(graph.how(conv)).toBe("call");
    expect(graph.observed(graph.outputs(conv)[0]!)).toBe("f32[1, 16, 64, 64]");
  });

  it("unpacks a weight and finds weights by name and by module", () => {
    const { weights } = document;
    expect(weights.get(0).stats).toMatchObject({ minimum: -0.19, zeros: 0 });
    expect(weights.get(1)).toMatchObject({ name: "blocks.0.conv.weight", stats: null });
    expect(weights.named(new Set(["head.weight", "no", "stem.weight"]))).toEqual([0, 9]);
    expect(weights.below("blocks.1")).toEqual([3, 4]);
    expect(weights.below("block")).toEqual([]);
  });

  it("reads a blob that does not start at a multiple of eight", () => {
    const { document: raw, blob } = readFixture("detector");
    const shifted = new Uint8Array(blob.length + 3);
    shifted.set(blob, 3);
    const copy = DocumentModel.decode(raw, shifted.subarray(3));
    expect(copy.graphs[0]!.nodeCount).toBe(graph.nodeCount);
    expect([...copy.graphs[0]!.payload.nodes.op]).toEqual([...graph.payload.nodes.op]);
  });

  it("shows first the library's file in which most nodes stand, where none is the user's", () => {
    const { document: raw, blob } = readFixture("detector");
    const files = raw["files"] as Record<string, unknown>[];
    const nameless = { ...files[0], text: { ...(files[0]!["text"] as object), rows: 0 } };
    for (const file of files) file["library"] = true;
    files.push({ ...nameless, library: true, title: "printed: code.py" });
    const copy = DocumentModel.decode(raw, blob);
    expect(copy.firstFile()).toBe(document.firstFile());
    expect(copy.payload.files.at(-1)!.title).toBe("printed: code.py");
  });

  it("names the path of a mistyped field", () => {
    const { document: raw, blob } = readFixture("detector");
    const files = raw["files"] as Record<string, unknown>[];
    files[1]!["library"] = "yes";
    expect(() => DocumentModel.decode(raw, blob)).toThrow(
      "document.files[1].library: expected a boolean, got string",
    );
  });

  it("names the path of a missing field and of a column outside the blob", () => {
    const { document: raw, blob } = readFixture("detector");
    expect(() => DocumentModel.decode(raw, blob.subarray(0, 8))).toThrow(
      /^document\.files\[0\]\.text\.blocks.*: expected a column inside the blob of 8 bytes/,
    );
    delete raw["title"];
    expect(() => DocumentModel.decode(raw, blob)).toThrow(
      "document.title: expected a string, got nothing",
    );
  });

  it("ignores an unknown field and refuses another version", () => {
    const { document: raw, blob } = readFixture("empty");
    expect(DocumentModel.decode({ ...raw, later: 1 }, blob).payload.title).toBe("Identity");
    expect(() => DocumentModel.decode({ ...raw, schema: 2 }, blob)).toThrow(ProtocolVersionError);
  });
});

describe("indexes", () => {
  it("find users of a value, each once and in text order", () => {
    const pooled = graph.outputs(nodeOf(document, "aten::mean"))[0]!;
    expect(graph.users(pooled).map((node) => graph.op(node))).toEqual([
      "aten::linear",
      "aten::linear",
    ]);
  });

  it("put an If beside its siblings and its body into its container", () => {
    const branch = nodeOf(document, "prim::If");
    const container = graph.containerOf(branch);
    expect(graph.label(container)).toBe("if score.max() > self.threshold");
    expect(graph.home(branch)).toBe(graph.parent(container));
    expect(graph.ownNodes(graph.parent(container))).not.toContain(branch);
    expect(graph.children(container).map((c) => graph.label(c))).toEqual(["then", "else"]);
    expect(graph.blocksOf(branch)).toHaveLength(2);
  });

  it("count nodes of containers, all in all those of the graph", () => {
    expect(graph.size(0)).toBe(graph.nodeCount);
    const head = containerOf(document, "head");
    expect(graph.size(head)).toBe(4);
    expect(graph.nodesIn(head)).toHaveLength(4);
  });

  it("know identical containers", () => {
    const block = containerOf(document, "0");
    expect(graph.alike(block).map((c) => graph.label(c))).toEqual(["1", "2", "3"]);
    expect(graph.alike(containerOf(document, "stem"))).toEqual([]);
  });

  it("find the innermost node of a text row", () => {
    for (let node = 0; node < graph.nodeCount; node++)
      expect(graph.nodeAtRow(graph.payload.nodes.text_line[node]!)).toBe(node);
    expect(graph.nodeAtRow(0)).toBe(-1);
    const sigmoid = graph.payload.nodes.text_line[nodeOf(document, "aten::sigmoid")]!;
    expect(graph.text.row(sigmoid)).toContain("%score : Tensor = aten::sigmoid(");
  });
});

describe("lines", () => {
  const line = (text: string) =>
    document
      .source(0)
      .all()
      .findIndex((row) => row.includes(text)) + 1;

  it("count nodes of the line itself and those called from it", () => {
    const nms = line("keep = self.nms(boxes, score)");
    const count = graph.lines.count(0, nms)!;
    expect(count.direct).toBe(0);
    expect(count.through).toBe(graph.lines.nodes(0, nms, false).length);
    expect(count.through).toBeGreaterThan(10);
  });

  it("lead from a line to its nodes", () => {
    const found = graph.lines.nodes(0, line("score = self.head(pooled)"), true);
    expect(found.map((node) => graph.op(node))).toContain("aten::sigmoid");
    expect(graph.lines.count(0, line("def nms"))).toBeNull();
  });

  it("give the whole call stack, innermost first", () => {
    const linear = nodeOf(document, "aten::linear");
    const stack = document.stack(graph.payload.nodes.frame[linear]!);
    expect(stack.map((frame) => document.place(frame.id))).toEqual([
      "linear.py:117",
      `detector.py:${line("self.head(pooled)")}`,
    ]);
  });
});
