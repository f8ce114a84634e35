import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { spec } from 'node:test/reporters';
import { formatDuration } from '../src/plan/duration.ts';
import { sweepAbandoned } from '../testbed/docker/remains.ts';
import { newTally, runLanes, type Tally } from './runner/lanes.ts';
import { type FileNeeds, needsOf } from './runner/needs.ts';
import { bringUp, type Surroundings } from './runner/surroundings.ts';

// `npm test`, `npm run test:faults` for those of test/faults, which take long, and `node test/run.ts <file…>` for some:
// brings up what tests stand on, once, runs them with Node's own runner, ends what it started, and says what was really used.

/** In milliseconds; a file that takes longer is ended, and fails. */
const DEADLINE = Number(process.env['LASTGOOD_TEST_DEADLINE'] ?? (process.argv[2] === '--faults' ? 35 : 8) * 60_000);

const root = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const [first, ...rest] = process.argv.slice(2);
const faults = first === '--faults';
const asked = faults ? rest : process.argv.slice(2);
const standing = globSync('test/**/*.test.ts', { cwd: root })
  .filter(file => file.startsWith(join('test', 'faults')) === faults)
  .sort();
const files = (asked.length > 0 ? asked : standing).map(one => resolve(asked.length > 0 ? process.cwd() : root, one));
const needs = new Map(files.map(file => [file, needsOf(file)]));
const all = asked.length === 0 && !faults;
const any = (what: keyof FileNeeds): boolean => all || files.some(file => needs.get(file)?.[what]);
/** Takes engines of its own, and both cores whole: beside another of that kind both take twice as long. */
const BUSY = resolve(root, 'test/faults/hands/hands.test.ts');
const onEngines = files.filter(file => needs.get(file)?.docker && file !== BUSY);
const others = files.filter(file => !onEngines.includes(file));

process.chdir(root);
// What one file compiled need not be compiled by the hundreds of processes after it.
const compiled = await mkdtemp(join(tmpdir(), 'lastgood-test-compiled-'));
process.env['NODE_COMPILE_CACHE'] ??= compiled;
// Engines and the server are Go: here memory is plenty, and two cores are not.
process.env['GOGC'] ??= '400';
// Likewise Node: what dies young need not be moved so often.
process.env['NODE_OPTIONS'] ??= '--max-semi-space-size=128';
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

const began = Date.now();
const tally = newTally();
let surroundings: Surroundings | undefined;
try {
  say(`tests: ${files.length} files, Node ${process.version}`);
  const parts = { temporal: any('temporal'), docker: any('docker'), images: any('images'), programs: all };
  surroundings = await bringUp(parts, say, interrupted.signal);
  say(`ready after ${formatDuration(Date.now() - began)}`);
  // For two cores: one file at a time on engines, and beside it one of the others.
  const left = { onEngines: [...onEngines], others: [...others] };
  const lanes = [() => left.onEngines.shift() ?? left.others.shift(), () => left.others.shift()];
  const watching = setInterval(() => sayUnderWay(tally), 30_000).unref();
  const events = runLanes(lanes, DEADLINE, tally, interrupted.signal);
  await pipeline(events, new spec(), process.stdout, { end: false });
  clearInterval(watching);
  process.exitCode = verdict(tally, surroundings);
} catch (error) {
  say(`tests: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await surroundings?.end();
  // A file that was cut off leaves engines of its own behind.
  if (any('docker')) await sweepAbandoned(say).catch(error => say(`left behind: ${(error as Error).message}`));
  await rm(compiled, { recursive: true, force: true });
  if (interrupted.signal.aborted) process.exitCode = 130;
}
// A test that left something open must not keep the run from ending.
process.exit();

function sayUnderWay({ underWay, took, failed }: Tally): void {
  for (const line of failed.splice(0)) say(`FAILED ${line}`);
  const now = [...underWay].map(([file, since]) => `${relative(root, file)} for ${formatDuration(Date.now() - since)}`);
  say(`tests: ${took.size} of ${files.length} files done; under way: ${now.join(', ')}`);
}

/** Says what the run was worth. @returns the exit code */
function verdict({ counts, failures, skipped, took }: Tally, { used }: Surroundings): number {
  const slowest = [...took].sort(([, a], [, b]) => b - a).slice(0, 5);
  say('');
  for (const line of used) say(`used: ${line}`);
  say(`slowest: ${slowest.map(([file, ms]) => `${relative(root, file)} ${formatDuration(ms)}`).join(', ')}`);
  say(`in all: ${formatDuration(Date.now() - began)}`);
  if (skipped.length > 0) say(`NOT RUN, ${skipped.length} skipped:\n${skipped.map(line => `  ${line}`).join('\n')}`);
  if (counts.tests === 0) say('no test was run');
  if (interrupted.signal.aborted) say('interrupted');
  const whole = failures + counts.fail + counts.cancelled === 0 && counts.tests > 0;
  // Continuous integration may not pass on less than all of it.
  const narrowed = Object.keys(process.env).filter(name => /^LASTGOOD_TEST_(ONLY|SEED|RUNS|FIRST)$/.test(name));
  if (narrowed.length > 0) say(`NOT ALL OF IT WAS RUN: ${narrowed.join(', ')}`);
  const lessCounts = process.env['CI'] === 'true' && skipped.length + narrowed.length > 0;
  return whole && !lessCounts && !interrupted.signal.aborted ? 0 : 1;
}
