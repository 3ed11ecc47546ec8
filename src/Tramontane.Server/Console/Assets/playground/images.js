// Images that go with the next message: by button, drag and paste.
import { element } from "./markdown-view.js";

export const size = (bytes) => (bytes < 1_000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** @param {File} file @returns {Promise<import("./conversation.js").Image>} */
const read = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve({ url: reader.result, name: file.name, bytes: file.size });
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});

/** A preview; what the browser cannot decode is shown by its name. */
export function preview(image) {
  const picture = element("img", { src: image.url, alt: image.name || "Image" });
  picture.addEventListener("error", () => picture.replaceWith(element("span", { class: "pg-no-preview" }, "no preview")));
  return picture;
}

/**
 * @param {{list: HTMLElement, input: HTMLInputElement, area: HTMLElement, drop: HTMLElement, limit: number, icon: () => Node,
 *   onChange: () => void, onProblem: (text: string) => void}} parts `limit`: bytes of a request's body
 */
export function createImages({ list, input, area, drop, limit, icon, onChange, onProblem }) {
  let images = [];

  function show() {
    list.hidden = images.length === 0;
    list.replaceChildren(...images.map((image) => {
      const remove = element("button", { type: "button", class: "icon-button small", "aria-label": `Remove ${image.name || "image"}`, title: "Remove" }, icon());
      remove.addEventListener("click", () => {
        const at = images.indexOf(image);
        images = images.filter((i) => i !== image);
        show();
        onChange();
        (list.querySelectorAll("button")[Math.min(at, images.length - 1)] ?? area).focus();
      });
      return element("li", {}, preview(image), element("span", { class: "pg-image-name" }, image.name || "Image"), element("span", { class: "muted" }, size(image.bytes)), remove);
    }));
  }

  async function add(files) {
    const problems = [];
    for (const file of files) {
      // Four characters for three bytes; what is larger could not be sent at all.
      if (file.size * 4 / 3 > limit) { problems.push(`${file.name || "The image"} is too large: a request holds at most ${size(limit)}.`); continue; }
      try {
        images.push(await read(file));
      } catch (failure) {
        problems.push(`${file.name} cannot be read: ${failure.message}.`);
      }
    }
    show();
    onChange();
    if (problems.length > 0) onProblem(problems.join(" ")); // last: a change takes back what was wrong before it
  }

  input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
  area.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || carriesText(event.clipboardData, files)) return;
    event.preventDefault();
    add(files);
  });
  // Office programs add a picture of what they copy as text. File managers add the names of files as text.
  function carriesText(data, files) {
    const names = new Set(files.map((file) => file.name));
    return data.getData("text/plain").split(/[\r\n]+/).some((line) => line.trim() !== "" && !names.has(line.trim()));
  }
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  drop.addEventListener("dragover", (event) => { if (carriesFiles(event)) { event.preventDefault(); drop.classList.add("dropping"); } });
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("dropping"); });
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });

  return {
    get all() { return images; },
    set(next) { images = [...next]; show(); onChange(); },
  };
}
