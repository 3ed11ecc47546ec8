// The request as code, and as a link.
import { announce, openDialog } from "../site.js";
import { copyText } from "../clipboard.js";
import { fill, withoutLargeImages } from "./samples.js";
import { toFragment } from "./share.js";

/** @param {{samples: object[], streamSamples: object[]}} config @param {(stream: boolean) => object} bodyOf */
export function createCodeDialog(config, bodyOf) {
  const dialog = document.getElementById("pg-code");
  const stream = document.getElementById("pg-code-stream");
  const places = [...dialog.querySelectorAll(".panel code")];
  function show() {
    const { body, leftOut } = withoutLargeImages(bodyOf(stream.checked));
    (stream.checked ? config.streamSamples : config.samples).forEach((sample, i) => { places[i].textContent = fill(sample, body); });
    document.getElementById("pg-code-note").textContent = leftOut === 0 ? "" : `${leftOut === 1 ? "An image is" : `${leftOut} images are`} left out: put the base64 text of the file in place of "…".`;
  }
  stream.addEventListener("change", show);
  return () => { show(); openDialog(dialog); };
}

/** @param {() => import("./conversation.js").Conversation} conversationOf */
export function createShareDialog(conversationOf) {
  const dialog = document.getElementById("pg-share");
  const link = document.getElementById("pg-link");
  const note = document.getElementById("pg-share-note");
  dialog.querySelector("[data-act='copy-link']").addEventListener("click", async () => {
    link.select();
    announce(await copyText(link.value) ? "Link copied" : "Copying failed: copy the selected link by hand");
  });
  return async () => {
    const { fragment, leftOut } = await toFragment(conversationOf());
    link.parentElement.hidden = fragment === null;
    document.getElementById("pg-share-export").hidden = fragment !== null;
    link.value = fragment === null ? "" : location.origin + location.pathname + fragment;
    note.textContent = fragment === null ? "This conversation is too large for a link. An export holds it, and Import reads it." : [
      leftOut === 0 ? "" : `${leftOut === 1 ? "An image is" : `${leftOut} images are`} too large for a link and left out.`,
      link.value.length > 8_000 ? `The link has ${link.value.length.toLocaleString("en-US")} characters; some programs cut such links. An export of the conversation carries everything.` : "",
    ].join(" ").trim();
    openDialog(dialog);
    if (fragment !== null) link.select();
  };
}
