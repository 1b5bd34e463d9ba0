import { describe, expect, it } from "vitest";

import { LiveTransport, RequestError, StaticTransport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { readFixture } from "./fixtures";

const open = () => {
  const model = new TestModel();
  return { model, transport: new LiveTransport(model, "0.1.0") };
};

describe("the live transport", () => {
  it("greets, asks, and joins the chunks of a blob in order", async () => {
    const { model, transport } = open();
    expect(model.sent[0]).toEqual({ type: "hello", protocol: 1, package: "0.1.0" });
    const { document, blob } = readFixture("detector");
    const answer = transport.request("document", {});
    const id = model.lastRequest("document")!["id"] as string;
    const half = blob.length >> 1;
    model.receive({ type: "chunk", id, n: 1, of: 2 }, blob.subarray(half));
    model.receive({ type: "reply", id, revision: 3, payload: document, error: null, chunks: 2 });
    model.receive({ type: "chunk", id, n: 0, of: 2 }, blob.subarray(0, half));
    const { result } = await answer;
    expect(result.title).toBe("Detector");
    expect(result.graphs[0]!.nodes.op.length).toBeGreaterThan(50);
  });

  it("rejects with the diagnostic, or with what is wrong in the reply", async () => {
    const { model, transport } = open();
    const error = { code: "TSV-P01", severity: "error", message: "no weight of that name" };
    const first = transport.request("weight", { name: "nope" });
    model.receive({
      ...{ type: "reply", id: model.lastRequest("weight")!["id"], revision: 1, payload: null },
      ...{ error: { ...error, file: -1, line: -1, notes: [], help: "see weights" }, chunks: 0 },
    });
    await expect(first).rejects.toMatchObject({ code: "TSV-P01", help: "see weights" });
    const second = transport.request("weight", { name: "w" });
    const id = model.lastRequest("weight")!["id"];
    model.receive({ type: "reply", id, revision: 1, payload: {}, error: null, chunks: 0 });
    await expect(second).rejects.toThrow("weight.minimum: expected a number, got nothing");
  });

  it("shows pending requests, and cancels one", async () => {
    const { model, transport } = open();
    const seen: string[] = [];
    transport.onPending((pending) => seen.push(pending.map((p) => p.kind + p.progress).join()));
    const answer = transport.request("observe", {});
    const id = model.lastRequest("observe")!["id"] as string;
    model.receive({ type: "progress", id, done: 1, total: 4, text: "running" });
    transport.cancel(id);
    await expect(answer).rejects.toThrow("cancelled");
    expect(seen).toEqual(["", "observe", "observerunning 1/4", ""]);
    expect(model.sent.at(-1)).toEqual({ type: "cancel", id });
  });

  it("knows that the kernel has gone when a message was dealt with in silence", async () => {
    const { model, transport } = open();
    const connected: boolean[] = [];
    transport.onConnection((is) => connected.push(is));
    const first = transport.request("weight", { name: "w" });
    model.receive({
      type: "progress",
      id: model.lastRequest("weight")!["id"],
      done: 1,
      total: 2,
      text: "half",
    });
    model.finish();
    expect(connected).toEqual([true]);
    const second = transport.request("observe", {});
    model.finish();
    await expect(second).rejects.toThrow("the kernel has gone");
    await expect(first).rejects.toThrow("the kernel has gone");
    expect(connected).toEqual([true, false]);
  });

  it("ignores replies to another view and fails what is pending when the kernel goes", async () => {
    const { model, transport } = open();
    const answer = transport.request("document", {});
    model.receive({ type: "reply", id: "v0/1", revision: 9, payload: {}, error: null, chunks: 0 });
    model.emit("comm:close");
    await expect(answer).rejects.toBeInstanceOf(RequestError);
  });

  it("leaves no listener behind", () => {
    const { model, transport } = open();
    expect(model.listenerCount).toBe(3);
    transport.dispose();
    expect(model.listenerCount).toBe(0);
  });
});

it("the transport of a file says that there is no kernel", async () => {
  await expect(new StaticTransport().request()).rejects.toThrow("no kernel is connected");
});
