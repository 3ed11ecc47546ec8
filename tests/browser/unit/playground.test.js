import assert from "node:assert/strict";
import test from "node:test";
import { deflateRawSync } from "node:zlib";
import { addChunk, emptyAnswer } from "../../../src/Tramontane.Server/Console/Assets/playground/answer.js";
import { ApiFailure, countTokens, streamChat } from "../../../src/Tramontane.Server/Console/Assets/playground/client.js";
import { maxMessages, newConversation, openCalls, readConversation, titleOf, toApiMessages } from "../../../src/Tramontane.Server/Console/Assets/playground/conversation.js";
import { costOf, formatMoney, fromNumber, pricePerToken } from "../../../src/Tramontane.Server/Console/Assets/playground/cost.js";
import { createCounter, withoutImages } from "../../../src/Tramontane.Server/Console/Assets/playground/counter.js";
import { costOfRun, factsOf } from "../../../src/Tramontane.Server/Console/Assets/playground/facts.js";
import { createHistory, memoryBackend } from "../../../src/Tramontane.Server/Console/Assets/playground/history.js";
import { growMarkdown, inline, parseMarkdown, safeUrl } from "../../../src/Tramontane.Server/Console/Assets/playground/markdown.js";
import { buildRequest, readStop, toolNames } from "../../../src/Tramontane.Server/Console/Assets/playground/request.js";
import { fill, literal, withoutLargeImages } from "../../../src/Tramontane.Server/Console/Assets/playground/samples.js";
import { judge, validate } from "../../../src/Tramontane.Server/Console/Assets/playground/schema.js";
import { fromFragment, maxImageCharacters, toFragment } from "../../../src/Tramontane.Server/Console/Assets/playground/share.js";
import { createSseParser } from "../../../src/Tramontane.Server/Console/Assets/playground/sse.js";

const events = (pieces) => {
  const seen = [];
  const parser = createSseParser((e) => seen.push(e));
  pieces.forEach((p) => parser.push(p));
  return seen;
};

test("sse: every way to cut a stream gives the same events", () => {
  const text = ": hello\r\nevent: a\r\ndata: one\r\ndata:two\n\ndata: 🎉 {\"x\":1}\r\rid: 7\ndata\n\nevent: without data\n\ndata: open";
  const whole = events([text]);
  assert.deepEqual(whole, [{ type: "a", data: "one\ntwo", id: "" }, { type: "message", data: "🎉 {\"x\":1}", id: "" }, { type: "message", data: "", id: "7" }]);
  for (let i = 0; i <= text.length; i++) {
    for (let j = i; j <= text.length; j++) assert.deepEqual(events([text.slice(0, i), text.slice(i, j), text.slice(j)]), whole, `${i} ${j}`);
  }
});

test("answer: text and calls grow from their pieces", () => {
  const answer = emptyAnswer();
  assert.equal(addChunk(answer, { choices: [{ delta: { role: "assistant", content: "" } }] }), false);
  assert.equal(addChunk(answer, { choices: [{ delta: { content: "Hi" } }] }), true);
  addChunk(answer, { choices: [{ delta: { tool_calls: [{ index: 0, id: "abc", function: { name: "f", arguments: "{\"a\"" } }] } }] });
  addChunk(answer, { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: ":1}" } }] } }] });
  addChunk(answer, { choices: [{ delta: {}, finish_reason: "tool_calls" }], usage: { prompt_tokens: 3 } });
  assert.deepEqual(answer, { content: "Hi", toolCalls: [{ id: "abc", name: "f", arguments: "{\"a\":1}" }], finish: "tool_calls", usage: { prompt_tokens: 3 }, model: null });
});

const reply = (chunks, { status = 200, headers = {} } = {}) => new Response(new ReadableStream({
  start(controller) { chunks.forEach((c) => controller.enqueue(new TextEncoder().encode(c))); controller.close(); },
}), { status, headers });

test("client: a stream gives the answer, its times and the reply's headers", async () => {
  let clock = 0, sent;
  const run = await streamChat({ stream: true }, {
    key: "secret", now: () => (clock += 10),
    fetch: async (url, init) => { sent = { url, ...init }; return reply(["data: {\"choices\":[{\"delta\":{\"content\":\"é", "\"}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"], { headers: { "x-request-id": "req_1", "x-ignored-fields": "user" } }); },
  });
  assert.equal(sent.headers.Authorization, "Bearer secret");
  assert.equal(sent.body, "{\"stream\":true}");
  assert.deepEqual([run.answer.content, run.answer.finish, run.requestId, run.ignored], ["é", "stop", "req_1", "user"]);
  assert.ok(run.firstTokenMs > 0 && run.totalMs >= run.firstTokenMs);
});

test("client: without a key there is no header for it", async () => {
  let sent;
  await countTokens({ model: "m", messages: [] }, { fetch: async (_, init) => { sent = init; return Response.json({ count: 4, max_model_len: 8 }); } });
  assert.equal("Authorization" in sent.headers, false);
});

for (const [name, answer, expected] of [
  ["a refusal", () => Response.json({ error: { message: "Too hot.", code: "c", param: "temperature" } }, { status: 400, headers: { "x-request-id": "r" } }), /Too hot/],
  ["a reply that is no JSON", () => new Response("<html>", { status: 502 }), /<html>/],
  ["an error within the stream", () => reply(["data: {\"error\":{\"message\":\"engine stopped\"}}\n\n"]), /engine stopped/],
  ["a stream that ends early", () => reply(["data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"]), /before the answer was whole/],
  ["an event that is no JSON", () => reply(["data: {\n\n"]), /no JSON/],
  ["no network", () => { throw new TypeError("fetch failed"); }, /does not answer/],
]) {
  test(`client: ${name} is a failure in words`, async () => {
    await assert.rejects(streamChat({}, { fetch: async () => answer() }), (e) => e instanceof ApiFailure && expected.test(e.message));
  });
}

test("client: a stop keeps what has come", async () => {
  const abort = new AbortController();
  const stream = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("data: {\"choices\":[{\"delta\":{\"content\":\"part\"}}]}\n\n")); abort.signal.addEventListener("abort", () => c.error(new Error("aborted"))); } });
  const run = await streamChat({}, { signal: abort.signal, fetch: async () => new Response(stream), onUpdate: () => abort.abort() });
  assert.deepEqual([run.stopped, run.answer.content], [true, "part"]);
});

const setup = { system: " Be brief. ", temperature: "0.7" };
const controls = [
  { name: "temperature", kind: "decimal", minimum: 0, maximum: 2, apiDefault: null, preset: "0.7" },
  { name: "frequency_penalty", kind: "decimal", minimum: -2, maximum: 2, apiDefault: "0", preset: "0" },
  { name: "top_k", kind: "integer", minimum: -1, maximum: null, apiDefault: "0", preset: null },
  { name: "seed", kind: "integer", minimum: null, maximum: null, apiDefault: null, preset: null },
];
const build = (more, messages = [{ role: "user", text: "Hi" }]) => buildRequest({ setup: { ...setup, ...more }, messages, model: "m", controls });

test("request: what the page sets is sent, and what differs from the API's default", () => {
  assert.deepEqual(build({ frequency_penalty: "0", top_k: "0", seed: "" }).body, {
    model: "m", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }], temperature: 0.7, frequency_penalty: 0, stream: true,
  });
  assert.deepEqual([build({ top_k: "40", seed: "-5" }).body.top_k, build({ seed: "-5" }).body.seed], [40, -5]);
});

for (const [field, value] of [["temperature", "2.1"], ["temperature", "hot"], ["top_k", "1.5"], ["top_k", "-2"], ["seed", "9007199254740993"], ["logit_bias", "[1]"], ["logit_bias", "{"], ["stop", "a\nb\nc\nd\ne"], ["tools", "{}"]]) {
  test(`request: ${field} = ${JSON.stringify(value)} is a problem of that field`, () => assert.deepEqual(build({ [field]: value }).problems.map((p) => p.field), [field]));
}

test("request: formats, tools, stop texts and bias", () => {
  const { body, problems } = build({
    stop: "END\n\\n\\n\na\\\\b", logit_bias: "{\"5\": -100}", response_format: "json_schema", schema: "{\"type\":\"object\"}",
    tools: "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", tool_choice: "function:f", parallel_tool_calls: "",
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(body.stop, ["END", "\n\n", "a\\b"]);
  assert.deepEqual(body.logit_bias, { 5: -100 });
  assert.deepEqual(body.response_format, { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" }, strict: true } });
  assert.deepEqual([body.tool_choice, body.parallel_tool_calls], [{ type: "function", function: { name: "f" } }, false]);
  assert.equal(build({ tools: "[]", tool_choice: "required" }).body.tool_choice, undefined);
  assert.equal(build({ response_format: "json_schema", schema: "" }).problems[0].field, "schema");
  assert.deepEqual(readStop(""), []);
  assert.deepEqual(toolNames(body.tools && "[{\"function\":{\"name\":\"f\"}},1]"), ["f"]);
  assert.deepEqual(toolNames("{"), []);
});

test("conversation: messages become the API's, images first and calls with their results", () => {
  const calls = [{ id: "1", name: "f", arguments: "{}" }, { id: "2", name: "g", arguments: "{}" }];
  const messages = [
    { role: "user", text: "What?", images: [{ url: "data:image/png;base64,AA", name: "a", bytes: 1 }] },
    { role: "assistant", text: "", toolCalls: calls },
    { role: "tool", text: "7", toolCallId: "1" },
  ];
  assert.deepEqual(openCalls(messages), [calls[1]]);
  assert.deepEqual(openCalls([]), []);
  assert.deepEqual(toApiMessages({}, messages), [
    { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }, { type: "text", text: "What?" }] },
    { role: "assistant", content: "", tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }, { id: "2", type: "function", function: { name: "g", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "1", content: "7" },
  ]);
  assert.deepEqual(toApiMessages({}, [{ role: "assistant", text: "" }]), []); // a stop before the first token leaves nothing to send
});

test("conversation: what comes from outside loses what is not known", () => {
  const read = readConversation({
    id: "../x", title: 5, key: "secret", setup: { temperature: "1", key: 7, "__proto__x!": "y" },
    messages: [{ role: "user", text: "a", images: [{ url: "https://evil.example/x.png" }, { url: "data:image/png;base64,AA" }, { url: "data:text/html;base64,AA" }], extra: 1 }, { role: "assistant", text: 3, run: { requestId: 4, totalMs: "x" } }],
  });
  assert.match(read.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([read.title, read.setup, Object.keys(read)], ["", { temperature: "1" }, ["id", "title", "created", "updated", "setup", "messages"]]);
  assert.deepEqual(read.messages[0], { role: "user", text: "a", images: [{ url: "data:image/png;base64,AA", name: "", bytes: 0 }] });
  assert.deepEqual([read.messages[1].text, read.messages[1].run.requestId, read.messages[1].run.totalMs], ["", null, 0]);
  for (const bad of [null, 1, {}, { messages: [{ role: "system" }] }, { messages: [null] }]) assert.throws(() => readConversation(bad), TypeError);
});

test("conversation: usage from outside is taken over field by field, or not at all", () => {
  const read = (usage) => readConversation({ messages: [{ role: "assistant", text: "a", run: { totalMs: 1, usage } }] }).messages[0].run;
  const whole = { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 }, cost: 0.000001, cost_details: { currency: "EUR" } };
  assert.deepEqual(read({ ...whole, more: 1 }).usage, whole);
  assert.deepEqual(read({ prompt_tokens: 1, completion_tokens: 0 }).usage, { prompt_tokens: 1, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } });
  const prices = { currency: "EUR", prompt: "1", cached: "0.5", completion: "2" };
  for (const bad of [{}, { prompt_tokens: "1", completion_tokens: 1 }, { prompt_tokens: 1.5, completion_tokens: 1 }, { prompt_tokens: 1 }, { prompt_tokens: -1, completion_tokens: 1 }, { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 2 } }, [], "x"]) {
    assert.equal(read(bad).usage, null, JSON.stringify(bad));
    factsOf(read(bad), prices);
  }
  for (const cost of [1e300, -1, "1", null]) assert.equal("cost" in read({ ...whole, cost }).usage, false);
  for (const details of [null, {}, { currency: "<b>" }]) factsOf(read({ ...whole, cost_details: details }), prices);
});

test("conversation: the title is its own, or the first line", () => {
  const c = newConversation({});
  assert.equal(titleOf(c), "New conversation");
  c.messages.push({ role: "user", text: `${"x".repeat(80)}\nmore` });
  assert.equal(titleOf(c).length, 60);
  c.title = "Mine";
  assert.equal(titleOf(c), "Mine");
});

test("share: a link gives back the set-up and the messages, and neither large images nor anything else", async () => {
  const small = { url: "data:image/png;base64,AAAA", name: "s", bytes: 3 };
  const large = { url: `data:image/png;base64,${"A".repeat(maxImageCharacters)}`, name: "l", bytes: 9 };
  const c = { ...newConversation({ system: "Grüße 🎉", seed: "7" }), key: "secret", messages: [{ role: "user", text: "Hi", images: [small, large] }, { role: "assistant", text: "Yo", toolCalls: [], run: { requestId: "r", totalMs: 1 } }] };
  const { fragment, leftOut } = await toFragment(c);
  assert.match(fragment, /^#s=[\w-]+$/);
  assert.equal(leftOut, 1);
  const back = await fromFragment(fragment);
  assert.deepEqual(back.setup, c.setup);
  assert.deepEqual(back.messages, [{ role: "user", text: "Hi", images: [small] }, { role: "assistant", text: "Yo", toolCalls: [] }]);
  assert.equal(JSON.stringify(back).includes("secret"), false);
  assert.notEqual(back.id, c.id);
});

test("share: damaged, huge and foreign fragments are refused or are none", async () => {
  assert.equal(await fromFragment(""), null);
  assert.equal(await fromFragment("#section"), null);
  await assert.rejects(fromFragment("#s=!!!"), RangeError);
  await assert.rejects(fromFragment("#s=AAAA"), RangeError);
  await assert.rejects(fromFragment(`#s=${"A".repeat(200_001)}`), /too long/);
  const bomb = deflateRawSync(JSON.stringify({ v: 1, setup: { system: "x".repeat(3_000_000) }, messages: [] })).toString("base64url");
  await assert.rejects(fromFragment(`#s=${bomb}`), RangeError);
});

test("share: no link is made that would be refused", async () => {
  const noise = (length) => { let state = 1, text = ""; while (text.length < length) { state = state * 48_271 % 2_147_483_647; text += state.toString(36); } return text; };
  for (const [setup, messages] of [[{ system: "x".repeat(3_000_000) }, []], [{}, [{ role: "user", text: noise(400_000) }]], [{}, Array.from({ length: maxMessages + 1 }, () => ({ role: "user", text: "a" }))]]) {
    assert.deepEqual(await toFragment({ ...newConversation(setup), messages }), { fragment: null, leftOut: 0 });
  }
  const { fragment } = await toFragment({ ...newConversation({}), messages: [{ role: "user", text: noise(150_000) }] });
  assert.equal((await fromFragment(fragment)).messages[0].text, noise(150_000));
});

test("history: keeps, lists the newest first, renames, removes and restores", async () => {
  let clock = 0;
  const history = createHistory(memoryBackend(), () => ++clock);
  const made = ["one", "two"].map((text) => ({ ...newConversation({}), messages: [{ role: "user", text }] }));
  await history.save(newConversation({}));
  assert.deepEqual(await history.list(), []);
  for (const c of made) await history.save(c);
  assert.deepEqual((await history.list()).map((e) => e.title), ["two", "one"]);
  await history.save(made[0]);
  await history.rename(made[1].id, "  Zwei ");
  assert.deepEqual((await history.list()).map((e) => e.title), ["one", "Zwei"]);
  const removed = await history.remove(made[0].id);
  assert.equal(await history.load(made[0].id), null);
  await history.restore(removed);
  assert.equal((await history.load(made[0].id)).messages[0].text, "one");
  await history.clear();
  assert.deepEqual(await history.list(), []);
});

test("history: an export can be imported, and a damaged file changes nothing", async () => {
  const history = createHistory(memoryBackend());
  const c = { ...newConversation({ seed: "1" }), title: "T", messages: [{ role: "user", text: "Hi", images: [] }] };
  await history.save(c);
  const file = await history.exportAll();
  const other = createHistory(memoryBackend());
  assert.equal(await other.importAll(file), 1);
  assert.deepEqual(await other.load(c.id), await history.load(c.id));
  const damaged = JSON.stringify({ format: "tramontane-playground", version: 1, conversations: [{ messages: [] }, { messages: [{}] }] });
  for (const bad of ["{", "[]", "{\"format\":\"x\"}", JSON.stringify({ format: "tramontane-playground", version: 2, conversations: [] }), damaged]) {
    await assert.rejects(other.importAll(bad), TypeError);
  }
  assert.equal((await other.list()).length, 1);
});

test("cost: exact to the last digit", () => {
  assert.equal(pricePerToken("0.075"), 75_000n);
  assert.throws(() => pricePerToken("0.0000001"), RangeError);
  assert.throws(() => pricePerToken("-1"), RangeError);
  const prices = { prompt: "0.075", cached: "0.0375", completion: "0.2" };
  assert.equal(costOf(prices, { prompt: 1000, cached: 400, completion: 7 }), 600n * 75_000n + 400n * 37_500n + 7n * 200_000n);
  assert.equal(formatMoney(costOf(prices, { prompt: 500_000, cached: 0, completion: 500_000 }), "USD"), "$0.1375");
  assert.deepEqual([formatMoney(0n, "USD"), formatMoney(75_000n, "EUR"), formatMoney(-1n, "USD"), formatMoney(1_500_000_000_000n, "CHF")], ["$0.0000", "€0.000000075", "-$0.000000000001", "1.5000 CHF"]);
});

test("cost: a number of the server's reply keeps its twelve decimals", () => {
  for (let seed = 1; seed < 2_000; seed++) {
    const pico = BigInt(seed) * 7_919_973_137n % 999_999_999_999_999n;
    const text = formatMoney(pico, "X").slice(0, -2);
    assert.equal(fromNumber(JSON.parse(text)), pico, text);
  }
});

test("facts: the server's cost comes before the page's prices, and no price is no cost", () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 400 } };
  const prices = { currency: "EUR", prompt: "1", cached: "0.5", completion: "2" };
  assert.deepEqual(costOfRun({ usage: { ...usage, cost: 0.000123456789, cost_details: { currency: "USD" } } }, prices), { pico: 123_456_789n, currency: "USD", isCharged: true });
  assert.deepEqual(costOfRun({ usage }, prices), { pico: 600_000_000n + 200_000_000n + 20_000_000n, currency: "EUR", isCharged: false });
  assert.equal(costOfRun({ usage: { ...usage, cost: 0 } }, null), null);
  assert.equal(costOfRun({ usage: null }, prices), null);
});

test("facts: speed counts what comes after the first token", () => {
  const run = { usage: { prompt_tokens: 1234, completion_tokens: 11, prompt_tokens_details: { cached_tokens: 0 } }, firstTokenMs: 500, totalMs: 1500, finish: "length", ignored: "user", requestId: "req_1" };
  assert.deepEqual(factsOf(run, null).map((f) => f.text), ["1,234 in", "11 out", "10.0 tokens/s", "first token 500 ms", "1.50 s", "cut by the token limit", "without effect: user", "req_1"]);
  assert.deepEqual(factsOf({ usage: null, firstTokenMs: null, totalMs: 20, stopped: true }, null).map((f) => f.text), ["20 ms", "stopped"]);
});

test("schema: verdicts", () => {
  const schema = JSON.stringify({ type: "object", properties: { n: { type: "integer", minimum: 1 }, tags: { type: "array", items: { enum: ["a", "b"] }, uniqueItems: true } }, required: ["n"], additionalProperties: false });
  assert.deepEqual(judge("json_schema", schema, "{\"n\":1,\"tags\":[\"a\"]}"), { kind: "good", text: "Fits the schema." });
  assert.match(judge("json_schema", schema, "{\"n\":0}").text, /\/n is below 1/);
  assert.match(judge("json_schema", schema, "{\"tags\":[\"a\",\"a\"],\"x\":1}").text, /2 more/);
  assert.equal(judge("json_schema", schema, "{\"n\":").kind, "bad");
  assert.equal(judge("json_schema", "{\"format\":\"date\"}", "\"x\"").text, "Fits as far as checked here; not checked: format.");
  assert.deepEqual([judge("json_object", "", "{}").kind, judge("json_object", "", "[]").kind], ["good", "bad"]);
});

for (const [schema, good, bad] of [
  [{ type: ["string", "null"] }, [null, "x"], [1]],
  [{ const: { a: [1, 2], b: null } }, [{ b: null, a: [1, 2] }], [{ a: [2, 1], b: null }, null]],
  [{ anyOf: [{ type: "string" }, { minimum: 3 }] }, ["x", 3], [2]],
  [{ oneOf: [{ type: "number" }, { type: "integer" }] }, [1.5], [1, "x"]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }], not: { const: 1.5 } }, [1, 2], [0, 1.5]],
  [{ if: { type: "string" }, then: { minLength: 2 }, else: { type: "number" } }, ["ab", 1], ["a", null]],
  [{ $ref: "#/$defs/tree", $defs: { tree: { type: "object", properties: { child: { $ref: "#/$defs/tree" } }, additionalProperties: false } } }, [{}, { child: { child: {} } }], [{ child: { x: 1 } }]],
  [{ type: "string", pattern: "^a+$", maxLength: 3 }, ["aaa"], ["b", "aaaa"]],
  [{ prefixItems: [{ type: "string" }], items: { type: "number" }, minItems: 1 }, [["a", 1]], [[], [1], ["a", "b"]]],
  [{ additionalProperties: { type: "number" }, minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: "x" }, { a: 1, b: 1, c: 1 }]],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.25 }, [0.5], [0, 1, 0.3]],
  [false, [], [1]],
]) {
  test(`schema: ${JSON.stringify(schema).slice(0, 70)}`, () => {
    for (const value of good) assert.deepEqual(validate(schema, value).errors, [], JSON.stringify(value));
    for (const value of bad) assert.notDeepEqual(validate(schema, value).errors, [], JSON.stringify(value));
  });
}

test("schema: references that turn in circles end", () => {
  assert.match(validate({ $ref: "#" }, 1).unchecked[0], /nested deeper/);
  assert.deepEqual(validate({ $ref: "https://x.example/y" }, 1).unchecked, ["$ref https://x.example/y"]);
});

test("schema: no schema holds up the page, and what was not checked is said", () => {
  const turns = { allOf: [{ $ref: "#" }, { $ref: "#" }] };
  assert.deepEqual(validate(turns, 1), { errors: [], unchecked: ["what is nested deeper than 200 levels", "what takes more than 10,000 steps"] });
  assert.equal(judge("json_schema", JSON.stringify({ not: turns }), "1").kind, "warn");
  const text = `${"a".repeat(5_000)}b`;
  for (const pattern of ["^(a+)+$", "(a|a)*$", "(?:a{1,9}){1,9}$", "^a*a*a*a*$", "["]) {
    assert.deepEqual(validate({ pattern }, text), { errors: [], unchecked: [`pattern ${pattern}`] });
    assert.deepEqual(validate({ patternProperties: { [pattern]: {} }, additionalProperties: false }, { [text]: 1 }).errors, [], pattern);
  }
  assert.equal(validate({ uniqueItems: true }, Array.from({ length: 20_000 }, (_, i) => i)).unchecked.length, 1);
  assert.equal(validate({ pattern: "^[a-z.]+@[a-z]+\\.[a-z]+$" }, "someone@example").errors.length, 1);
  for (const wrong of [{ enum: 5 }, { properties: null }, { required: 5 }, { allOf: 1 }, { $ref: 5 }, { oneOf: {} }]) assert.equal(judge("json_schema", JSON.stringify(wrong), "{}").kind, "warn", JSON.stringify(wrong));
});

test("markdown: blocks", () => {
  const types = (text) => parseMarkdown(text).map((b) => b.type);
  assert.deepEqual(types("# A\n\ntext\nmore\n\n- x\n- y\n\n> q\n\n```js\n# no heading\n```\n---\n\n|a|b|\n|-|-:|\n|1|2|"), ["heading", "paragraph", "list", "quote", "code", "rule", "table"]);
  assert.deepEqual(parseMarkdown("```py\nopen"), [{ type: "code", language: "py", text: "open" }]); // still being written
  const [list] = parseMarkdown("3. a\n   - b\n   - c\n4. d");
  assert.deepEqual([list.ordered, list.start, list.items.length, list.items[0][1].type], [true, 3, 2, "list"]);
  assert.deepEqual(parseMarkdown("|a|b|\n|-|-:|\n|1\\|2|").at(0).rows, [[[{ type: "text", text: "1|2" }], []]]);
});

test("markdown: within a line", () => {
  assert.deepEqual(inline("a **b *c*** `d*` [e](https://x.example/) snake_case_name \\*f\\*").map((n) => n.type), ["text", "strong", "text", "code", "text", "link", "text"]);
  assert.deepEqual(inline("2 * 3 * 4 and a_b_c"), [{ type: "text", text: "2 * 3 * 4 and a_b_c" }]);
});

test("markdown: no other address than the web's and mail's becomes a link, and no HTML more than text", () => {
  for (const text of ["[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](vbscript:x)", "[x](/relative)", "<img src=x onerror=alert(1)>", "[x](java\tscript:alert)"]) {
    assert.equal(JSON.stringify(parseMarkdown(text)).includes("\"link\""), false, text);
  }
  assert.equal(safeUrl("JaVaScRiPt:alert(1)"), null);
  assert.deepEqual(inline("![alt](https://x.example/a.png)"), [{ type: "link", url: "https://x.example/a.png", children: [{ type: "text", text: "alt" }] }]); // not fetched
});

test("markdown: no text makes it slow, deep or lose letters", () => {
  const alphabet = ["*", "_", "`", "[", "](", ")", "#", "- ", "1. ", ">", "|", "-", "\n", "\n\n", " ", "  ", "a", "é", "~~", "\\", "```", "https://x.example"];
  for (let seed = 1; seed <= 3_000; seed++) {
    let state = seed, text = "";
    for (let i = 0; i < 60; i++) { state = (state * 1_103_515_245 + 12_345) % 2_147_483_648; text += alphabet[state % alphabet.length]; }
    const shown = JSON.stringify(parseMarkdown(text));
    assert.equal((shown.match(/é/g) ?? []).length >= (text.match(/é/g) ?? []).length, true, `seed ${seed}: ${JSON.stringify(text)}`);
  }
  for (const hostile of [">".repeat(20_000), "*".repeat(20_000), "[".repeat(20_000), "`".repeat(20_000), "- ".repeat(10_000), "**a ".repeat(5_000), "_a".repeat(10_000), "|".repeat(20_000) + "\n" + "|-".repeat(10_000)]) parseMarkdown(hostile);
});

test("markdown: a text that grows reads as the whole does, at every step", () => {
  const alphabet = ["*", "**", "_", "`", "#", "# ", "-", "- ", "1", ".", "1. ", ">", "> ", "|", "|-", "-|", "\n", "\n", "\n\n", "\r\n", " ", "  ", "    ", "a", "b c", "---", "```", "~~~"];
  for (let seed = 1; seed <= 1_500; seed++) {
    let state = seed, text = "", reading = null;
    for (let i = 0; i < 40; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      text += alphabet[state % alphabet.length];
      reading = growMarkdown(reading, text);
      assert.deepEqual(reading.tree, parseMarkdown(text), `seed ${seed}: ${JSON.stringify(text)}`);
    }
    assert.deepEqual(growMarkdown(reading, "other").tree, parseMarkdown("other"));
  }
});

test("markdown: of a long answer the end alone is read again", () => {
  const before = growMarkdown(null, Array.from({ length: 50 }, (_, i) => `Paragraph ${i}`).join("\n\n"));
  const after = growMarkdown(before, `${before.text} goes on\n\n- and on`);
  assert.equal(after.tree.length, 51);
  assert.equal(after.tree.filter((block, i) => block === before.tree[i]).length, 48);
  assert.deepEqual(after.tree[49].children, [{ type: "text", text: "Paragraph 49 goes on" }]);
});

test("markdown: marks without an end are looked for within 1,000 characters", () => {
  assert.equal(inline(`**${"a".repeat(900)}**`)[0].type, "strong");
  assert.equal(inline(`**${"a ".repeat(900)}a**`)[0].type, "text");
  parseMarkdown("**a `b __c ~~d ".repeat(20_000));
});

const image = (url) => ({ type: "image_url", image_url: { url } });
const withImages = (text, ...urls) => ({ model: "m", messages: [{ role: "user", content: [...urls.map(image), ...(text ? [{ type: "text", text }] : [])] }] });

/** Counts a token per letter and a hundred per image, and remembers what it was sent. */
function countingServer() {
  const sent = [];
  const server = createCounter(async (body) => {
    sent.push(JSON.stringify(body));
    const parts = body.messages.flatMap((m) => (typeof m.content === "string" ? [{ text: m.content }] : m.content));
    return { count: parts.reduce((n, part) => n + (part.text?.length ?? 100), 0), limit: 1_000 };
  });
  return { sent, count: async (body, key = "") => (await server.count(body, { key })).count };
}

test("counter: what has not changed is not asked again", async () => {
  const { sent, count } = countingServer();
  const body = { model: "m", messages: [{ role: "user", content: "Hello" }], temperature: 1 };
  assert.deepEqual([await count(body), await count({ ...body, temperature: 2 })], [5, 5]); // settings that are no part of the prompt
  assert.equal(sent.length, 1);
  assert.deepEqual([await count(body, "other"), await count({ ...body, tools: [] }, "other")], [5, 5]);
  assert.equal(sent.length, 3);
});

test("counter: images are sent once, and count all the same", async () => {
  const { sent, count } = countingServer();
  const one = `data:image/png;base64,${"A".repeat(5_000)}`;
  assert.deepEqual([await count(withImages("Hi", one)), await count(withImages("Hi you", one)), await count(withImages("What?", one))], [102, 106, 105]);
  assert.equal(sent.filter((body) => body.includes(one)).length, 1);
  assert.equal(await count(withImages("What?", one, "data:image/png;base64,BB")), 205);
  assert.equal(sent.filter((body) => body.includes(one)).length, 2);
  assert.equal(await count(withImages("", one)), 100); // a message of an image alone has no text to count without it
  assert.equal(withoutImages(withImages("", one)), null);
});

test("counter: a refusal is not asked for again until something changes, and a server that is away is", async () => {
  for (const [status, times] of [[401, 1], [400, 1], [429, 2], [503, 2], [0, 2]]) {
    let asked = 0;
    const { count } = createCounter(async () => { asked++; throw new ApiFailure("no", { status }); });
    for (let i = 0; i < 2; i++) await assert.rejects(count({ model: "m", messages: [] }, { key: "" }), ApiFailure);
    assert.equal(asked, times, String(status));
  }
});

test("samples: literals of every language", () => {
  const value = { a: [1, -0.5, true, null], "b\"": { c: "x\n$y\\\u0001é🎉" }, d: [], e: {} };
  assert.deepEqual(JSON.parse(literal("json", value)), value);
  assert.equal(literal("json", { a: [1] }, "    "), "{\n      \"a\": [\n        1\n      ]\n    }");
  assert.equal(literal("python", { a: true, b: null }), "{\n  \"a\": True,\n  \"b\": None,\n}");
  assert.equal(literal("php", { a: "$x\u0001", e: {} }), "[\n  \"a\" => \"\\$x\\u{1}\",\n  \"e\" => new stdClass(),\n]");
  assert.equal(literal("python", ""), "\"\"");
  assert.equal(fill({ literal: "json", indent: "", code: "x = {{body}};" }, "$&"), "x = \"$&\";");
});

test("samples: large images are left out and counted", () => {
  const url = `data:image/png;base64,${"A".repeat(3_000)}`;
  assert.deepEqual(withoutLargeImages({ messages: [{ image_url: { url } }] }), { body: { messages: [{ image_url: { url: "data:image/png;base64,…" } }] }, leftOut: 1 });
});
