import assert from "node:assert/strict";
import test from "node:test";
import { assertAccessible, assertFits, server, withPage } from "../browser.js";

const page = (name) => `${server(name)}/docs`;
const tryIt = async (p, id) => { await p.locator(`#${id} .ref-try > summary`).click(); return p.locator(`#${id} .ref-form`); };
const done = (form) => form.locator(".ref-status").filter({ hasText: / ms$/ }).waitFor();

for (const size of ["wide", "phone"]) for (const theme of ["light", "dark"]) {
  test(`reference: no hindrance for anybody, ${size}, ${theme}`, () => withPage(page("demo"), async (p) => {
    await assertFits(p);
    await tryIt(p, "post-v1-chat-completions");
    await p.evaluate(() => document.querySelectorAll("#schemas details").forEach((d, i) => { d.open = i < 3; }));
    await assertAccessible(p);
    await assertFits(p);
  }, { size, theme }));
}

test("reference: '/' goes to the filter, which finds routes by their fields; Esc empties it", () => withPage(page("demo"), async (p) => {
  const all = await p.locator(".ref-operation:visible").count();
  await p.keyboard.press("/");
  assert.equal(await p.evaluate(() => document.activeElement.id), "ref-filter");
  await p.keyboard.type("repetition_penalty chat");
  assert.deepEqual(await p.locator(".ref-operation:visible").evaluateAll((found) => found.map((s) => s.id)), ["post-v1-chat-completions"]);
  assert.equal(await p.locator(".ref-nav [data-for]:visible").count(), 1);
  assert.match(await p.innerText("#ref-found"), /^1 of \d+ routes$/);
  await p.keyboard.press("Escape");
  assert.equal(await p.locator(".ref-operation:visible").count(), all);
}));

test("reference: a request is tried: status, headers and body", () => withPage(page("demo"), async (p) => {
  const form = await tryIt(p, "post-tokenize");
  await form.locator("[data-body]").fill("{\"prompt\":\"Hello\"}");
  await form.locator("[type=submit]").click();
  await done(form);
  assert.match(await form.locator(".ref-status").innerText(), /^200 OK · \d+ ms$/);
  assert.ok(JSON.parse(await form.locator(".ref-body").innerText()).count > 0);
  await form.locator("summary").click();
  assert.match(await form.locator(".ref-headers").innerText(), /x-request-id: req_/);
}));

test("reference: a stream comes as it is sent, and an error in the server's words", () => withPage(page("demo"), async (p) => {
  const form = await tryIt(p, "post-v1-chat-completions");
  const body = JSON.parse(await form.locator("[data-body]").inputValue());
  assert.equal(body.model, "tramontane-demo");
  await form.locator("[data-body]").fill(JSON.stringify({ ...body, stream: true }));
  await form.locator("[data-body]").press("Control+Enter");
  await done(form);
  assert.match(await form.locator(".ref-body").innerText(), /^data: \{[\s\S]*data: \[DONE\]/);
  await form.locator("[data-body]").fill("{}");
  await form.locator("[type=submit]").click();
  await form.locator(".ref-status[data-kind=bad]").waitFor();
  await done(form);
  assert.match(await form.locator(".ref-body").innerText(), /"message"/);
}, { allow: /400/ }));

test("reference: an id goes into the path as one segment", () => withPage(page("demo"), async (p) => {
  const form = await tryIt(p, "get-v1-models-id");
  await form.locator("[data-parameter=id]").fill("mistralai/mistral-small-3.2-24b-instruct");
  const [request] = await Promise.all([p.waitForRequest((r) => r.url().includes("/v1/models/")), form.locator("[type=submit]").click()]);
  assert.match(request.url(), /\/v1\/models\/mistralai%2Fmistral-small/);
  await done(form);
}, { allow: /404/ }));

test("reference: a stream can be stopped", () => withPage(page("held"), async (p) => {
  const form = await tryIt(p, "post-v1-chat-completions");
  const body = JSON.parse(await form.locator("[data-body]").inputValue());
  await form.locator("[data-body]").fill(JSON.stringify({ ...body, stream: true }));
  await form.locator("[type=submit]").click();
  await p.waitForFunction(() => document.querySelector("#post-v1-chat-completions .ref-body").textContent.includes("Working"));
  await form.locator("[data-stop]").click();
  await form.locator(".ref-status").filter({ hasText: "Stopped" }).waitFor();
}));

test("reference: the key of the tab is sent, and without it the refusal is shown", () => withPage(page("keyed"), async (p) => {
  const form = await tryIt(p, "get-v1-models");
  await form.locator("[type=submit]").click();
  await form.locator(".ref-status").filter({ hasText: "401" }).waitFor();
  await p.fill("#ref-key", "tm-browser-secret");
  await form.locator("[type=submit]").click();
  await form.locator(".ref-status").filter({ hasText: "200" }).waitFor();
  await p.goto(page("keyed").replace("/docs", "/playground"));
  await p.waitForSelector("[data-ready]", { state: "attached" });
  assert.equal(await p.inputValue("#pg-key"), "tm-browser-secret");
}, { allow: /401/ }));

test("reference: a link to a schema opens it", () => withPage(`${page("demo")}#schema-ChatCompletion`, async (p) => {
  await p.waitForSelector("#schema-ChatCompletion[open]");
  await p.locator("#post-tokenize a[href='#schema-TokenizeReply']").click();
  await p.waitForSelector("#schema-TokenizeReply[open]");
}));

test("reference: without JavaScript all of it can be read", () => withPage(page("demo"), async (p) => {
  assert.ok((await p.locator(".ref-operation:visible").count()) > 10);
  assert.equal(await p.locator(".ref-try:visible, #ref-filter:visible, .ref-key:visible").count(), 0);
  await p.locator("#schema-ChatCompletion summary").click();
  assert.match(await p.innerText("#schema-ChatCompletion"), /choices\[\]\.message\.content/);
}, { javaScript: false, size: "phone" }));
