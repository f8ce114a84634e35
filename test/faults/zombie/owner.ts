import { ownEngine } from '../../../src/executor/ownership.ts';
import type { EngineId } from '../../../src/plan/ids.ts';

/** Owns the engine named by its argument until it is killed. */
await ownEngine(process.argv[2] as EngineId);
process.send?.({ owns: process.argv[2] });
setInterval(() => undefined, 60_000);
