// Loads a model with llama.cpp, says {} when it is ready, and measures every test once for each line it is sent.
// Arguments: MODEL.gguf and JSON of {p, n, d, t, batches, flashAttention}; see run.mjs.
import { createInterface } from 'node:readline';
import { getLlama } from 'node-llama-cpp';

const [, , modelPath, settings] = process.argv;
const { p, n, d, t, batches, flashAttention } = JSON.parse(settings);
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: t, logLevel: 'error' });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const tokens = (count, seed) => Array.from({ length: count }, (_, i) => 1000 + ((seed + i) * 977) % 100_000);

async function timed(test, count, body) {
  const used = process.cpuUsage(), started = performance.now();
  await body();
  const seconds = (performance.now() - started) / 1000, { user, system } = process.cpuUsage(used);
  return { test, rate: count / seconds, cpu: (user + system) / 1000 / count };
}

async function decode(sequence, first, count) {
  let done = 0;
  for await (const _ of sequence.evaluate([first], { temperature: 0, yieldEogToken: true })) {
    if (++done === count) break;
  }
}

async function measure(batch) {
  const context = await model.createContext({
    contextSize: d + Math.max(p, n) + 64, batchSize: 512, threads: t, sequences: batch, flashAttention,
  });
  const sequences = Array.from({ length: batch }, () => context.getSequence());
  const prefill = (count, seed) => Promise.all(sequences.map((s, i) => s.evaluateWithoutGeneratingNewTokens(tokens(count, seed + i))));
  const reset = () => Promise.all(sequences.map((s) => s.eraseContextTokenRanges([{ start: d, end: s.nextTokenIndex }])));
  if (d > 0) await prefill(d, 1);
  const depth = d > 0 ? `@${d}` : '', results = [];
  await Promise.all(sequences.map((s) => decode(s, 5, 2))); // warm
  await reset();
  if (p > 0) {
    results.push(await timed(`pp${p}${depth} b${batch}`, p * batch, () => prefill(p, 7)));
    await reset();
  }
  if (n > 0) {
    results.push(await timed(`tg${n}${depth} b${batch}`, n * batch, () => Promise.all(sequences.map((s) => decode(s, 5, n)))));
  }
  await context.dispose();
  return results;
}

console.log('{}');
for await (const _ of createInterface({ input: process.stdin })) {
  const results = [];
  for (const batch of batches) results.push(...await measure(batch));
  console.log(JSON.stringify(results));
}
process.exit(0);
