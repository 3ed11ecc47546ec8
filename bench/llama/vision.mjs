// Encodes images of noise with Tramontane and with llama.cpp in turns (A B A B ...), the same mmproj file, sizes and
// threads, and prints both, with the ratio of processor seconds per image token, which holds on a busy machine too.
// llama.cpp is built here for this processor (git, cmake and a C++ compiler), from the sources in node-llama-cpp:
// its prebuilt libraries have no vision. It holds this model at 1024 image tokens unless told otherwise, so large
// images are measured twice: as llama.cpp would, and with the model's own limit. The better of flash attention on and off counts.
// Usage: npm install && node vision.mjs MODEL.gguf MMPROJ.gguf [-s 512x512,1024x1024,1540x1540] [-t 1] [-r 1] [--json]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const options = { s: '512x512,1024x1024,1540x1540', t: 1, r: 1 };
const files = [], args = process.argv.slice(2);
let json = false;
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--json') json = true;
  else if (/^-[str]$/.test(arg) && args.length > 0) options[arg[1]] = arg === '-s' ? args.shift() : Number(args.shift());
  else if (!arg.startsWith('-')) files.push(arg);
  else fail(`unknown argument ${arg}`);
}
const sizes = options.s.split(',');
if (files.length !== 2 || ![options.t, options.r].every((n) => Number.isInteger(n) && n > 0) || !sizes.every((s) => /^\d+x\d+$/.test(s))) {
  fail('usage: node vision.mjs MODEL.gguf MMPROJ.gguf [-s 512x512,1024x1024,1540x1540] [-t 1] [-r 1] [--json]');
}
const [model, mmproj] = files;

function fail(message) {
  console.error(message);
  process.exit(2);
}

// What llama.cpp takes by itself, and the tokens of the model's largest image.
const llamaLimit = 1024, modelLimit = 3025;

function build() {
  const program = join(here, 'build/vision-bench');
  if (existsSync(program)) return program;
  const bundle = join(here, 'node_modules/node-llama-cpp/llama/gitRelease.bundle');
  if (!existsSync(bundle)) fail('run npm install in bench/llama first');
  const run = (command, ...rest) => execFileSync(command, rest, { stdio: ['ignore', 2, 2] });
  const source = join(here, 'build/llama.cpp');
  if (!existsSync(source)) run('git', 'clone', '--quiet', bundle, source);
  mkdirSync(join(here, 'build'), { recursive: true });
  run('cmake', '-S', join(here, 'vision'), '-B', join(here, 'build'), '-DCMAKE_BUILD_TYPE=Release', `-DLLAMA_SOURCE=${source}`);
  run('cmake', '--build', join(here, 'build'), '--target', 'vision-bench', '-j', '2');
  return program;
}

function tramontane(size) {
  const output = execFileSync(join(here, '../../tramontane'), [
    'bench', 'vision', '--mmproj', mmproj, '--size', size, '-t', String(options.t), '-r', '1', '--json',
  ], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output).results[0];
}

function llama(program, size, limit) {
  const samples = [1, 0].map((flashAttention) => JSON.parse(execFileSync(
    program, [model, mmproj, ...size.split('x'), String(options.t), String(limit), String(flashAttention)], { encoding: 'utf8' })));
  return samples.toSorted((a, b) => a.processor_seconds - b.processor_seconds)[0];
}

const program = build();
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const samples = new Map(); // row -> samples
const add = (row, sample) => samples.set(row, [...(samples.get(row) ?? []), sample]);
const rows = sizes.flatMap((size) => {
  const [width, height] = size.split('x').map(Number);
  const peers = [{ size, who: 'llama.cpp', limit: llamaLimit }];
  if (Math.ceil(width / 28) * Math.ceil(height / 28) > llamaLimit) peers.push({ size, who: `llama.cpp, limit ${modelLimit}`, limit: modelLimit });
  return [{ size, who: 'tramontane' }, ...peers];
});
for (let round = 0; round < options.r; round++) {
  for (const row of rows) add(row, row.limit === undefined ? tramontane(row.size) : llama(program, row.size, row.limit));
  console.error(`round ${round + 1} of ${options.r}`);
}

const results = rows.map((row) => {
  const of = (field) => median(samples.get(row).map((sample) => sample[field]));
  return {
    size: row.size, who: row.who, tokens: of('tokens'), seconds: of('encode_seconds'), processorSeconds: of('processor_seconds'), peakExtraBytes: of('peak_extra_bytes'),
  };
});
for (const result of results) {
  const ours = results.find((other) => other.size === result.size && other.who === 'tramontane');
  result.ratio = (result.processorSeconds / result.tokens) / (ours.processorSeconds / ours.tokens);
}
if (json) {
  console.log(JSON.stringify({ model, mmproj, ...options, results }, null, 2));
} else {
  console.log(`${'size'.padEnd(12)}${'who'.padEnd(24)}${'tokens'.padStart(8)}${'seconds'.padStart(10)}${'cpu s'.padStart(10)}${'memory MB'.padStart(11)}${'cpu per token, to ours'.padStart(24)}`);
  for (const r of results) {
    console.log(r.size.padEnd(12) + r.who.padEnd(24) + String(r.tokens).padStart(8) + r.seconds.toFixed(2).padStart(10)
      + r.processorSeconds.toFixed(1).padStart(10) + (r.peakExtraBytes / 1e6).toFixed(0).padStart(11) + r.ratio.toFixed(2).padStart(24));
  }
}
