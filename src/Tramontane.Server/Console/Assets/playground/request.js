// The body of a request, from the controls as they were typed.
import { toApiMessages } from "./conversation.js";

/**
 * @typedef {{name: string, kind: "decimal" | "integer", minimum: number | null, maximum: number | null, apiDefault: string | null, preset: string | null}} Control
 *   as the server declares it: the fields' own bounds and defaults
 * @typedef {{field: string, message: string}} Problem
 */

/**
 * A control is sent when the playground sets it (its preset is not null), or when it differs from the API's default.
 * @param {{setup: import("./conversation.js").Setup, messages: import("./conversation.js").Message[], model: string, controls: Control[], stream?: boolean}} what
 * @returns {{body: Record<string, unknown>, problems: Problem[]}}
 */
export function buildRequest({ setup, messages, model, controls, stream = true }) {
  const problems = [];
  const body = { model, messages: toApiMessages(setup, messages) };
  for (const control of controls) {
    const value = readNumber(control, setup[control.name] ?? "", problems);
    if (value === null) continue;
    if (control.preset !== null || control.apiDefault === null || value !== Number(control.apiDefault)) body[control.name] = value;
  }
  const stop = readStop(setup.stop ?? "", problems);
  if (stop.length > 0) body.stop = stop;
  const bias = readJson("logit_bias", setup.logit_bias, problems, (v) => isObject(v) || "Write an object such as {\"1097\": 5}: token ids with numbers from -100 to 100.");
  if (bias !== null) body.logit_bias = bias;
  addFormat(body, setup, problems);
  addTools(body, setup, problems);
  if (stream) body.stream = true;
  return { body, problems };
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function readNumber({ name, kind, minimum, maximum }, text, problems) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const value = Number(trimmed);
  const low = minimum ?? Number.MIN_SAFE_INTEGER, high = maximum ?? Number.MAX_SAFE_INTEGER;
  if (Number.isNaN(value) || value < low || value > high || (kind === "integer" && !Number.isInteger(value))) {
    const range = minimum !== null && maximum !== null ? ` from ${minimum} to ${maximum}` : minimum !== null ? ` of at least ${minimum}` : ` between ±${high}`;
    problems.push({ field: name, message: `Give a${kind === "integer" ? " whole" : ""} number${range}, or leave it empty.` });
    return null;
  }
  return value;
}

/** One text a line; \n, \t and \\ stand for themselves. */
export function readStop(text, problems = []) {
  const stop = text.split("\n").filter((line) => line !== "").map((line) => line.replace(/\\([nt\\])/g, (_, c) => ({ n: "\n", t: "\t", "\\": "\\" })[c]));
  if (stop.length > 4) problems.push({ field: "stop", message: "At most four texts, one a line." });
  return stop;
}

function readJson(field, text, problems, check) {
  if ((text ?? "").trim() === "") return null;
  try {
    const value = JSON.parse(text);
    const verdict = check(value);
    if (verdict === true) return value;
    problems.push({ field, message: verdict });
  } catch (failure) {
    problems.push({ field, message: `No valid JSON: ${failure.message}.` });
  }
  return null;
}

function addFormat(body, setup, problems) {
  if (setup.response_format === "json_object") body.response_format = { type: "json_object" };
  if (setup.response_format !== "json_schema") return;
  const schema = readJson("schema", setup.schema || " ", problems, (v) => isObject(v) || "Write a JSON Schema: an object.");
  if (schema === null && !problems.some((p) => p.field === "schema")) problems.push({ field: "schema", message: "Write the JSON Schema that the answer shall fit." });
  if (schema !== null) body.response_format = { type: "json_schema", json_schema: { name: "answer", schema, strict: true } };
}

function addTools(body, setup, problems) {
  const tools = readJson("tools", setup.tools, problems, (v) => Array.isArray(v) || "Write an array of tools.");
  if (tools === null || tools.length === 0) return;
  body.tools = tools;
  const choice = setup.tool_choice ?? "auto";
  if (choice.startsWith("function:")) body.tool_choice = { type: "function", function: { name: choice.slice(9) } };
  else if (choice !== "auto") body.tool_choice = choice;
  if (setup.parallel_tool_calls === "") body.parallel_tool_calls = false;
}

/** Names of the functions in the editor, as far as it can be read. */
export function toolNames(text) {
  try {
    const tools = JSON.parse(text);
    return Array.isArray(tools) ? tools.map((t) => t?.function?.name).filter((n) => typeof n === "string") : [];
  } catch {
    return [];
  }
}
