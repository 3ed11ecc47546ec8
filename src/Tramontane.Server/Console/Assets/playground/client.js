// Requests to the server: a streamed chat, and the count of a prompt's tokens.
import { addChunk, emptyAnswer } from "./answer.js";
import { createSseParser } from "./sse.js";

/** What the server, or the way to it, refused; `message` is in the server's words where it gave any. */
export class ApiFailure extends Error {
  /** @param {string} message @param {{status?: number, code?: string | null, param?: string | null, requestId?: string | null, retryAfter?: string | null}} [facts] */
  constructor(message, facts = {}) {
    super(message);
    this.name = "ApiFailure";
    this.status = facts.status ?? 0;
    this.code = facts.code ?? null;
    this.param = facts.param ?? null;
    this.requestId = facts.requestId ?? null;
    this.retryAfter = facts.retryAfter ?? null;
  }
}

/** Headers of a request; the key is in none of them when it is empty. */
export const headersOf = (key) => ({ "Content-Type": "application/json", ...(key ? { Authorization: `Bearer ${key}` } : {}) });

/** @param {Response} response */
export async function failureOf(response) {
  const text = await response.text();
  let error = {};
  try { error = JSON.parse(text).error ?? {}; } catch { /* not JSON: the text itself is shown */ }
  return new ApiFailure(error.message ?? (text.slice(0, 500) || `The server answered with status ${response.status}.`), {
    status: response.status, code: error.code, param: error.param,
    requestId: response.headers.get("x-request-id"), retryAfter: response.headers.get("retry-after"),
  });
}

/**
 * Streams a chat. Ends with the answer and what was measured, also when the signal stops it; a failure carries them as `run`.
 * @param {object} body with `stream` set
 * @param {{key?: string, signal?: AbortSignal, url?: string, fetch?: typeof fetch, now?: () => number, onUpdate?: (run: object) => void}} options
 */
export async function streamChat(body, { key = "", signal, url = "/v1/chat/completions", fetch = globalThis.fetch, now = () => performance.now(), onUpdate = () => {} } = {}) {
  const started = now();
  const answer = emptyAnswer();
  const run = { answer, requestId: null, ignored: null, firstTokenMs: null, totalMs: 0, pieces: 0, stopped: false };
  try {
    await stream();
  } catch (failure) {
    if (!signal?.aborted) throw Object.assign(failure, { run });
    run.stopped = true;
  } finally {
    run.totalMs = now() - started;
  }
  return run;

  async function stream() {
    const response = await request(() => fetch(url, { method: "POST", headers: headersOf(key), body: JSON.stringify(body), signal }), signal);
    if (!response.ok) throw await failureOf(response);
    run.requestId = response.headers.get("x-request-id");
    run.ignored = response.headers.get("x-ignored-fields");
    let done = false;
    const parser = createSseParser(({ data }) => {
      if (data === "[DONE]") { done = true; return; }
      let chunk;
      try { chunk = JSON.parse(data); } catch { throw new ApiFailure("The server sent an event that is no JSON.", { requestId: run.requestId }); }
      if (chunk.error) throw new ApiFailure(chunk.error.message ?? "The stream broke.", { status: response.status, code: chunk.error.code, requestId: run.requestId });
      if (!addChunk(answer, chunk)) return;
      run.firstTokenMs ??= now() - started;
      run.pieces++;
    });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    try {
      for (;;) {
        const { done: ended, value } = await request(() => reader.read(), signal);
        if (ended) break;
        parser.push(decoder.decode(value, { stream: true }));
        run.totalMs = now() - started;
        onUpdate(run);
      }
    } catch (failure) {
      reader.cancel().catch(() => {}); // the server stops drawing as soon as nobody listens
      throw failure;
    }
    if (!done) throw new ApiFailure("The connection closed before the answer was whole.", { requestId: run.requestId });
  }
}

/** Tokens of the prompt that a chat with this body would have. */
export async function countTokens(body, { key = "", signal, url = "/tokenize", fetch = globalThis.fetch } = {}) {
  const { model, messages, tools } = body;
  const response = await request(() => fetch(url, { method: "POST", headers: headersOf(key), body: JSON.stringify({ model, messages, tools }), signal }), signal);
  if (!response.ok) throw await failureOf(response);
  const reply = await response.json();
  return { count: reply.count, limit: reply.max_model_len };
}

async function request(send, signal) {
  try {
    return await send();
  } catch (failure) {
    if (signal?.aborted) throw signal.reason;
    throw new ApiFailure(`The server does not answer: ${failure.message}.`);
  }
}
