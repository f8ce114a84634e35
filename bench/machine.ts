import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { runWell } from '../testbed/process/run.ts';
import type { BenchStage } from './stage.ts';

/** What the figures were taken on: without it they mean nothing. */
export type Machine = Readonly<Record<string, string>>;

export async function describeMachine({ engine, compose, temporalVersion }: BenchStage): Promise<Machine> {
  const { Version, KernelVersion } = await engine.version();
  const { Driver } = await engine.info();
  const cli = (await runWell('docker', ['--version'], { deadlineMs: 10_000 })).trim();
  return {
    cpu: `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 1_073_741_824).toFixed(0)} GiB`,
    kernel: KernelVersion ?? release(),
    node: process.version,
    docker: `engine ${Version} (${Driver}); ${cli}`,
    compose: `${compose.command} ${compose.version}`,
    temporal: `CLI ${temporalVersion}`,
    date: new Date().toISOString(),
  };
}
