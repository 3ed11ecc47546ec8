// What every page has: theme switch, copy buttons, dialogs, tabs that switch together, tooltips, shortcuts.
import { startShortcuts } from "./shortcuts.js";
import { copyText } from "./clipboard.js";

const root = document.documentElement;
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* refused: nothing to remember with */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

/** Tells screen readers what has happened. While a dialog is open, they hear nothing of what is beside it. */
export function announce(text) {
  (document.querySelector("dialog[open] > [role=status]") ?? document.getElementById("announce")).textContent = text;
}

/** Opens a dialog and gives the focus back when it closes. */
export function openDialog(dialog) {
  if (dialog.open) return;
  const before = document.activeElement;
  const status = dialog.querySelector(":scope > [role=status]") ?? dialog.appendChild(Object.assign(document.createElement("div"), { className: "sr-only", role: "status" }));
  status.textContent = "";
  dialog.showModal();
  dialog.addEventListener("close", () => before?.focus(), { once: true });
}

function switchTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  remember("theme", root.dataset.theme);
  announce(`${root.dataset.theme} theme`);
}

async function copy(button, text) {
  const copied = await copyText(text);
  button.classList.toggle("copied", copied);
  announce(copied ? "Copied" : "Copying failed: select the text and copy it by hand");
  if (copied) setTimeout(() => button.classList.remove("copied"), 1600);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button === null) {
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click on the backdrop
    return;
  }
  if (button.dataset.themeSwitch !== undefined) switchTheme();
  else if (button.dataset.copy !== undefined) copy(button, button.dataset.copy);
  else if (button.dataset.copyCode !== undefined) copy(button, button.closest("figure").querySelector("code").textContent);
  else if (button.dataset.dialog !== undefined) openDialog(document.getElementById(button.dataset.dialog));
  else if (button.dataset.close !== undefined) button.closest("dialog").close();
});

// Tabs of one group show the same language everywhere.
function choose(group, label) {
  for (const tabs of document.querySelectorAll(`[data-tabs="${CSS.escape(group)}"]`)) {
    const input = [...tabs.querySelectorAll(":scope > input")].find((i) => i.value === label);
    if (input) input.checked = true;
  }
}
document.addEventListener("change", (event) => {
  const tabs = event.target.closest("[data-tabs]");
  if (tabs === null || event.target.parentElement !== tabs) return;
  choose(tabs.dataset.tabs, event.target.value);
  remember(`tabs-${tabs.dataset.tabs}`, event.target.value);
});
for (const group of new Set([...document.querySelectorAll("[data-tabs]")].map((t) => t.dataset.tabs))) {
  const label = recall(`tabs-${group}`);
  if (label !== null) choose(group, label);
}

// Esc closes a tooltip without moving the focus; it opens again when its place is left and entered anew.
const closeTips = () => document.querySelectorAll(".tip:hover, .tip:focus-within").forEach((tip) => tip.classList.add("dismissed"));
for (const type of ["mouseover", "focusin"]) {
  document.addEventListener(type, (event) => {
    const tip = event.target.closest?.(".tip");
    if (tip && !tip.contains(event.relatedTarget)) tip.classList.remove("dismissed");
  });
}

startShortcuts({ openHelp: () => openDialog(document.getElementById("shortcuts")), closeTips, remember, recall });
