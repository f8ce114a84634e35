import { formatDuration } from '../src/plan/duration.ts';
import { CONTENDERS, type Comparison, type Contender, type Figures } from './figures.ts';
import type { Machine } from './machine.ts';
import { formatSize } from './options.ts';
import type { Round } from './rounds.ts';
import type { RunTimes } from './run-times.ts';

export interface Results extends Figures {
  readonly machine: Machine;
  readonly data: { readonly database: number; readonly cluster: number };
  readonly rounds: readonly Round[];
  readonly runs: readonly RunTimes[];
}

/** The table for people: medians, every single figure, and what they were taken on. */
export function drawResults(results: Results): string[] {
  const { machine, data, rounds, stepMs, workerRssMb } = results;
  return [
    ...Object.entries(machine).map(([name, value]) => `  ${name.padEnd(10)}${value}`),
    `  ${'data'.padEnd(10)}${formatSize(data.database)} in PostgreSQL, its volume ${formatSize(data.cluster)}`,
    `  ${'rounds'.padEnd(10)}${rounds.length / CONTENDERS.length} of each, interleaved; all whole`,
    ...drawComparison('outage', results.outage, rounds),
    ...drawComparison('total', results.total, rounds),
    '',
    `  between two steps ${stepMs} ms (median of ${results.runs.flatMap(run => run.gaps).length}); worker's peak memory ${workerRssMb} MB`,
  ];
}

function drawComparison(what: 'outage' | 'total', of: Comparison, rounds: readonly Round[]): string[] {
  const line = (contender: Contender): string => {
    const all = rounds.filter(round => round.contender === contender).map(round => round[what]);
    const spread = Math.max(...all) - Math.min(...all);
    const each = all.map(value => value.toFixed(2)).join('  ');
    return `  ${contender.padEnd(10)}${of[contender].toFixed(2).padStart(8)}    ${spread.toFixed(2).padStart(6)}    ${each}`;
  };
  return [
    '',
    `  ${what.padEnd(10)}  median    spread    each round (seconds)`,
    ...CONTENDERS.map(line),
    `  lastgood is ${of.vsScript.toFixed(2)} x the script, ${of.vsFloor.toFixed(2)} x the floor`,
  ];
}

/** Where each round went: the script's headings, the floor's marks, lastgood's steps and calls. */
export function drawTimelines({ rounds, runs }: Pick<Results, 'rounds' | 'runs'>): string[] {
  return rounds.flatMap(round => {
    const run = runs.find(one => one.run === round.run);
    const head = ['', `  ${round.contender}, round ${round.round}: outage ${round.outage.toFixed(2)} s`];
    const marks = round.marks.map(({ at, what }) => `    ${`${at.toFixed(2)} s`.padStart(9)}  ${what}`);
    return [...head, ...marks, ...(run === undefined ? [] : drawRun(run))];
  });
}

function drawRun(run: RunTimes): string[] {
  const shut = run.timeline.filter(row => row.shut);
  const began = shut[0]?.beganMs ?? 0;
  const lines = shut.flatMap(row => {
    const name = row.part === undefined ? row.step : `  ${row.part}`;
    const slow = row.slowest.map(({ target, ms }) => `${target} ${formatDuration(ms)}`).join(', ');
    const calls = row.part === undefined ? run.calls.filter(call => call.step === row.step) : [];
    return [
      `    ${`+${((row.beganMs - began) / 1_000).toFixed(2)} s`.padStart(9)} ${formatDuration(row.ms).padStart(7)}  ${name.padEnd(40)} ${slow}`.trimEnd(),
      ...calls.map(
        call =>
          `${' '.repeat(24)}${call.effect} x ${call.calls}: ${formatDuration(call.span)} in all, median ${formatDuration(call.median)}, ${call.target} ${formatDuration(call.longest)}`,
      ),
    ];
  });
  const idle = run.gaps.reduce((sum, gap) => sum + gap.ms, 0);
  const [worst] = run.gaps.toSorted((a, b) => b.ms - a.ms);
  return [
    ...lines,
    `    between ${run.gaps.length + 1} activities: ${idle.toFixed(0)} ms in all; longest ${worst?.ms.toFixed(1)} ms, ${worst?.after} to ${worst?.before} (${worst?.decidingMs.toFixed(1)} ms of it until it was scheduled)`,
  ];
}
