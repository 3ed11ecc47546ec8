// Usage and keys: signing in, a key's life, charts, without scripts, with the keyboard alone.
import assert from "node:assert/strict";
import test from "node:test";
import { assertAccessible, assertFits, server, withPage } from "../browser.js";

const at = (path, name = "metered") => server(name) + path;
const admin = process.env.TRAMONTANE_ADMIN_KEY, reader = process.env.TRAMONTANE_READER_KEY;
const refused = { allow: /40[013]/ };

async function signIn(page, key = admin) {
  await page.fill("#key", key);
  await page.click("form.sign-in button");
  await page.waitForSelector("form.visitor");
}

async function chat(key) {
  const response = await fetch(at("/v1/chat/completions"), {
    method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "mistral-small-2506", messages: [{ role: "user", content: "Hi" }] }),
  });
  await response.text();
  return response.status;
}

for (const size of ["wide", "phone"]) {
  test(`dashboard: every page is accessible and fits in both themes, ${size}`, () => withPage(at("/usage"), async (page) => {
    const check = async () => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await assertAccessible(page);
      }
      await assertFits(page);
    };
    await check();
    await signIn(page);
    for (const path of ["/usage", "/usage?days=7&group=outcome", "/keys"]) {
      await page.goto(at(path));
      await check();
    }
    await page.locator("main a[href^='/keys/key_']").first().click();
    await page.waitForSelector("#revoke-key");
    await check();
  }, { size }));
}

test("dashboard: no cookie before signing in; afterwards one that scripts cannot read and other sites never send", () => withPage(at("/usage"), async (page, { context }) => {
  assert.deepEqual(await context.cookies(), []);
  await page.fill("#key", "tm-wrong");
  await page.click("form.sign-in button");
  assert.match(await page.locator("[role=alert]").innerText(), /No key/);
  assert.deepEqual(await context.cookies(), []);
  await signIn(page);
  const [cookie, ...more] = await context.cookies();
  assert.deepEqual([more.length, cookie.httpOnly, cookie.sameSite, cookie.path], [0, true, "Strict", "/"]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.ok(!page.url().includes("tm-"));
  await page.click("form.visitor button");
  await page.waitForSelector("#key");
  assert.deepEqual(await context.cookies(), []);
}, refused));

for (const javaScript of [true, false]) {
  test(`dashboard: a key is made, used, seen, rotated and revoked ${javaScript ? "with" : "without"} scripts`, () => withPage(at("/keys"), async (page) => {
    const name = `flow <b>${javaScript}</b>`;
    await signIn(page);
    await page.fill("#key-name", name);
    await page.fill("#key-requests_per_day", "many");
    await page.click("#create-key button[type=submit]");
    assert.match(await page.locator("#key-requests_per_day-error").innerText(), /whole number/);
    await page.fill("#key-requests_per_day", "100");
    await page.click("#create-key button[type=submit]");
    const secret = await page.locator(".secret code").innerText();
    assert.match(secret, /^tm-[\w-]{43}$/);
    if (javaScript) {
      await page.click(".secret button");
      await page.waitForFunction(() => document.getElementById("announce").textContent === "Copied");
    } else {
      assert.equal(await page.locator(".needs-js:visible").count(), 0);
    }
    assert.equal(await chat(secret), 200);

    await page.goto(at("/usage?days=7"));
    const row = page.locator("section:has(#by-group) tr", { hasText: name });
    assert.equal(await row.locator("td").first().innerText(), "1");
    assert.match(await page.locator("section:has(#latest) tbody tr").first().innerText(), /completed/);

    await page.goto(at("/keys"));
    await page.locator("main a", { hasText: name }).click();
    await page.selectOption("#grace", "0");
    await page.click("#rotate-key button");
    const second = await page.locator(".secret code").innerText();
    assert.deepEqual([await chat(secret), await chat(second)], [401, 200]);

    await page.goto(at("/keys"));
    await page.locator("main a", { hasText: name }).click();
    await page.check("#revoke-key [name=confirm]");
    await page.click("#revoke-key button");
    assert.match(await page.locator("[role=status].note").innerText(), /revoked/);
    assert.equal(await chat(second), 401);
    assert.match(await page.locator("tr", { hasText: name }).innerText(), /revoked/);
    await page.click("form.visitor button");
    await page.waitForSelector("#key");
  }, { javaScript, ...refused }));
}

test("dashboard: charts have a table each with the same days, and the ranges lead on", () => withPage(at("/usage"), async (page) => {
  await signIn(page);
  for (const id of ["requests", "tokens", "cost", "latency"]) {
    const chart = page.locator(`#chart-${id}`);
    assert.equal(await chart.locator("svg g").count(), 30);
    assert.ok(await chart.locator("svg rect:not(.hit)").count() > 20);
    await chart.locator("summary").click();
    assert.equal(await chart.locator("tbody tr").count(), 30);
  }
  await page.locator(".segments a", { hasText: "7 days" }).click();
  await page.waitForURL(/days=7/);
  assert.equal(await page.locator("#chart-cost svg g").count(), 7);
  await page.selectOption("select[name=group]", "dialect");
  await page.click(".usage-filter button");
  assert.match(await page.locator("section:has(#by-group)").innerText(), /openai/);
}));

test("dashboard: a key's holder sees its own usage alone", () => withPage(at("/usage"), async (page) => {
  await signIn(page, reader);
  assert.match(await page.locator(".lead").innerText(), /Your own/);
  assert.equal(await page.getByText("nightly batch").count(), 0);
  await page.goto(at("/keys"));
  assert.equal(await page.locator("form:not(.visitor)").count(), 0);
}));

test("dashboard: the keyboard alone signs in, makes a key and signs out", () => withPage(at("/keys"), async (page) => {
  const focus = async (selector) => {
    for (let i = 0; i < 80; i++) {
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${selector} is not reached`);
  };
  await focus("#key");
  await page.keyboard.type(admin);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#create-key");
  await focus("#key-name");
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret code");
  await page.goto(at("/usage"));
  await focus("#chart-cost summary");
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#chart-cost table").isVisible());
  await page.goto(at("/usage"));
  await focus("form.visitor button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#key");
}));

test("dashboard: an open server shows its usage and says how keys begin", () => withPage(at("/usage", "open"), async (page, { context }) => {
  assert.match(await page.locator("main").innerText(), /No request has ended/);
  await assertAccessible(page);
  await page.goto(at("/keys", "open"));
  assert.match(await page.locator("main").innerText(), /tramontane keys create --admin/);
  await assertAccessible(page);
  assert.deepEqual(await context.cookies(), []);
}));
