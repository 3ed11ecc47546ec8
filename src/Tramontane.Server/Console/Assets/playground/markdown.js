// A subset of Markdown as a tree: paragraphs, headings, lists, quotes, code, tables, rules; strong, emphasis, code and links
// within lines. HTML is text, and images are links: nothing that a model writes is fetched or run.

/**
 * @typedef {{type: "text", text: string} | {type: "code", text: string} | {type: "strong" | "em" | "del", children: Inline[]}
 *   | {type: "link", url: string, children: Inline[]} | {type: "break"}} Inline
 * @typedef {{type: "paragraph" | "heading", level?: number, children: Inline[]} | {type: "code", language: string, text: string} | {type: "rule"}
 *   | {type: "quote", children: Block[]} | {type: "list", ordered: boolean, start: number, items: Block[][]}
 *   | {type: "table", align: string[], head: Inline[][], rows: Inline[][][]}} Block
 */

const maxDepth = 12;
const fence = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})\s*(.*?)\s*$/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const heading = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const divider = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** @param {string} text @returns {Block[]} */
export const parseMarkdown = (text) => growMarkdown(null, text).tree;

/**
 * Reads a text that has grown: what the new part can no longer change is taken from the reading before.
 * @param {{text: string, tree: Block[], starts: number[]} | null} before null for a text that was not read yet
 * @param {string} text
 * @returns {{text: string, tree: Block[], starts: number[]}} `starts`: where in the text each block begins
 */
export function growMarkdown(before, text) {
  const now = text.replaceAll("\r\n", "\n");
  // A block ends with the first line of the next one. Only the text's last line can still become another kind of line.
  const lastLine = now.lastIndexOf("\n", (before?.text.length ?? 0) - 1) + 1;
  const kept = before !== null && now.startsWith(before.text) ? before.starts.findLastIndex((start) => start < lastLine) : -1;
  const from = kept > 0 ? before.starts[kept] : 0;
  const starts = kept > 0 ? before.starts.slice(0, kept) : [];
  const lines = now.slice(from).split("\n");
  const lineStarts = [];
  lines.reduce((at, line) => { lineStarts.push(at); return at + line.length + 1; }, from);
  const rest = blocks(lines, 0, (line) => starts.push(lineStarts[line]));
  return { text: now, tree: kept > 0 ? [...before.tree.slice(0, kept), ...rest] : rest, starts };
}

function blocks(lines, depth, begin = () => {}) {
  if (depth > maxDepth) return [{ type: "paragraph", children: [{ type: "text", text: lines.join("\n") }] }];
  const result = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i];
    let match;
    if (line.trim() === "") { i++; continue; }
    begin(i);
    if ((match = fence.exec(line))) {
      const [, margin, marks, language] = match;
      const body = [];
      for (i++; i < lines.length && !closes(lines[i], marks); i++) body.push(lines[i].startsWith(margin) ? lines[i].slice(margin.length) : lines[i]);
      i++; // the closing fence, if it has come yet
      result.push({ type: "code", language, text: body.join("\n") });
    } else if ((match = heading.exec(line))) {
      result.push({ type: "heading", level: match[1].length, children: inline(match[2], depth) });
      i++;
    } else if (rule.test(line)) {
      result.push({ type: "rule" });
      i++;
    } else if (/^ {0,3}>/.test(line)) {
      const quoted = [];
      for (; i < lines.length && /^ {0,3}>/.test(lines[i]); i++) quoted.push(lines[i].replace(/^ {0,3}> ?/, ""));
      result.push({ type: "quote", children: blocks(quoted, depth + 1) });
    } else if (item.test(line)) {
      i = list(lines, i, depth, result);
    } else if (line.includes("|") && i + 1 < lines.length && lines[i + 1].includes("-") && divider.test(lines[i + 1])) {
      i = table(lines, i, depth, result);
    } else {
      const paragraph = [];
      for (; i < lines.length && lines[i].trim() !== "" && (paragraph.length === 0 || !interrupts(lines[i])); i++) paragraph.push(lines[i].trim() + (/ {2,}$/.test(lines[i]) ? "  " : ""));
      result.push({ type: "paragraph", children: inline(paragraph.join("\n"), depth) });
    }
  }
  return result;
}

const closes = (line, marks) => { const t = line.trim(); return t.length >= marks.length && t[0] === marks[0] && t === marks[0].repeat(t.length); };
const interrupts = (line) => fence.test(line) || heading.test(line) || rule.test(line) || /^ {0,3}>/.test(line) || item.test(line);

function list(lines, i, depth, result) {
  const first = item.exec(lines[i]);
  const ordered = /\d/.test(first[2]);
  const items = [];
  while (i < lines.length) {
    const match = item.exec(lines[i]);
    if (match === null || /\d/.test(match[2]) !== ordered || rule.test(lines[i])) break;
    const width = match[0].length || 2;
    const body = [lines[i].slice(match[0].length)];
    for (i++; i < lines.length; i++) {
      const blank = lines[i].trim() === "";
      const indented = /^\s/.test(lines[i]) && lines[i].search(/\S/) >= Math.min(width, 2);
      if (blank ? !(lines[i + 1] !== undefined && /^\s{2,}\S/.test(lines[i + 1])) : !indented && (item.test(lines[i]) || interrupts(lines[i]) || body.at(-1) === "")) break;
      body.push(lines[i].replace(new RegExp(`^ {1,${width}}`), ""));
    }
    items.push(blocks(body, depth + 1));
    let next = i;
    while (next < lines.length && lines[next].trim() === "") next++;
    if (next > i && next < lines.length && item.test(lines[next])) i = next; // a loose list goes on
  }
  result.push({ type: "list", ordered, start: ordered ? Number.parseInt(first[2], 10) : 1, items });
  return i;
}

const cells = (line) => line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/).map((c) => c.trim().replaceAll("\\|", "|"));

function table(lines, i, depth, result) {
  const head = cells(lines[i]);
  const align = cells(lines[i + 1]).map((c) => (/^:-+:$/.test(c) ? "center" : c.endsWith(":") ? "right" : "left"));
  const rows = [];
  for (i += 2; i < lines.length && lines[i].includes("|") && lines[i].trim() !== ""; i++) {
    const row = cells(lines[i]);
    rows.push(head.map((_, c) => inline(row[c] ?? "", depth)));
  }
  result.push({ type: "table", align: head.map((_, c) => align[c] ?? "left"), head: head.map((c) => inline(c, depth)), rows });
  return i;
}

// What stands between two marks has at most 1,000 characters, so that marks without an end are not searched for through the
// whole text each. Alternatives in order: escapes, code, links and images, plain addresses, strong, emphasis, deleted, hard breaks.
const marks = /\\([\\`*_{}[\]()#+\-.!|>~])|(`+)([^`]|[^`][\s\S]{0,1000}?[^`])\2(?!`)|!?\[([^\][]*)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)(?:\s+"[^"]*")?\)|(https?:\/\/[^\s<>()[\]"'`]+[^\s<>()[\]"'`.,;:!?])|\*\*(?=\S)([\s\S]{0,1000}?\S)\*\*|__(?=\S)([\s\S]{0,1000}?\S)__(?!\w)|\*(?=[^\s*])([^*]{0,1000}?[^\s*])\*|(?<!\w)_(?=[^\s_])([^_]{0,1000}?[^\s_])_(?!\w)|~~(?=\S)([\s\S]{0,1000}?\S)~~| {2,}\n/g;

/** @returns {Inline[]} */
export function inline(text, depth = 0) {
  if (depth > maxDepth) return [{ type: "text", text }];
  const result = [];
  const plain = (t) => {
    if (t === "") return;
    if (result.at(-1)?.type === "text") result.at(-1).text += t;
    else result.push({ type: "text", text: t });
  };
  let from = 0;
  for (const match of text.matchAll(marks)) {
    plain(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [whole, escaped, , code, label, target, address, strong, strong2, em, em2, del] = match;
    if (escaped !== undefined) plain(escaped);
    else if (code !== undefined) result.push({ type: "code", text: code.replace(/^ (.*) $/s, "$1") });
    else if (target !== undefined) {
      const url = safeUrl(target);
      if (url === null) plain(whole);
      else result.push({ type: "link", url, children: inline(label || target, depth + 1) });
    } else if (address !== undefined) result.push({ type: "link", url: address, children: [{ type: "text", text: address }] });
    else if ((strong ?? strong2) !== undefined) result.push({ type: "strong", children: inline(strong ?? strong2, depth + 1) });
    else if ((em ?? em2) !== undefined) result.push({ type: "em", children: inline(em ?? em2, depth + 1) });
    else if (del !== undefined) result.push({ type: "del", children: inline(del, depth + 1) });
    else result.push({ type: "break" });
  }
  plain(text.slice(from));
  return result;
}

/** Addresses that a link may have: the web and mail. Null for every other, such as javascript: and data:. */
export function safeUrl(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}
