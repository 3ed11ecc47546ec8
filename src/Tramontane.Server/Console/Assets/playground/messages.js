// The conversation on the page.
import { openCalls } from "./conversation.js";
import { factsOf } from "./facts.js";
import { preview, size } from "./images.js";
import { element, showMarkdown } from "./markdown-view.js";
import { judge } from "./schema.js";

const editLabel = "Edit message";
const mostJudged = 20; // of a conversation that is opened: a link may bring thousands, each with a schema that takes its time
const roles = { user: "You", assistant: "Model", tool: "Tool result" };
const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
export const icon = (name) => document.getElementById(`pg-i-${name}`).content.firstElementChild.cloneNode(true);

function codeBlock(text, language) {
  const figure = clone("pg-t-code");
  figure.querySelector("figcaption span").textContent = language.split(/\s/)[0] || "text";
  figure.querySelector("pre").setAttribute("aria-label", `Code, ${language || "text"}`);
  figure.querySelector("code").textContent = text;
  return figure;
}

const pretty = (json) => { try { return JSON.stringify(JSON.parse(json), null, 2); } catch { return json; } };

function toolButton(label, name, action) {
  const button = element("button", { type: "button", class: "icon-button small", "aria-label": label, title: label }, icon(name));
  button.addEventListener("click", action);
  return button;
}

/** A text area as high as its text. */
export function grow(area, most = 320) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, most)}px`;
}

/**
 * @param {HTMLOListElement} list
 * @param {{suggest: (call: import("./answer.js").ToolCall) => string, prices: object | null,
 *   onCopy: (text: string) => void, onEdit: (index: number, text: string) => void, onRetry: (index: number) => void,
 *   onDelete: (index: number) => void, onResults: (index: number, results: {id: string, text: string}[]) => void,
 *   onLostFocus: (place: Place) => void}} actions `onLostFocus`: what had the focus is no longer there
 * @typedef {{index: number, label: string}} Place a button of a message
 */
export function createMessages(list, actions) {
  let conversation = null;
  let editing = -1;
  const verdicts = new WeakMap(); // messages are judged once, not with every view

  /** @param {import("./conversation.js").Conversation} next */
  function show(next, { busy = false } = {}) {
    const place = placeOf(document.activeElement);
    conversation = next;
    list.replaceChildren(...conversation.messages.map((message, index) => view(message, index, busy)));
    if (!busy && openCalls(conversation.messages).length > 0) list.append(resultsForm());
    if (place !== null && !focus(place)) actions.onLostFocus(place);
  }

  /** Which button has the focus, so that its successor gets it; an editor is begun and ended by its message's button. @returns {Place | null} */
  function placeOf(element) {
    const index = [...list.children].findIndex((item) => item.contains(element));
    return index < 0 ? null : { index, label: element.closest(".pg-edit") ? editLabel : element.getAttribute("aria-label") ?? "" };
  }

  /** Puts the focus there; false when there is no such button. @param {Place} place */
  function focus({ index, label }) {
    const button = [...(list.children[index]?.querySelectorAll(".pg-message-tools button") ?? [])].find((b) => b.getAttribute("aria-label") === label);
    button?.focus();
    return button !== undefined;
  }

  function edit(index, text) {
    editing = index;
    show(conversation);
    const area = list.querySelector(".pg-edit textarea");
    if (area === null) return;
    if (text !== undefined) area.value = text;
    area.focus();
  }

  function view(message, index, busy) {
    const item = clone("pg-t-message");
    item.dataset.role = message.role;
    item.querySelector(".pg-role").textContent = roles[message.role];
    const tools = item.querySelector(".pg-message-tools");
    if (!busy) {
      tools.append(toolButton("Copy message", "copy", () => actions.onCopy(message.text)));
      tools.append(toolButton(editLabel, "edit", () => edit(index)));
      if (message.role === "assistant") tools.append(toolButton("Answer again", "retry", () => actions.onRetry(index)));
      tools.append(toolButton("Delete this message and what follows", "trash", () => actions.onDelete(index)));
    }
    if (editing === index && !busy) item.querySelector(".pg-text").replaceWith(editor(message, index));
    else fill(item, message);
    return item;
  }

  /** Text, calls, verdict, error and figures of a message: what changes while an answer grows. */
  function fill(item, message, { growing = false } = {}) {
    const text = item.querySelector(".pg-text");
    if (message.role === "assistant" && isJson(message)) showJson(text, message.text);
    else if (message.role === "assistant") showMarkdown(text, message.text, codeBlock);
    else text.textContent = message.text;
    text.classList.toggle("plain", message.role !== "assistant");
    item.classList.toggle("growing", growing);
    const images = item.querySelector(".pg-message-images");
    if (message.images?.length && images.childElementCount === 0) {
      images.hidden = false;
      images.append(...message.images.map((image) => element("li", {}, preview(image), element("span", { class: "muted" }, `${image.name} ${size(image.bytes)}`))));
    }
    const calls = item.querySelector(".pg-calls");
    (message.toolCalls ?? []).forEach((call, i) => {
      const box = calls.children[i] ?? calls.appendChild(clone("pg-t-call"));
      box.querySelector(".pg-call-name").textContent = call.name;
      box.querySelector(".pg-call-id").textContent = call.id;
      box.querySelector(".pg-call-arguments code").textContent = growing ? call.arguments : pretty(call.arguments);
    });
    if (message.role === "tool") item.querySelector(".pg-role").textContent = `Tool result ${message.toolCallId}`;
    if (growing) return;
    const verdict = item.querySelector(".pg-verdict");
    const isRecent = conversation.messages.length - conversation.messages.indexOf(message) <= mostJudged;
    if (isJson(message) && message.text !== "" && !message.error && (isRecent || verdicts.has(message))) {
      if (verdicts.get(message)?.of !== message.text) verdicts.set(message, { of: message.text, ...judge(message.format.type, message.format.schema ?? "", message.text) });
      const { kind, text: words } = verdicts.get(message);
      verdict.hidden = false;
      verdict.dataset.kind = kind;
      verdict.textContent = words;
    }
    const error = item.querySelector(".pg-error");
    error.hidden = !message.error;
    if (message.error) {
      const { message: words, status, code, requestId } = message.error;
      error.replaceChildren(element("p", {}, words), element("p", { class: "hint" }, [status ? `Status ${status}` : "", code ?? "", requestId ? `request ${requestId}` : ""].filter(Boolean).join(" · ")));
    }
    item.querySelector(".pg-facts").replaceChildren(...(message.run ? factsOf(message.run, actions.prices).map(({ text: words, title }) => element("span", title ? { title } : {}, words)) : []));
  }

  const isJson = (message) => message.role === "assistant" && (message.format?.type === "json_object" || message.format?.type === "json_schema");

  function showJson(root, text) {
    root.markdownBlocks = undefined;
    if (text === "") root.replaceChildren();
    else root.replaceChildren(codeBlock(pretty(text), "json"));
  }

  function editor(message, index) {
    const area = element("textarea", { class: "input", "aria-label": `Edit: ${roles[message.role]}`, "data-own-escape": "" });
    area.value = message.text;
    const resends = message.role !== "assistant";
    const save = element("button", { type: "submit", class: "button small" }, resends ? "Send again" : "Save");
    const cancel = element("button", { type: "button", class: "button quiet small" }, "Cancel");
    const form = element("form", { class: "pg-edit" }, area, element("div", { class: "actions" }, save, cancel));
    form.addEventListener("submit", (event) => { event.preventDefault(); actions.onEdit(index, area.value); });
    cancel.addEventListener("click", () => { editing = -1; show(conversation); });
    area.addEventListener("input", () => grow(area));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); cancel.click(); }
    });
    requestAnimationFrame(() => grow(area));
    return form;
  }

  /** Where the results of open calls are written and sent back. */
  function resultsForm() {
    const calls = openCalls(conversation.messages);
    const fields = calls.map((call) => {
      const id = `pg-result-${call.id}`;
      const area = element("textarea", { class: "input mono", id, rows: "3", spellcheck: "false" });
      area.value = actions.suggest(call);
      return { call, area, box: element("div", { class: "field" }, element("label", { for: id }, `Result of ${call.name}`), area) };
    });
    const form = element("form", { class: "pg-results" }, ...fields.map((f) => f.box),
      element("div", { class: "actions" }, element("button", { type: "submit", class: "button small" }, calls.length > 1 ? "Send results" : "Send result")));
    form.addEventListener("submit", (event) => { event.preventDefault(); actions.onResults(conversation.messages.length, fields.map((f) => ({ id: f.call.id, text: f.area.value }))); });
    form.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); } });
    return element("li", { class: "pg-message", "data-role": "results" }, form);
  }

  return {
    show, focus, edit,
    stopEditing() { editing = -1; },
    /** Shows the last message as it grows. */
    update: (message) => fill(list.lastElementChild, message, { growing: true }),
  };
}
