// The cost calculator while one types. The server computes the same from the query string; amounts are exact on both sides.

const days = 30n;
const secondsPerDay = 86400n;
const scale = 14; // decimals of the cost of a request: 6 of a price, 6 of a million, 2 of a per cent

/** A decimal text as a whole number of 10^-decimals; null when it is none or has more decimals. */
export function parseDecimal(text, decimals) {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null || (match[1] === "" && !match[2])) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  return fraction.length > decimals ? null : BigInt(match[1] + fraction.padEnd(decimals, "0"));
}

/** The text of a whole number of 10^-decimals: thousands grouped, no zeros at the end but for the least decimals. */
export function formatDecimal(value, decimals, least = 0) {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "").padEnd(least, "0");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

const signs = { USD: "$", EUR: "€", GBP: "£" };
export const formatMoney = (value, decimals, currency) =>
  currency in signs ? signs[currency] + formatDecimal(value, decimals, 2) : `${formatDecimal(value, decimals, 2)} ${currency}`;

const ceiling = (a, b) => (a + b - 1n) / b;

/**
 * Tokens and requests are whole numbers, cachedPercent 0 to 100, prices in 10^-6 per 1,000,000 tokens, hardware in 10^-2,
 * tokensPerSecond in 10^-2; the last two may be null. Amounts come in 10^-14.
 */
export function calculate({ promptTokens, completionTokens, requestsPerDay, cachedPercent, price, hardware, tokensPerSecond }) {
  const uncached = promptTokens * (100n - cachedPercent), cached = promptTokens * cachedPercent; // in 10^-2 tokens
  const perRequest = uncached * price.prompt + cached * price.cached + completionTokens * 100n * price.completion;
  const perMonth = perRequest * requestsPerDay * days;
  const result = {
    perRequest, perMonth, perDay: perRequest * requestsPerDay,
    promptTokensPerMonth: promptTokens * requestsPerDay * days, completionTokensPerMonth: completionTokens * requestsPerDay * days,
    hardware: null,
  };
  if (hardware !== null) {
    const one = hardware * 10n ** BigInt(scale - 2);
    const breakEvenPerDay = perRequest === 0n ? null : ceiling(one, perRequest * days);
    result.hardware = { machines: null, perMonth: one, usePerMille: null, capacityPerDay: null, breakEvenPerDay, isCheaper: one < perMonth };
    if (tokensPerSecond !== null) {
      const work = uncached + completionTokens * 100n; // in 10^-2 tokens, as the speed is
      const needed = work * requestsPerDay, perMachine = tokensPerSecond * secondsPerDay;
      const machines = needed === 0n ? 1n : ceiling(needed, perMachine);
      const all = one * machines;
      Object.assign(result.hardware, {
        machines, perMonth: all, isCheaper: all < perMonth,
        usePerMille: (needed * 2000n + perMachine * machines) / (perMachine * machines * 2n),
        capacityPerDay: work === 0n ? null : perMachine / work,
      });
    }
  }
  return result;
}

/** What the page shows, by the names of its outputs; the server writes the same. */
export function describe(result, currency) {
  const money = (value) => formatMoney(value, scale, currency);
  const count = (value) => formatDecimal(value, 0);
  const texts = {
    "per-request": money(result.perRequest), "per-day": money(result.perDay), "per-month": money(result.perMonth),
    "prompt-tokens": count(result.promptTokensPerMonth), "completion-tokens": count(result.completionTokensPerMonth),
  };
  const h = result.hardware;
  if (h === null) return texts;
  texts["hardware-month"] = money(h.perMonth);
  texts["hardware-machines"] = h.machines === null ? "not known without a speed" : `${count(h.machines)}, busy ${formatDecimal(h.usePerMille, 1)} % of the time`;
  texts["hardware-capacity"] = h.capacityPerDay === null ? "not known" : `${count(h.capacityPerDay)} requests a day`;
  texts["hardware-break-even"] = h.breakEvenPerDay === null ? "never: the price asks nothing" : `${count(h.breakEvenPerDay)} requests a day`
    + (h.capacityPerDay !== null && h.breakEvenPerDay > h.capacityPerDay ? ", more than one machine can do" : "");
  texts["hardware-verdict"] = h.isCheaper ? "Own hardware costs less." : "The price costs no more than own hardware.";
  return texts;
}

/** Inputs from form values; null when a field is wrong, which the server then explains. */
export function readInputs(value, chosen) {
  const whole = (name, max) => (/^\d{1,15}$/.test(value(name)) && BigInt(value(name)) <= max ? BigInt(value(name)) : null);
  const optional = (name, decimals) => (value(name).trim() === "" ? undefined : parseDecimal(value(name), decimals));
  const pin = optional("pin", 6), pcached = optional("pcached", 6), pout = optional("pout", 6), hardware = optional("hw", 2), speed = optional("tps", 2);
  const inputs = {
    promptTokens: whole("in", 1000000n), completionTokens: whole("out", 1000000n), requestsPerDay: whole("rpd", 100000000n), cachedPercent: whole("cached", 100n),
    price: {
      prompt: pin === undefined ? chosen.prompt : pin,
      cached: pcached !== undefined ? pcached : pin === undefined ? chosen.cached : pin,
      completion: pout === undefined ? chosen.completion : pout,
    },
    hardware: hardware ?? null, tokensPerSecond: speed ?? null,
  };
  const isWrong = [inputs.promptTokens, inputs.completionTokens, inputs.requestsPerDay, inputs.cachedPercent, ...Object.values(inputs.price)].includes(null)
    || hardware === null || speed === null || speed === 0n
    || [pin, pcached, pout].some((p) => p > 10000n * 10n ** 6n) || [hardware, speed].some((p) => p > 10n ** 9n * 100n);
  return isWrong ? null : inputs;
}

const monthColumn = 5;
const pricesOf = (option) => Object.fromEntries(["prompt", "cached", "completion"].map((name) => [name, parseDecimal(option.dataset[name], 6)]));

function start(form) {
  const select = form.elements.price;
  const outputs = document.querySelectorAll("[data-result]");
  const update = () => {
    const option = select.selectedOptions[0];
    const inputs = readInputs((name) => form.elements[name].value, pricesOf(option));
    if (inputs === null) return; // half-typed: what was right before stays until it is right again
    const texts = describe(calculate(inputs), option.dataset.currency);
    for (const output of outputs) output.textContent = texts[output.dataset.result] ?? "";
    // The comparison lists the prices in the order of the choices.
    [...select.options].forEach((choice, i) => {
      const price = pricesOf(choice);
      document.querySelectorAll("#comparison tbody tr")[i].cells[monthColumn].textContent = formatMoney(calculate({ ...inputs, price }).perMonth, scale, choice.dataset.currency);
    });
    document.getElementById("hardware-result").hidden = !("hardware-month" in texts);
    const query = new URLSearchParams([...new FormData(form)].filter(([, v]) => v !== ""));
    history.replaceState(null, "", `?${query}`);
  };
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => { if (form.checkValidity()) { event.preventDefault(); update(); } });
}

if (typeof document !== "undefined") start(document.getElementById("calculator"));
