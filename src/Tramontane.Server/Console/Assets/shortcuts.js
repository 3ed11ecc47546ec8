// ? help, / first field, g and a second key for pages, Esc closes. The pages are those of the list that the layout prints.

/** How long the second key may take, in milliseconds. */
export const secondKeyWindow = 1000;

/**
 * What a key means. Knows no page and no clock of its own: events carry their time.
 * @param {Record<string, string>} targets paths by second key
 */
export function createShortcuts(targets) {
  let leaderAt = null;
  return function press(key, timeStamp) {
    const follows = leaderAt !== null && timeStamp - leaderAt <= secondKeyWindow;
    leaderAt = null;
    if (follows && Object.hasOwn(targets, key)) return { action: "go", path: targets[key] };
    if (key === "?") return { action: "help" };
    if (key === "/") return { action: "focus" };
    if (key === "Escape") return { action: "close" };
    if (key === "g") leaderAt = timeStamp;
    return { action: "none" };
  };
}

const isTyping = (target) => target instanceof Element
  && (target.closest("textarea, select, [contenteditable]:not([contenteditable=false])") !== null
    || (target instanceof HTMLInputElement && !["button", "checkbox", "radio", "range", "submit", "reset", "file", "color"].includes(target.type)));

function focusFirstField() {
  const fields = document.querySelectorAll("main input:not([type=hidden], [type=radio], [type=checkbox]), main textarea, main select");
  const field = [...fields].find((f) => !f.disabled && f.checkVisibility?.() !== false);
  field?.focus();
  return field !== undefined;
}

/** Starts them; the box in their list switches single keys off, for those whose speech or hands press keys by chance. */
export function startShortcuts({ openHelp, closeTips, remember, recall }) {
  const box = document.getElementById("shortcuts-on");
  box.checked = recall("shortcuts") !== "off";
  box.addEventListener("change", () => remember("shortcuts", box.checked ? "on" : "off"));
  const targets = Object.fromEntries([...document.querySelectorAll("#shortcuts [data-second-key]")].map((a) => [a.dataset.secondKey, a.getAttribute("href")]));
  const press = createShortcuts(targets);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.repeat || event.key === "Shift" || (!box.checked && event.key !== "Escape")) return;
    const { action, path } = press(event.key, performance.now());
    const modal = document.querySelector("dialog[open]") !== null;
    if (action === "close") closeTips(); // an open dialog closes by itself
    else if (modal) return;
    else if (action === "go") location.assign(path);
    else if (action === "help") { event.preventDefault(); openHelp(); }
    else if (action === "focus" && focusFirstField()) event.preventDefault();
  });
}
