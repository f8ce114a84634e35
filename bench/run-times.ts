import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../src/client/runs.ts';
import type { JournalEntry } from '../src/executor/contract.ts';
import type { RunReport } from '../src/run/report.ts';
import type { TimelineRow } from '../src/run/timeline.ts';
import { rollbackId } from '../src/workflows/messages.ts';
import { type CallsOfKind, callsOf } from './engine-calls.ts';
import { activitiesOf, type Gap, gapsOf, type HistoryEvent } from './orchestration.ts';
import type { BenchStage } from './stage.ts';

/** Where one run of lastgood spent its time: by its report, its history and its journal. */
export interface RunTimes {
  readonly run: string;
  /** As lastgood itself has it. Milliseconds. */
  readonly outageMs: number;
  readonly timeline: readonly TimelineRow[];
  readonly gaps: readonly Gap[];
  readonly calls: readonly CallsOfKind[];
}

/** @throws Error when the run's report, history or journal cannot be read */
export async function timesOf({ lastgood, directory }: BenchStage, run: string): Promise<RunTimes> {
  const report = JSON.parse(await lastgood.ask('-o', 'json', '-q', 'report', 'n3xus', '--run', run)) as RunReport;
  const at = await connect(lastgood.env);
  try {
    const history = await at.client.workflow.getHandle(rollbackId('n3xus'), run).fetchHistory();
    const gaps = gapsOf(activitiesOf((history.events ?? []) as readonly HistoryEvent[]));
    const journal = await readFile(join(directory, 'state/journals/n3xus', `${run}.jsonl`), 'utf8');
    const entries = journal.split('\n').filter(line => line !== '');
    const calls = callsOf(entries.map(line => JSON.parse(line) as JournalEntry));
    return { run, outageMs: report.outageMs ?? Number.NaN, timeline: report.timeline, gaps, calls };
  } finally {
    await at.close();
  }
}

/** The most memory that a process ever had, bytes. @throws Error when the kernel does not say */
export async function peakMemory(pid: number): Promise<number> {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kib === undefined) throw new Error(`/proc/${pid}/status says no VmHWM`);
  return Number(kib) * 1_024;
}
