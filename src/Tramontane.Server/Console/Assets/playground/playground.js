// The playground: what happens when.
import { announce } from "../site.js";
import { copyText } from "../clipboard.js";
import { readKey, writeKey } from "../key.js";
import { ApiFailure, countTokens, streamChat } from "./client.js";
import { newConversation, titleOf } from "./conversation.js";
import { costOf, formatMoney } from "./cost.js";
import { createCounter } from "./counter.js";
import { createCodeDialog, createShareDialog } from "./dialogs.js";
import { tokensOf } from "./facts.js";
import { browserBackend, createHistory, memoryBackend } from "./history.js";
import { createImages } from "./images.js";
import { createMessages, grow, icon } from "./messages.js";
import { createPanels } from "./panels.js";
import { buildRequest } from "./request.js";
import { createSettings } from "./settings.js";
import { fromFragment, prefix as sharePrefix } from "./share.js";
import { createSidebar } from "./sidebar.js";

const $ = (id) => document.getElementById(id);
const root = $("playground");
const config = JSON.parse(root.dataset.config);
const prices = config.prices ?? null;
const input = $("pg-input"), log = $("pg-log"), key = $("pg-key");

let conversation;
let running = null; // the AbortController of the answer that is being drawn
let removed = null; // the conversation that was deleted last
let history;
let problemOf = ""; // who told the problem that is shown
let back = null; // where in the conversation the focus was before an answer began
const answering = new Set(); // conversations whose answer has not ended
const dropped = new WeakSet(); // conversations that were deleted here: an answer that ends later must not bring them back

const panels = createPanels(root);
const settings = createSettings($("pg-form"), config, () => { countSoon(); saveSoon(); });
const images = createImages({
  list: $("pg-images"), input: $("pg-file"), area: input, drop: root.querySelector(".pg-chat"), limit: config.maxBodyBytes, icon: () => icon("close"),
  onChange: () => { tell(""); countSoon(); }, onProblem: tell,
});
const messages = createMessages($("pg-messages"), {
  prices,
  suggest: (call) => config.results[call.name] ?? "",
  onCopy: async (text) => announce(await copyText(text) ? "Copied" : "Copying failed: select the text and copy it by hand"),
  onRetry: (index) => answer({ next: conversation.messages.slice(0, index), from: index }),
  onDelete: (index) => { conversation.messages.splice(index); show(); save(); input.focus(); },
  onEdit: (index, text) => {
    const edited = { ...conversation.messages[index], text };
    if (edited.role !== "assistant") { answer({ next: [...conversation.messages.slice(0, index), edited], from: index, edited: text }); return; }
    conversation.messages[index] = edited;
    messages.stopEditing();
    show();
    save();
  },
  onResults: (index, results) => answer({ next: [...conversation.messages.slice(0, index), ...results.map((r) => ({ role: "tool", toolCallId: r.id, text: r.text }))] }),
  onLostFocus: (place) => {
    if (running === null) { input.focus(); return; }
    back = place;
    $("pg-stop").focus();
  },
});
const sidebar = createSidebar($("pg-entries"), {
  onOpen: (id) => open(id),
  onRename: async (id, title) => { await history.rename(id, title); if (id === conversation.id) conversation.title = title; await list(); },
  onDelete: async (id) => {
    for (const each of [conversation, ...answering]) if (each.id === id) dropped.add(each);
    removed = await history.remove(id);
    if (id === conversation.id) begin();
    if (removed) { $("pg-undo").hidden = false; $("pg-undo").firstElementChild.textContent = `Deleted “${titleOf(removed)}”.`; announce("Conversation deleted"); }
    await list();
    root.querySelector("[data-act='undo']").focus();
  },
});

const draft = () => (input.value.trim() !== "" || images.all.length > 0 ? [{ role: "user", text: input.value, images: images.all }] : []);
const request = (stream = true, all = [...conversation.messages, ...draft()]) => buildRequest({ setup: settings.read(), messages: all, model: config.model, controls: config.controls, stream });

/** Says what is wrong, until its teller takes it back or another takes its place. */
function tell(text, teller = "") {
  $("pg-problem").textContent = text;
  problemOf = teller;
}

function show({ busy = running !== null } = {}) {
  const held = document.activeElement;
  $("pg-welcome").hidden = conversation.messages.length > 0;
  $("pg-send").hidden = busy;
  $("pg-stop").hidden = !busy;
  root.classList.toggle("busy", busy);
  if (busy && held === $("pg-send")) $("pg-stop").focus(); // what is hidden loses the focus
  messages.show(conversation, { busy });
  if (busy || held !== $("pg-stop")) return;
  if (back === null) $("pg-send").focus();
  else if (!messages.focus(back)) input.focus();
  back = null;
}

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
const toEnd = () => { log.scrollTop = log.scrollHeight; };

/** Sends the message box's content. */
function send() {
  if (running) return;
  const more = draft();
  const last = conversation.messages.at(-1);
  if (more.length === 0 && (last === undefined || last.role === "assistant")) { tell("Write a message first."); input.focus(); return; }
  const next = [...conversation.messages, ...more];
  if (!check(next)) return;
  input.value = "";
  images.set([]);
  grow(input, 240);
  answer({ next });
}

/** False when a field has a problem, which is then shown there. */
function check(all) {
  const { problems } = request(true, all);
  settings.show(problems);
  if (problems.length === 0) return true;
  tell(`Settings: ${problems[0].message}`);
  panels.open("settings");
  settings.focus(problems[0].field);
  return false;
}

const holdsSomething = (message) => message.text !== "" || (message.toolCalls?.length ?? 0) > 0 || (message.images?.length ?? 0) > 0;

/**
 * Has the model answer `next`. What it replaces, the messages from index `from` on, is kept until the new answer is whole and
 * comes back when that fails; `edited` is then in the editor again.
 * @param {{next: object[], from?: number, edited?: string}} what
 */
async function answer({ next, from = next.length, edited }) {
  if (running) return;
  tell("");
  if (!check(next)) return;
  messages.stopEditing();
  const { body } = request(true, next);
  const mine = conversation;
  const before = mine.messages;
  const replaces = before.slice(from).some(holdsSomething);
  mine.setup = settings.read();
  const reply = { role: "assistant", text: "", toolCalls: [], format: formatOf(mine.setup) };
  mine.messages = [...next, reply];
  const abort = running = new AbortController();
  answering.add(mine);
  show();
  toEnd();
  if (!replaces) await saveOf(mine, next);
  announce("Answering");
  let frame = 0;
  const paint = (run) => {
    reply.text = run.answer.content;
    reply.toolCalls = run.answer.toolCalls.filter(Boolean);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (mine !== conversation || running !== abort) return;
      const follow = atEnd();
      messages.update(reply);
      live(run);
      if (follow) toEnd();
    });
  };
  let run;
  try {
    run = await streamChat(body, { key: key.value.trim(), signal: abort.signal, onUpdate: paint });
  } catch (failure) { // of any kind: the page must go on
    run = failure.run;
    const wait = failure.retryAfter ? ` Try again in ${failure.retryAfter} s.` : "";
    reply.error = { message: failure.message + wait, status: failure.status ?? 0, code: failure.code ?? "", requestId: failure.requestId ?? "" };
  } finally {
    cancelAnimationFrame(frame);
    running = null;
    answering.delete(mine);
  }
  reply.text = run.answer.content;
  reply.toolCalls = run.answer.toolCalls.filter(Boolean);
  reply.run = { requestId: run.requestId, ignored: run.ignored, finish: run.answer.finish, usage: run.answer.usage, firstTokenMs: run.firstTokenMs, totalMs: run.totalMs, stopped: run.stopped };
  const isEmpty = !holdsSomething(reply);
  const restored = replaces && (reply.error !== undefined || (run.stopped && isEmpty));
  if (restored) mine.messages = before;
  else if (isEmpty && run.stopped && mine.messages.at(-1) === reply) mine.messages.pop(); // nothing came: nothing to keep
  await saveOf(mine);
  if (mine !== conversation) return;
  const follow = atEnd();
  show();
  if (follow) toEnd();
  countSoon();
  if (restored && edited !== undefined) messages.edit(from, edited);
  if (restored && reply.error) tell(`${reply.error.message} Nothing was replaced.`);
  if (reply.error?.status === 401) askForKey();
  announce(reply.error ? `Refused: ${reply.error.message}` : run.stopped ? "Stopped" : reply.toolCalls.length > 0 ? `The model calls ${reply.toolCalls.map((c) => c.name).join(", ")}` : `Answer: ${reply.text.slice(0, 800)}`);
}

const formatOf = (setup) => (setup.response_format === "text" ? undefined : { type: setup.response_format, schema: setup.schema });

/** Figures while an answer grows: pieces are tokens, but for those that come together. */
function live(run) {
  const facts = $("pg-messages").lastElementChild?.querySelector(".pg-facts");
  if (!facts || run.firstTokenMs === null) return;
  const drawing = run.totalMs - run.firstTokenMs;
  facts.textContent = [`≈ ${run.pieces} out`, drawing > 200 ? `${((run.pieces - 1) / drawing * 1_000).toFixed(1)} tokens/s` : "", `first token ${Math.round(run.firstTokenMs)} ms`].filter(Boolean).join("  ");
}

function askForKey() {
  $("pg-key-field").hidden = false;
  panels.open("settings");
  key.focus();
}

// Counting the prompt while it is written ------------------------------------
const counter = createCounter(countTokens);
let countTimer = 0;
let counting = null;

function countSoon() {
  clearTimeout(countTimer);
  countTimer = setTimeout(count, 300);
}

async function count() {
  counting?.abort();
  const last = conversation.messages.at(-1);
  const more = draft();
  const { body, problems } = request(false);
  settings.show(problems);
  if (running) return;
  if (more.length === 0 && (last === undefined || last.role === "assistant")) {
    const tokens = tokensOf(last?.run?.usage);
    $("pg-count").textContent = tokens ? `${(tokens.prompt + tokens.completion).toLocaleString("en-US")} of ${config.contextLength.toLocaleString("en-US")} tokens` : "";
    return;
  }
  if (config.needsKey && key.value.trim() === "") { $("pg-count").textContent = ""; return; } // the server would only refuse
  const mine = counting = new AbortController();
  try {
    const { count: tokens, limit } = await counter.count(body, { key: key.value.trim(), signal: mine.signal });
    const cost = prices ? ` · ${formatMoney(costOf(prices, { prompt: tokens, cached: 0, completion: 0 }), prices.currency)}` : "";
    $("pg-count").textContent = `${tokens.toLocaleString("en-US")} of ${limit.toLocaleString("en-US")} tokens${cost}`;
    $("pg-count").classList.toggle("over", tokens >= limit);
    if (problemOf === "count") tell("");
  } catch (failure) {
    if (mine.signal.aborted) return;
    $("pg-count").textContent = "";
    if (failure.status >= 400 && failure.status !== 401) tell(failure.message, "count"); // such as an image that the server does not take
  }
}

// History ----------------------------------------------------------------------
let saveTimer = 0;
const current = "tramontane-conversation";
const remember = (id) => { try { sessionStorage.setItem(current, id); } catch { /* refused: a reload begins anew */ } };
const recall = () => { try { return sessionStorage.getItem(current); } catch { return null; } };

async function saveOf(which, messages = which.messages) {
  try {
    if (!dropped.has(which)) await history.save({ ...which, messages });
    await list();
  } catch (failure) {
    tell(`The conversation is not kept: ${failure.message}.`);
  }
}

const save = () => saveOf(conversation);

function saveSoon() {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(() => { if (!running && conversation.messages.length > 0) { conversation.setup = settings.read(); save(); } }, 500);
}

async function list() {
  const entries = await history.list();
  sidebar.show(entries, conversation.id);
  $("pg-history-note").hidden = entries.length > 0;
}

function use(next) {
  running?.abort();
  back = null;
  messages.stopEditing();
  conversation = next;
  remember(conversation.id);
  settings.write(conversation.setup);
  tell("");
  show({ busy: false });
  toEnd();
  countSoon();
}

function begin(setup = settings.read()) {
  use(newConversation(setup));
}

async function open(id) {
  const found = await history.load(id);
  if (found === null) return;
  use(found);
  await list();
  panels.closeIfOver("history");
  input.focus();
}

// Controls -----------------------------------------------------------------------
const showCode = createCodeDialog(config, (stream) => request(stream).body);
const showShare = createShareDialog(() => ({ ...conversation, setup: settings.read() }));

function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const acts = {
  new: async () => { begin(); await list(); panels.closeIfOver("history"); input.focus(); },
  stop: () => { running?.abort(); input.focus(); },
  attach: () => $("pg-file").click(),
  share: showShare,
  code: () => { if (check([...conversation.messages, ...draft()])) showCode(); },
  reset: () => { settings.write(settings.defaults()); countSoon(); saveSoon(); announce("Settings reset"); },
  recommended: () => { settings.set("temperature", "0.15"); announce("Temperature 0.15"); },
  export: async () => download(await history.exportAll(), "tramontane-conversations.json"),
  import: () => $("pg-import").click(),
  clear: async () => { for (const each of [conversation, ...answering]) dropped.add(each); await history.clear(); removed = null; $("pg-undo").hidden = true; $("pg-clear").close(); begin(); await list(); announce("All conversations deleted"); },
  undo: async () => { if (removed) await history.restore(removed); removed = null; $("pg-undo").hidden = true; await list(); root.querySelector("[data-act='new']").focus(); },
  "toggle-history": () => panels.toggle("history"),
  "toggle-settings": () => panels.toggle("settings"),
};

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.act && acts[button.dataset.act]) acts[button.dataset.act]();
  if (button?.dataset.starter === undefined) return;
  const starter = config.starters.find((s) => s.title === button.dataset.starter);
  settings.write({ ...settings.read(), response_format: "text", tools: "", tool_choice: "auto", ...starter.setup }); // what another prompt has set is no part of this one
  input.value = starter.text;
  grow(input, 240);
  input.focus();
  countSoon();
});
$("pg-composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
input.addEventListener("input", () => { grow(input, 240); countSoon(); });
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
});
document.addEventListener("keydown", (event) => { // before the site's own use of Esc
  if (event.key !== "Escape" || document.querySelector("dialog[open]") || event.target.closest?.("[data-own-escape]")) return;
  if (running) { event.preventDefault(); acts.stop(); }
  else if (panels.closeOver()) event.preventDefault();
}, { capture: true });
key.value = readKey();
key.addEventListener("input", () => { writeKey(key.value.trim()); countSoon(); });
$("pg-import").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  try {
    const n = await history.importAll(await file.text());
    announce(`${n} imported`);
    tell("");
  } catch (failure) {
    tell(failure.message);
  }
  await list();
});
if (/Mac|iPhone|iPad/.test(navigator.platform)) root.querySelector(".pg-keys kbd").textContent = "⌘";

async function openLink() {
  try {
    const shared = await fromFragment(location.hash);
    if (shared === null) return false;
    globalThis.history.replaceState(null, "", location.pathname); // a reload or bookmark takes what is here now
    use({ ...shared, title: "" });
    announce("Opened from a link");
    return true;
  } catch (failure) {
    tell(failure.message);
    return false;
  }
}

async function start() {
  conversation = newConversation(settings.defaults());
  try {
    history = createHistory(await browserBackend());
  } catch (failure) {
    history = createHistory(memoryBackend());
    $("pg-history-note").textContent = `This browser refuses to keep conversations (${failure.message}): they last until the page is left.`;
  }
  if (!await openLink()) {
    try {
      const kept = recall() && await history.load(recall());
      if (kept) use(kept);
      else begin(settings.defaults());
    } catch (failure) { // whatever lies there, the page can be used
      begin(settings.defaults());
      tell(`The last conversation cannot be opened: ${failure.message}.`);
    }
  }
  await list().catch((failure) => tell(`The conversations cannot be listed: ${failure.message}.`));
  root.dataset.ready = "";
}

addEventListener("hashchange", async () => { if (location.hash.startsWith(sharePrefix) && await openLink()) await list(); });
await start();
