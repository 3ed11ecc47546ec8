// The list of kept conversations.
import { element } from "./markdown-view.js";
import { icon } from "./messages.js";

/**
 * @param {HTMLUListElement} list
 * @param {{onOpen: (id: string) => void, onRename: (id: string, title: string) => Promise<void>, onDelete: (id: string) => void}} actions
 */
export function createSidebar(list, actions) {
  function row(entry, current) {
    const open = element("button", { type: "button", class: "pg-entry", ...(entry.id === current ? { "aria-current": "true" } : {}) }, entry.title);
    open.addEventListener("click", () => actions.onOpen(entry.id));
    const rename = element("button", { type: "button", class: "icon-button small", "aria-label": `Rename ${entry.title}`, title: "Rename" }, icon("edit"));
    const remove = element("button", { type: "button", class: "icon-button small", "aria-label": `Delete ${entry.title}`, title: "Delete" }, icon("trash"));
    remove.addEventListener("click", () => actions.onDelete(entry.id));
    const item = element("li", {}, open, rename, remove);
    rename.addEventListener("click", () => {
      const input = element("input", { class: "input", "aria-label": "Title" });
      input.value = entry.title;
      let ended = false;
      const end = async (keep) => {
        if (ended) return;
        ended = true;
        const title = input.value.trim();
        if (keep && title) await actions.onRename(entry.id, title);
        else item.replaceChildren(open, rename, remove);
        list.querySelector(`[data-id="${entry.id}"] .pg-entry`)?.focus();
      };
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") end(true);
        if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end(false); }
      });
      input.addEventListener("blur", () => end(true));
      item.replaceChildren(input);
      input.select();
    });
    item.dataset.id = entry.id;
    return item;
  }

  return { show: (entries, current) => list.replaceChildren(...entries.map((e) => row(e, current))) };
}
