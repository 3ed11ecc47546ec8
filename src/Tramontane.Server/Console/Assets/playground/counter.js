// The prompt's tokens while it is written. The server counts; it is asked only when something has changed, and images go
// there once, not with every pause in typing.

const imagesOf = (body) => body.messages.flatMap((m) => (Array.isArray(m.content) ? m.content.filter((part) => part.type === "image_url").map((part) => part.image_url.url) : []));

/** The body without its images; null when a message would be empty without them. */
export function withoutImages(body) {
  const messages = [];
  for (const message of body.messages) {
    if (!Array.isArray(message.content)) { messages.push(message); continue; }
    const text = message.content.filter((part) => part.type === "text").map((part) => part.text).join("");
    if (text === "") return null;
    messages.push({ ...message, content: text });
  }
  return { ...body, messages };
}

const sameTexts = (a, b) => a.length === b.length && a.every((text, i) => text === b[i]);

/**
 * Tokens of images add to those of texts, so those of the images that lie in a prompt are taken from its whole count once.
 * @param {(body: object, options: object) => Promise<{count: number, limit: number}>} countTokens
 */
export function createCounter(countTokens) {
  let last = null; // {text, key, result or failure}: what was asked last
  let known = { urls: [], tokens: 0 };

  async function ask(body, options) {
    const urls = imagesOf(body);
    if (urls.length === 0) return countTokens(body, options);
    const texts = withoutImages(body);
    if (texts !== null && sameTexts(urls, known.urls)) {
      const { count, limit } = await countTokens(texts, options);
      return { count: count + known.tokens, limit };
    }
    const whole = await countTokens(body, options);
    if (texts !== null) known = { urls, tokens: whole.count - (await countTokens(texts, options)).count };
    return whole;
  }

  return {
    /** @returns {Promise<{count: number, limit: number}>} rejects as `countTokens` does, with the same failure while nothing changes */
    async count(body, options) {
      const { model, messages, tools } = body;
      const text = JSON.stringify({ model, messages, tools });
      if (last?.text === text && last.key === options.key) {
        if (last.failure) throw last.failure;
        return last.result;
      }
      try {
        const result = await ask({ model, messages, tools }, options);
        last = { text, key: options.key, result };
        return result;
      } catch (failure) {
        // A refusal holds until something changes; a server that was away may be back.
        last = failure.status >= 400 && failure.status < 500 && failure.status !== 429 ? { text, key: options.key, failure } : null;
        throw failure;
      }
    },
  };
}
