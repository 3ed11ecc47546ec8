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
    result.hardware = { machines: null, perMonth: one, usePerMille: null, capacityPerDay: null, breakEvenPerDay, isCheaper: null };
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
  texts["hardware-verdict"] = h.machines === null ? "Give a speed to compare: without it nobody knows how many machines the requests need."
    : h.isCheaper ? "Own hardware costs less." : "The price costs no more than own hardware.";
  return texts;
}

/** Inputs from form values, and the names of the fields that are wrong: then `inputs` is null. */
export function readFields(value, chosen) {
  const wrong = [];
  const take = (name, isWell, read) => { if (isWell) return read; wrong.push(name); return null; };
  const whole = (name, max) => { const text = value(name).trim(); return take(name, /^\d{1,15}$/.test(text) && BigInt(text) <= max, /^\d+$/.test(text) ? BigInt(text) : null); };
  const amount = (name, decimals, min, max) => {
    if (value(name).trim() === "") return undefined;
    const read = parseDecimal(value(name), decimals);
    return take(name, read !== null && read >= min && read <= max * 10n ** BigInt(decimals), read);
  };
  const promptTokens = whole("in", 1000000n), completionTokens = whole("out", 1000000n), requestsPerDay = whole("rpd", 100000000n), cachedPercent = whole("cached", 100n);
  const pin = amount("pin", 6, 0n, 10000n), pcached = amount("pcached", 6, 0n, 10000n), pout = amount("pout", 6, 0n, 10000n);
  const hardware = amount("hw", 2, 0n, 1000000000n), speed = amount("tps", 2, 1n, 1000000000n);
  const price = { prompt: pin ?? chosen.prompt, cached: pcached ?? pin ?? chosen.cached, completion: pout ?? chosen.completion };
  return { inputs: wrong.length > 0 ? null : { promptTokens, completionTokens, requestsPerDay, cachedPercent, price, hardware: hardware ?? null, tokensPerSecond: speed ?? null }, wrong };
}

/** A sentence for those who hear the result and do not see it. */
export const sentenceOf = (texts) => `${texts["per-month"]} a month.${texts["hardware-verdict"] ? ` ${texts["hardware-verdict"]}` : ""}`;

const monthColumn = 5;
const quietMilliseconds = 800; // no typing for so long, and the result is told
const pricesOf = (option) => Object.fromEntries(["prompt", "cached", "completion"].map((name) => [name, parseDecimal(option.dataset[name], 6)]));

function start(form) {
  const select = form.elements.price;
  let timer = 0;
  const tell = (text) => { clearTimeout(timer); timer = setTimeout(() => { document.getElementById("announce").textContent = text; }, quietMilliseconds); };
  const cellsOf = (i) => document.querySelectorAll("#comparison tbody tr")[i].cells[monthColumn];

  /** Shows what the fields give; false when one of them is wrong, which it then says. */
  function update() {
    const option = select.selectedOptions[0];
    const { inputs, wrong } = readFields((name) => form.elements[name].value, pricesOf(option));
    for (const problem of form.querySelectorAll("[data-rule]")) {
      const isWrong = wrong.includes(problem.dataset.for);
      problem.hidden = !isWrong;
      problem.textContent = isWrong ? problem.dataset.rule : "";
      if (isWrong) form.elements[problem.dataset.for].setAttribute("aria-invalid", "true");
      else form.elements[problem.dataset.for].removeAttribute("aria-invalid");
    }
    document.getElementById("result-problem").hidden = inputs !== null;
    document.getElementById("result-figures").hidden = inputs === null;
    if (inputs === null) { // figures of other inputs would be taken for these
      [...select.options].forEach((_, i) => { cellsOf(i).textContent = "–"; });
      tell(document.getElementById("result-problem").textContent);
      return false;
    }
    const texts = describe(calculate(inputs), option.dataset.currency);
    for (const output of document.querySelectorAll("[data-result]")) output.textContent = texts[output.dataset.result] ?? "";
    // The comparison lists the prices in the order of the choices.
    [...select.options].forEach((choice, i) => {
      cellsOf(i).textContent = formatMoney(calculate({ ...inputs, price: pricesOf(choice) }).perMonth, scale, choice.dataset.currency);
    });
    document.getElementById("hardware-result").hidden = !("hardware-month" in texts);
    const query = new URLSearchParams([...new FormData(form)].filter(([, v]) => v !== ""));
    history.replaceState(null, "", `?${query}`);
    tell(sentenceOf(texts));
    return true;
  }

  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => { if (update()) event.preventDefault(); }); // what is wrong, the server explains
}

if (typeof document !== "undefined") start(document.getElementById("calculator"));
