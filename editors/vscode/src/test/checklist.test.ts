import * as assert from "node:assert";
import { test } from "node:test";

import { checklist } from "../checklist";

test("a box for each file, ticked where nothing was found", () => {
  const file = (name: string, isDockerfile: boolean, findings: number) => ({ uri: `file:///p/${name}`, name, isDockerfile, findings });
  assert.strictEqual(
    checklist([file("Dockerfile", true, 2), file("a_b.py", false, 0), file("c.py", false, 1)]),
    "# What seatrial checks\n\n## Dockerfiles\n\n- [ ] [Dockerfile](file:///p/Dockerfile): 2 findings\n" +
      "\n## Files that they lead to\n\n- [x] [a\\_b.py](file:///p/a_b.py)\n- [ ] [c.py](file:///p/c.py): 1 finding\n",
  );
  assert.match(checklist([]), /No Dockerfile/);
});
