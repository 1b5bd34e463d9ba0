import { describe, expect, it } from "vitest";

import { contentsPath } from "../src/paths";

describe("the path of a file in Jupyter", () => {
  it.each([
    ["/work/a/model.py", "/work", "a/model.py"],
    ["/work/a/model.py", "/work/", "a/model.py"],
    ["/work/model.py", "/", "work/model.py"],
    ["/elsewhere/work/model.py", "/work", ""],
    ["/workshop/model.py", "/work", ""],
    ["/home/me/work/model.py", "~/work", "model.py"],
    ["/home/me/model.py", "", ""],
  ])("of %s below %s is %s", (path, root, expected) => {
    expect(contentsPath(path, root)).toBe(expected);
  });
});
