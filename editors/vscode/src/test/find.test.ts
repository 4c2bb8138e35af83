import * as assert from "node:assert";
import { test } from "node:test";

import { find } from "../find";

const machine = (files: string[], platform = "linux") => ({ platform, isFile: (path: string) => files.includes(path) });

test("the setting wins", () => {
  const wish = { setting: "/opt/seatrial", folders: ["/work"], isTrusted: true };
  assert.strictEqual(find(wish, machine(["/work/.venv/bin/seatrial"])), "/opt/seatrial");
});

test("then the virtual environment, then PATH", () => {
  const wish = { setting: "", folders: ["/other", "/work"], isTrusted: true };
  assert.strictEqual(find(wish, machine(["/work/venv/bin/seatrial"])), "/work/venv/bin/seatrial");
  assert.strictEqual(find(wish, machine([])), "seatrial");
});

test("nothing of a workspace that is not trusted is started", () => {
  const files = ["/work/.venv/bin/seatrial"];
  assert.strictEqual(find({ setting: "", folders: ["/work"], isTrusted: false }, machine(files)), "seatrial");
  assert.strictEqual(find({ setting: "/work/x", folders: ["/work"], isTrusted: false }, machine(files)), "seatrial");
  assert.strictEqual(find({ setting: "/opt/x", folders: ["/work"], isTrusted: false }, machine(files)), "/opt/x");
});

test("a path of the workspace is one from its first folder on", () => {
  const wish = { setting: "tools/seatrial", folders: ["/work", "/other"], isTrusted: true };
  assert.strictEqual(find(wish, machine([])), "/work/tools/seatrial");
  assert.strictEqual(find({ ...wish, setting: "seatrial" }, machine([])), "seatrial");
});
