// LangChain's @langchain/openai and @langchain/anthropic packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import { apiKey, expectedArguments, expectedText, model, root, toolRoot, weatherSchema } from './server.mjs';

const create = (base, fields = {}) => new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: { baseURL: `${base}/v1` }, ...fields });

test('langchain: the streamed and the whole answer are equal', async () => {
  const chat = create(root, { maxTokens: 24, modelKwargs: { seed: 7 } });
  const whole = await chat.invoke('Hello');
  let streamed;
  for await (const chunk of await chat.stream('Hello')) streamed = streamed === undefined ? chunk : streamed.concat(chunk);
  assert.equal(streamed.content, whole.content);
  assert.equal(streamed.usage_metadata.output_tokens, whole.usage_metadata.output_tokens);
});

test('langchain: a tool is called, streamed or not, and its result read', async () => {
  const chat = create(toolRoot).bindTools([{ type: 'function', function: { name: 'weather', description: 'd', parameters: weatherSchema } }]);
  const question = new HumanMessage('Weather?');
  const whole = await chat.invoke([question]);
  assert.deepEqual(whole.tool_calls.map((c) => [c.name, c.args]), [['weather', expectedArguments]]);
  let streamed;
  for await (const chunk of await chat.stream([question])) streamed = streamed === undefined ? chunk : streamed.concat(chunk);
  assert.deepEqual(streamed.tool_calls.map((c) => [c.name, c.args]), [['weather', expectedArguments]]);
  const call = whole.tool_calls[0];
  const answer = await chat.invoke([question, new AIMessage({ content: '', tool_calls: [call] }), new ToolMessage({ content: 'sunny', tool_call_id: call.id })]);
  assert.equal(answer.content, expectedText);
});

test('langchain: the Responses API serves it too', async () => {
  const chat = create(root, { maxTokens: 12, temperature: 0, useResponsesApi: true });
  const first = await chat.invoke('Hello');
  assert.ok(first.text.length > 0);
});

test('langchain with anthropic: streamed, whole and with a tool', async () => {
  const chat = new ChatAnthropic({ model, apiKey, anthropicApiUrl: root, maxRetries: 0, maxTokens: 24, temperature: 0 });
  const whole = await chat.invoke('Hello');
  let streamed;
  for await (const chunk of await chat.stream('Hello')) streamed = streamed === undefined ? chunk : streamed.concat(chunk);
  assert.equal(streamed.text, whole.text);
  const caller = new ChatAnthropic({ model, apiKey, anthropicApiUrl: toolRoot, maxRetries: 0, maxTokens: 50 })
    .bindTools([{ name: 'weather', description: 'd', input_schema: weatherSchema }]);
  const question = new HumanMessage('Weather?');
  const call = await caller.invoke([question]);
  assert.deepEqual(call.tool_calls.map((c) => [c.name, c.args]), [['weather', expectedArguments]]);
  const answer = await caller.invoke([question, call, new ToolMessage({ content: 'sunny', tool_call_id: call.tool_calls[0].id })]);
  assert.equal(answer.text, expectedText);
});
