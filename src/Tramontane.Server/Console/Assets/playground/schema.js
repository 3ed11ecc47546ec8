// Judges an answer by the JSON Schema that it was asked to fit. The server enforces schemas itself; this is the page's own
// look at the result. Keywords that it does not know are named and not passed over in silence.

const annotations = new Set(["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"]);
const maxDepth = 200;
const maxSteps = 10_000; // schemas come with links too: none may hold up the page
const maxMatchSteps = 2_000_000;

/**
 * @param {"json_object" | "json_schema"} format
 * @param {string} schemaText
 * @param {string} answer
 * @returns {{kind: "good" | "bad" | "warn", text: string}}
 */
export function judge(format, schemaText, answer) {
  let value;
  try {
    value = JSON.parse(answer);
  } catch (failure) {
    return { kind: "bad", text: `No valid JSON: ${failure.message}.` };
  }
  if (format === "json_object") {
    return isObject(value) ? { kind: "good", text: "Valid: one JSON object." } : { kind: "bad", text: `Valid JSON, but ${kindOf(value)} and no object.` };
  }
  let schema;
  try { schema = JSON.parse(schemaText); } catch { return { kind: "warn", text: "Valid JSON; the schema in the editor is none." }; }
  let verdict;
  try { verdict = validate(schema, value); } catch (failure) { return { kind: "warn", text: `Valid JSON; the schema cannot be checked: ${failure.message}.` }; }
  const { errors, unchecked } = verdict;
  if (errors.length > 0) return { kind: "bad", text: `Does not fit the schema: ${errors[0].path || "/"} ${errors[0].message}${errors.length > 1 ? `, and ${errors.length - 1} more` : ""}.` };
  return unchecked.length > 0
    ? { kind: "warn", text: `Fits as far as checked here; not checked: ${unchecked.join(", ")}.` }
    : { kind: "good", text: "Fits the schema." };
}

/** @returns {{errors: {path: string, message: string}[], unchecked: string[]}} paths are JSON Pointers into the value */
export function validate(schema, value) {
  const context = { root: schema, errors: [], unchecked: new Set(), budget: { steps: maxSteps, matching: maxMatchSteps } };
  check(schema, value, "", context, 0);
  return { errors: context.budget.steps < 0 ? [] : context.errors, unchecked: [...context.unchecked] };
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`);
const pointer = (path, key) => `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
const count = (text) => [...text].length;

/** Equal as JSON: the order of members is no matter. */
export function equal(a, b) {
  if (a === b) return true;
  if (Array.isArray(a) !== Array.isArray(b) || typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equal(a[k], b[k]));
}

const types = {
  null: (v) => v === null, boolean: (v) => typeof v === "boolean", string: (v) => typeof v === "string", array: Array.isArray, object: isObject,
  number: (v) => typeof v === "number", integer: (v) => Number.isInteger(v),
};

function fits(schema, value, context, depth) {
  const inner = { ...context, errors: [] };
  check(schema, value, "", inner, depth);
  return inner.errors.length === 0;
}

/** Takes steps from the budget; false when it is spent, which the verdict then says. */
function spend(context, steps = 1) {
  context.budget.steps -= steps;
  if (context.budget.steps < 0) context.unchecked.add("what takes more than 10,000 steps");
  return context.budget.steps >= 0;
}

/**
 * Whether the text matches; null when that is not tried. Browsers' expressions try again from each place and in each way: a
 * group that repeats can take for ever, and n signs that repeat take up to (length of the text)^n steps from each.
 */
function matches(pattern, text, context) {
  const repeats = pattern.replace(/\\./g, "").match(/[*+]|\{\d+,/g)?.length ?? 0;
  const cost = (text.length + 1) ** (repeats + (pattern.startsWith("^") ? 0 : 1));
  if (/\)[*+{]/.test(pattern) || cost > context.budget.matching) return notTried();
  context.budget.matching -= cost;
  try { return new RegExp(pattern, "u").test(text); } catch { return notTried(); }
  function notTried() { context.unchecked.add(`pattern ${pattern}`); return null; }
}

function resolve(reference, root) {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  return reference.slice(2).split("/").reduce((at, part) => {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    return at !== null && typeof at === "object" && Object.hasOwn(at, key) ? at[key] : undefined;
  }, root);
}

function check(schema, value, path, context, depth) {
  const fail = (message) => context.errors.push({ path, message });
  if (schema === true) return;
  if (schema === false) return void fail("is not allowed here");
  if (!isObject(schema)) return;
  if (depth > maxDepth) return void context.unchecked.add("what is nested deeper than 200 levels");
  if (!spend(context)) return;

  for (const [key, rule] of Object.entries(schema)) {
    switch (key) {
      case "type": if (![rule].flat().some((t) => types[t]?.(value))) fail(`is ${kindOf(value)} and should be ${[rule].flat().join(" or ")}`); break;
      case "enum": if (!rule.some((v) => equal(v, value))) fail("is none of the listed values"); break;
      case "const": if (!equal(rule, value)) fail(`is not ${JSON.stringify(rule)}`); break;
      case "$ref": {
        const target = resolve(rule, context.root);
        if (target === undefined) context.unchecked.add(`$ref ${rule}`);
        else check(target, value, path, context, depth + 1);
        break;
      }
      case "allOf": for (const part of rule) check(part, value, path, context, depth + 1); break;
      case "anyOf": if (!rule.some((part) => fits(part, value, context, depth + 1))) fail("fits none of the alternatives"); break;
      case "oneOf": { const n = rule.filter((part) => fits(part, value, context, depth + 1)).length; if (n !== 1) fail(`fits ${n} of the alternatives and should fit one`); break; }
      case "not": if (fits(rule, value, context, depth + 1)) fail("is what the schema excludes"); break;
      case "if": {
        const branch = fits(rule, value, context, depth + 1) ? schema.then : schema.else;
        if (branch !== undefined) check(branch, value, path, context, depth + 1);
        break;
      }
      case "then": case "else": break;
      default: if (!checkByType(key, rule, schema, value, path, context, depth, fail) && !annotations.has(key)) context.unchecked.add(key);
    }
  }
}

/** Keywords that concern one type alone; false for a keyword that is not known. */
function checkByType(key, rule, schema, value, path, context, depth, fail) {
  const number = typeof value === "number", string = typeof value === "string", array = Array.isArray(value), object = isObject(value);
  switch (key) {
    case "minimum": if (number && value < rule) fail(`is below ${rule}`); return true;
    case "maximum": if (number && value > rule) fail(`is above ${rule}`); return true;
    case "exclusiveMinimum": if (number && value <= rule) fail(`is not above ${rule}`); return true;
    case "exclusiveMaximum": if (number && value >= rule) fail(`is not below ${rule}`); return true;
    case "multipleOf": if (number && Math.abs(value / rule - Math.round(value / rule)) > 1e-9) fail(`is no multiple of ${rule}`); return true;
    case "minLength": if (string && count(value) < rule) fail(`is shorter than ${rule} characters`); return true;
    case "maxLength": if (string && count(value) > rule) fail(`is longer than ${rule} characters`); return true;
    case "pattern": if (string && matches(rule, value, context) === false) fail(`does not match ${rule}`); return true;
    case "minItems": if (array && value.length < rule) fail(`has fewer than ${rule} items`); return true;
    case "maxItems": if (array && value.length > rule) fail(`has more than ${rule} items`); return true;
    case "uniqueItems": if (array && rule && value.some((v, i) => spend(context, i) && value.slice(0, i).some((w) => equal(v, w)))) fail("holds one item twice"); return true;
    case "prefixItems": if (array) rule.slice(0, value.length).forEach((s, i) => check(s, value[i], pointer(path, i), context, depth + 1)); return true;
    case "items": {
      if (!array) return true;
      if (Array.isArray(rule)) rule.slice(0, value.length).forEach((s, i) => check(s, value[i], pointer(path, i), context, depth + 1));
      else value.forEach((v, i) => { if (i >= (schema.prefixItems?.length ?? 0)) check(rule, v, pointer(path, i), context, depth + 1); });
      return true;
    }
    case "minProperties": if (object && Object.keys(value).length < rule) fail(`has fewer than ${rule} members`); return true;
    case "maxProperties": if (object && Object.keys(value).length > rule) fail(`has more than ${rule} members`); return true;
    case "required": if (object) for (const name of rule) if (!Object.hasOwn(value, name)) fail(`lacks '${name}'`); return true;
    case "properties": if (object) for (const [name, s] of Object.entries(rule)) if (Object.hasOwn(value, name)) check(s, value[name], pointer(path, name), context, depth + 1); return true;
    case "additionalProperties": {
      if (!object) return true;
      const patterns = Object.keys(schema.patternProperties ?? {});
      for (const [name, v] of Object.entries(value)) {
        if (Object.hasOwn(schema.properties ?? {}, name) || patterns.some((p) => matches(p, name, context) !== false)) continue;
        check(rule, v, pointer(path, name), context, depth + 1);
      }
      return true;
    }
    default: return false;
  }
}
