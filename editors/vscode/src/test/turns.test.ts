import * as assert from "node:assert";
import { test } from "node:test";

import { Turns } from "../turns";

test("nothing begins before what came before it is done", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const action = (name: string, fails: boolean) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`${name} ends`);
    if (fails) {
      throw new Error(name);
    }
  };
  const first = turns.take(action("first", true));
  const second = turns.take(action("second", false));
  await assert.rejects(first, /first/);
  await second;
  assert.deepStrictEqual(seen, ["first begins", "first ends", "second begins", "second ends"]);
});
