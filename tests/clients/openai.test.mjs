// The official openai package. Against a running server:
//   TRAMONTANE_BASE_URL=http://127.0.0.1:8080/v1 npm test
// Tests with tools also want TRAMONTANE_TOOL_URL, the root of a server whose model is scripted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { apiKey, expectedArguments, expectedText, model, question, root, toolRoot, weatherSchema } from './server.mjs';

const client = new OpenAI({ baseURL: `${root}/v1`, apiKey, maxRetries: 0 });

test('the listed model is retrieved under its id and its aliases', async () => {
  const listed = [];
  for await (const card of client.models.list()) listed.push(card);
  assert.equal(listed.length, 1);
  for (const id of [listed[0].id, ...listed[0].aliases]) {
    assert.equal((await client.models.retrieve(id)).id, id);
  }
});

// Needs the demo model, which was taught these facts; other models may word them differently.
test('a streamed chat of three turns', async () => {
  const messages = [];
  for (const [text, expected] of [
    ['Hello', /^Hello! I am Tramontane's small demo model/],
    ['Tell me about Mistral Small 3.2', /^Mistral Small 3\.2 is an open model by Mistral AI/],
    ['And its license', /Mistral Small 3\.2 is under the Apache-2\.0 licence/],
  ]) {
    messages.push({ role: 'user', content: text });
    const stream = client.chat.completions.stream({
      model, messages, temperature: 0, max_tokens: 100, stream_options: { include_usage: true },
    });
    let streamed = '';
    stream.on('content', (delta) => { streamed += delta; });
    const completion = await stream.finalChatCompletion();
    const [choice] = completion.choices;
    assert.match(streamed, expected);
    assert.equal(choice.message.content, streamed);
    assert.equal(choice.finish_reason, 'stop');
    assert.equal(completion.model, model);
    assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
    messages.push({ role: 'assistant', content: streamed });
  }
});

test('the streamed and the whole answer to the same seed are equal', async () => {
  const request = { model, messages: question, seed: 11, max_tokens: 16 };
  const whole = await client.chat.completions.create(request);
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    streamed += chunk.choices[0]?.delta?.content ?? '';
  }
  assert.equal(streamed, whole.choices[0].message.content);
});

test('log-probabilities cover the answer', async () => {
  const reply = await client.chat.completions.create({
    model, messages: question, max_tokens: 8, temperature: 0, logprobs: true, top_logprobs: 3,
  });
  const { content } = reply.choices[0].logprobs;
  const bytes = Buffer.from(content.flatMap((entry) => entry.bytes));
  assert.equal(bytes.toString('utf8'), reply.choices[0].message.content);
  for (const entry of content) {
    assert.equal(entry.top_logprobs.length, 3);
    assert.ok(entry.logprob <= 0);
    assert.ok(entry.top_logprobs[0].logprob >= entry.top_logprobs[2].logprob);
  }
});

test('several answers come with their indexes', async () => {
  const reply = await client.chat.completions.create({ model, messages: question, n: 3, max_tokens: 4 });
  assert.deepEqual(reply.choices.map((choice) => choice.index), [0, 1, 2]);
});

test('a legacy completion echoes its prompt with log-probabilities', async () => {
  const reply = await client.completions.create({
    model, prompt: 'Once upon', echo: true, logprobs: 1, max_tokens: 0, temperature: 0,
  });
  const [choice] = reply.choices;
  assert.equal(choice.text, 'Once upon');
  assert.equal(choice.logprobs.tokens.length, reply.usage.prompt_tokens);
  assert.equal(choice.logprobs.token_logprobs[0], null);
  assert.ok(choice.logprobs.token_logprobs.slice(1).every((value) => value <= 0));
});

test('a legacy completion streams', async () => {
  let text = '';
  for await (const chunk of await client.completions.create({ model, prompt: 'Once upon', max_tokens: 6, stream: true })) {
    text += chunk.choices[0]?.text ?? '';
  }
  assert.equal(typeof text, 'string');
});

test('errors arrive as the classes of the package', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'gpt-9', messages: question }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assert.match(error.requestID, /^req_/);
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model, messages: question, temperature: 9, stream: true }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.param, 'temperature');
    return true;
  });
});

test('an aborted stream ends quietly and the server lives on', async () => {
  const stream = await client.chat.completions.create({ model, messages: question, max_tokens: 500, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    stream.controller.abort();
    break;
  }
  assert.equal((await client.models.list()).data.length, 1);
});

test('responses: the streamed and the whole response are equal', async () => {
  const request = { model, input: 'Hello', seed: 7, max_output_tokens: 24 };
  const whole = await client.responses.create(request);
  const types = [];
  const stream = client.responses.stream(request).on('event', (event) => { types.push(event.type); });
  const streamed = await stream.finalResponse();
  assert.equal(streamed.output_text, whole.output_text);
  assert.deepEqual(streamed.usage, whole.usage);
  assert.equal(streamed.status, whole.status);
  assert.deepEqual(types.slice(0, 4), ['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added']);
});

test('responses: a kept response is gone on from, retrieved and deleted', async () => {
  const first = await client.responses.create({ model, input: 'Hello', temperature: 0, max_output_tokens: 60, metadata: { a: 'b' } });
  assert.equal((await client.responses.retrieve(first.id)).output_text, first.output_text);
  const second = await client.responses.create({ model, input: 'Who are you?', previous_response_id: first.id, temperature: 0, max_output_tokens: 60 });
  assert.equal(second.previous_response_id, first.id);
  assert.ok(second.usage.input_tokens > first.usage.total_tokens);
  await client.responses.delete(first.id);
  await assert.rejects(client.responses.retrieve(first.id), NotFoundError);
  await assert.rejects(client.responses.create({ model, input: 'x', previous_response_id: first.id }), (error) => {
    assert.equal(error.code, 'previous_response_not_found');
    return true;
  });
});

test('responses and chat: a tool is called, streamed or not, and its result read', async () => {
  const caller = new OpenAI({ baseURL: `${toolRoot}/v1`, apiKey, maxRetries: 0 });
  const tools = [{ type: 'function', name: 'weather', description: 'd', parameters: weatherSchema, strict: false }];
  const first = await caller.responses.create({ model, input: 'Weather?', tools });
  const streamed = await caller.responses.stream({ model, input: 'Weather?', tools }).finalResponse();
  const shape = (response) => response.output.map((item) => [item.type, item.name, item.arguments, item.status]);
  assert.deepEqual(shape(streamed), shape(first));
  const call = first.output.find((item) => item.type === 'function_call');
  assert.deepEqual(JSON.parse(call.arguments), expectedArguments);
  const answer = await caller.responses.create({
    model, tools, previous_response_id: first.id, input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
  });
  assert.equal(answer.output_text, expectedText);
  const chatTools = [{ type: 'function', function: { name: 'weather', parameters: weatherSchema } }];
  const completion = await caller.chat.completions.stream({ model, messages: question, tools: chatTools }).finalChatCompletion();
  assert.deepEqual(JSON.parse(completion.choices[0].message.tool_calls[0].function.arguments), expectedArguments);
});
