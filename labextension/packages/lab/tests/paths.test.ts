import { describe, expect, it } from "vitest";

import { contentsPath } from "../src/paths";

describe("the path of a file in Jupyter", () => {
  it.each([
    ["/srv/a/model.py", "/srv", "a/model.py"],
    ["/srv/a/model.py", "/srv/", "a/model.py"],
    ["/srv/model.py", "/", "srv/model.py"],
    ["/elsewhere/srv/model.py", "/srv", ""],
    ["/srvs/model.py", "/srv", ""],
    ["/home/me/srv/model.py", "~/srv", "model.py"],
    ["/home/me/model.py", "", ""],
  ])("of %s below %s is %s", (path, root, expected) => {
    expect(contentsPath(path, root)).toBe(expected);
  });
});
