// Code samples: the server's own templates, with the body of the request in the literal of each language. The templates and
// the literals are those of the model page (Console/SampleCode on the server); a test holds both writers to each other.

const indentStep = "  ";

const escapes = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "\"": "\\\"" };

const unicode = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

const quote = (text, more = [], escape = unicode) =>
  `"${text.replace(/["\\\u0000-\u001f\u007f\u2028\u2029$]/g, (c) => escapes[c] ?? (c !== "$" ? escape(c) : more.includes(c) ? `\\${c}` : c))}"`;

const writers = {
  json: { words: { true: "true", false: "false", null: "null" }, string: (s) => quote(s), object: "{}", pair: ": ", trailing: "" },
  javascript: { words: { true: "true", false: "false", null: "null" }, string: (s) => quote(s), key: (k) => (k === "__proto__" ? `["${k}"]` : quote(k)), object: "{}", pair: ": ", trailing: "" },
  python: { words: { true: "True", false: "False", null: "None" }, string: (s) => quote(s), object: "{}", pair: ": ", trailing: "," },
  php: { words: { true: "true", false: "false", null: "null" }, string: (s) => quote(s, ["$"], (c) => `\\u{${c.charCodeAt(0).toString(16)}}`), object: "[]", pair: " => ", trailing: "," },
};

/**
 * A JSON value as a literal, over several lines.
 * @param {"json" | "javascript" | "python" | "php"} language
 * @param {unknown} value
 * @param {string} indent of the lines after the first
 */
export function literal(language, value, indent = "") {
  const w = writers[language];
  if (value === null || typeof value === "boolean") return w.words[String(value)];
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return w.string(value);
  const isArray = Array.isArray(value);
  const members = isArray ? value.map((v) => literal(language, v, indent + indentStep))
    : Object.entries(value).map(([k, v]) => `${(w.key ?? w.string)(k)}${w.pair}${literal(language, v, indent + indentStep)}`);
  const [open, close] = isArray ? "[]" : w.object;
  if (members.length === 0) return language === "php" && !isArray ? "new stdClass()" : open + close;
  const cast = language === "php" && !isArray && Object.keys(value)[0] === "0" ? "(object) " : ""; // PHP takes an array of 0, 1, … for a list
  return `${cast}${open}\n${members.map((m) => `${indent}${indentStep}${m}`).join(",\n")}${w.trailing}\n${indent}${close}`;
}

/**
 * @param {{literal: "json" | "javascript" | "python" | "php", indent: string, code: string}} template
 * @param {unknown} body
 */
export const fill = (template, body) => template.code.replace("{{body}}", () => literal(template.literal, body, template.indent));

/** The body with large images left out, so that the code can be read. Returns how many. */
export function withoutLargeImages(body, limit = 2_000) {
  let leftOut = 0;
  const text = JSON.stringify(body, (key, value) =>
    key === "url" && typeof value === "string" && value.startsWith("data:") && value.length > limit ? (leftOut++, `${value.slice(0, value.indexOf(",") + 1)}…`) : value);
  return { body: JSON.parse(text), leftOut };
}
