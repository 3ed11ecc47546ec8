// Pages in the system's Chromium. Every page is watched: an error, a violation of the content security policy or a request to
// anywhere else than its own server fails the test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Addresses of the servers that the .NET test has started, by name. */
export const server = (name) => {
  const url = process.env[`TRAMONTANE_${name.toUpperCase()}_URL`];
  assert.ok(url, `TRAMONTANE_${name.toUpperCase()}_URL is not set: run these tests with dotnet test (Console/BrowserTests.cs).`);
  return url.replace(/\/$/, "");
};

let browser;
after(async () => { await browser?.close(); });

export const widths = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/**
 * Opens a page, lets a test use it, and closes it.
 * @param {string} url
 * @param {(page: import("playwright-core").Page, more: object) => Promise<void>} use
 * @param {{size?: "wide" | "phone", theme?: "light" | "dark", javaScript?: boolean, allow?: RegExp}} options `allow`: console errors that the test expects
 */
export async function withPage(url, use, { size = "wide", theme = "light", javaScript = true, allow } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const context = await browser.newContext({ viewport: widths[size], colorScheme: theme, javaScriptEnabled: javaScript, reducedMotion: "reduce" });
  context.setDefaultTimeout(20_000);
  const faults = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("console", (message) => { if (message.type() === "error" && !allow?.test(message.text())) faults.push(`console: ${message.text()}`); });
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== new URL(url).origin) faults.push(`request to ${request.url()}`);
    });
    await page.goto(url);
    await use(page, { context });
  } finally {
    await context.close();
  }
  assert.deepEqual(faults, []);
}

/** Looks for what hinders people: rules of WCAG 2.2 A and AA and good practice. */
export async function assertAccessible(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join("; ")}`), []);
}

/** Nothing is wider than the window. */
export async function assertFits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `${content} px wide in ${window}`);
}

/**
 * Stands before a server that is lost: of the first reply of a path only the first 4,000 bytes go on, until the test ends the
 * connection as a dead process would. All else passes as it is.
 * @param {string} target
 * @param {string} path
 * @param {(url: string, lose: () => void) => Promise<void>} use
 */
export async function withLostServer(target, path, use) {
  let held, lose = () => assert.fail(`nothing has asked ${path}`);
  const proxy = createServer((incoming, outgoing) => {
    const onward = send(target + incoming.url, { method: incoming.method, headers: { ...incoming.headers, connection: "close" } }, (reply) => {
      const { connection, ...headers } = reply.headers;
      outgoing.writeHead(reply.statusCode, headers);
      if (incoming.url !== path || held) { reply.pipe(outgoing); return; }
      held = reply;
      let seen = 0;
      reply.on("data", (bytes) => {
        const rest = Math.max(4_000 - seen, 0);
        seen += bytes.length;
        if (rest > 0) outgoing.write(bytes.subarray(0, rest));
      });
      lose = () => { onward.destroy(); outgoing.destroy(); };
      for (const end of [reply, outgoing]) end.on("error", () => {}); // of the cut
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  try {
    await use(`http://127.0.0.1:${proxy.address().port}`, () => lose());
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}
