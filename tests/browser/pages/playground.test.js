import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { assertAccessible, assertFits, server, withLostServer, withPage } from "../browser.js";

const page = (name) => `${server(name)}/playground`;
const open = (name, use, options) => withPage(page(name), async (p, more) => {
  await p.waitForSelector("[data-ready]", { state: "attached" });
  await use(p, more);
}, options);
const sent = (p) => p.waitForRequest((r) => r.url().endsWith("/v1/chat/completions")).then((r) => r.postDataJSON());
const answered = (p, n = 1) => p.waitForFunction((count) => document.querySelectorAll("#pg-messages [data-role=assistant]").length >= count && !document.querySelector("#playground.busy"), n);
const say = async (p, text) => { await p.fill("#pg-input", text); await p.keyboard.press("Control+Enter"); };
const answers = (p) => p.locator("#pg-messages [data-role=assistant] .pg-text").allInnerTexts();
const showMore = (p) => p.locator(".pg-more > summary").click();

test("playground: the body of a request equals the controls, as they stand at first", () => open("demo", async (p) => {
  const body = sent(p);
  await say(p, "What is Tramontane?");
  assert.deepEqual(await body, {
    model: "tramontane-demo",
    messages: [{ role: "system", content: "You are a helpful AI assistant." }, { role: "user", content: "What is Tramontane?" }],
    temperature: 0.7, top_p: 0.9, max_completion_tokens: 1000, frequency_penalty: 0, presence_penalty: 0, stream: true,
  });
  await answered(p);
  assert.match((await answers(p))[0], /Tramontane/);
}));

test("playground: every control reaches the request", () => open("demo", async (p) => {
  await showMore(p);
  await p.fill("#pg-system", "Be brief.");
  const values = { temperature: "0", top_p: "0.5", max_completion_tokens: "20", frequency_penalty: "0.1", presence_penalty: "-0.2", top_k: "3", min_p: "0.05", repetition_penalty: "1.1", seed: "7" };
  for (const [name, value] of Object.entries(values)) await p.fill(`#pg-${name}`, value);
  await p.fill("#pg-stop-texts", "END\n\\n\\n");
  await p.fill("#pg-logit-bias", "{\"1097\": 5}");
  const body = sent(p);
  await say(p, "Hello");
  const { messages, model, stream, ...rest } = await body;
  assert.equal(messages[0].content, "Be brief.");
  assert.deepEqual(rest, { ...Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v)])), stop: ["END", "\n\n"], logit_bias: { 1097: 5 } });
  await answered(p);
  assert.equal(await p.locator(".pg-error:visible").count(), 0);
}));

test("playground: the recommended temperature is one click, sliders move numbers and back, reset undoes it all", () => open("demo", async (p) => {
  await p.click("[data-act=recommended]");
  assert.deepEqual([await p.inputValue("#pg-temperature"), await p.inputValue("[data-for=temperature]")], ["0.15", "0.15"]);
  await p.locator("[data-for=top_p]").fill("0.4");
  assert.equal(await p.inputValue("#pg-top_p"), "0.4");
  await p.click("[data-act=reset]");
  assert.deepEqual([await p.inputValue("#pg-temperature"), await p.inputValue("#pg-top_p")], ["0.7", "0.9"]);
}));

test("playground: a value out of range is refused at its field and nothing is sent", () => open("demo", async (p) => {
  let requests = 0;
  p.on("request", (r) => { requests += r.url().endsWith("/v1/chat/completions") ? 1 : 0; });
  await p.fill("#pg-temperature", "3");
  await say(p, "Hi");
  assert.match(await p.locator("#pg-temperature-error").innerText(), /from 0 to 2/);
  assert.equal(await p.getAttribute("#pg-temperature", "aria-invalid"), "true");
  assert.equal(await p.evaluate(() => document.activeElement.id), "pg-temperature");
  assert.equal(requests, 0);
  await p.fill("#pg-temperature", "1");
  await p.focus("#pg-input");
  await p.keyboard.press("Control+Enter");
  await answered(p);
}));

test("playground: four starter prompts fill the message box, and set what they need", () => open("demo", async (p) => {
  const starters = p.locator(".pg-starter");
  assert.equal(await starters.count(), 4);
  await starters.nth(2).click();
  assert.notEqual(await p.inputValue("#pg-input"), "");
  assert.equal(await p.inputValue("#pg-format"), "json_schema");
  assert.equal(await p.evaluate(() => document.activeElement.id), "pg-input");
  await starters.nth(3).click();
  assert.deepEqual([await p.inputValue("#pg-format"), await p.inputValue("#pg-tool-choice")], ["text", "required"]); // nothing of the one before stays
}));

test("playground: the settings fit their panel, beside a scrollbar too", () => open("keyed", async (p) => {
  await showMore(p);
  await p.selectOption("#pg-format", "json_schema");
  await p.selectOption("[data-examples=tools]", "Order desk");
  await p.fill("#pg-temperature", "7"); // with a long message below it
  await p.click("[data-act=code]");
  const [form, column, code, button] = await p.evaluate(() => {
    const panel = document.getElementById("pg-form"), preset = panel.querySelector(".pg-preset");
    panel.style.width = `${panel.clientWidth - 17}px`; // as wide as scrollbars are; this browser draws none
    return [panel.scrollWidth, panel.clientWidth, preset.lastElementChild.getBoundingClientRect().right, preset.getBoundingClientRect().right];
  });
  assert.ok(form <= column, `${form} px of settings in ${column}`);
  assert.ok(code <= button - 10, `the recommended value ends at ${code} in a button that ends at ${button}`);
}, { allow: /401/ }));

test("playground: figures below an answer, and the prompt's tokens while it is written", () => open("demo", async (p) => {
  await p.fill("#pg-input", "What is Tramontane?");
  await p.waitForFunction(() => /^\d+ of 1,024 tokens$/.test(document.getElementById("pg-count").textContent));
  const counted = Number.parseInt(await p.innerText("#pg-count"), 10);
  await p.click("#pg-send");
  await answered(p);
  const facts = await p.locator(".pg-facts").last().innerText();
  assert.match(facts, new RegExp(`^${counted} in`)); // /tokenize and the usage agree
  for (const expected of [/\d+ out/, /tokens\/s/, /first token/, /req_\w+/]) assert.match(facts, expected);
  await say(p, "What is Tramontane?");
  await answered(p, 2);
  assert.match(await p.locator(".pg-facts").last().innerText(), /\d+ cached/);
}));

test("playground: the prompt's cost while it is written, and the answer's as the server charged it", () => open("priced", async (p) => {
  await p.fill("#pg-input", "What is Tramontane?");
  await p.waitForFunction(() => /tokens · \$0\.\d+$/.test(document.getElementById("pg-count").textContent));
  const [tokens, cost] = /^(\d+) .* · \$(.+)$/.exec(await p.innerText("#pg-count")).slice(1).map(Number);
  assert.equal(Math.round(tokens * 0.075 * 1e6), Math.round(cost * 1e12));
  const reply = p.waitForResponse((r) => r.url().endsWith("/v1/chat/completions"));
  await p.click("#pg-send");
  await answered(p);
  const charged = /"cost":([0-9.]+)/.exec(await (await reply).text())[1];
  const shown = await p.locator(".pg-facts [title='As the server charged it']").innerText();
  assert.equal(shown.slice(1).replace(/0+$/, ""), charged.replace(/0+$/, ""));
}));

test("playground: Stop ends an answer and keeps what has come; Esc does the same", () => open("held", async (p) => {
  for (const stop of [() => p.click("#pg-stop"), () => p.keyboard.press("Escape")]) {
    await say(p, "Go on");
    await p.waitForFunction(() => [...document.querySelectorAll("[data-role=assistant] .pg-text")].at(-1)?.textContent === "Working" && document.querySelector("#playground.busy"));
    await stop();
    await p.waitForSelector("#pg-send:visible");
    assert.match(await p.locator(".pg-facts").last().innerText(), /stopped/);
    assert.equal((await answers(p)).at(-1), "Working");
  }
}));

test("playground: retry answers again, edit sends again, delete cuts off", () => open("demo", async (p) => {
  await say(p, "What is Tramontane?");
  await answered(p);
  await say(p, "Hello");
  await answered(p, 2);
  let body = sent(p);
  await p.locator("[aria-label='Answer again']").first().click();
  assert.equal((await body).messages.length, 2);
  await answered(p);
  assert.equal((await answers(p)).length, 1);
  body = sent(p);
  await p.locator("#pg-messages [aria-label='Edit message']").first().click();
  await p.locator(".pg-edit textarea").fill("What is 2+2?");
  await p.keyboard.press("Control+Enter");
  assert.equal((await body).messages[1].content, "What is 2+2?");
  await answered(p);
  await p.locator("#pg-messages [aria-label='Edit message']").last().click();
  await p.locator(".pg-edit textarea").fill("Five.");
  await p.locator(".pg-edit button[type=submit]").click();
  assert.deepEqual(await answers(p), ["Five."]);
  await p.locator("[aria-label^='Delete this message']").first().click();
  await p.waitForSelector("#pg-welcome:visible");
}));

test("playground: JSON mode and JSON Schemas, with the verdict on the answer", () => open("demo", async (p) => {
  await p.selectOption("#pg-format", "json_schema");
  await p.selectOption("[data-examples=schemas]", "Sentiment");
  const body = sent(p);
  await say(p, "I love it!");
  assert.equal((await body).response_format.json_schema.schema.required[0], "sentiment");
  await answered(p);
  assert.equal(await p.innerText(".pg-verdict:visible"), "Fits the schema.");
  assert.match(JSON.parse((await p.locator("[data-role=assistant] .pg-text code").innerText())).sentiment, /positive|neutral|negative/);
  await p.fill("#pg-schema", "{");
  await say(p, "Again");
  assert.match(await p.innerText("#pg-error-schema"), /No valid JSON/);
  // A schema that the server refuses is refused in its words.
  await p.fill("#pg-schema", "{\"type\":\"wrong\"}");
  await p.focus("#pg-input");
  await p.keyboard.press("Control+Enter");
  await p.waitForSelector(".pg-error:visible");
  assert.match(await p.innerText(".pg-error:visible"), /response_format/);
}, { allow: /400/ }));

test("playground: tools: a call is shown with its arguments, and its edited result goes back", () => open("tools", async (p) => {
  await p.fill("#pg-tools", JSON.stringify([{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }]));
  await p.selectOption("#pg-tool-choice", "function:weather");
  await p.uncheck("[name=parallel_tool_calls]");
  let body = sent(p);
  await say(p, "Weather?");
  const first = await body;
  assert.deepEqual([first.tool_choice, first.parallel_tool_calls, first.tools.length], [{ type: "function", function: { name: "weather" } }, false, 1]);
  await answered(p);
  assert.equal(await p.innerText(".pg-call-name"), "weather");
  assert.deepEqual(JSON.parse(await p.innerText(".pg-call-arguments")), { city: "Marseille" });
  await assertAccessible(p);
  await p.fill(".pg-results textarea", "sunny");
  body = sent(p);
  await p.click(".pg-results button");
  const second = await body;
  assert.deepEqual(second.messages.at(-1), { role: "tool", tool_call_id: second.messages.at(-2).tool_calls[0].id, content: "sunny" });
  await answered(p, 2);
  assert.equal((await answers(p)).at(-1), "The result is sunny.");
  await p.locator("[data-role=tool] [aria-label='Edit message']").click();
  await p.locator(".pg-edit textarea").fill("rainy");
  await p.locator(".pg-edit button[type=submit]").click();
  await p.waitForFunction(() => document.querySelector("#pg-messages").textContent.includes("The result is rainy."));
}));

test("playground: example tools bring results to suggest", () => open("demo", async (p) => {
  await p.selectOption("[data-examples=tools]", "Weather");
  await p.selectOption("#pg-tool-choice", "required");
  await say(p, "What is the weather in Marseille?");
  await answered(p);
  assert.equal(await p.locator(".pg-call-name").first().innerText(), "get_weather");
  assert.match(await p.locator(".pg-results textarea").first().inputValue(), /temperature/);
}));

const png = readFileSync(new URL("../../Golden/tokenizer/images/p_check_640x480.png", import.meta.url));

/** Hands files to an element as a drop or a paste does. */
const hand = (p, selector, type, files) => p.evaluate(({ selector, type, files }) => {
  const data = new DataTransfer();
  for (const { name, mime, bytes } of files) data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: mime }));
  const target = document.querySelector(selector);
  target.dispatchEvent(type === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}, { selector, type, files: files.map((f) => ({ ...f, bytes: f.bytes.toString("base64") })) });

test("playground: images by button, drop and paste, with preview, size and removal", () => open("vision", async (p) => {
  await p.setInputFiles("#pg-file", { name: "button.png", mimeType: "image/png", buffer: png });
  await p.waitForSelector("#pg-images li:nth-child(1)");
  await hand(p, ".pg-chat", "dragover", [{ name: "drop.png", mime: "image/png", bytes: png }]);
  assert.equal(await p.locator(".pg-chat.dropping").count(), 1);
  await hand(p, ".pg-chat", "drop", [{ name: "drop.png", mime: "image/png", bytes: png }]);
  await p.waitForSelector("#pg-images li:nth-child(2)");
  await hand(p, "#pg-input", "paste", [{ name: "paste.png", mime: "image/png", bytes: png }]);
  await p.waitForSelector("#pg-images li:nth-child(3)");
  assert.match(await p.innerText("#pg-images li:nth-child(3)"), /paste\.png\s+\d+ (k?B)/);
  await p.click("[aria-label='Remove drop.png']");
  assert.equal(await p.locator("#pg-images li").count(), 2);
  await assertAccessible(p);
  const body = sent(p);
  await say(p, "What is this?");
  const { content } = (await body).messages.at(-1);
  assert.deepEqual(content.map((c) => c.type), ["image_url", "image_url", "text"]);
  assert.equal(content[0].image_url.url, `data:image/png;base64,${png.toString("base64")}`);
  await answered(p);
  assert.equal(await p.locator(".pg-error:visible").count(), 0);
  assert.equal(await p.locator("[data-role=user] img").count(), 2);
}));

test("playground: what the server refuses of an image is shown in its words before anything is sent", () => open("vision", async (p) => {
  await hand(p, "#pg-input", "paste", [{ name: "broken.png", mime: "image/png", bytes: Buffer.from("no image") }]);
  await p.waitForFunction(() => /The image at 'messages\[1\]/.test(document.getElementById("pg-problem").textContent));
  await p.click("[aria-label='Remove broken.png']");
  await p.waitForFunction(() => document.getElementById("pg-problem").textContent === "");
}, { allow: /400/ }));

test("playground: without a vision encoder an image is refused in the server's words", () => open("demo", async (p) => {
  await hand(p, "#pg-input", "paste", [{ name: "a.png", mime: "image/png", bytes: png }]);
  await p.waitForFunction(() => document.getElementById("pg-problem").textContent.includes("--mmproj"));
}, { allow: /400/ }));

test("playground: what a model writes is shown as text and Markdown, never run or fetched", () => open("markdown", async (p) => {
  await say(p, "Show me");
  await answered(p);
  const text = p.locator("[data-role=assistant] .pg-text");
  for (const [selector, count] of [["strong", 1], ["li", 2], ["th", 2], ["figure.code", 1], ["a", 1], ["img, script, iframe, [onerror]", 0]]) assert.equal(await text.locator(selector).count(), count, selector);
  assert.equal(await text.locator("a").getAttribute("rel"), "noopener noreferrer nofollow");
  assert.match(await text.innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.match(await text.innerText(), /\[bad\]\(javascript:alert\(1\)\)/);
  await assertAccessible(p);
}));

test("playground: history is kept in the browser: listed, opened, renamed, deleted, restored, cleared", () => open("demo", async (p) => {
  await say(p, "Hello");
  await answered(p);
  await p.click("[data-act=new]");
  await p.fill("#pg-temperature", "0.2");
  await say(p, "What is Tramontane?");
  await answered(p);
  const entries = p.locator(".pg-entry");
  await p.waitForFunction(() => document.querySelectorAll(".pg-entry").length === 2);
  assert.deepEqual(await entries.allInnerTexts(), ["What is Tramontane?", "Hello"]);
  await p.reload();
  await p.waitForSelector("[data-ready]", { state: "attached" });
  assert.match((await answers(p))[0], /Tramontane/);
  assert.equal(await p.inputValue("#pg-temperature"), "0.2");
  await entries.nth(1).click();
  await p.waitForFunction(() => document.querySelector("[data-role=user] .pg-text")?.textContent === "Hello");
  assert.equal(await p.inputValue("#pg-temperature"), "0.7");
  await p.click("[aria-label='Rename Hello']");
  await p.keyboard.type("Greeting");
  await p.keyboard.press("Enter");
  await p.waitForSelector(".pg-entry:text-is('Greeting')");
  await p.click("[aria-label='Delete Greeting']");
  await p.waitForFunction(() => document.querySelectorAll(".pg-entry").length === 1);
  await p.click("[data-act=undo]");
  await p.waitForSelector(".pg-entry:text-is('Greeting')");
  await assertAccessible(p);
  await p.click("[data-dialog=pg-clear]");
  await p.click("[data-act=clear]");
  await p.waitForFunction(() => document.querySelectorAll(".pg-entry").length === 0);
}));

test("playground: an export can be imported again, and another file is refused", () => open("demo", async (p) => {
  await say(p, "Hello");
  await answered(p);
  const [download] = await Promise.all([p.waitForEvent("download"), p.click("[data-act=export]")]);
  const file = readFileSync(await download.path(), "utf8");
  assert.equal(JSON.parse(file).conversations[0].messages[0].text, "Hello");
  await p.click("[data-dialog=pg-clear]");
  await p.click("[data-act=clear]");
  await p.waitForFunction(() => document.querySelectorAll(".pg-entry").length === 0);
  await p.setInputFiles("#pg-import", { name: "x.json", mimeType: "application/json", buffer: Buffer.from(file) });
  await p.waitForSelector(".pg-entry:text-is('Hello')");
  await p.setInputFiles("#pg-import", { name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await p.waitForFunction(() => /no export/.test(document.getElementById("pg-problem").textContent));
}));

test("playground: a key is asked for, stays in the tab and is in no link, code or history", () => open("keyed", async (p, { context }) => {
  assert.ok(await p.isVisible("#pg-key"));
  await say(p, "Hello");
  await p.waitForSelector(".pg-error:visible");
  assert.match(await p.innerText(".pg-error:visible"), /API key/);
  assert.equal(await p.evaluate(() => document.activeElement.id), "pg-key");
  await p.fill("#pg-key", "tm-browser-secret");
  await p.locator("[aria-label='Answer again']").click();
  await p.waitForSelector(".pg-facts span");
  assert.equal(await p.locator(".pg-error:visible").count(), 0);
  await p.click("[data-act=code]");
  assert.match(await p.innerText("#pg-code"), /\$TRAMONTANE_API_KEY/);
  assert.doesNotMatch(await p.innerText("#pg-code"), /tm-browser-secret/);
  await p.keyboard.press("Escape");
  await p.click("[data-act=share]");
  const link = await p.inputValue("#pg-link");
  const other = await context.newPage(); // same browser, another tab
  await other.goto(link);
  await other.waitForSelector("[data-ready]", { state: "attached" });
  assert.equal(await other.inputValue("#pg-key"), "");
  const kept = await other.evaluate(async () => {
    const database = await new Promise((resolve) => { indexedDB.open("tramontane-playground").onsuccess = (e) => resolve(e.target.result); });
    const all = await new Promise((resolve) => { database.transaction("conversations").objectStore("conversations").getAll().onsuccess = (e) => resolve(e.target.result); });
    return JSON.stringify([all, { ...localStorage }]);
  });
  assert.match(kept, /Hello/);
  assert.doesNotMatch(kept, /tm-browser-secret/);
}, { allow: /401/ }));

test("playground: a link carries the set-up and the conversation", () => open("demo", async (p, { context }) => {
  await p.fill("#pg-system", "Sei kurz: äöü 🎉");
  await p.fill("#pg-temperature", "0.3");
  await say(p, "Hello");
  await answered(p);
  await p.click("[data-act=share]");
  const link = await p.inputValue("#pg-link");
  assert.match(link, /\/playground#s=[\w-]+$/);
  const other = await context.newPage();
  await other.goto(link);
  await other.waitForSelector("[data-ready]", { state: "attached" });
  assert.deepEqual([await other.inputValue("#pg-system"), await other.inputValue("#pg-temperature")], ["Sei kurz: äöü 🎉", "0.3"]);
  assert.equal(await other.locator("[data-role=user] .pg-text").innerText(), "Hello");
  assert.equal(new URL(other.url()).hash, "");
  await other.goto(`${page("demo")}#s=damaged`);
  await other.waitForFunction(() => /link is damaged/.test(document.getElementById("pg-problem").textContent));
}));

test("playground: the code of the request, streamed and whole", () => open("demo", async (p) => {
  await p.fill("#pg-input", "Say \"hi\" for $5");
  await p.click("[data-act=code]");
  const code = (i) => p.locator("#pg-code .panel code").nth(i).evaluate((e) => e.textContent);
  assert.deepEqual(await p.locator("#pg-code .tabs label").allInnerTexts(), ["curl", "Python", "JavaScript", "C#", "PHP"]);
  assert.match(await code(0), /^curl -N http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions/);
  assert.match(await code(1), /"stream": True,/);
  assert.match(await code(4), /"Say \\"hi\\" for \\\$5"/);
  await p.uncheck("#pg-code-stream");
  assert.doesNotMatch(await code(0), /stream/);
  await p.locator("#pg-code .tabs label").nth(2).click();
  assert.ok(await p.locator("#pg-code .panel").nth(2).isVisible());
  await assertAccessible(p);
}));

test("playground: the model's id is copied and its facts are shown", () => open("demo", async (p, { context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await p.click("[aria-label='Copy model id']");
  assert.equal(await p.evaluate(() => navigator.clipboard.readText()), "tramontane-demo");
  await p.click("[aria-label='Model info']");
  assert.match(await p.innerText("#pg-info"), /1,024 tokens/);
}));

for (const size of ["wide", "phone"]) {
  for (const theme of ["light", "dark"]) {
    test(`playground: no hindrance for anybody, ${size}, ${theme}`, () => open("demo", async (p) => {
      await assertAccessible(p);
      await assertFits(p);
      if (size === "phone") await p.click(".pg-bar [data-act=toggle-settings]");
      await showMore(p);
      await p.selectOption("#pg-format", "json_schema");
      await p.selectOption("[data-examples=tools]", "Order desk");
      await assertAccessible(p);
      if (size === "phone") {
        await p.keyboard.press("Escape");
        await p.click(".pg-bar [data-act=toggle-history]");
        await assertAccessible(p);
        await p.keyboard.press("Escape");
        assert.equal(await p.evaluate(() => document.activeElement.dataset.act), "toggle-history");
      }
      if (size === "wide") await p.click("[data-act=reset]");
      await say(p, "What is Tramontane?");
      await answered(p);
      await assertAccessible(p);
      await assertFits(p);
    }, { size, theme }));
  }
}

test("playground: by keyboard alone, and the site's shortcuts stay out of the way while typing", () => open("demo", async (p) => {
  await p.keyboard.press("/");
  assert.equal(await p.evaluate(() => document.activeElement.id), "pg-input");
  await p.keyboard.type("g h ? Hello");
  assert.equal(await p.locator("dialog[open]").count(), 0);
  assert.equal(await p.inputValue("#pg-input"), "g h ? Hello");
  await p.keyboard.press("Control+A");
  await p.keyboard.type("Hello");
  await p.keyboard.press("Control+Enter");
  await answered(p);
  assert.equal(await p.evaluate(() => document.activeElement.id), "pg-input"); // ready for the next one
  // Backwards from the message box: the messages' buttons, then the toolbar.
  const seen = [];
  for (let i = 0; i < 40 && seen.at(-1) !== "New conversation"; i++) {
    await p.keyboard.press("Shift+Tab");
    seen.push(await p.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim()));
  }
  for (const name of ["Copy message", "Edit message", "Answer again", "Settings", "Code", "Share", "New conversation"]) assert.ok(seen.includes(name), `${name} in ${seen}`);
  await p.keyboard.press("Enter");
  await p.waitForSelector("#pg-welcome:visible");
}));

test("playground: the answer is told to screen readers once, when it is whole", () => open("demo", async (p) => {
  await p.evaluate(() => {
    globalThis.told = [];
    new MutationObserver(() => globalThis.told.push(document.getElementById("announce").textContent)).observe(document.getElementById("announce"), { childList: true, characterData: true, subtree: true });
  });
  await say(p, "What is Tramontane?");
  await answered(p);
  await p.waitForFunction(() => globalThis.told.length >= 2);
  const told = await p.evaluate(() => globalThis.told);
  assert.equal(told[0], "Answering");
  assert.match(told[1], /^Answer: Tramontane/);
  assert.equal(told.length, 2);
  assert.equal(await p.getAttribute("#pg-log", "aria-live"), "off");
}));

test("playground: without JavaScript it explains itself and shows the command", () => withPage(page("demo"), async (p) => {
  assert.equal(await p.locator("#playground").isVisible(), false);
  assert.match(await p.innerText("main"), /needs JavaScript[\s\S]*curl http:\/\/127/);
  await assertFits(p);
}, { javaScript: false, size: "phone" }));

// What is refused or lost ------------------------------------------------------
const problem = (p) => p.locator("#pg-problem").innerText();
const secret = (name) => process.env[`TRAMONTANE_${name}_KEY`];
const focused = (p) => p.evaluate(() => document.activeElement.getAttribute("aria-label") ?? (document.activeElement.id || document.activeElement.textContent.trim()));

test("playground: 402: without credit the refusal says so, and the message stays", () => open("limited", async (p) => {
  await p.fill("#pg-key", secret("PREPAID"));
  await say(p, "Hello");
  await p.waitForSelector(".pg-error:visible");
  assert.match(await p.innerText(".pg-error:visible"), /credit|balance|funds/i);
  assert.match(await p.innerText(".pg-error:visible .hint"), /Status 402/);
  assert.equal(await p.innerText("[data-role=user] .pg-text"), "Hello");
  assert.ok(await p.isVisible("#pg-send"));
}, { allow: /402/ }));

test("playground: 429: the answer that would be replaced stays, and so does what was written", () => open("limited", async (p) => {
  await p.fill("#pg-key", secret("LIMITED"));
  await say(p, "Hello");
  await answered(p);
  const before = await answers(p);
  await p.locator("[aria-label='Answer again']").focus();
  await p.keyboard.press("Enter");
  await p.waitForFunction(() => /Try again in \d+ s\. Nothing was replaced/.test(document.getElementById("pg-problem").textContent));
  assert.deepEqual(await answers(p), before);
  assert.equal(await focused(p), "Answer again"); // the keyboard is where it was
  await p.click("[data-role=user] [aria-label='Edit message']");
  await p.fill(".pg-edit textarea", "Hello again");
  await p.keyboard.press("Control+Enter");
  await p.waitForFunction(() => /Nothing was replaced/.test(document.getElementById("pg-problem").textContent) && document.querySelector(".pg-edit textarea"));
  assert.deepEqual([await p.inputValue(".pg-edit textarea"), await answers(p)], ["Hello again", before]);
  await p.locator(".pg-edit button", { hasText: "Cancel" }).click();
  assert.equal(await p.innerText("[data-role=user] .pg-text"), "Hello");
  await p.reload();
  await p.waitForSelector("[data-ready]", { state: "attached" });
  assert.deepEqual(await answers(p), before);
}, { allow: /429/ }));

test("playground: 503: a server that takes no more is named, and the next try may succeed", () => open("full", async (p) => {
  await say(p, "Hello");
  await p.waitForSelector(".pg-error:visible");
  assert.match(await p.innerText(".pg-error:visible .hint"), /Status 503/);
  const again = p.waitForResponse((r) => r.url().endsWith("/v1/chat/completions"));
  await p.click("[aria-label='Answer again']");
  assert.equal((await again).status(), 503);
  await p.waitForSelector("#pg-send:visible");
  assert.equal(await p.locator("[data-role=assistant]").count(), 1); // an empty answer is no loss: it is replaced
}, { allow: /503/ }));

test("playground: a server that is lost within an answer leaves what has come, and the page goes on", () => withLostServer(server("markdown"), "/v1/chat/completions", async (url, lose) => {
  await withPage(`${url}/playground`, async (p) => {
    await p.waitForSelector("[data-ready]", { state: "attached" });
    await say(p, "Show me");
    await p.waitForFunction(() => document.querySelector("[data-role=assistant] .pg-text")?.textContent.startsWith("A"));
    lose();
    await p.waitForSelector(".pg-error:visible");
    assert.match(await p.innerText(".pg-error:visible"), /does not answer|before the answer was whole/);
    assert.match((await answers(p))[0], /^A/);
    await p.click("[aria-label='Answer again']");
    await p.waitForFunction(() => document.querySelector(".pg-text table") && !document.querySelector("#playground.busy"));
    assert.equal(await p.locator(".pg-error:visible").count(), 0);
  }, { allow: /ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|Failed to load/ });
}));

test("playground: a conversation that is deleted while its answer is drawn does not come back", () => open("held", async (p) => {
  const begin = async () => {
    await say(p, "Go on");
    await p.waitForFunction(() => document.querySelector("[data-role=assistant] .pg-text")?.textContent === "Working");
  };
  const gone = async () => {
    await p.waitForSelector("#pg-welcome:visible");
    await p.fill("#pg-input", "Other"); // its saving comes after all that was under way
    await p.keyboard.press("Control+Enter");
    await p.waitForSelector(".pg-entry:text-is('Other')");
    await p.click("#pg-stop");
    await p.waitForSelector("#pg-send:visible");
    assert.deepEqual(await p.locator(".pg-entry").allInnerTexts(), ["Other"]);
    await p.reload();
    await p.waitForSelector("[data-ready]", { state: "attached" });
    assert.deepEqual(await p.locator(".pg-entry").allInnerTexts(), ["Other"]);
  };
  await begin();
  await p.click("[aria-label='Delete Go on']");
  await gone();
  await p.click("[data-act=new]");
  await begin();
  await p.click("[data-dialog=pg-clear]");
  await p.click("[data-act=clear]");
  await gone();
}));

test("playground: another conversation is not written to by the answer before it", () => open("held", async (p) => {
  await say(p, "First");
  await p.waitForFunction(() => document.querySelector("[data-role=assistant] .pg-text")?.textContent === "Working");
  await p.click("[data-act=new]");
  await p.waitForSelector("#pg-welcome:visible");
  await p.waitForFunction(() => document.querySelectorAll(".pg-entry").length === 1);
  await p.locator(".pg-entry").click();
  await p.waitForSelector(".pg-facts:has-text('stopped')");
  assert.deepEqual([await p.locator("[data-role=user]").count(), await answers(p)], [1, ["Working"]]);
}));

/** Changes a setting without touching the focus, and waits until that is saved and the list is made anew. */
async function saveOther(p) {
  await p.evaluate(() => { const e = document.getElementById("pg-system"); e.value = "Other"; e.dispatchEvent(new Event("input", { bubbles: true })); });
  await p.waitForFunction(async () => {
    const database = await new Promise((resolve) => { indexedDB.open("tramontane-playground").onsuccess = (e) => resolve(e.target.result); });
    const all = await new Promise((resolve) => { database.transaction("conversations").objectStore("conversations").getAll().onsuccess = (e) => resolve(e.target.result); });
    return all[0].setup.system === "Other";
  });
}

// Keyboard ----------------------------------------------------------------------
test("playground: the focus stays where one works: Send, Stop, Answer again, editing, the list", () => open("held", async (p) => {
  await p.fill("#pg-input", "Go on");
  await p.focus("#pg-send");
  await p.keyboard.press("Enter");
  await p.waitForFunction(() => document.activeElement.id === "pg-stop");
  await p.waitForFunction(() => document.querySelector("[data-role=assistant] .pg-text")?.textContent === "Working");
  await p.keyboard.press("Escape");
  await p.waitForSelector("#pg-send:visible");
  await p.locator("[data-role=user] [aria-label='Edit message']").focus();
  await p.keyboard.press("Enter");
  assert.equal(await focused(p), "Edit: You");
  await p.keyboard.press("Escape");
  assert.deepEqual([await p.locator(".pg-edit").count(), await focused(p)], [0, "Edit message"]);
  await p.locator("[data-role=assistant] [aria-label='Edit message']").focus();
  await p.keyboard.press("Enter");
  await p.keyboard.type(" hard");
  await p.keyboard.press("Control+Enter");
  assert.deepEqual([await answers(p), await focused(p)], [["Working hard"], "Edit message"]);
  await p.locator("[aria-label='Delete Go on']").focus();
  await saveOther(p);
  assert.equal(await focused(p), "Delete Go on");
  await p.locator("[aria-label='Answer again']").focus();
  await p.keyboard.press("Enter");
  await p.waitForFunction(() => document.activeElement.id === "pg-stop");
}));

test("playground: a title that is being written stays while others are saved, and Esc leaves the old one", () => open("demo", async (p) => {
  await say(p, "Go on");
  await answered(p);
  await p.click("[aria-label='Rename Go on']");
  await p.keyboard.type("New");
  await saveOther(p);
  assert.deepEqual([await focused(p), await p.inputValue("[aria-label='Title']")], ["Title", "New"]);
  await p.keyboard.press("Escape");
  assert.deepEqual(await p.locator(".pg-entry").allInnerTexts(), ["Go on"]);
}));

test("playground: on a phone Esc ends the renaming and not the panel", () => open("demo", async (p) => {
  await say(p, "Hello");
  await answered(p);
  await p.click(".pg-bar [data-act=toggle-history]");
  await p.click("[aria-label='Rename Hello']");
  await p.keyboard.type("New");
  await p.keyboard.press("Escape");
  assert.deepEqual([await p.locator(".pg-entry").allInnerTexts(), await p.isVisible("#pg-history")], [["Hello"], true]);
}, { size: "phone" }));

test("playground: a panel that covers the chat keeps the focus to itself, and a tap beside it closes it", () => open("demo", async (p) => {
  await p.setViewportSize({ width: 800, height: 800 });
  await p.click(".pg-bar [data-act=toggle-history]");
  await p.waitForFunction(() => document.querySelector("#pg-history").contains(document.activeElement));
  assert.deepEqual(await p.evaluate(() => [document.querySelector(".pg-chat").inert, document.querySelector(".foot").inert, document.querySelector("#pg-history").inert]), [true, true, false]);
  for (let i = 0; i < 40; i++) {
    await p.keyboard.press("Tab");
    assert.ok(await p.evaluate(() => !document.activeElement.closest(".pg-chat, .pg-settings, .foot")), await focused(p));
  }
  await p.mouse.click(700, 400);
  assert.ok(await p.isHidden("#pg-history"));
  assert.equal(await p.evaluate(() => document.querySelector("[inert]")), null);
  assert.equal(await focused(p), "Conversations");
}));

// Copying, pasting, links --------------------------------------------------------
test("playground: copying works in dialogs of pages without the clipboard, and is said there", () => open("demo", async (p, { context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await p.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("refused")); });
  await p.click("[data-act=share]");
  await p.click("[data-act=copy-link]");
  await p.waitForFunction(() => document.querySelector("#pg-share [role=status]").textContent === "Link copied");
  assert.equal(await p.evaluate(() => navigator.clipboard.readText()), await p.inputValue("#pg-link"));
  await assertAccessible(p);
}));

test("playground: what is too large for a link is offered as an export", () => open("demo", async (p) => {
  await p.evaluate(() => { const noise = []; for (let i = 0; i < 8; i++) noise.push(...crypto.getRandomValues(new Uint32Array(16_000))); document.getElementById("pg-system").value = noise.map((n) => n.toString(36)).join(""); });
  await p.click("[data-act=share]");
  await p.waitForSelector("#pg-share[open]");
  assert.match(await p.innerText("#pg-share-note"), /too large for a link/);
  assert.ok(await p.isHidden("#pg-link"));
  await Promise.all([p.waitForEvent("download"), p.click("#pg-share [data-act=export]")]);
}));

test("playground: an image that is too large is told and stays told, and what Office copies is pasted as text", () => open("vision", async (p) => {
  await p.evaluate(() => {
    const file = new File(["x"], "huge.png", { type: "image/png" });
    Object.defineProperty(file, "size", { value: 1e10 });
    const data = new DataTransfer();
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    Object.defineProperty(event, "clipboardData", { value: { files: [file], getData: () => "" } });
    document.getElementById("pg-input").dispatchEvent(event);
  });
  await p.fill("#pg-input", "Hello");
  await p.waitForFunction(() => /^\d+ of/.test(document.getElementById("pg-count").textContent)); // counting what is well takes nothing back
  assert.match(await problem(p), /huge\.png is too large/);
  const paste = (text, name) => p.evaluate(({ text, name, bytes }) => {
    const data = new DataTransfer();
    if (text) data.setData("text/plain", text);
    data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
    return document.getElementById("pg-input").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, { text, name, bytes: png.toString("base64") });
  assert.equal(await paste("1\t2\n3\t4", "image.png"), true); // left to the browser, which pastes the text
  assert.equal(await p.locator("#pg-images li").count(), 0);
  assert.equal(await paste("photo.png", "photo.png"), false); // a file manager names its file
  await p.waitForSelector("#pg-images li");
  assert.equal(await problem(p), "");
}));

test("playground: images are counted and not sent again with every pause", () => open("vision", async (p) => {
  const bodies = [];
  p.on("request", (r) => { if (r.url().endsWith("/tokenize")) bodies.push(r.postData()); });
  await p.setInputFiles("#pg-file", { name: "a.png", mimeType: "image/png", buffer: png });
  for (const text of ["What", "What is", "What is this?"]) {
    const counted = p.waitForResponse((r) => r.url().endsWith("/tokenize") && r.request().postDataJSON().messages.at(-1).content === text);
    await p.fill("#pg-input", text);
    await counted;
  }
  await p.waitForFunction(() => /^\d+ of/.test(document.getElementById("pg-count").textContent));
  assert.ok(bodies.filter((b) => b.includes("base64")).length <= 2, String(bodies.length)); // alone before the text came, and once with it
  const counted = await p.innerText("#pg-count");
  await p.keyboard.press("Control+Enter");
  await answered(p);
  assert.match(await p.locator(".pg-facts").last().innerText(), new RegExp(`^${counted.split(" ")[0]} in`)); // exact all the same
}));

test("playground: nothing is counted while a key is missing", () => open("keyed", async (p) => {
  let asked = 0;
  p.on("request", (r) => { asked += r.url().endsWith("/tokenize") ? 1 : 0; });
  await p.fill("#pg-input", "Hello");
  await p.clock.install();
  await p.fill("#pg-input", "Hello you");
  await p.clock.runFor(1_000);
  assert.equal(asked, 0);
  const counted = p.waitForResponse((r) => r.url().endsWith("/tokenize"));
  await p.fill("#pg-key", "tm-browser-secret");
  await p.clock.runFor(1_000);
  assert.equal((await counted).status(), 200);
}));

test("playground: an import with figures of the wrong kind opens, now and after a reload", () => open("demo", async (p) => {
  const conversation = { id: "odd", messages: [{ role: "user", text: "Hi" }, { role: "assistant", text: "Yo", run: { totalMs: 1, usage: {} } }] };
  await p.setInputFiles("#pg-import", { name: "x.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ format: "tramontane-playground", version: 1, conversations: [conversation] })) });
  await p.locator(".pg-entry").click();
  await p.waitForSelector("[data-role=assistant]");
  assert.deepEqual(await answers(p), ["Yo"]);
  // What an older version has kept.
  await p.evaluate(async () => {
    const database = await new Promise((resolve) => { indexedDB.open("tramontane-playground").onsuccess = (e) => resolve(e.target.result); });
    await new Promise((resolve) => { database.transaction("conversations", "readwrite").objectStore("conversations").put({ id: "odd", messages: [{ role: "system" }] }).onsuccess = resolve; });
  });
  await p.reload();
  await p.waitForSelector("[data-ready]", { state: "attached" });
  assert.match(await problem(p), /cannot be opened/);
  await say(p, "Hello");
  await answered(p);
}));
