import { figuresOf } from './figures.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, formatSize, parseOptions } from './options.ts';
import { playRounds } from './rounds.ts';
import { peakMemory, timesOf } from './run-times.ts';
import { type BenchStage, setBenchStage } from './stage.ts';
import { drawResults, drawTimelines, type Results } from './text.ts';

// `npm run bench`: what lastgood claims about speed, beside what a user would do instead, on one platform in one run.
// Exits with 0 only when every round left the platform whole.

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function measure(stage: BenchStage, options: BenchOptions, signal: AbortSignal): Promise<Results> {
  const rounds = await playRounds(stage, { rounds: options.rounds, say, signal });
  const runs = await Promise.all(rounds.flatMap(({ run }) => (run === undefined ? [] : [timesOf(stage, run)])));
  const gaps = runs.flatMap(run => run.gaps.map(gap => gap.ms));
  const figures = figuresOf(rounds, gaps, await peakMemory(stage.worker));
  return { ...figures, machine: await describeMachine(stage), data: stage.data, rounds, runs };
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<boolean> {
  let stage: BenchStage | undefined;
  try {
    say(`bench: ${options.rounds} rounds of three, ${formatSize(options.size)} in PostgreSQL`);
    stage = await setBenchStage({ say, signal, privateEngine: options.privateEngine, size: options.size });
    const results = await measure(stage, options, signal);
    if (options.timeline) for (const line of drawTimelines(results)) say(line);
    const lines = options.json ? [JSON.stringify(results)] : drawResults(results);
    process.stdout.write(`${lines.join('\n')}\n`);
    return true;
  } catch (error) {
    say(signal.aborted ? 'bench: interrupted' : `bench: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await stage?.end();
  }
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => {
    if (!interrupted.signal.aborted) say('ending; what was made is removed first');
    interrupted.abort();
  });
let whole = false;
try {
  whole = await bench(parseOptions(process.argv.slice(2)), interrupted.signal);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(interrupted.signal.aborted ? 130 : whole ? 0 : 1);
