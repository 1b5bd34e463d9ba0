/// <reference types="node" />
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DocumentModel } from "../src/model";

export interface Fixture {
  document: Record<string, unknown>;
  blob: Uint8Array;
}

export function readFixture(name: string): Fixture {
  const path = join(import.meta.dirname, "fixtures", `${name}.json`);
  const { document, blob } = JSON.parse(readFileSync(path, "utf8")) as {
    document: Record<string, unknown>;
    blob: string;
  };
  return { document, blob: new Uint8Array(Buffer.from(blob, "base64")) };
}

export function readDocument(name: string): DocumentModel {
  const { document, blob } = readFixture(name);
  return DocumentModel.decode(document, blob);
}

/** The first node with the op. */
export function nodeOf(document: DocumentModel, op: string): number {
  const graph = document.graphs[0]!;
  for (let node = 0; node < graph.nodeCount; node++) if (graph.op(node) === op) return node;
  throw new Error(`no ${op}`);
}

/** The first container with the label. */
export function containerOf(document: DocumentModel, label: string): number {
  const graph = document.graphs[0]!;
  for (let c = 0; c < graph.containerCount; c++) if (graph.label(c) === label) return c;
  throw new Error(`no container ${label}`);
}
