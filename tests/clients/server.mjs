// Where the servers are that the clients talk to, and what all of them ask.
import assert from 'node:assert/strict';

const baseURL = process.env.TRAMONTANE_BASE_URL;
assert.ok(baseURL, 'Set TRAMONTANE_BASE_URL to the base URL of a running server, such as http://127.0.0.1:8080/v1.');

/** The root of a server with a model; `/v1` and the others are below. */
export const root = new URL('/', baseURL).toString().replace(/\/$/, '');

/** The root of a server whose model calls the first tool it is offered and, given a result, says so; null without one. */
export const toolRoot = process.env.TRAMONTANE_TOOL_URL?.replace(/\/$/, '') ?? null;

export const apiKey = process.env.TRAMONTANE_API_KEY ?? 'none';
export const model = 'mistralai/Mistral-Small-3.2-24B-Instruct-2506';
export const question = [{ role: 'user', content: 'Hello' }];

export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
};

/** What the tool server answers with: one call, then this text. */
export const expectedArguments = { city: 'Marseille' };
export const expectedText = 'The result is sunny.';
