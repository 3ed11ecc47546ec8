// The figures below an answer.
import { costOf, formatMoney, fromNumber } from "./cost.js";

const number = (value) => value.toLocaleString("en-US");
const seconds = (ms) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`);

/** Tokens of a reply: prompt, of which cached, and completion. Null before the server has said so. */
export const tokensOf = (usage) => (usage ? {
  prompt: usage.prompt_tokens, cached: usage.prompt_tokens_details?.cached_tokens ?? 0, completion: usage.completion_tokens,
} : null);

/** Cost of a reply in 1e-12 units with its currency: the server's own figure, or else by the page's prices; null where no price is set. */
export function costOfRun(run, prices) {
  const { cost, cost_details: details } = run.usage ?? {};
  if (typeof cost === "number" && details) return { pico: fromNumber(cost), currency: details.currency, isCharged: true };
  const tokens = tokensOf(run.usage);
  return prices && tokens ? { pico: costOf(prices, tokens), currency: prices.currency, isCharged: false } : null;
}

const finishes = { length: "cut by the token limit", tool_calls: "tool calls", stop: "" };

/** @param {import("./conversation.js").Run} run @returns {{text: string, title?: string}[]} */
export function factsOf(run, prices) {
  const facts = [];
  const tokens = tokensOf(run.usage);
  if (tokens) {
    facts.push({ text: `${number(tokens.prompt)} in`, title: "Tokens of the prompt" });
    if (tokens.cached > 0) facts.push({ text: `${number(tokens.cached)} cached`, title: "Tokens of the prompt that were computed before" });
    facts.push({ text: `${number(tokens.completion)} out`, title: "Tokens of the answer" });
    // The first token is the prompt's doing: speed is that of those after it.
    const drawing = run.totalMs - (run.firstTokenMs ?? 0);
    if (run.firstTokenMs !== null && tokens.completion > 1 && drawing > 0) facts.push({ text: `${((tokens.completion - 1) / drawing * 1_000).toFixed(1)} tokens/s`, title: "After the first token" });
  }
  if (run.firstTokenMs !== null) facts.push({ text: `first token ${seconds(run.firstTokenMs)}` });
  if (run.totalMs > 0) facts.push({ text: `${seconds(run.totalMs)}`, title: "From sending to the end of the answer" });
  const cost = costOfRun(run, prices);
  if (cost) facts.push({ text: formatMoney(cost.pico, cost.currency), title: cost.isCharged ? "As the server charged it" : "By the prices of this page" });
  if (run.stopped) facts.push({ text: "stopped" });
  else if (finishes[run.finish] ?? run.finish) facts.push({ text: finishes[run.finish] ?? run.finish });
  if (run.ignored) facts.push({ text: `without effect: ${run.ignored}`, title: "Fields of the request that had no effect" });
  if (run.requestId) facts.push({ text: run.requestId, title: "Request id" });
  return facts;
}
