// Reads the code that the playground shows for given states, for the .NET test that runs it (Console/Playground/PlaygroundCodeTests.cs).
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test, { after } from "node:test";
import { server, withPage } from "../browser.js";
import { toFragment } from "../../../src/Tramontane.Server/Console/Assets/playground/share.js";

/** @type {{name: string, server: string, setup: object, messages: object[], draft: string, image?: string}[]} */
const states = JSON.parse(readFileSync(process.env.TRAMONTANE_STATES, "utf8"));
const shown = [];
after(() => writeFileSync(process.env.TRAMONTANE_CODE, JSON.stringify(shown)));

for (const state of states) {
  test(`code: ${state.name}`, async () => {
    const { fragment, leftOut } = await toFragment(state);
    assert.equal(leftOut, 0);
    await withPage(`${server(state.server)}/playground${fragment}`, async (p) => {
      await p.waitForSelector("[data-ready]", { state: "attached" });
      await p.fill("#pg-input", state.draft);
      if (state.image) {
        await p.setInputFiles("#pg-file", state.image);
        await p.waitForSelector("#pg-images li");
      }
      await p.click("[data-act=code]");
      const languages = await p.locator("#pg-code [data-language]").evaluateAll((figures) => figures.map((f) => f.dataset.language));
      for (const stream of [true, false]) {
        await p.setChecked("#pg-code-stream", stream);
        const codes = await p.locator("#pg-code .panel code").evaluateAll((all) => all.map((c) => c.textContent));
        const note = await p.locator("#pg-code-note").textContent();
        shown.push(...codes.map((code, i) => ({ state: state.name, stream, language: languages[i], code, note })));
      }
    }, { allow: /401/ });
  });
}
