// The list of kept conversations.
import { element } from "./markdown-view.js";
import { icon } from "./messages.js";

/**
 * @param {HTMLUListElement} list
 * @param {{onOpen: (id: string) => void, onRename: (id: string, title: string) => Promise<void>, onDelete: (id: string) => void}} actions
 */
export function createSidebar(list, actions) {
  const rows = new Map(); // by id: a row stays while its conversation does, and with it the focus and a title that is being written

  function makeRow(id) {
    let title = "";
    const open = element("button", { type: "button", class: "pg-entry" });
    open.addEventListener("click", () => actions.onOpen(id));
    const rename = element("button", { type: "button", class: "icon-button small", title: "Rename" }, icon("edit"));
    const remove = element("button", { type: "button", class: "icon-button small", title: "Delete" }, icon("trash"));
    remove.addEventListener("click", () => actions.onDelete(id));
    const item = element("li", { "data-id": id }, open, rename, remove);
    rename.addEventListener("click", () => {
      const input = element("input", { class: "input", "aria-label": "Title", "data-own-escape": "" });
      input.value = title;
      let ended = false;
      const end = async (keep) => {
        if (ended) return;
        ended = true;
        const wanted = input.value.trim();
        const held = document.activeElement === input;
        item.replaceChildren(open, rename, remove);
        if (held) open.focus();
        if (keep && wanted) await actions.onRename(id, wanted);
      };
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") end(true);
        if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end(false); }
      });
      input.addEventListener("blur", () => end(true));
      item.replaceChildren(input);
      input.select();
    });
    return {
      item,
      update(entry, current) {
        title = entry.title;
        open.textContent = title;
        open.toggleAttribute("aria-current", id === current);
        if (id === current) open.setAttribute("aria-current", "true");
        rename.setAttribute("aria-label", `Rename ${title}`);
        remove.setAttribute("aria-label", `Delete ${title}`);
      },
    };
  }

  /** Shows the list. The row that holds the focus is not moved: the others move around it. */
  function show(entries, current) {
    for (const [id, row] of rows) if (!entries.some((e) => e.id === id)) { row.item.remove(); rows.delete(id); }
    const items = entries.map((entry) => {
      if (!rows.has(entry.id)) rows.set(entry.id, makeRow(entry.id));
      rows.get(entry.id).update(entry, current);
      return rows.get(entry.id).item;
    });
    const held = items.findIndex((item) => item.contains(document.activeElement));
    if (held < 0) { list.replaceChildren(...items); return; }
    items[held].before(...items.slice(0, held));
    items[held].after(...items.slice(held + 1));
  }

  return { show };
}
