// Money, exactly: integers of 1e-12 units, as in the server's ledger. Never floating point in between.

const picoPerUnit = 10n ** 12n;

/** "0.075" per 1,000,000 tokens as 1e-12 units per token. At most six decimals, so that nothing is lost. */
export function pricePerToken(text) {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no price with at most six decimals.`);
  return BigInt(match[1]) * 1_000_000n + BigInt((match[2] ?? "").padEnd(6, "0"));
}

/**
 * Cost of a request in 1e-12 units; cached tokens are a part of the prompt's.
 * @param {{prompt: string, cached: string, completion: string}} prices per 1,000,000 tokens
 * @param {{prompt: number, cached: number, completion: number}} tokens
 */
export function costOf(prices, tokens) {
  return BigInt(tokens.prompt - tokens.cached) * pricePerToken(prices.prompt)
    + BigInt(tokens.cached) * pricePerToken(prices.cached)
    + BigInt(tokens.completion) * pricePerToken(prices.completion);
}

/** A cost as the server wrote it, in 1e-12 units. A JSON number is a double here, which holds twelve decimals of amounts below 4,000. */
export const fromNumber = (number) => parse(number.toFixed(12));

function parse(text) {
  const [units, decimals] = text.split(".");
  const pico = BigInt(units.replace("-", "")) * picoPerUnit + BigInt(decimals);
  return text.startsWith("-") ? -pico : pico;
}

const symbols = { USD: "$", EUR: "€", GBP: "£" };

/** An amount with all its decimals, at least four: "$0.0138", "0.0001 CHF". */
export function formatMoney(pico, currency) {
  const sign = pico < 0n ? "-" : "";
  const size = pico < 0n ? -pico : pico;
  const decimals = (size % picoPerUnit).toString().padStart(12, "0").replace(/0{1,8}$/, "");
  const amount = `${sign}${size / picoPerUnit}.${decimals}`;
  return symbols[currency] ? `${sign}${symbols[currency]}${amount.slice(sign.length)}` : `${amount} ${currency}`;
}
