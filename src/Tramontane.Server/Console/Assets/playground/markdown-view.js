// The tree of markdown.js as DOM nodes. Text goes in as text; no HTML is ever parsed.
import { growMarkdown } from "./markdown.js";

/** @param {string} name @param {Record<string, string>} attributes @param {(Node | string)[]} children */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const inline = (nodes) => nodes.map((node) => {
  switch (node.type) {
    case "text": return document.createTextNode(node.text);
    case "code": return element("code", {}, node.text);
    case "link": return element("a", { href: node.url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...inline(node.children));
    case "break": return element("br");
    default: return element(node.type, {}, ...inline(node.children)); // strong, em, del
  }
});

function block(node, code) {
  switch (node.type) {
    case "paragraph": return element("p", {}, ...inline(node.children));
    case "heading": return element("h3", { "data-level": String(node.level) }, ...inline(node.children)); // one rank below the page's own, whatever the model skips
    case "code": return code(node.text, node.language);
    case "rule": return element("hr");
    case "quote": return element("blockquote", {}, ...node.children.map((b) => block(b, code)));
    case "list": return element(node.ordered ? "ol" : "ul", node.ordered && node.start !== 1 ? { start: String(node.start) } : {},
      ...node.items.map((item) => element("li", {}, ...(item.length === 1 && item[0].type === "paragraph" ? inline(item[0].children) : item.map((b) => block(b, code))))));
    case "table": {
      const row = (cells, name) => element("tr", {}, ...cells.map((c, i) => element(name, { ...(name === "th" ? { scope: "col" } : {}), ...(node.align[i] === "left" ? {} : { class: node.align[i] === "right" ? "num" : "mid" }) }, ...inline(c))));
      return element("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Table" },
        element("table", {}, element("thead", {}, row(node.head, "th")), element("tbody", {}, ...node.rows.map((r) => row(r, "td")))));
    }
    default: throw new TypeError(`No view for ${node.type}.`);
  }
}

/**
 * Shows a text. Only the end of a text that has grown is read again, and blocks that have not changed since the last time keep their nodes, so that a growing answer neither flickers
 * nor loses a selection.
 * @param {HTMLElement} root @param {string} text @param {(text: string, language: string) => HTMLElement} code makes a code block
 */
export function showMarkdown(root, text, code) {
  const before = root.markdownBlocks ?? [];
  const reading = root.markdownReading = growMarkdown(before.length > 0 ? root.markdownReading : null, text);
  const now = reading.tree.map((node, i) => {
    if (before[i]?.of === node) return before[i];
    const key = JSON.stringify(node);
    return { key, of: node, node: before[i]?.key === key ? before[i].node : block(node, code) };
  });
  now.forEach((entry, i) => {
    if (root.childNodes[i] === entry.node) return;
    if (i < root.childNodes.length) root.replaceChild(entry.node, root.childNodes[i]);
    else root.append(entry.node);
  });
  while (root.childNodes.length > now.length) root.lastChild.remove();
  root.markdownBlocks = now;
}
