// The two panels beside the chat: columns where there is room, and above it where there is not.

const room = { history: "(min-width: 1160px)", settings: "(min-width: 860px)" };

/** @param {HTMLElement} root */
export function createPanels(root) {
  const recall = (name) => { try { return localStorage.getItem(`pg-${name}`); } catch { return null; } };
  const hasRoom = (name) => matchMedia(room[name]).matches;
  const panel = (name) => document.getElementById(`pg-${name}`);
  const button = (name) => root.querySelector(`.pg-bar [data-act="toggle-${name}"]`);
  const isOpen = (name) => root.dataset[name] === "open";

  function set(name, open) {
    root.dataset[name] = open ? "open" : "closed";
    button(name).setAttribute("aria-expanded", String(open));
    // What a panel covers can neither be reached nor read until the panel is closed.
    const over = Object.keys(room).find((n) => isOpen(n) && !hasRoom(n));
    for (const part of [...root.querySelectorAll(":scope > aside, :scope > section"), document.querySelector(".foot")]) part.inert = over !== undefined && part !== panel(over);
  }

  /** Opens a panel; another one that covers the chat closes. */
  function open(name) {
    for (const other of Object.keys(room)) if (other !== name && isOpen(other) && !hasRoom(other)) set(other, false);
    set(name, true);
  }

  function toggle(name) {
    if (!isOpen(name)) open(name);
    else set(name, false);
    if (hasRoom(name)) {
      try { localStorage.setItem(`pg-${name}`, root.dataset[name]); } catch { /* refused: open again the next time */ }
    } else if (isOpen(name)) {
      panel(name).querySelector("button, input, textarea")?.focus();
    } else {
      button(name).focus();
    }
  }

  root.addEventListener("click", (event) => { if (event.target === root) Object.keys(room).some(closeIfOver); }); // beside an open panel

  const closeIfOver = (name) => {
    if (!isOpen(name) || hasRoom(name)) return false;
    toggle(name);
    return true;
  };

  for (const name of Object.keys(room)) {
    const adapt = () => set(name, hasRoom(name) && recall(name) !== "closed");
    matchMedia(room[name]).addEventListener("change", adapt);
    adapt();
  }
  return {
    toggle,
    open,
    closeIfOver,
    /** Closes what lies above the chat; false when nothing does. */
    closeOver: () => Object.keys(room).some(closeIfOver),
  };
}
