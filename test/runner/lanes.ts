import { isAbsolute, relative } from 'node:path';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

/** Gives the file that runs next, one after another, beside the other lanes; nothing when there is none left for it. */
export type Lane = () => string | undefined;

export interface Tally {
  readonly counts: Record<Count, number>;
  /** Failures of any kind: Node counts no suite that failed by itself, as in what it does before or after its tests. */
  failures: number;
  /** Titles, each with its file. */
  readonly skipped: string[];
  /** Likewise, with the first line of what was wrong: a file's whole output comes only when it ends. */
  readonly failed: string[];
  /** In milliseconds, by file. */
  readonly took: Map<string, number>;
  /** Files that are running, each with when it began. */
  readonly underWay: Map<string, number>;
}

const COUNTS = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;
type Count = (typeof COUNTS)[number];
const COUNT = new RegExp(`^(${COUNTS.join('|')}) (\\d+)$`);

/** The others tell of what is waiting, or repeat these. */
const PRINTED = new Set(['test:start', 'test:pass', 'test:fail', 'test:stdout', 'test:stderr', 'test:diagnostic']);

export const newTally = (): Tally => ({
  counts: { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 },
  failures: 0,
  skipped: [],
  failed: [],
  took: new Map(),
  underWay: new Map(),
});

/**
 * Runs the lanes beside each other with Node's own runner, each file in a process of its own. The events come file by
 * file, whole, and close with the sums over all lanes, so that any reporter of Node's can print them.
 */
export async function* runLanes(
  lanes: readonly Lane[],
  deadline: number,
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<TestEvent> {
  const began = Date.now();
  for await (const block of merge(lanes.map(lane => runLane(lane, deadline, tally, signal)))) yield* block;
  const sums = COUNTS.map(count => `${count} ${tally.counts[count]}`);
  for (const message of [...sums, `duration_ms ${Date.now() - began}`]) yield diagnostic(message);
}

/** In milliseconds: what a file that was told of its deadline gets to put things away, before it is ended. */
const GRACE = 20_000;

async function* runLane(lane: Lane, deadline: number, tally: Tally, signal: AbortSignal): AsyncGenerator<TestEvent[]> {
  for (let file = lane(); file !== undefined && !signal.aborted; file = lane()) {
    const began = Date.now();
    tally.underWay.set(file, began);
    const block = [diagnostic(relative(process.cwd(), file))];
    // The time limit is one for each test and hook: a file that hangs with something open outlives it.
    const late = AbortSignal.timeout(deadline + GRACE);
    for await (const event of run({ files: [file], timeout: deadline, signal: AbortSignal.any([signal, late]) })) {
      if (!PRINTED.has(event.type) || takeCount(event, tally)) continue;
      note(event, tally);
      block.push(event);
    }
    tally.underWay.delete(file);
    tally.took.set(file, Date.now() - began);
    yield block;
  }
}

/** A lane's own closing line, which is added up instead of printed. */
function takeCount(event: TestEvent, tally: Tally): boolean {
  if (event.type !== 'test:diagnostic' || event.data.nesting !== 0) return false;
  const [, name, number] = COUNT.exec(event.data.message) ?? [];
  if (name !== undefined) tally.counts[name as Count] += Number(number);
  return name !== undefined || event.data.message.startsWith('duration_ms ');
}

function note(event: TestEvent, tally: Tally): void {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return;
  const { skip, todo, name, file = '' } = event.data;
  // The runner takes a file that holds no test for one test, which passed.
  const isEmpty = event.type === 'test:pass' && isAbsolute(name);
  if (event.type === 'test:fail' || isEmpty) tally.failures += 1;
  if (isEmpty) tally.failed.push(`${relative(process.cwd(), name)}: holds no test`);
  if (event.type === 'test:fail' && !isOfSubtests(event.data.details.error))
    tally.failed.push(`${relative(process.cwd(), file)}: ${name}: ${firstLine(event.data.details.error)}`);
  if (skip !== undefined || todo !== undefined) tally.skipped.push(`${relative(process.cwd(), file)}: ${name}`);
}

/** What only tells that a test inside failed, which told it already. */
const isOfSubtests = (error: Error & { failureType?: string }): boolean => error.failureType === 'subtestsFailed';

const firstLine = ({ cause, message }: Error): string =>
  (cause instanceof Error ? cause.message : message).split('\n', 1)[0]!.slice(0, 300);

const diagnostic = (message: string): TestEvent =>
  ({ type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } }) as TestEvent;

/** What any of them gives, as soon as it gives it. */
async function* merge<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then(result => ({ source, result }));
  const pending = new Map(sources.map(source => [source, next(source)]));
  while (pending.size > 0) {
    const { source, result } = await Promise.race(pending.values());
    if (result.done === true) pending.delete(source);
    else {
      pending.set(source, next(source));
      yield result.value;
    }
  }
}
