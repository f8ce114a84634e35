import { join } from 'node:path';
import { Runtime } from '@temporalio/worker';
import { EnvironmentFaults, parseEnvironment } from '../config/environment.ts';
import { bridgeToTemporal, createLogger } from '../config/logger.ts';
import { createScrubber } from '../config/scrubber.ts';
import { DriverError } from '../drivers/errors.ts';
import { ownEngine } from '../executor/ownership.ts';
import type { EngineId } from '../plan/ids.ts';
import { findBundle } from './bundle.ts';
import { createDeps } from './deps.ts';
import { startWorkers } from './start.ts';

/** `lastgood worker`: serves this machine's engine until it is told to stop. */
async function main(): Promise<void> {
  const environment = parseEnvironment(process.env);
  const scrubber = createScrubber();
  const log = createLogger({ level: environment.log, scrub: scrubber.scrub });
  Runtime.install({ logger: bridgeToTemporal(log), telemetryOptions: { logging: { forward: {}, filter: 'WARN' } } });
  // One process a state directory: what it says of its journals is true for no other.
  await ownEngine(`state:${environment.state}` as EngineId);
  const deps = await createDeps(environment, log, scrubber);
  const workers = await startWorkers(environment, deps, await findBundle(join(environment.state, 'cache')));
  log.info({ address: environment.temporal.address, host: environment.host, plans: environment.plans }, 'serving');
  process.send?.('serving');
  await workers.run();
}

main().catch((error: unknown) => {
  const said =
    error instanceof EnvironmentFaults || error instanceof DriverError
      ? `${error.message}${error instanceof DriverError && error.next !== undefined ? `\nNext: ${error.next}` : ''}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`lastgood worker: ${said}\n`);
  process.exitCode = error instanceof EnvironmentFaults ? 2 : 4;
});
