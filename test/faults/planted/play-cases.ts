import { openStage } from '../../workflows/shared-worker.ts';
import { CASES, type CaseName } from './cases.ts';

// Plays the cases that its arguments name, one after the other, and tells of each in a line of JSON what it found.
// A life that ended in a case leaves activities that never end: the worker is not waited for longer than it is forced.
const stage = await openStage(process.env['LASTGOOD_TEST_TEMPORAL']!, { atOnce: 5_000 });
for (const name of process.argv.slice(2) as CaseName[]) {
  const failure = await CASES[name](stage).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  process.stdout.write(`${JSON.stringify({ played: name, ...(failure === undefined ? {} : { failure }) })}\n`);
}
await stage.end();
process.exit();
