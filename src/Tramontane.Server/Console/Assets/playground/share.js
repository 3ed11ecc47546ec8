// A set-up as a link: the fragment, which browsers keep to themselves, carries it. Never the key, and images only when small.
import { maxMessages, readConversation } from "./conversation.js";

export const prefix = "#s=";
const maxLink = 200_000; // characters of a fragment that is read
const maxUnpacked = 2_000_000; // bytes, so that a small link cannot fill the memory
export const maxImageCharacters = 8_000;

/**
 * The fragment for a conversation, null when it is too large for those that `fromFragment` reads. `leftOut` says how many
 * images were too large to go along.
 * @param {import("./conversation.js").Conversation} conversation
 * @returns {Promise<{fragment: string | null, leftOut: number}>}
 */
export async function toFragment(conversation) {
  let leftOut = 0;
  const messages = conversation.messages.map(({ role, text, images, toolCalls, toolCallId, format }) => ({
    role, text, toolCalls, toolCallId, format,
    images: images?.filter((image) => image.url.length <= maxImageCharacters || (leftOut++, false)),
  }));
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, setup: conversation.setup, messages }));
  if (bytes.length > maxUnpacked || messages.length > maxMessages) return { fragment: null, leftOut };
  const fragment = prefix + toBase64Url(await pipe(bytes, new CompressionStream("deflate-raw"), Infinity));
  return { fragment: fragment.length > maxLink ? null : fragment, leftOut };
}

/** The conversation in a fragment; null when there is none. Throws when it is damaged. */
export async function fromFragment(fragment) {
  if (!fragment.startsWith(prefix)) return null;
  if (fragment.length > maxLink) throw new RangeError("The link is too long.");
  let value;
  try {
    const bytes = await pipe(fromBase64Url(fragment.slice(prefix.length)), new DecompressionStream("deflate-raw"), maxUnpacked);
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (failure) {
    throw new RangeError("The link is damaged.", { cause: failure });
  }
  if (value?.v !== 1) throw new RangeError("The link is of another version.");
  return readConversation({ ...value, title: "" });
}

async function pipe(bytes, transform, limit) {
  const writer = transform.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  written.catch(() => {}); // the reader meets the same failure
  const parts = [];
  let length = 0;
  const reader = transform.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) { await reader.cancel(); throw new RangeError("too large"); }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

function toBase64Url(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const fromBase64Url = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
