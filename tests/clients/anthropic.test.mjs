// The official @anthropic-ai/sdk package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic, { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { apiKey, expectedArguments, expectedText, model, question, root, toolRoot, weatherSchema } from './server.mjs';

const client = new Anthropic({ baseURL: root, apiKey, maxRetries: 0 });
const request = { model, max_tokens: 24, messages: question, seed: 7 };

test('anthropic: the streamed and the whole message are equal', async () => {
  const whole = await client.messages.create(request);
  let text = '';
  const stream = client.messages.stream(request).on('text', (delta) => { text += delta; });
  const streamed = await stream.finalMessage();
  assert.deepEqual(streamed.content, whole.content);
  assert.equal(text, whole.content[0].text);
  assert.equal(streamed.stop_reason, whole.stop_reason);
  assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
  assert.match(whole._request_id, /^req_/);
});

test('anthropic: counted tokens are those of the message', async () => {
  const body = { model, messages: question, system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] };
  const { input_tokens: counted } = await client.messages.countTokens(body);
  const { usage } = await client.messages.create({ ...body, max_tokens: 2 });
  assert.equal(usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens, counted);
});

test('anthropic: a stop sequence is named', async () => {
  const whole = await client.messages.create({ ...request, temperature: 0, max_tokens: 60, stop_sequences: ['zzzz', 'demo'] });
  assert.equal(whole.stop_reason, 'stop_sequence');
  assert.equal(whole.stop_sequence, 'demo');
  assert.ok(!whole.content[0].text.includes('demo'));
});

test('anthropic: models are listed and retrieved', async () => {
  const ids = [];
  for await (const card of client.models.list()) ids.push(card.id);
  assert.equal(ids.length, 1);
  const card = await client.models.retrieve('mistral-small-2506');
  assert.equal(card.type, 'model');
});

test('anthropic: errors arrive as the classes of the package', async () => {
  await assert.rejects(client.messages.create({ ...request, model: 'claude-9' }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.error.error.type, 'not_found_error');
    assert.equal(error.error.request_id, error.requestID);
    return true;
  });
  await assert.rejects(client.messages.create({ ...request, temperature: 9, stream: true }), BadRequestError);
});

test('anthropic: a tool is called, streamed or not, and its result read', async () => {
  const tools = [{ name: 'weather', description: 'd', input_schema: weatherSchema }];
  const caller = new Anthropic({ baseURL: toolRoot, apiKey, maxRetries: 0 });
  const ask = { model, max_tokens: 50, messages: [{ role: 'user', content: 'Weather?' }], tools, seed: 3 };
  const whole = await caller.messages.create(ask);
  const streamed = await caller.messages.stream(ask).finalMessage();
  assert.deepEqual(streamed.content, whole.content);
  assert.equal(whole.stop_reason, 'tool_use');
  const call = whole.content.find((block) => block.type === 'tool_use');
  assert.deepEqual(call.input, expectedArguments);
  const answer = await caller.messages.create({
    ...ask,
    messages: [...ask.messages, { role: 'assistant', content: whole.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }],
  });
  assert.equal(answer.content[0].text, expectedText);
});

test('anthropic: a call cut by the token limit is the same, streamed or not', async () => {
  const caller = new Anthropic({ baseURL: toolRoot, apiKey, maxRetries: 0 });
  const ask = { model, messages: [{ role: 'user', content: 'Weather?' }], tools: [{ name: 'weather', input_schema: { type: 'object' } }], seed: 99 };
  const ends = new Set();
  for (let max_tokens = 1; max_tokens < 100; max_tokens++) {
    const whole = await caller.messages.create({ ...ask, max_tokens });
    const streamed = await caller.messages.stream({ ...ask, max_tokens }).finalMessage();
    assert.deepEqual(streamed.content, whole.content, `max_tokens ${max_tokens}`);
    assert.equal(streamed.stop_reason, whole.stop_reason);
    ends.add(whole.stop_reason);
  }
  assert.deepEqual([...ends], ['max_tokens', 'tool_use']);
});

test('anthropic: an aborted stream ends quietly', async () => {
  const stream = await client.messages.create({ ...request, max_tokens: 500, stream: true });
  for await (const event of stream) {
    assert.equal(event.type, 'message_start');
    stream.controller.abort();
    break;
  }
  assert.equal((await client.models.list()).data.length, 1);
});
