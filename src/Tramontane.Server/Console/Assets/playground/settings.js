// The settings' form: its values as a flat record of texts, and what is shown beside them.
import { toolNames } from "./request.js";

/**
 * @param {HTMLFormElement} form
 * @param {{schemas: {label: string, text: string}[], tools: {label: string, text: string}[]}} config
 * @param {() => void} onChange
 */
export function createSettings(form, config, onChange) {
  const fields = [...form.elements].filter((e) => e.name);
  const field = (name) => form.elements.namedItem(name);
  const valueOf = (e) => (e.type === "checkbox" ? (e.checked ? "true" : "") : e.value);

  const settings = {
    /** @returns {Record<string, string>} */
    read: () => Object.fromEntries(fields.map((e) => [e.name, valueOf(e)])),

    /** Sets what is given; the rest goes back to how it was at first. */
    write(setup) {
      for (const e of fields) {
        const value = setup[e.name] ?? e.dataset.default ?? "";
        if (e.name === "tool_choice") offerTools(setup.tools ?? "", value);
        else if (e.type === "checkbox") e.checked = value !== "";
        else e.value = value;
        if (e.tagName === "SELECT" && e.selectedIndex < 0) e.value = e.dataset.default;
      }
      const more = form.querySelector(".pg-more");
      if ([...more.querySelectorAll("[name]")].some((e) => e.value !== (e.dataset.default ?? ""))) more.open = true;
      refresh();
    },

    defaults: () => Object.fromEntries(fields.map((e) => [e.name, e.dataset.default ?? ""])),

    set(name, value) {
      field(name).value = value;
      refresh();
      onChange();
    },

    /** Shows each problem at its field, and none where there is none. @param {import("./request.js").Problem[]} problems */
    show(problems) {
      for (const place of form.querySelectorAll("[data-error]")) {
        const problem = problems.find((p) => p.field === place.dataset.error);
        place.textContent = problem?.message ?? "";
        field(place.dataset.error)?.setAttribute("aria-invalid", String(problem !== undefined));
      }
    },

    /** Puts the focus on a field that has a problem. */
    focus(name) {
      const e = field(name);
      const closed = e?.closest("details:not([open])");
      if (closed) closed.open = true;
      e?.focus();
    },
  };

  function offerTools(text, wanted) {
    const select = field("tool_choice");
    const names = toolNames(text);
    for (const option of [...select.options].slice(3)) option.remove();
    for (const name of names) select.add(new Option(`${name}: this one`, `function:${name}`));
    select.value = wanted;
    if (select.selectedIndex < 0) select.value = "auto";
    form.querySelector("#pg-tool-options").hidden = names.length === 0;
  }

  function refresh() {
    for (const range of form.querySelectorAll("[data-for]")) {
      const input = field(range.dataset.for);
      const value = Number(input.value.trim() === "" ? input.placeholder : input.value);
      if (!Number.isNaN(value)) range.value = String(value);
    }
    form.querySelector("#pg-schema-field").hidden = field("response_format").value !== "json_schema";
    for (const editor of form.querySelectorAll(".pg-editor")) editor.rows = Math.min(Math.max(editor.value.split("\n").length, 2), 16);
  }

  form.addEventListener("input", (event) => {
    const { target } = event;
    if (target.dataset.for) field(target.dataset.for).value = target.value;
    if (target.name === "tools") offerTools(target.value, field("tool_choice").value);
    refresh();
    if (!target.dataset.examples) onChange();
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "response_format" && target.value === "json_schema" && field("schema").value.trim() === "") settings.set("schema", config.schemas[0].text);
    if (!target.dataset.examples || target.value === "") return;
    const example = config[target.dataset.examples].find((e) => e.label === target.value);
    target.value = "";
    const name = target.dataset.examples === "schemas" ? "schema" : "tools";
    field(name).value = example.text;
    if (name === "tools") offerTools(example.text, field("tool_choice").value);
    refresh();
    onChange();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  return settings;
}
