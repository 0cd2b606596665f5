import assert from "node:assert/strict";
import { test } from "node:test";

import { checkOptions } from "./types.mjs";

const api = { getClientSecret: { $function: "getClientSecret" } };

test("options as a page captures them are valid, functions and all", async () => {
  assert.deepEqual(
    await checkOptions({
      captured: { api, theme: { colorScheme: "dark" } },
      real: { api: { getClientSecret: () => {} } },
    }),
    [],
  );
});

test("an unknown key, a wrong value and a missing key are diagnostics that name the case and the line", async () => {
  const diagnostics = await checkOptions({
    fine: { api },
    unknown: { api, startScreen: { prompts: [{ label: "A", prompt: "a", name: "x" }] } },
    wrong: { api, theme: { radius: "md" } },
    missing: { api: { url: "/chatkit" } },
    stub: { api, frameTitle: () => {} },
    undefined: { api, locale: undefined },
  });
  assert.deepEqual(
    diagnostics.map(({ name, source }) => [name, source]),
    [
      ["unknown", '"name": "x",'],
      ["wrong", '"radius": "md",'],
      ["missing", '"api": {'],
      ["stub", '"frameTitle": (...args: any[]): any => args,'],
      ["undefined", "export const options: ChatKitOptions = {"],
    ],
  );
  assert.match(diagnostics[0].message, /name.* does not exist in type 'StartScreenPrompt'/);
  assert.match(diagnostics[0].code, /^TS\d+$/);
});

test("complete options leave nothing out", async () => {
  const [diagnostic, ...more] = await checkOptions({ small: { api } }, { complete: true });
  assert.match(diagnostic.message, /missing the following properties.*locale, theme/);
  assert.deepEqual(more, []);
});
