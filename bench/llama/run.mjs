// Runs one GGUF with Tramontane and with llama.cpp in turns (A B A B ...), with the same threads and token counts, and
// prints the ratios of their medians: tokens per second, and processor time per token, which says more on a busy machine.
// llama.cpp is the prebuilt one of node-llama-cpp: it picks the library for this processor and repacks weights at load;
// each test takes the better of flash attention on and off.
// Usage: npm install && node run.mjs MODEL.gguf [-p 512] [-n 32] [-b 1,4] [-d 0] [-t 2] [-r 3] [--json]
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const options = { p: 512, n: 32, b: '1', d: 0, t: 2, r: 3 };
const args = process.argv.slice(2);
let model, json = false;
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--json') json = true;
  else if (/^-[pnbdtr]$/.test(arg) && args.length > 0) options[arg[1]] = arg === '-b' ? args.shift() : Number(args.shift());
  else if (!arg.startsWith('-') && model === undefined) model = arg;
  else fail(`unknown argument ${arg}`);
}
const batches = String(options.b).split(',').map(Number);
if (model === undefined || Object.values({ ...options, b: 1 }).concat(batches).some((n) => !Number.isInteger(n) || n < 0)) {
  fail('usage: node run.mjs MODEL.gguf [-p 512] [-n 32] [-b 1,4] [-d 0] [-t 2] [-r 3] [--json]');
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

// One sample of every test: a run of its own, which loads the mapped file and warms up.
function tramontane() {
  const run = spawnSync(join(here, '../../tramontane'), [
    'bench', '--model', model, '-p', options.p, '-n', options.n, '-b', options.b, '-d', options.d, '-t', options.t, '-r', 1, '--json',
  ].map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.status !== 0) fail('tramontane bench failed');
  const report = JSON.parse(run.stdout);
  return report.results.map((r) => ({
    test: `${r.test} b${r.batch}`, rate: r.samples_ts[0], cpu: 1000 * r.min_cpu_seconds_per_token,
  }));
}

// A process that keeps one llama.cpp model loaded and answers one line per round.
function llama(flashAttention) {
  const child = spawn(process.execPath, [join(here, 'llama.mjs'), model, JSON.stringify({ ...options, batches, flashAttention })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) fail('llama.cpp ended: see above');
    return JSON.parse(value);
  };
  return {
    name: `llama.cpp, flash attention ${flashAttention ? 'on' : 'off'}`,
    ready: line,
    round: () => {
      child.stdin.write('\n');
      return line();
    },
    end: () => child.stdin.end(),
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ours = new Map(), theirs = new Map(); // test -> samples; test -> name -> samples
const add = (map, key, sample) => map.set(key, [...(map.get(key) ?? []), sample]);
for (let round = 0; round < options.r; round++) {
  for (const sample of tramontane()) add(ours, sample.test, sample);
  for (const flashAttention of [true, false]) {
    const peer = llama(flashAttention); // loaded anew each round: both sides start from a mapped file, and only one is in memory
    await peer.ready();
    for (const sample of await peer.round()) {
      if (!theirs.has(sample.test)) theirs.set(sample.test, new Map());
      add(theirs.get(sample.test), peer.name, sample);
    }
    peer.end();
  }
  console.error(`round ${round + 1} of ${options.r}`);
}

const results = [...ours.keys()].map((test) => {
  const mine = { rate: median(ours.get(test).map((s) => s.rate)), cpu: median(ours.get(test).map((s) => s.cpu)) };
  const peers = [...theirs.get(test)].map(([name, samples]) => ({
    name, rate: median(samples.map((s) => s.rate)), cpu: median(samples.map((s) => s.cpu)),
  }));
  const fastest = peers.reduce((a, b) => (a.rate >= b.rate ? a : b));
  const leanest = peers.reduce((a, b) => (a.cpu <= b.cpu ? a : b));
  return { test, tramontane: mine, llama: peers, rateRatio: mine.rate / fastest.rate, cpuRatio: leanest.cpu / mine.cpu };
});
if (json) {
  console.log(JSON.stringify({ model, ...options, results }, null, 2));
} else {
  console.log(`${'test'.padEnd(16)}${'ours t/s'.padStart(10)}${'llama t/s'.padStart(11)}${'ratio'.padStart(8)}${'ours cpu ms'.padStart(13)}${'llama cpu ms'.padStart(14)}${'ratio'.padStart(8)}`);
  for (const r of results) {
    console.log(r.test.padEnd(16) + r.tramontane.rate.toFixed(2).padStart(10) + Math.max(...r.llama.map((l) => l.rate)).toFixed(2).padStart(11)
      + r.rateRatio.toFixed(2).padStart(8) + r.tramontane.cpu.toFixed(1).padStart(13) + Math.min(...r.llama.map((l) => l.cpu)).toFixed(1).padStart(14)
      + r.cpuRatio.toFixed(2).padStart(8));
  }
}
