// The console's shell and its reading pages: look, keyboard, no scripts, shortcuts, copying, the calculator.
import assert from "node:assert/strict";
import test from "node:test";
import { assertAccessible, assertFits, server, withPage } from "../browser.js";

const at = (path, name = "demo") => server(name) + path;
const paths = ["/", "/cost?hw=900&tps=800&rpd=20000&cached=40", "/best-llm-for", "/self-hosted", "/compliance", "/glossary", "/nothing-here"];
const missing = { allow: /404/ };

for (const path of paths) for (const size of ["wide", "phone"]) {
  test(`console: ${path} is accessible and fits in both themes, ${size}`, () => withPage(at(path), async (page, { context }) => {
    for (const [colorScheme, background] of [["light", "rgb(253, 253, 253)"], ["dark", "rgb(12, 14, 17)"]]) {
      await page.emulateMedia({ colorScheme });
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), background);
      await assertAccessible(page);
    }
    await assertFits(page);
    assert.deepEqual(await context.cookies(), []);
  }, { size, ...missing }));
}

test("console: a page with own prices is accessible, its figures are those of the API, and two prices make a chart", () => withPage(at("/cost", "priced"), async (page) => {
  await assertAccessible(page);
  assert.equal(await page.locator(".price-chart path").count(), 2);
  assert.match(await page.locator("#f-price option:checked").innerText(), /This server: \$0.075 \/ \$0.20/);
  await page.goto(at("/", "priced"));
  await assertAccessible(page);
  const card = await page.evaluate(async () => (await (await fetch("/v1/models")).json()).data[0]);
  const shown = await page.locator(".stats .stat b").allInnerTexts();
  assert.deepEqual([card.pricing.prompt, card.pricing.completion], ["0.000000075", "0.0000002"]);
  assert.deepEqual(shown.slice(1, 3), ["$0.075", "$0.20"]);
  assert.match(await page.locator("#prices").innerText(), /per 1,000,000 tokens \(1 MTok\)[\s\S]*As of/);
}));

test("console: every page reads without scripts", async () => {
  for (const path of paths) {
    await withPage(at(path), async (page) => {
      assert.ok((await page.locator("main").innerText()).length > 100, path);
      assert.equal(await page.locator(".needs-js:visible").count(), 0);
      assert.equal(await page.getByText(/loading/i).count(), 0);
      await assertFits(page);
    }, { javaScript: false, ...missing });
  }
});

test("console: tabs, questions and tooltips work without scripts", () => withPage(at("/"), async (page) => {
  const chat = page.locator("#quick-start fieldset").first();
  await chat.getByText("PHP", { exact: true }).click();
  assert.match(await chat.locator(".panel:visible").innerText(), /<\?php/);
  await page.locator("summary").first().click();
  assert.match(await page.locator("details[open]").innerText(), /Apache-2.0/);
  await page.locator(".tip-mark").first().focus();
  assert.ok(await page.locator(".tip-body").first().isVisible());
}, { javaScript: false }));

test("console: the calculator works without scripts and its address can be shared", () => withPage(at("/cost"), async (page) => {
  await page.fill("#f-in", "1200");
  await page.fill("#f-out", "300");
  await page.fill("#f-rpd", "4000");
  await page.fill("#f-cached", "25");
  await page.selectOption("#f-price", "mistral-small-3.2@deepinfra");
  await page.fill("#f-pcached", "0.01");
  await page.click("button[type=submit]");
  assert.equal(await page.locator("[data-result=per-month]").innerText(), "$15.66");
  const shared = page.url();
  await page.goto(at("/"));
  await page.goto(shared);
  assert.deepEqual([await page.inputValue("#f-rpd"), await page.locator("[data-result=per-request]").innerText()], ["4000", "$0.0001305"]);
  await page.fill("#f-in", "many");
  await page.click("button[type=submit]");
  assert.match(await page.locator("#e-in").innerText(), /whole number/);
}, { javaScript: false, allow: /400/ }));

test("console: the calculator follows typing, keeps its address and says what the server says", () => withPage(at("/cost"), async (page) => {
  await page.fill("#f-rpd", "20000");
  await page.fill("#f-hw", "900");
  await page.fill("#f-tps", "800");
  await page.selectOption("#f-price", "mistral-small-3.2@deepinfra");
  const texts = async () => Object.fromEntries(await page.locator("[data-result]").evaluateAll((all) => all.map((e) => [e.dataset.result, e.textContent])));
  const live = await texts();
  const months = () => page.locator("#comparison tbody tr td:nth-child(6)").allInnerTexts();
  const liveMonths = await months();
  assert.deepEqual([live["per-month"], live["hardware-break-even"]], ["$105.00", "171,429 requests a day, more than one machine can do"]);
  assert.match(page.url(), /rpd=20000.*hw=900/);
  await page.reload();
  assert.deepEqual(await texts(), live);
  assert.deepEqual(await months(), liveMonths);
  assert.equal(liveMonths[1], "$105.00");
  await page.fill("#f-hw", "");
  assert.ok(await page.locator("#hardware-result").isHidden());
}));

test("console: the calculator says what is wrong while one types and goes on after an error page", () => withPage(at("/cost"), async (page) => {
  await page.fill("#f-in", "1,000");
  assert.deepEqual([await page.locator("#e-in").innerText(), await page.getAttribute("#f-in", "aria-invalid")], ["Give a whole number from 0 to 1,000,000.", "true"]);
  assert.ok(await page.isHidden("#result-figures"));
  assert.equal(await page.locator("#comparison tbody tr td:nth-child(6)").first().innerText(), "–");
  await page.click("button[type=submit]");
  await page.waitForURL(/in=1%2C000/);
  assert.match(await page.locator("#e-in").innerText(), /whole number/);
  await assertAccessible(page);
  await page.fill("#f-in", "2000");
  await page.click("button[type=submit]");
  assert.match(await page.locator("[data-result=per-month]").innerText(), /^\$/);
  assert.ok(await page.isHidden("#e-in"));
  for (const [name, value] of [["in", "2000000"], ["cached", "150"], ["rpd", ""], ["pin", "0.0000001"], ["tps", "0"]]) {
    const before = await page.inputValue(`#f-${name}`);
    await page.fill(`#f-${name}`, value);
    assert.ok(await page.isVisible(`#e-${name}`), name);
    assert.ok(await page.isVisible("#result-problem"), name);
    await page.fill(`#f-${name}`, before);
    assert.ok(await page.isHidden(`#e-${name}`), name);
  }
}, { allow: /400/ }));

test("console: the calculator's result is told in one sentence when typing rests, and no verdict is given without a speed", () => withPage(at("/cost"), async (page) => {
  await page.clock.install();
  await page.evaluate(() => {
    globalThis.told = [];
    new MutationObserver(() => globalThis.told.push(document.getElementById("announce").textContent)).observe(document.getElementById("announce"), { childList: true });
  });
  await page.focus("#f-hw");
  await page.keyboard.type("900");
  await page.clock.runFor(2_000);
  const told = await page.evaluate(() => globalThis.told);
  assert.equal(told.length, 1);
  assert.match(told[0], /^\$[\d.,]+ a month\. Give a speed/);
  assert.equal(await page.locator("main [aria-live=polite]").count(), 0);
  assert.match(await page.locator("[data-result=hardware-verdict]").innerText(), /Give a speed/);
}));

test("console: single keys can be switched off, and stay off", () => withPage(at("/"), async (page) => {
  await page.click("[data-dialog=shortcuts]");
  await assertAccessible(page);
  await page.uncheck("#shortcuts-on");
  await page.keyboard.press("Escape");
  const quiet = async () => {
    await page.keyboard.press("?");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    assert.equal(new URL(page.url()).pathname, "/");
  };
  await quiet();
  await page.reload();
  await quiet();
  await page.click("[data-dialog=shortcuts]");
  await page.check("#shortcuts-on");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  assert.ok(await page.locator("#shortcuts").isVisible());
}));

test("console: g and a second key within a second lead to the pages, later keys do not", () => withPage(at("/"), async (page) => {
  await page.clock.install();
  for (const [key, path] of [["b", "/best-llm-for"], ["c", "/cost"], ["s", "/self-hosted"], ["x", "/compliance"], ["h", "/"]]) {
    await page.keyboard.press("g");
    await page.clock.runFor(900);
    await Promise.all([page.waitForURL((url) => url.pathname === path), page.keyboard.press(key)]);
    await page.waitForLoadState();
  }
  const before = page.url();
  await page.keyboard.press("g");
  await page.clock.runFor(1200);
  await page.keyboard.press("b");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.keyboard.press("b");
  await page.keyboard.press("Control+g");
  await page.keyboard.press("b");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  assert.equal(page.url(), before);
}));

test("console: ? opens the list, Esc closes it and gives the focus back, / goes to the first field", () => withPage(at("/cost"), async (page) => {
  await page.focus(".brand");
  await page.keyboard.press("?");
  const dialog = page.locator("#shortcuts");
  assert.ok(await dialog.isVisible());
  for (const text of ["Show this list", "Cost", "Best for", "Self-hosted", "Compliance", "Model"]) assert.ok(await dialog.getByText(text, { exact: true }).isVisible(), text);
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  assert.ok(await dialog.isHidden());
  assert.equal(await page.evaluate(() => document.activeElement.className), "brand");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-in");
}));

test("console: shortcuts are ignored while typing, and Esc leaves the field", () => withPage(at("/cost"), async (page) => {
  await page.fill("#f-pin", "");
  await page.focus("#f-pin");
  await page.keyboard.type("?g/");
  assert.equal(await page.inputValue("#f-pin"), "?g/");
  await page.keyboard.press("b");
  assert.ok(await page.locator("#shortcuts").isHidden());
  assert.match(page.url(), /\/cost/);
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BODY");
}));

test("console: everything is reached and used with the keyboard alone", () => withPage(at("/"), async (page) => {
  const active = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.getAttribute("aria-label") || document.activeElement.id);
  await page.keyboard.press("Tab");
  assert.equal(await active(), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("Tab");
  assert.equal(await active(), "Copy model id");
  // Every control is met once, in the order of the page, and shows its focus.
  const expected = await page.locator("main a, main button, main summary, main [tabindex='0'], main input:checked").count();
  const seen = new Set();
  for (let i = 0; i < expected + 20; i++) {
    const found = await page.evaluate(() => {
      const e = document.activeElement;
      if (!document.querySelector("main").contains(e)) return null;
      e.dataset.seen ??= String(document.querySelectorAll("[data-seen]").length);
      const mark = e.matches(".tabs > input") ? e.nextElementSibling : e;
      return [e.dataset.seen, getComputedStyle(mark).outlineStyle];
    });
    if (found === null) break;
    assert.notEqual(found[1], "none", `no visible focus on element ${found[0]}: ${await active()}`);
    seen.add(found[0]);
    await page.keyboard.press("Tab");
  }
  assert.ok(seen.size > 40 && seen.size <= expected, `${seen.size} of ${expected}`);
  await page.locator("#quick-start fieldset input").first().focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator("#quick-start .panel:visible").first().innerText(), /urllib/);
}));

test("console: tooltips show on focus and hover, lead to the glossary and close with Esc", () => withPage(at("/"), async (page) => {
  const tip = page.locator(".hero .tip").first();
  await tip.locator("button").focus();
  assert.ok(await tip.locator(".tip-body").isVisible());
  await page.keyboard.press("Escape");
  assert.ok(await tip.locator(".tip-body").isHidden());
  await page.locator(".hero .tip").nth(1).hover();
  await tip.hover();
  assert.ok(await tip.locator(".tip-body").isVisible());
  await tip.getByText("Glossary →").click();
  await page.waitForURL(/\/glossary#context$/);
  for (const id of ["vision", "tools", "json", "context", "input-price", "output-price"]) assert.equal(await page.locator(`#${id}`).count(), 1, id);
}));

test("console: every term of the first page has a tip that opens and an entry that its link leads to", () => withPage(at("/"), async (page) => {
  const tips = page.locator("main .tip");
  const links = [];
  for (const tip of await tips.all()) {
    await tip.locator("button").focus();
    assert.ok(await tip.locator(".tip-body").isVisible());
    links.push(await tip.locator("a").getAttribute("href"));
  }
  assert.ok(links.length > 10);
  await page.goto(at("/glossary"));
  const missing = await page.evaluate((all) => all.filter((href) => document.getElementById(href.split("#")[1]) === null), links);
  assert.deepEqual(missing, []);
}));

test("console: the theme is switched and remembered", () => withPage(at("/"), async (page) => {
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.click("[data-theme-switch]");
  assert.equal(await scheme(), "dark");
  await page.goto(at("/glossary"));
  assert.equal(await scheme(), "dark");
  await page.click("[data-theme-switch]");
  assert.equal(await scheme(), "light");
}));

test("console: what is copied is what is shown", () => withPage(at("/"), async (page, { context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.click("button[aria-label='Copy model id']");
  await page.locator(".copied").waitFor();
  assert.equal(await clipboard(), "tramontane-demo");
  assert.equal(await page.locator("#announce").innerText(), "Copied");
  const code = page.locator("figure.code").first();
  await code.locator("button").click();
  await code.locator(".copied").waitFor();
  assert.equal(await clipboard(), await code.locator("code").evaluate((e) => e.textContent));
  assert.match(await clipboard(), new RegExp(`^curl ${server("demo")}/v1/chat/completions`));
}));

test("console: copying works where the page may not use the clipboard", () => withPage(at("/"), async (page, { context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("refused")); });
  await page.click("button[aria-label='Copy model id']");
  await page.locator(".copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "tramontane-demo");
}));

test("console: the language of samples is chosen once for all and remembered", () => withPage(at("/"), async (page) => {
  await page.locator("#quick-start fieldset").first().getByText("JavaScript", { exact: true }).click();
  const shown = () => page.locator("#quick-start-stream-2").isChecked();
  assert.ok(await shown());
  await page.reload();
  assert.ok(await shown());
}));

test("console: a page stays as it is when storage is refused", () => withPage(at("/"), async (page) => {
  await page.addInitScript(() => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("refused", "SecurityError"); } }));
  await page.reload();
  await page.click("[data-theme-switch]");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
}));

test("console: links in the page lead to places that exist", () => withPage(at("/"), async (page) => {
  const wrong = await page.evaluate(() => [...document.querySelectorAll("a[href^='#']")].map((a) => a.getAttribute("href")).filter((h) => document.getElementById(h.slice(1)) === null));
  assert.deepEqual(wrong, []);
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((e) => e.id));
  assert.equal(new Set(ids).size, ids.length);
}));
