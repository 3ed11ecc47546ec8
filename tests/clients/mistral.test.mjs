// The official @mistralai/mistralai package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { apiKey, expectedArguments, expectedText, model, question, root, toolRoot, weatherSchema } from './server.mjs';

const client = new Mistral({ serverURL: root, apiKey, retryConfig: { strategy: 'none' } });
const request = { model, messages: question, maxTokens: 24, randomSeed: 7 };

async function streamText(stream) {
  let text = '';
  let usage, finish;
  for await (const { data } of stream) {
    text += data.choices[0]?.delta?.content ?? '';
    finish = data.choices[0]?.finishReason ?? finish;
    usage = data.usage ?? usage;
  }
  return { text, usage, finish };
}

test('mistral: the streamed and the whole answer are equal', async () => {
  const whole = await client.chat.complete(request);
  const streamed = await streamText(await client.chat.stream(request));
  assert.equal(streamed.text, whole.choices[0].message.content);
  assert.equal(streamed.finish, whole.choices[0].finishReason);
  assert.deepEqual(streamed.usage.completionTokens, whole.usage.completionTokens);
});

test('mistral: safePrompt and prefix are honoured', async () => {
  const reply = await client.chat.complete({
    ...request, safePrompt: true, messages: [...question, { role: 'assistant', content: 'Well, ', prefix: true }],
  });
  assert.ok(reply.choices[0].message.content.startsWith('Well, '));
  const plain = await client.chat.complete(request);
  assert.ok(reply.usage.promptTokens > plain.usage.promptTokens + 20);
});

test('mistral: models are listed and retrieved', async () => {
  const { data } = await client.models.list();
  assert.equal(data.length, 1);
  const card = await client.models.retrieve({ modelId: 'mistral-small-2506' });
  assert.equal(card.capabilities.completionChat, true);
});

test('mistral: errors carry their status and body', async () => {
  await assert.rejects(client.chat.complete({ ...request, model: 'mistral-9' }), (error) => {
    assert.equal(error.statusCode, 404);
    assert.match(error.body, /model_not_found/);
    return true;
  });
});

test('mistral: a tool is called, streamed or not, and its result read', async () => {
  const caller = new Mistral({ serverURL: toolRoot, apiKey, retryConfig: { strategy: 'none' } });
  const tools = [{ type: 'function', function: { name: 'weather', description: 'd', parameters: weatherSchema } }];
  const ask = { model, messages: [{ role: 'user', content: 'Weather?' }], tools, randomSeed: 3 };
  const whole = await caller.chat.complete(ask);
  const [call] = whole.choices[0].message.toolCalls;
  assert.deepEqual(JSON.parse(call.function.arguments), expectedArguments);
  const calls = [];
  for await (const { data } of await caller.chat.stream(ask)) calls.push(...(data.choices[0]?.delta?.toolCalls ?? []));
  assert.deepEqual(calls.map((c) => [c.id, c.function.name, c.function.arguments]), [[call.id, 'weather', call.function.arguments]]);
  const answer = await caller.chat.complete({
    ...ask,
    messages: [...ask.messages, whole.choices[0].message, { role: 'tool', content: 'sunny', toolCallId: call.id, name: 'weather' }],
  });
  assert.equal(answer.choices[0].message.content, expectedText);
});
