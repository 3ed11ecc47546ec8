// An answer, put together from the chunks of a stream.

/**
 * @typedef {{id: string, name: string, arguments: string}} ToolCall
 * @typedef {{content: string, toolCalls: ToolCall[], finish: string | null, usage: object | null, model: string | null}} Answer
 */

/** @returns {Answer} */
export const emptyAnswer = () => ({ content: "", toolCalls: [], finish: null, usage: null, model: null });

/**
 * Adds a chunk. Returns whether it brought text or a part of a call, which is what the time to the first token is measured to.
 * @param {Answer} answer
 * @param {any} chunk
 */
export function addChunk(answer, chunk) {
  if (chunk.usage) answer.usage = chunk.usage;
  if (typeof chunk.model === "string") answer.model = chunk.model;
  const choice = chunk.choices?.[0];
  if (!choice) return false;
  if (choice.finish_reason) answer.finish = choice.finish_reason;
  const delta = choice.delta ?? {};
  let news = false;
  if (delta.content) {
    answer.content += delta.content;
    news = true;
  }
  for (const piece of delta.tool_calls ?? []) {
    const call = answer.toolCalls[piece.index] ??= { id: "", name: "", arguments: "" };
    if (piece.id) call.id = piece.id;
    if (piece.function?.name) call.name += piece.function.name;
    if (piece.function?.arguments) call.arguments += piece.function.arguments;
    news = true;
  }
  return news;
}
