// A conversation and its set-up as plain data: what the history keeps, links carry and files hold. What comes from outside
// goes through readConversation, which takes over nothing that it does not know.

/**
 * @typedef {{url: string, name: string, bytes: number}} Image `url` is a data URL
 * @typedef {{role: "user" | "assistant" | "tool", text: string, images?: Image[], toolCalls?: import("./answer.js").ToolCall[],
 *   toolCallId?: string, format?: {type: string, schema?: string}, run?: Run, error?: object}} Message `format`: what the answer was asked to fit
 * @typedef {{requestId: string | null, ignored: string | null, finish: string | null, usage: object | null, firstTokenMs: number | null, totalMs: number, stopped?: boolean}} Run
 * @typedef {Record<string, string>} Setup the controls by name, as they were typed
 * @typedef {{id: string, title: string, created: number, updated: number, setup: Setup, messages: Message[]}} Conversation
 */

/** Messages of a conversation that comes from outside. */
export const maxMessages = 2_000;

/** @returns {Conversation} */
export const newConversation = (setup, now = Date.now()) => ({ id: crypto.randomUUID(), title: "", created: now, updated: now, setup: { ...setup }, messages: [] });

/** What the history calls it: its own title, or how it begins. */
export function titleOf(conversation) {
  if (conversation.title) return conversation.title;
  const first = conversation.messages.find((m) => m.role === "user");
  const line = first?.text.trim().split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line || (first?.images?.length ? "Image" : "New conversation");
}

/** The messages as the API takes them. @param {Setup} setup @param {Message[]} messages */
export function toApiMessages(setup, messages) {
  const system = (setup.system ?? "").trim();
  return [...(system ? [{ role: "system", content: system }] : []), ...messages.flatMap(toApiMessage)];
}

/** @param {Message} message */
function toApiMessage(message) {
  if (message.role === "user") {
    const images = (message.images ?? []).map((image) => ({ type: "image_url", image_url: { url: image.url } }));
    if (images.length === 0) return [{ role: "user", content: message.text }];
    return [{ role: "user", content: [...images, ...(message.text ? [{ type: "text", text: message.text }] : [])] }];
  }
  if (message.role === "tool") return [{ role: "tool", tool_call_id: message.toolCallId, content: message.text }];
  const calls = message.toolCalls ?? [];
  if (message.text === "" && calls.length === 0) return []; // stopped or refused before its first token
  return [{
    role: "assistant", content: message.text,
    ...(calls.length > 0 ? { tool_calls: calls.map((c) => ({ id: c.id, type: "function", function: { name: c.name, arguments: c.arguments } })) } : {}),
  }];
}

/** Calls at the end that have no result yet: `[index of the message, calls]`. @param {Message[]} messages */
export function openCalls(messages) {
  let last = messages.length - 1;
  while (last >= 0 && messages[last].role === "tool") last--;
  const calls = messages[last]?.toolCalls ?? [];
  const answered = new Set(messages.slice(last + 1).map((m) => m.toolCallId));
  return calls.filter((c) => !answered.has(c.id));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const text = (value, limit = 4_000_000) => (typeof value === "string" ? value.slice(0, limit) : "");
const count = (value) => (Number.isFinite(value) && value >= 0 ? value : 0);

/** A conversation from a link or a file, with nothing in it that is of the wrong kind. @returns {Conversation} */
export function readConversation(value, now = Date.now()) {
  if (!isObject(value) || !Array.isArray(value.messages)) throw new TypeError("This is no conversation.");
  const setup = Object.fromEntries(Object.entries(isObject(value.setup) ? value.setup : {})
    .filter(([name, v]) => /^[a-z_]{1,40}$/.test(name) && typeof v === "string").map(([name, v]) => [name, text(v)]));
  return {
    id: typeof value.id === "string" && /^[\w-]{1,64}$/.test(value.id) ? value.id : crypto.randomUUID(),
    title: text(value.title, 200), created: count(value.created) || now, updated: count(value.updated) || now,
    setup, messages: value.messages.slice(0, maxMessages).map(readMessage),
  };
}

/** @returns {Message} */
function readMessage(value) {
  if (!isObject(value) || !["user", "assistant", "tool"].includes(value.role)) throw new TypeError("A message has no role that is known here.");
  const message = { role: value.role, text: text(value.text) };
  if (message.role === "user") {
    message.images = (Array.isArray(value.images) ? value.images : []).filter((i) => isObject(i) && /^data:image\/[\w.+-]+;base64,/.test(i.url))
      .map((i) => ({ url: text(i.url, 100_000_000), name: text(i.name, 200), bytes: count(i.bytes) }));
  } else if (message.role === "tool") {
    message.toolCallId = text(value.toolCallId, 200);
  } else {
    message.toolCalls = (Array.isArray(value.toolCalls) ? value.toolCalls : []).filter(isObject)
      .map((c) => ({ id: text(c.id, 200), name: text(c.name, 200), arguments: text(c.arguments) }));
    if (isObject(value.format) && ["json_object", "json_schema"].includes(value.format.type)) message.format = { type: value.format.type, schema: text(value.format.schema) };
    if (isObject(value.run)) message.run = readRun(value.run);
    if (isObject(value.error)) message.error = { message: text(value.error.message), status: count(value.error.status), code: text(value.error.code, 200), requestId: text(value.error.requestId, 200) };
  }
  return message;
}

/** @returns {Run} */
function readRun(run) {
  const optional = (v, limit = 200) => (typeof v === "string" ? v.slice(0, limit) : null);
  return {
    requestId: optional(run.requestId), ignored: optional(run.ignored, 4_000), finish: optional(run.finish),
    usage: readUsage(run.usage),
    firstTokenMs: Number.isFinite(run.firstTokenMs) && run.firstTokenMs >= 0 ? run.firstTokenMs : null, totalMs: count(run.totalMs), stopped: run.stopped === true,
  };
}

/** Token counts and cost as the server reports them; null when a count is missing or none. */
function readUsage(usage) {
  if (!isObject(usage)) return null;
  const isCount = (v) => Number.isSafeInteger(v) && v >= 0;
  const cached = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details.cached_tokens ?? 0 : 0;
  if (!isCount(usage.prompt_tokens) || !isCount(usage.completion_tokens) || !isCount(cached) || cached > usage.prompt_tokens) return null;
  const read = { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens, prompt_tokens_details: { cached_tokens: cached } };
  const currency = isObject(usage.cost_details) ? text(usage.cost_details.currency, 3) : "";
  return Number.isFinite(usage.cost) && usage.cost >= 0 && usage.cost < 1e9 && /^[A-Z]{3}$/.test(currency) ? { ...read, cost: usage.cost, cost_details: { currency } } : read;
}
