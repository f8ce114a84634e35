import { spawn } from 'node:child_process';
import { ownEngine } from '../../src/executor/ownership.ts';
import type { EngineId } from '../../src/plan/ids.ts';

/** Owns the engine named by its argument, says so, starts a child of its own that outlives it, and stays until killed. */
const ownership = await ownEngine(process.argv[2] as EngineId);
const child = spawn(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit())'], {
  stdio: ['pipe', 'ignore', 'ignore'],
  detached: true,
});
console.log(JSON.stringify({ since: ownership.since, child: child.pid }));
setInterval(() => {}, 60_000);
