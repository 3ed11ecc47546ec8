// The API reference: the filter, and requests that are tried out.
import { readKey, writeKey } from "../key.js";

const filter = document.getElementById("ref-filter");
const sections = [...document.querySelectorAll(".ref-operation")];

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const section of sections) {
    const fits = words.every((word) => section.dataset.search.includes(word));
    section.hidden = !fits;
    document.querySelector(`.ref-nav [data-for="${CSS.escape(section.id)}"]`).hidden = !fits;
    found += fits ? 1 : 0;
  }
  for (const group of document.querySelectorAll(".ref-group")) group.hidden = group.querySelector("li:not([hidden])") === null;
  document.getElementById("ref-found").textContent = words.length === 0 ? "" : `${found} of ${sections.length} routes`;
});
filter.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || filter.value === "") return;
  event.preventDefault();
  filter.value = "";
  filter.dispatchEvent(new Event("input"));
});

// A link to a schema opens it.
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", openTarget);
openTarget();

const key = document.getElementById("ref-key");
key.value = readKey();
key.form.addEventListener("submit", (event) => event.preventDefault());
key.addEventListener("input", () => writeKey(key.value.trim()));

/** The address of a request: parameters in their places, each as one segment. */
function addressOf(form) {
  let path = form.dataset.path;
  for (const input of form.querySelectorAll("[data-parameter]")) path = path.replace(`{${input.dataset.parameter}}`, encodeURIComponent(input.value));
  const query = form.querySelector("[data-query]")?.value.trim().replace(/^\?/, "");
  return query ? `${path}?${query}` : path;
}

const shown = 400_000; // characters of a body that are shown: a page need not hold more

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function send(form) {
  const stop = form.querySelector("[data-stop]"), submit = form.querySelector("[type=submit]");
  const result = form.querySelector(".ref-result"), status = form.querySelector(".ref-status");
  const headers = form.querySelector(".ref-headers"), body = form.querySelector(".ref-body");
  const abort = new AbortController();
  stop.onclick = () => abort.abort();
  [stop.hidden, submit.disabled, result.hidden] = [false, true, false];
  [status.textContent, headers.textContent, body.textContent] = ["Sending …", "", ""];
  const text = form.querySelector("[data-body]")?.value;
  const started = performance.now();
  const took = () => `${Math.round(performance.now() - started)} ms`;
  try {
    const response = await fetch(addressOf(form), {
      method: form.dataset.method, signal: abort.signal, body: text,
      headers: { ...(text === undefined ? {} : { "Content-Type": "application/json" }), ...(key.value.trim() ? { Authorization: `Bearer ${key.value.trim()}` } : {}) },
    });
    const line = `${response.status} ${response.statusText}`.trim();
    status.textContent = line;
    status.dataset.kind = response.ok ? "good" : "bad";
    headers.textContent = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    let whole = "";
    for (;;) {
      const { done, value } = await (reader?.read() ?? { done: true });
      if (done) break;
      whole += decoder.decode(value, { stream: true });
      if (whole.length <= shown) body.textContent = whole;
    }
    if (response.headers.get("content-type")?.includes("json")) whole = pretty(whole);
    body.textContent = whole.length > shown ? `${whole.slice(0, shown)}\n… ${(whole.length - shown).toLocaleString("en-US")} more characters` : whole;
    status.textContent = `${line} · ${took()}`;
  } catch (failure) {
    status.textContent = abort.signal.aborted ? `Stopped after ${took()}` : `No answer: ${failure.message}`;
    status.dataset.kind = "bad";
  } finally {
    [stop.hidden, submit.disabled] = [true, false];
  }
}

for (const form of document.querySelectorAll(".ref-form")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
  form.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); } });
}
