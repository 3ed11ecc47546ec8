// Vercel's ai package with its own providers and OpenRouter's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { apiKey, expectedText, model, root, toolRoot, weatherSchema } from './server.mjs';

const providers = {
  'openai responses': (base) => createOpenAI({ baseURL: `${base}/v1`, apiKey })(model),
  'openai chat': (base) => createOpenAI({ baseURL: `${base}/v1`, apiKey }).chat(model),
  anthropic: (base) => createAnthropic({ baseURL: `${base}/v1`, apiKey })(model),
  mistral: (base) => createMistral({ baseURL: `${base}/v1`, apiKey })(model),
  compatible: (base) => createOpenAICompatible({ name: 'tramontane', baseURL: `${base}/v1`, apiKey, includeUsage: true })(model),
  openrouter: (base) => createOpenRouter({ baseURL: `${base}/api/v1`, apiKey })(model),
};

for (const [name, create] of Object.entries(providers)) {
  test(`ai with ${name}: the streamed and the whole answer are equal`, async () => {
    // Some of the packages drop the seed; without temperature there is no chance to fix.
    const request = { model: create(root), prompt: 'Hello', temperature: 0, maxOutputTokens: 24, maxRetries: 0 };
    const whole = await generateText(request);
    const stream = streamText(request);
    let text = '';
    for await (const delta of stream.textStream) text += delta;
    assert.equal(text, whole.text);
    assert.equal(await stream.finishReason, whole.finishReason);
    assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
    assert.ok(whole.usage.inputTokens > 0);
  });

  test(`ai with ${name}: a tool is called and its result read, in two steps`, async () => {
    const cities = [];
    const weather = tool({
      description: 'd',
      inputSchema: jsonSchema(weatherSchema),
      execute: async ({ city }) => { cities.push(city); return 'sunny'; },
    });
    const request = { model: create(toolRoot), prompt: 'Weather?', tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 };
    assert.equal((await generateText(request)).text, expectedText);
    const stream = streamText(request);
    await stream.consumeStream();
    assert.equal(await stream.text, expectedText);
    assert.deepEqual(cities, ['Marseille', 'Marseille']);
  });

  test(`ai with ${name}: an error names its status`, async () => {
    await assert.rejects(generateText({ model: create(root), prompt: 'Hello', topP: 9, maxRetries: 0 }), (error) => {
      assert.equal(error.statusCode, 400);
      assert.match(`${error.message} ${error.responseBody}`, /top_p/);
      return true;
    });
  });
}
